"""Postfix, Exim and OpenSMTPD as receivers of the relay: in clear, STARTTLS, 8-bit, SMTPUTF8, DSN, many over few connections; each
what it offers."""

import imaplib
import os
import pathlib
import shutil
import smtplib
import subprocess
import tempfile
import unittest

from peers import Postfix, ReceivingPostfix
from posthouse import ALICE, Posthouse, main, wait_for
from unpacked import Exim, OpenSmtpd


class ReceiverCase:
    certificate = None

    @classmethod
    def setUpClass(cls):
        if lack := cls.peer_class.lacks():
            raise unittest.SkipTest(lack)
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="ph-receiver-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        cls.scratch.chmod(0o755)
        (cls.scratch / "boxes").mkdir()
        cls.maildir = cls.scratch / "boxes" / "Maildir"
        (cls.scratch / "boxes").chmod(0o777)
        if cls.with_tls:
            cls.certificate = cls.scratch
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cls.scratch / "key.pem", "-out", cls.scratch / "cert.pem", "-days", "2",
                            "-subj", "/CN=peer.test"], check=True, capture_output=True)
            (cls.scratch / "key.pem").chmod(0o600 if cls.peer_class is OpenSmtpd else 0o644)
        cls.peer = cls.enter(cls.make_peer())
        cls.server = cls.enter(Posthouse(config=f"[Relay]\nGuard=anywhere\nInterval=1\nRoutes=peer.test=127.0.0.1:{cls.peer.port}\n"))

    @classmethod
    def enter(cls, manager):
        value = manager.__enter__()
        cls.addClassCleanup(manager.__exit__, None, None, None)
        return value

    @classmethod
    def make_peer(cls):
        if cls.peer_class is Postfix:
            return ReceivingPostfix(cls.maildir, cls.certificate)
        return cls.peer_class(maildir=cls.maildir, certificate=cls.certificate)

    def submit(self, subject, body=b"Hello\r\n", recipients=("bob@peer.test",), mime=b"", **options):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], recipients, b"Subject: " + subject.encode() + b"\r\nFrom: alice@demo.test\r\n" + mime + b"\r\n" + body, **options)

    def received(self, subject):
        needle = b"Subject: " + subject.encode() + b"\n"
        return [text for text in (path.read_bytes() for path in self.maildir.glob("new/*")) if needle in text]

    def receive(self, subject):
        try:
            return wait_for(lambda: self.received(subject), f"“{subject}” in the peer's Maildir")[0]
        except AssertionError:
            self.fail(self.peer.read_log()[-3000:] + "".join(path.read_text() for path in (self.server.directory / "relay").glob("*.env")))

    def read_reports(self, *criteria):
        def find():
            with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
                imap.login(*ALICE)
                imap.select()
                numbers = imap.search(None, *criteria)[1][0].split()
                return [imap.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]
        return wait_for(find, "a report")

    def test_message(self):
        """The same bytes, dots and all."""
        self.submit("plain", b"one\r\n.\r\n..two\r\nthree\r\n")
        text = self.receive("plain")
        self.assertTrue(text.replace(b"\r\n", b"\n").rstrip(b"\n").endswith(b"one\n.\n..two\nthree"))

    def test_large(self):
        body = (b"x" * 76 + b"\r\n") * 40000
        self.submit("large", body)
        self.assertEqual(self.receive("large").count(b"x" * 76), 40000)

    def test_8bit(self):
        """S21: as it is where 8BITMIME is offered, re-encoded where not; readable in either case."""
        self.submit("eight", "Grüße\r\n".encode(), mime=b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
                    mail_options=["BODY=8BITMIME"])
        text = self.receive("eight")
        self.assertTrue("Grüße".encode() in text or b"Gr=C3=BC=C3=9Fe" in text)

    def test_many(self):
        """S20: a hundred messages, each once."""
        for number in range(100):
            self.submit(f"many {number}")
        wait_for(lambda: all(self.received(f"many {number}") for number in range(100)), "all hundred")
        self.assertEqual([len(self.received(f"many {number}")) for number in range(100)], [1] * 100)

    def test_dsn(self):
        """S25: a server with DSN makes the report of success itself, another is reported as relayed."""
        self.submit("tell me", rcpt_options=["NOTIFY=SUCCESS"])
        self.receive("tell me")
        if self.has_dsn:
            wait_for(lambda: not list((self.server.directory / "relay").glob("*.env")), "an empty queue")
        else:
            self.assertIn(b"Action: relayed", self.read_reports("SUBJECT", '"passed on"')[0])

    def test_utf8(self):
        """S21: international addresses go where SMTPUTF8 is offered, and come back with 5.6.7 where not."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            smtp.ehlo()
            smtp.sendmail(ALICE[0], ["jürgen@peer.test"], "Subject: Grüße, jürgen\r\nFrom: alice@demo.test\r\n\r\nHello\r\n".encode(), mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        if self.has_utf8:
            self.receive("Grüße, jürgen")
        else:
            self.assertIn(b"5.6.7", self.read_reports("SUBJECT", '"deliver"')[0])

    def shakes_hands(self):
        """Whether others can. Debian 12's OpenSMTPD can't: its process for keys finds none for OpenSSL 3."""
        result = subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{self.peer.port}", "-brief"], input=b"QUIT\r\n", capture_output=True, timeout=60)
        return b"CONNECTION ESTABLISHED" in result.stderr

    def test_tls(self):
        """S19: encrypted where it is offered, without a question who it is; in clear where the handshake fails."""
        self.submit("by what")
        text = self.receive("by what")
        self.assertEqual(self.tls_mark in text, self.with_tls and self.shakes_hands(), text)


class InClear:
    with_tls = False


class WithTls:
    with_tls = True


class ByPostfix:
    peer_class, has_dsn, has_utf8, tls_mark = Postfix, True, True, b"with ESMTPS"


class ByExim:
    peer_class, has_dsn, has_utf8, tls_mark = Exim, True, True, b"esmtps"


class ByOpenSmtpd:
    peer_class, has_dsn, has_utf8, tls_mark = OpenSmtpd, True, False, b"TLS"


class PostfixInClear(InClear, ByPostfix, ReceiverCase, unittest.TestCase):
    pass


class PostfixWithTls(WithTls, ByPostfix, ReceiverCase, unittest.TestCase):
    pass


class EximInClear(InClear, ByExim, ReceiverCase, unittest.TestCase):
    pass


class EximWithTls(WithTls, ByExim, ReceiverCase, unittest.TestCase):
    pass


class OpenSmtpdInClear(InClear, ByOpenSmtpd, ReceiverCase, unittest.TestCase):
    pass


class OpenSmtpdWithTls(WithTls, ByOpenSmtpd, ReceiverCase, unittest.TestCase):
    pass


if __name__ == "__main__":
    main()
