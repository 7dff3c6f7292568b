"""Logins: SCRAM with mpop, msmtp, mutt, gsasl and Python, channel binding, client certificates, guessing, and what
a run leaves behind (V19, V20, V22, V48)."""

import base64
import hashlib
import imaplib
import os
import pathlib
import poplib
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from posthouse import ALICE, BOB, Case, Line, Posthouse, any_certificate, main, wait_for
from scram import Scram


def connect_tls(port, context=None):
    """A TLS socket, and what SCRAM binds to: the hash of the certificate (RFC 5929)."""
    connection = (context or any_certificate()).wrap_socket(socket.create_connection(("127.0.0.1", port), 30))
    return connection, hashlib.sha256(connection.getpeercert(True)).digest()


class Lines:
    """A protocol in lines over a socket."""

    def __init__(self, connection):
        self.connection = connection
        self.file = connection.makefile("rb")
        self.read()

    def read(self):
        return self.file.readline().decode().rstrip("\r\n")

    def ask(self, line):
        self.connection.sendall(line.encode() + b"\r\n")
        return self.read()

    def close(self):
        self.file.close()
        self.connection.close()


# How each protocol frames SASL: what begins it, what a challenge begins with, what success.
FRAMES = {
    "imaps": (lambda lines: None, "a AUTHENTICATE {}", "+ ", "a OK"),
    "pop3s": (lambda lines: None, "AUTH {}", "+ ", "+OK"),
    "submissions": (lambda lines: [lines.ask("EHLO there")] + [lines.read() for _ in iter(lambda: lines.last.startswith("250-"), False)], "AUTH {}", "334 ", "235"),
}


class EhloLines(Lines):
    last = ""

    def read(self):
        self.last = super().read()
        return self.last


def authenticate(port, service, mechanism, client, context=None, connection=None):
    """The last line of the server."""
    lines = EhloLines(connection or connect_tls(port, context)[0])
    try:
        begin, command, challenge, _ = FRAMES[service]
        begin(lines)
        reply = lines.ask(command.format(mechanism))
        while reply.startswith(challenge) or reply == challenge.strip():
            reply = lines.ask(base64.b64encode(client.take(base64.b64decode(reply[len(challenge):]))).decode())
        return reply
    finally:
        lines.close()


