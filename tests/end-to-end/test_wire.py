"""V02 and V04 on the wire: whatever comes in, by whichever way, no bare CR or LF goes out and nothing is smuggled; what is signed verifies as it
was sent; and a server that slips something in behind its answer to STARTTLS gets neither mail nor password."""

import base64
import contextlib
import pathlib
import re
import shutil
import smtplib
import socketserver
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

try:
    import dkim
except ImportError:
    dkim = None

from posthouse import ALICE, BOB, PROGRAM, SECONDS, Line, Posthouse, main, wait_for
from signed_zone import Certificates
from test_injection import PLAIN, TERMINATORS

OUT = "someone@sink.test"
STRANGER = "ann@sink.test"
MIME = b"MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"


def make(subject, terminator, sender=ALICE[0]):
    return (f"From: {sender}\r\nSubject: {subject}\r\n\r\ntext".encode() + terminator +
            b"MAIL FROM:<evil@demo.test>\r\nRCPT TO:<someone@sink.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\nend\r\n")


def stuff(message):
    """As a client does that knows no line end but CRLF."""
    return message.replace(b"\r\n.", b"\r\n..")


class Handler(socketserver.StreamRequestHandler):
    """A server that keeps what it reads, octet by octet: the whole conversation, and each message as it was on the wire."""

    def reply(self, *lines):
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))

    def read(self, count=None):
        """So many octets, or up to CRLF: a bare LF ends no line here."""
        data = b""
        while len(data) < count if count is not None else not data.endswith(b"\r\n"):
            more = self.rfile.read(1)
            if not more:
                raise ConnectionError
            data += more
        self.server.wire += data
        return data

    def handle(self):
        with contextlib.suppress(ConnectionError, ssl.SSLError, ValueError):
            self.converse()
        self.request.close()

    def read_data(self):
        data = b"\r\n"
        while not data.endswith(b"\r\n.\r\n"):
            data += self.read()
        return data[:-3].replace(b"\r\n.", b"\r\n")[2:]

    def converse(self):
        envelope, chunks, is_tls = [], b"", False
        self.reply(b"220 sink ESMTP")
        while True:
            line = self.read()
            verb = line[:4].upper()
            if verb == b"EHLO":
                offers = self.server.offers if is_tls or b"STARTTLS" not in self.server.offers else [b"STARTTLS"]
                self.reply(b"250-sink", *(b"250-" + offer for offer in offers if offer != b"STARTTLS" or not is_tls), b"250 SIZE")
            elif verb == b"STAR":
                self.reply(b"220 go")
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile, is_tls = self.request.makefile("rb"), self.request.makefile("wb", buffering=0), True
            elif verb == b"DATA":
                self.reply(b"354 go")
                self.server.taken.append((*envelope, self.read_data()))
                self.reply(b"250 2.0.0 kept")
            elif verb == b"BDAT":
                chunks += self.read(int(line.split()[1]))
                if line.split()[-1].upper() == b"LAST":
                    self.server.taken.append((*envelope, chunks))
                    chunks = b""
                self.reply(b"250 2.0.0 kept")
            elif verb == b"QUIT":
                self.reply(b"221 bye")
                return
            elif verb in (b"MAIL", b"RCPT"):
                envelope = ([] if verb == b"MAIL" else envelope) + [re.search(rb"<(.*?)>", line)[1].decode()]
                self.reply(b"250 2.0.0 fine")
            else:
                self.reply(b"250 2.0.0 fine")


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler=Handler, offers=(), context=None):
        super().__init__(("127.0.0.1", 0), handler)
        self.offers, self.context = list(offers), context
        self.wire, self.taken = b"", []
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class WireCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if dkim is None or shutil.which("openssl") is None:
            raise unittest.SkipTest("dkimpy or openssl is not installed")
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="ph-wire-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        cls.certificates = Certificates(cls.scratch / "tls")
        cls.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.context.load_cert_chain(*cls.certificates.make("sink", ["sink.test"]))

    def serve(self, sink, config):
        self.addCleanup(sink.close)
        self.server = Posthouse(config=config)
        self.server.start()
        self.addCleanup(self.server.__exit__)

    def command(self, *words, input=b"", check=True):
        words = [PROGRAM, "--data", self.server.directory, "--config", self.server.directory / "posthouse.ini", *words]
        return subprocess.run(words, input=input, check=check, capture_output=True, timeout=SECONDS).stdout


