"""MTA-STS (RFC 8461): policies from a real HTTPS server; what is enforced never goes to another host, unproven or in clear. V33"""

import contextlib
import http.server
import pathlib
import shutil
import smtplib
import ssl
import tempfile
import threading
import unittest

from posthouse import ALICE, Posthouse, any_certificate, free_port, listens, main, program, wait_for
from signed_zone import Certificates

DOMAINS = ["good", "wrongname", "stranger", "clear", "testing", "none", "badcert", "redirect", "large", "html", "later", "refresh", "wildcard"]
PROVEN = ["mx.good.test", "mx.later.test", "mx.refresh.test", "mx.wildcard.test", "mx.stranger.test", "mx.redirect.test"]


def policy(mode, *hosts, age=86400):
    return "".join(f"{line}\r\n" for line in ["version: STSv1", f"mode: {mode}", *[f"mx: {host}" for host in hosts], f"max_age: {age}"])


POLICIES = {
    "good": policy("enforce", "mx.good.test"),
    "wrongname": policy("enforce", "mx.wrongname.test"),
    "stranger": policy("enforce", "mx.elsewhere.test"),
    "clear": policy("enforce", "mx.clear.test"),
    "testing": policy("testing", "mx.elsewhere.test"),
    "none": policy("none"),
    "badcert": policy("enforce", "mx.elsewhere.test"),
    "large": policy("enforce", "mx.elsewhere.test") + "x: y\r\n" * 20000,
    "html": policy("enforce", "mx.elsewhere.test"),
    "later": policy("enforce", "mx.later.test"),
    "refresh": policy("enforce", "mx.refresh.test"),
    "wildcard": policy("enforce", "*.wildcard.test"),
    "elsewhere": policy("enforce", "mx.elsewhere.test"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        self.server.requests.append(host)
        name = host.split(".")[1]
        if self.path != "/.well-known/mta-sts.txt":
            self.send_error(404)
        elif name == "redirect":
            self.send_response(302)
            self.send_header("Location", f"https://mta-sts.elsewhere.test:{self.server.server_port}/.well-known/mta-sts.txt")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            body = POLICIES[name].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if name == "html" else "text/plain; charset=us-ascii")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, chain, key):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that does not like the certificate


def records(suppressed=(), moved=(), ids=None):
    """`suppressed` domains have no _mta-sts record any more, and no host for it; the hosts of `moved` ones are those that have no TLS."""
    options = []
    for name in [*DOMAINS, "elsewhere"]:
        address = "127.0.0.2" if name == "clear" or name in moved else "127.0.0.1"
        options += [f"--mx-host={name}.test,mx.{name}.test,10", f"--host-record=mx.{name}.test,{address}"]
        if name not in suppressed:
            options += [f"--txt-record=_mta-sts.{name}.test,v=STSv1; id={(ids or {}).get(name, 1)};", f"--host-record=mta-sts.{name}.test,127.0.0.1"]
    return options