class Scrams(Case):
    config = "[Log]\nFile=true\n"

    def test_python(self):
        """Right and wrong, on all protocols."""
        for service, (_, _, _, success) in FRAMES.items():
            for password, works in ((BOB[1], True), (BOB[1] + "x", False)):
                with self.subTest(service=service, works=works):
                    reply = authenticate(self.server.ports[service], service, "SCRAM-SHA-256", Scram(BOB[0], password))
                    self.assertEqual(reply.startswith(success), works, reply)

    def test_binding(self):
        """V22: a client that binds, one that binds to another connection, one that was downgraded."""
        for service, (_, _, _, success) in FRAMES.items():
            port = self.server.ports[service]
            for mechanism, header, flip, works in (
                    ("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,", 0, True),
                    ("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,", 1, False),
                    ("SCRAM-SHA-256-PLUS", "n,,", None, False),
                    ("SCRAM-SHA-256-PLUS", "y,,", None, False),
                    ("SCRAM-SHA-256-PLUS", "p=tls-unique,,", 0, False),
                    ("SCRAM-SHA-256", "y,,", None, False),
                    ("SCRAM-SHA-256", "n,,", None, True)):
                with self.subTest(service=service, mechanism=mechanism, header=header, flip=flip):
                    connection, end_point = connect_tls(port)
                    binding = b"" if flip is None else bytes([end_point[0] ^ flip]) + end_point[1:]
                    reply = authenticate(port, service, mechanism, Scram(ALICE[0], ALICE[1], header, binding), connection=connection)
                    self.assertEqual(reply.startswith(success), works, reply)
        log = self.server.directory / "log" / "posthouse.log"
        for finding in ("bound its login to another connection", "did not hear that this server can"):
            wait_for(lambda: log.exists() and log.read_text(errors="replace").count(finding) >= len(FRAMES), finding)

    def test_in_between(self):
        """V22: somebody with a certificate of his own between client and server learns nothing that he can use."""
        other, _ = connect_tls(self.server.ports["imaps"])
        wrong = hashlib.sha256(b"the certificate of somebody in between").digest()
        reply = authenticate(None, "imaps", "SCRAM-SHA-256-PLUS", Scram(ALICE[0], ALICE[1], "p=tls-server-end-point,,", wrong), connection=other)
        self.assertIn("AUTHENTICATIONFAILED", reply)

    def test_offered(self):
        """What is offered follows the connection."""
        def capability(port, tls):
            with Line(port, tls=tls) as imap:
                return set(re.findall(r"AUTH=(\S+)", imap.read().replace("]", " ")))
        self.assertEqual(capability(self.server.ports["imap"], False), {"SCRAM-SHA-256", "PLAIN", "LOGIN"})
        self.assertEqual(capability(self.server.ports["imaps"], True), {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"})

    def test_imaplib_and_smtplib(self):
        with imaplib.IMAP4_SSL("127.0.0.1", self.server.ports["imaps"], ssl_context=any_certificate()) as imap:
            imap.authenticate("SCRAM-SHA-256", Scram(*BOB).take)
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.starttls(context=any_certificate())
            smtp.ehlo()
            scram = Scram(*BOB)
            smtp.auth("SCRAM-SHA-256", lambda challenge=None: scram.take(challenge or b"").decode(), initial_response_ok=True)

    def best_scram(self, program):
        """GNU SASL 2.2 knows channel binding, and then refuses a server that offers it to do without."""
        return "scram-sha-256-plus" if "scram-sha-256-plus" in self.run_program(program, "--version") else "scram-sha-256"

    def test_msmtp(self):
        self.need("msmtp")
        settings = self.write_secret("msmtprc", f"account default\nhost 127.0.0.1\nport {self.server.ports['submission']}\ntls on\ntls_starttls on\ntls_certcheck off\n"
                                     f"auth {self.best_scram('msmtp')}\nuser {BOB[0]}\npassword \"{BOB[1]}\"\nfrom {BOB[0]}\n")
        output = self.run_program("msmtp", "-v", "-C", settings, BOB[0], input="Subject: scram\n\nHello\n")
        self.assertRegex(output, "--> AUTH SCRAM-SHA-256")

    def test_mpop(self):
        self.need("mpop")
        settings = self.write_secret("mpoprc", f"account default\nhost 127.0.0.1\nport {self.server.ports['pop3s']}\ntls on\ntls_starttls off\ntls_certcheck off\nauth {self.best_scram('mpop')}\n"
                                     f"user {BOB[0]}\npassword \"{BOB[1]}\"\nkeep on\ndelivery mbox {self.scratch}/mpop.mbox\n")
        self.assertRegex(self.run_program("mpop", "-d", "-C", settings), "--> AUTH SCRAM-SHA-256")

    def test_mutt(self):
        self.need("mutt")
        self.need("script")
        settings = self.write_secret("muttrc", f"set imap_user=\"{BOB[0]}\"\nset imap_pass=\"{BOB[1]}\"\nset imap_authenticators=\"scram-sha-256\"\nset ssl_starttls=no ssl_force_tls=no\n"
                                     f"set folder=imap://127.0.0.1:{self.server.ports['imap']}/\nset spoolfile=+INBOX\n")
        # It wants a terminal, and says nothing of its login there: the log does.
        self.run_program("script", "-qec", f"mutt -F {settings} -e 'push q'", "/dev/null", env={"TERM": "xterm"})
        log = self.server.directory / "log" / "posthouse.log"
        self.assertTrue(wait_for(lambda: log.exists() and re.search(r"C: (\S+) AUTHENTICATE SCRAM-SHA-256\n(.*\n)*?.* S: \1 OK .*Logged in\n(.*\n)*?.*C: \S+ SELECT \"INBOX\"", log.read_text(errors="replace")), "the login"))

    def test_gsasl(self):
        """tls-exporter with GNU SASL, which binds by itself."""
        self.need("gsasl")
        result = subprocess.run(["gsasl", "--client", "--imap", "--starttls", "--connect", f"127.0.0.1:{self.server.ports['imap']}", "--mechanism=SCRAM-SHA-256-PLUS",
                                 f"--authentication-id={BOB[0]}", f"--password={BOB[1]}", "--x509-ca-file=", "--verbose"],
                                input="", capture_output=True, text=True, timeout=30)
        output = result.stdout + result.stderr
        self.assertIn("cD10bHMtZXhwb3J0ZXIs", output)  # p=tls-exporter, in base64
        self.assertIn("server trusted", output)


class ClientCertificates(unittest.TestCase):
    def test_external(self):
        """V22: EXTERNAL for a certificate that is bound to an account; nothing for others."""
        directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-external-"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        fingerprints = {}
        for name in ("bob", "stranger"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=bob@demo.test",
                            "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.crt"], check=True, capture_output=True)
            fingerprints[name] = hashlib.sha256(ssl.PEM_cert_to_DER_cert((directory / f"{name}.crt").read_text())).hexdigest()

        with Posthouse(directory=directory / "data") as first:
            pass
        settings = directory / "data" / "posthouse.ini"
        text = settings.read_text().replace(f"[Account {BOB[0]}]\n", f"[Account {BOB[0]}]\nCertificates={fingerprints['bob']};\n")
        with Posthouse(directory=directory / "data", config=text) as server:
            for service, (_, _, _, success) in FRAMES.items():
                for name, identity, works in (("bob", "", True), ("bob", BOB[0], True), ("bob", ALICE[0], False), ("stranger", "", False), (None, "", False)):
                    with self.subTest(service=service, name=name, identity=identity):
                        context = any_certificate()
                        if name is not None:
                            context.load_cert_chain(directory / f"{name}.crt", directory / f"{name}.key")

                        class Identity:
                            def take(self, challenge):
                                return identity.encode()
                        reply = authenticate(server.ports[service], service, "EXTERNAL", Identity(), context)
                        self.assertEqual(reply.startswith(success), works, reply)


def guess(port, source, name, password):
    """One guess from an address of 127/8: seconds until the answer, and the answer."""
    with socket.socket() as connection:
        connection.bind((source, 0))
        connection.settimeout(60)
        connection.connect(("127.0.0.1", port))
        file = connection.makefile("rb")
        file.readline()
        start = time.monotonic()
        connection.sendall(f'a LOGIN {name} "{password}"\r\n'.encode())
        reply = file.readline()
        return time.monotonic() - start, reply


class Guessing(unittest.TestCase):
    """How long it all takes is for tests/bench/bench-logins.py."""

    def test_one_answer_for_all(self):
        """V20: the answer does not say whether the name is known."""
        with Posthouse() as server:
            names = [BOB[0] if i % 2 == 0 else f"nobody{i}@demo.test" for i in range(100)]
            replies = {guess(server.ports["imap"], f"127.1.0.{i + 1}", name, "wrong")[1] for i, name in enumerate(names)}
        self.assertEqual(len(replies), 1, replies)
        self.assertRegex(replies.pop(), b"^a NO ")

    def test_many_from_one_address(self):
        """V19: twenty connections guess as fast as they can; who comes from elsewhere notices nothing."""
        answered, seconds = [], 5

        def hammer(port, end):
            while time.monotonic() < end:
                try:
                    answered.append(guess(port, "127.2.0.1", ALICE[0], "wrong")[1])
                except OSError:
                    pass

        with Posthouse() as server:
            port, start = server.ports["imap"], time.monotonic()
            for _ in range(20):
                threading.Thread(target=hammer, args=(port, start + seconds), daemon=True).start()
            n_honest = 0
            while time.monotonic() < start + seconds:
                self.assertRegex(guess(port, "127.3.0.1", *ALICE)[1], b"^a OK ")
                n_honest += 1
            n_answered, elapsed = len(answered), time.monotonic() - start
        self.assertGreater(n_honest, 0)
        # Eight ran before one had failed; each that waits does so for 2 s or more.
        self.assertLessEqual(n_answered, 8 + elapsed / 2)


if __name__ == "__main__":
    main()
