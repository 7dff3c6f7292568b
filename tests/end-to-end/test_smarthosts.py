"""Smarthosts (S27): one for all mail, others for single domains, each with its own login and under TLS; and RequireTls against a wrong certificate."""

import base64
import contextlib
import pathlib
import shutil
import smtplib
import socketserver
import ssl
import tempfile
import threading
import unittest

from posthouse import ALICE, Posthouse, free_port, listens, main, program, wait_for
from signed_zone import Certificates

RIGHT = ["all.smart.test", "plain.smart.test", "login.smart.test", "token.smart.test", "scram.smart.test", "mx.strict.test", "mx.free.test"]


class Handler(socketserver.StreamRequestHandler):
    """A smarthost that takes nothing without TLS and the login that its server demands, by one mechanism alone."""

    def reply(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        with contextlib.suppress(ConnectionError, ssl.SSLError, ValueError):
            self.converse()
        self.request.close()

    def converse(self):
        tls = authenticated = False
        self.reply("220 smarthost ESMTP")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().rstrip("\r\n").partition(" ")
            self.server.log.append(f"{verb} {rest}")
            if verb == "EHLO":
                self.reply(f"250-smarthost\r\n250 {'AUTH ' + self.server.mechanism if tls and self.server.mechanism else 'STARTTLS' if not tls else '8BITMIME'}")
            elif verb == "STARTTLS":
                self.reply("220 go")
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
                tls = True
            elif verb == "AUTH":
                authenticated = tls and self.authenticate(*rest.split(" "))
                self.reply("235 2.7.0 welcome" if authenticated else "535 5.7.8 no")
            elif verb == "DATA":
                self.reply("354 go")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.taken.append(b"".join(lines))
                self.reply("250 2.0.0 kept")
            elif verb == "QUIT":
                self.reply("221 bye")
                return
            elif verb in ("MAIL", "RCPT") and not (authenticated or not self.server.mechanism):
                self.reply("530 5.7.0 log in first")
            else:
                self.reply("250 2.0.0 fine")

    def authenticate(self, mechanism, initial=None):
        if mechanism != self.server.mechanism:
            return False
        if mechanism == "LOGIN":
            answers = []
            for question in (b"Username:", b"Password:"):
                if question == b"Username:" and initial is not None:
                    answers.append(initial)
                    continue
                self.reply("334 " + base64.b64encode(question).decode())
                answers.append(self.rfile.readline().decode().strip())
            return [base64.b64decode(answer).decode() for answer in answers] == self.server.login
        if initial is None:
            self.reply("334 ")
            initial = self.rfile.readline().decode().strip()
        user, secret = self.server.login
        expected = {"PLAIN": f"\0{user}\0{secret}", "XOAUTH2": f"user={user}\x01auth=Bearer {secret}\x01\x01"}[mechanism]
        return base64.b64decode(initial).decode() == expected


class Smarthost(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, certificate, mechanism=None, login=None):
        super().__init__(address, Handler)
        self.mechanism, self.login = mechanism, login
        self.log, self.taken = [], []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that does not like the certificate

    def close(self):
        self.shutdown()
        self.server_close()

    @property
    def port(self):
        return self.server_address[1]

    def has(self, subject):
        return any(f"Subject: {subject}".encode() in message for message in self.taken)


def group(name, domains, smarthost, login, extra=""):
    host = {"PLAIN": "plain", "LOGIN": "login", "XOAUTH2": "token"}.get(smarthost.mechanism, "all") + ".smart.test"
    return f"[Smarthost{' ' + name if name else ''}]\n" + (f"Domains={domains}\n" if domains else "") + \
        f"Host={host}\nPort={smarthost.port}\nTls=required\nUser={login[0]}\nPassword={login[1]}\n{extra}"


class Smarthosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("openssl") is None:
            raise unittest.SkipTest("openssl is not installed")
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-smart-"))
        cls.stack.callback(shutil.rmtree, cls.directory, ignore_errors=True)
        certificates = Certificates(cls.directory / "tls")
        right = certificates.make("right", RIGHT)
        wrong = certificates.make("wrong", ["elsewhere.test"])
        cls.all, cls.plain, cls.login, cls.token = [
            cls.enter(Smarthost(("127.0.0.1", 0), right, mechanism, [f"{mechanism} user", f"secret for {mechanism}"]))
            for mechanism in ("PLAIN", "PLAIN", "LOGIN", "XOAUTH2")]
        cls.all.login = ["the user", "the secret"]
        # MX hosts, all on one port: one that is who it says, one that is not.
        cls.mx = cls.enter(Smarthost(("127.0.0.1", 0), right))
        cls.impostor = cls.enter(Smarthost(("127.0.0.2", cls.mx.port), wrong))
        cls.scram = cls.stack.enter_context(Posthouse(accounts=[("me@scram.test", "secret for SCRAM")]))
        dns_port = free_port()
        records = [f"--host-record={name},127.0.0.1" for name in RIGHT]
        records += ["--mx-host=strict.test,mx.strict.test,10", "--mx-host=free.test,mx.free.test,10",
                    "--mx-host=fooled.test,mx.fooled.test,10", "--host-record=mx.fooled.test,127.0.0.2",
                    "--mx-host=careless.test,mx.careless.test,10", "--host-record=mx.careless.test,127.0.0.2"]
        cls.stack.enter_context(program("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces",
                                        "--listen-address=127.0.0.1", f"--port={dns_port}", "--local=/test/", "--user=root", "--pid-file=", *records,
                                        ready=lambda: listens(dns_port)))
        cls.config = (
            f"[Relay]\nGuard=anywhere\nInterval=1\nDnsServer=127.0.0.1@{dns_port}\nTrustAnchor=none\nRemotePort={cls.mx.port}\nAllowLoopback=true\nStsPort=0\n"
            f"RequireTls=strict.test fooled.test\nAuthorities={certificates.authority}\n[Log]\nFile=true\n"
            + group("plain", "plain.test .plain.test", cls.plain, cls.plain.login) + group("login", "login.test", cls.login, cls.login.login)
            + group("token", "token.test", cls.token, cls.token.login, "Login=token\n") + group("stale", "stale.test", cls.login, ["LOGIN user", "yesterday's"])
            + f"[Smarthost scram]\nDomains=scram.test\nHost=scram.smart.test\nPort={cls.scram.ports['submission']}\nUser=me@scram.test\nPassword=secret for SCRAM\n")

    @classmethod
    def enter(cls, server):
        cls.stack.callback(server.close)
        return server

    @contextlib.contextmanager
    def sender(self, extra=""):
        with Posthouse(config=self.config + extra) as server:
            self.server = server
            yield

    def send(self, recipient, subject, sender=ALICE):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*sender)
            smtp.sendmail(sender[0], [recipient], f"Subject: {subject}\r\nFrom: {sender[0]}\r\n\r\nHello\r\n")

    def log(self):
        return "".join(path.read_text(errors="replace") for path in (self.server.directory / "log").glob("*"))

    def assert_waits(self, recipient, status):
        self.send(recipient, "waits")
        self.assertIn(f"Status={status}", wait_for(lambda: self.server.find_env(recipient), f"a try for {recipient}"))

    def test_each_domain_has_its_own(self):
        """By its own server, with its own login, under TLS; others by MX; and the passwords are in no log."""
        with self.sender():
            for smarthost, recipient in ((self.plain, "a@plain.test"), (self.plain, "a@eu.plain.test"), (self.login, "b@login.test"), (self.token, "c@token.test"),
                                         (self.mx, "d@free.test")):
                self.send(recipient, f"for {recipient}")
                wait_for(lambda: smarthost.has(f"for {recipient}"), f"mail for {recipient}")
            for smarthost in (self.plain, self.login, self.token):
                self.assertNotIn(b"free.test", b"".join(smarthost.taken))
            self.assertNotIn("AUTH", "".join(self.mx.log))
            wait_for(lambda: "TLS: by the settings, certificate not checked" in self.log(), "the word of TLS")
            for secret in ("secret for", base64.b64encode(self.plain.login[1].encode()).decode().rstrip("=")[:-1]):
                self.assertNotIn(secret, self.log())

    def test_scram(self):
        """Another Posthouse takes the login by SCRAM, and refuses the sender, who is not that account: the answer is about the sender, not the login."""
        with self.sender():
            self.send("someone@scram.test", "by SCRAM")
            wait_for(lambda: "AUTH SCRAM-SHA-256" in self.log() and "235 " in self.log(), "the login")

    def test_wrong_password_waits(self):
        with self.sender():
            self.assert_waits("someone@stale.test", "4.7.8")
            self.assertFalse(self.login.has("waits"))

    def test_one_for_all_and_one_for_some(self):
        with self.sender(group("", "", self.all, self.all.login)):
            self.send("someone@anywhere.test", "for all")
            self.send("someone@plain.test", "for some")
            wait_for(lambda: self.all.has("for all"), "mail by the smarthost of all")
            wait_for(lambda: self.plain.has("for some"), "mail by the smarthost of the domain")
            self.assertFalse(self.all.has("for some"))

    def test_only_through_the_smarthost(self):
        """The guard lets nothing around it."""
        with self.sender(group("", "", self.all, self.all.login) + "[Relay]\nGuard=smarthost\n"):
            self.send("someone@plain.test", "the only way")
            wait_for(lambda: self.all.has("the only way"), "mail by the smarthost of all")
            self.assertFalse(self.plain.has("the only way"))

    def test_required_certificate(self):
        """V33: RequireTls sends to whom the certificate proves, and to nobody else; without the rule any certificate will do."""
        with self.sender():
            self.send("someone@strict.test", "proven")
            wait_for(lambda: self.mx.has("proven"), "mail for the proven host")
            wait_for(lambda: "TLS: verified, as the settings require" in self.log(), "the word of the settings")
            self.assert_waits("someone@fooled.test", "4.7.5")
            self.assertNotIn("MAIL", "".join(self.impostor.log))
            self.send("someone@careless.test", "unproven")
            wait_for(lambda: self.impostor.has("unproven"), "mail by opportunistic TLS")


class Broken(unittest.TestCase):
    def test_message(self):
        """What is wrong in the file is said with its line, and nothing starts."""
        server = Posthouse(config="[Smarthost work]\nHost=mail.test\nDomains=a..b\n")
        with self.assertRaisesRegex(RuntimeError, r"line 3: \[Smarthost work\] Domains: “a\.\.b” is no domain"):
            server.start()
        server.process.wait()
        server.process.stdout.close()
        server.process = None
        server.__exit__()


if __name__ == "__main__":
    main()