class Sts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("openssl") is None:
            raise unittest.SkipTest("openssl is not installed")
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-sts-"))
        cls.stack.callback(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.certificates = Certificates(cls.directory / "tls")
        chain, key = cls.certificates.make("mx", PROVEN)
        accounts = [(f"bob@{name}.test", "secret of bob") for name in DOMAINS]
        cls.receiver = cls.stack.enter_context(Posthouse(config=f"[Certificate]\nFile={chain}\nKey={key}\n", accounts=accounts))
        cls.port = cls.receiver.ports["smtp"]
        cls.stack.enter_context(program("smtp-sink", "-u", "root", f"127.0.0.2:{cls.port}", "10", ready=lambda: True))
        cls.https = Server(*cls.certificates.make("https", [f"mta-sts.{name}.test" for name in [*DOMAINS, "elsewhere"] if name != "badcert"]))
        cls.stack.callback(cls.https.shutdown)
        cls.data = cls.directory / "sender"

    @contextlib.contextmanager
    def sender(self, **options):
        port = free_port()
        with program("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1",
                     f"--port={port}", "--local=/test/", "--user=root", "--pid-file=", *records(**options), ready=lambda: listens(port)), \
                Posthouse(directory=self.data, config=f"[Relay]\nGuard=anywhere\nInterval=1\nDnsServer=127.0.0.1@{port}\nTrustAnchor=none\nRemotePort={self.port}\n"
                          f"AllowLoopback=true\nStsPort={self.https.server_port}\nAuthorities={self.certificates.authority}\n[Log]\nFile=true\n") as server:
            self.server = server
            yield server

    def send(self, name, header="", options=()):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.starttls(context=any_certificate())
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], [f"bob@{name}.test"], f"Subject: to {name}\r\nFrom: {ALICE[0]}\r\n{header}\r\nHello\r\n", mail_options=options)

    def received(self, name):
        inbox = self.receiver.directory / "mail" / f"{name}.test" / "bob"
        return [path for part in ("new", "cur") for path in (inbox / part).glob("*")]

    def log(self):
        return "".join(path.read_text(errors="replace") for path in (self.data / "log").glob("*"))

    def assert_arrives(self, name, *words, header="", options=()):
        before = len(self.received(name))
        self.send(name, header, options)
        wait_for(lambda: len(self.received(name)) > before, f"mail for {name}.test")
        for word in words:
            wait_for(lambda: word in self.log(), f"“{word}” in the transcript")

    def assert_waits(self, name, status):
        before = len(self.received(name))
        self.send(name)
        self.assertIn(f"Status={status}", wait_for(lambda: self.server.find_env(f"bob@{name}.test"), f"a try for {name}.test"))
        self.assertEqual(len(self.received(name)), before)

    def test_enforced(self):
        with self.sender():
            self.assert_arrives("good", "MTA-STS: good.test has the policy “enforce”", "TLS: verified, as MTA-STS requires")
            self.assert_arrives("wildcard", "MTA-STS: wildcard.test has the policy “enforce”")
            wait_for(lambda: (self.data / "sts" / "good.test").exists(), "the file of the policy")
            self.assertEqual((self.data / "sts" / "good.test").stat().st_mode & 0o077, 0)
            self.assert_waits("wrongname", "4.7")
            self.assert_waits("stranger", "4.7.5")
            self.assert_waits("clear", "4.7.4")

    def test_not_enforced(self):
        with self.sender():
            self.assert_arrives("testing", "MTA-STS: the policy of testing.test does not have mx.testing.test; it is in testing", "TLS: opportunistic")
            self.assert_arrives("none", "MTA-STS: none.test has the policy “none”")

    def assert_comes_back(self, name, status):
        self.send(name, options=["REQUIRETLS"])
        env = wait_for(lambda: self.server.find_env(f"bob@{name}.test", folder="bad"), "a message under bad/")
        self.assertIn(f"Status={status}", env)

    def test_sender_requires_tls(self):
        """RFC 8689: by a host that the policy has, with its certificate, and the extension; else it comes back at once, and nobody has got it."""
        before = {name: len(self.received(name)) for name in ("wrongname", "none")}
        with self.sender():
            self.assert_arrives("good", "TLS: verified, as the sender requires", "REQUIRETLS", options=["REQUIRETLS"])
            self.assert_comes_back("wrongname", "5.7.10")
            self.assert_comes_back("none", "5.7.10")  # no policy, no DNSSEC: its MX record may be anybody's
            wait_for(lambda: "Nothing proves that mx.none.test is a mail server of none.test" in self.log(), "the reason in the transcript")
        self.assertEqual({name: len(self.received(name)) for name in before}, before)

    def test_sender_wants_no_tls(self):
        """RFC 8689 section 4.2.2: “TLS-Required: No” goes where the policy forbids it, under TLS if there is any; REQUIRETLS counts more."""
        with self.sender():
            self.assert_arrives("wrongname", "TLS: opportunistic", header="TLS-Required: No\r\n")
            self.assert_arrives("stranger", header="TLS-Required: No\r\n")
            self.send("badcert", "TLS-Required: No\r\n", ["REQUIRETLS"])
            wait_for(lambda: self.server.find_env("bob@badcert.test", folder="bad"), "a message under bad/")

    def test_no_policy(self):
        """RFC 8461 section 3.3: neither by another's certificate nor by a redirect, nor an endless one, nor what is no text."""
        self.https.requests.clear()
        with self.sender():
            self.assert_arrives("badcert", "MTA-STS: the policy of badcert.test could not be fetched")
            self.assert_arrives("redirect", "MTA-STS: the policy of redirect.test could not be fetched: the answer is 302")
            self.assert_arrives("large", "MTA-STS: the policy of large.test could not be fetched: it is too long")
            self.assert_arrives("html", "MTA-STS: the policy of html.test could not be fetched: it is not text/plain")
        self.assertNotIn("mta-sts.badcert.test", self.https.requests)
        self.assertNotIn("mta-sts.elsewhere.test", self.https.requests)

    def test_survives_suppression(self):
        """V33: whoever holds back DNS and HTTPS, and answers without TLS, gets nothing; not after a restart either."""
        with self.sender():
            self.assert_arrives("later", "TLS: verified, as MTA-STS requires")
            wait_for(lambda: (self.data / "sts" / "later.test").exists(), "the file of the policy")
        with self.sender(suppressed=["later"], moved=["later"]):
            self.assert_waits("later", "4.7.4")

    def test_refresh(self):
        """A new id brings the new policy; the old one is not asked for again."""
        self.https.requests.clear()
        with self.sender():
            self.assert_arrives("refresh")
        with self.sender():
            self.assert_arrives("refresh")
        self.assertEqual(self.https.requests.count("mta-sts.refresh.test"), 1)
        POLICIES["refresh"] = policy("enforce", "mx.elsewhere.test")
        with self.sender(ids={"refresh": 2}):
            self.assert_waits("refresh", "4.7.5")
        self.assertEqual(self.https.requests.count("mta-sts.refresh.test"), 2)


if __name__ == "__main__":
    main()