class Wire(WireCase):
    def config(self, sink):
        return (f"[Relay]\nGuard=anywhere\nInterval=1\nAllowLoopback=true\nStsPort=0\nRoutes=sink.test=127.0.0.1:{sink.port}\nDnsServer=127.0.0.1@9\n"
                f"[Dkim]\nDomains=demo.test\n[Alias out@demo.test]\nTargets={OUT}\n[Service lmtp]\nEnabled=true\n")

    def say(self, service, sender, recipient, message, chunked=False, body="8BITMIME"):
        """Sends it as it is; whether it was taken."""
        with Line(self.server.ports[service], tls=service == "submissions") as line:
            line.read()
            line.send("LHLO x\r\n" if service == "lmtp" else "EHLO x\r\n")
            while line.read()[3] == "-":
                pass
            if service.startswith("submission"):
                self.assertRegex(line.ask(f"AUTH PLAIN {PLAIN}"), "^235")
            self.assertRegex(line.ask(f"MAIL FROM:<{sender}> BODY={body}"), "^250")
            self.assertRegex(line.ask(f"RCPT TO:<{recipient}>"), "^250")
            if chunked:
                line.send(b"BDAT %d\r\n%sBDAT %d LAST\r\n%s" % (70, message[:70], len(message) - 70, message[70:]))
                first = line.read()
                return line.read().startswith("250") and first.startswith("250")
            self.assertRegex(line.ask("DATA"), "^354")
            line.send(stuff(message) + b".\r\n")
            return line.read().startswith("250")

    def feed(self):
        """By every way on which mail for others comes in; the subjects of what was taken."""
        taken = []
        for number, terminator in enumerate(TERMINATORS):
            for service, sender, recipient in (("submission", ALICE[0], OUT), ("submissions", ALICE[0], OUT), ("smtp", STRANGER, "out@demo.test"), ("lmtp", STRANGER, "out@demo.test")):
                for chunked in (False, True):
                    subject = f"{service} {'BDAT' if chunked else 'DATA'} {number}"
                    if self.say(service, sender, recipient, make(subject, terminator, sender), chunked):
                        taken.append(subject)
            # As BINARYMIME, which is kept as base64.
            if self.say("submission", ALICE[0], OUT, MIME + make(f"BINARYMIME {number}", terminator), True, "BINARYMIME"):
                taken.append(f"BINARYMIME {number}")
            # By the command line, and as files that another program drops in.
            self.command("send", "--from", ALICE[0], OUT, input=make(f"send {number}", terminator))
            relay = self.server.directory / "relay"
            (relay / f"mine{number}.eml").write_bytes(make(f"dropped {number}", terminator))
            (relay / f"mine{number}.tmp").write_text(f"[Message]\nSender={ALICE[0]}\nRecipients={OUT}\n")
            (relay / f"mine{number}.tmp").rename(relay / f"mine{number}.env")
            taken += [f"send {number}", f"dropped {number}"]
        # What this server says by itself. A report goes to nobody who was not proven to be the sender (V26).
        self.command("automatic-reply", "set", "--subject", "Away", BOB[0], input=b"one\r.\rtwo\n.\nthree\r\n.\r\nfour")
        self.assertTrue(self.say("smtp", STRANGER, BOB[0], f"To: {BOB[0]}\r\n".encode() + make("lunch", b"\r\n", STRANGER)))
        return taken + ["Away"]

    def check_signature(self, message, zone):
        start = message.index(b"DKIM-Signature: ")
        for index in range(message.count(b"DKIM-Signature: ")):
            self.assertTrue(dkim.DKIM(message[start:]).verify(index, dnsfunc=lambda name, timeout=5: zone[name.decode().rstrip(".")].encode()), message)

    def run_through(self, offers):
        sink = Sink(offers=offers, context=self.context)
        self.serve(sink, self.config(sink))
        zone = dict(line.split("  TXT  ") for line in self.command("--dkim-records", "demo.test").decode().splitlines())
        taken = self.feed()
        relay = self.server.directory / "relay"
        wait_for(lambda: len(sink.taken) >= len(taken) and not list(relay.glob("*.env")), "everything at the sink", 120)
        self.assertIsNone(re.search(rb"\r(?!\n)|(?<!\r)\n", sink.wire))
        # One for each that was taken, from who sent it.
        self.assertEqual(sorted(re.search(rb"^Subject: (.*?)\r$", message, re.M)[1].decode() for *_, message in sink.taken), sorted(taken))
        self.assertEqual({(sender, recipient) for sender, recipient, _ in sink.taken}, {(ALICE[0], OUT), (STRANGER, OUT), ("", STRANGER)})
        signed = [message for *_, message in sink.taken if b"DKIM-Signature: " in message]
        self.assertEqual(len(signed), sum(sender != STRANGER for sender, *_ in sink.taken))
        for message in signed:
            self.check_signature(message, zone)
        print(f"# V02: {len(sink.wire)} octets, {len(sink.taken)} messages of which {len(signed)} are signed, by {', '.join(offer.decode() for offer in offers) or 'DATA'}", flush=True)

    def test_strangers_are_not_vouched_for(self):
        """Who calls himself Alice and has not logged in is passed on as others are: without her domain's signature."""
        sink = Sink()
        self.serve(sink, self.config(sink))
        self.assertTrue(self.say("smtp", ALICE[0], "out@demo.test", make("forged", b"\r\n")))
        self.assertTrue(self.say("submission", ALICE[0], "out@demo.test", make("her own", b"\r\n")))
        wait_for(lambda: len(sink.taken) == 2, "both at the sink")
        for sender, _, message in sink.taken:
            self.assertEqual((sender, b"DKIM-Signature: " in message), (ALICE[0], b"Subject: her own" in message))

    def test_data(self):
        """V02"""
        self.run_through([])

    def test_chunks_under_tls(self):
        """V02"""
        self.run_through([b"STARTTLS", b"PIPELINING", b"CHUNKING", b"8BITMIME"])


class Hostile(socketserver.StreamRequestHandler):
    """Says more than was asked for, and lets TLS begin all the same."""

    def handle(self):
        server = self.server
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            self.wfile.write(b"220 sink ESMTP\r\n")
            while line := self.rfile.readline():
                server.wire += line
                if line.startswith(b"EHLO"):
                    self.wfile.write(b"250-sink\r\n" + b"".join(b"250-" + offer + b"\r\n" for offer in server.offers) + b"250 SIZE\r\n")
                elif line.startswith(b"STARTTLS"):
                    for piece in server.pieces:
                        self.wfile.write(piece)
                        time.sleep(server.gap)
                    self.request = server.context.wrap_socket(self.request, server_side=True)
                    server.n_secure += 1
                    self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
                else:
                    self.wfile.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 2.0.0 fine\r\n")
        self.request.close()


class Injected(WireCase):
    def run_against(self, offers, pieces, gap=0, has_login=True):
        """A smarthost with a password, or the server of the domain, with which TLS is not required: what it was told, and whether TLS came about."""
        sink = Sink(Hostile, offers, self.context)
        sink.pieces, sink.gap, sink.n_secure = pieces, gap, 0
        self.serve(sink, f"[Relay]\nGuard=anywhere\nInterval=1\nAllowLoopback=true\nStsPort=0\nDnsServer=127.0.0.1@9\n" +
                   (f"[Smarthost]\nHost=127.0.0.1\nPort={sink.port}\nTls=required\nUser=me\nPassword=canary\n" if has_login else f"Routes=sink.test=127.0.0.1:{sink.port}\n"))
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], [OUT], make("kept back", b"\r\n"))
        env = wait_for(lambda: self.server.find_env(OUT), "a try")
        for secret in (b"canary", base64.b64encode(b"\0me\0canary"), base64.b64encode(b"canary"), b"AUTH", b"MAIL"):
            self.assertNotIn(secret, sink.wire)
        self.assertIn("State=deferred", env)
        return sink

    def test_injected(self):
        """V04: behind its "go", in the same piece or in the next, before the handshake."""
        for pieces, gap in (([b"220 go\r\n250 AUTH PLAIN LOGIN\r\n"], 0), ([b"220 go\r\n", b"250-sink\r\n250 AUTH PLAIN\r\n"], 0.02), ([b"220 go\r\n2"], 0), ([b"220 go\r\n\r\n"], 0),
                            ([b"220-go\r\n220 go\r\n235 2.7.0 welcome\r\n"], 0)):
            # Without a rule, what comes later is a handshake that fails, after which another connection does without (S19).
            for has_login in (True, False) if gap == 0 else (True,):
                with self.subTest(pieces=pieces, has_login=has_login):
                    sink = self.run_against([b"STARTTLS", b"AUTH PLAIN"], pieces, gap, has_login)
                    self.assertEqual(sink.n_secure, 0)
                    self.assertEqual(sink.wire.count(b"EHLO"), sink.wire.count(b"STARTTLS"))

    def test_stripped(self):
        """V04: where STARTTLS is not offered, or refused, nothing is said in clear."""
        for offers, pieces in (([b"AUTH PLAIN LOGIN"], []), ([b"STARTTLS", b"AUTH PLAIN"], [b"454 4.7.0 not now\r\n"]), ([b"STARTTLS", b"AUTH PLAIN"], [b"500 5.5.1 what?\r\n"])):
            with self.subTest(offers=offers, pieces=pieces):
                self.run_against(offers, pieces)

    def test_offers_are_forgotten(self):
        """V04: what was offered in clear counts no more: this one offers AUTH before TLS, and not under it."""
        sink = self.run_against([b"STARTTLS"], [b"220 go\r\n"])
        self.assertGreaterEqual(sink.n_secure, 1)


if __name__ == "__main__":
    main()
