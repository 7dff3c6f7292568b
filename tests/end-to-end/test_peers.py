"""Postfix, Exim and OpenSMTPD as sending peers: in clear, STARTTLS, several recipients, 8-bit, SMTPUTF8, DSN, BDAT, refusals, a large
message; each what it offers."""

import email
import email.message
import email.policy
import imaplib
import smtplib
import unittest

from peers import Postfix
from posthouse import ALICE, BOB, Case, main, wait_for
from unpacked import Exim, OpenSmtpd


def make(subject, body="Hello\r\n.\r\n..two\r\n", charset="us-ascii", encoding="7bit"):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "me@peer.test"
    message["To"] = BOB[0]
    message["Subject"] = subject
    message.set_content(body, charset=charset, cte=encoding)
    return message.as_bytes()


class PeerCase:
    """What every peer does; `refused` is what its log says of a recipient that was refused."""

    config = "[Log]\nFile=true\n"
    tls = "none"
    refused = None

    @classmethod
    def setUpClass(cls):
        if lack := cls.peer_class.lacks():
            raise unittest.SkipTest(lack)
        super().setUpClass()
        cls.peer = cls.peer_class(cls.server.ports["smtp"], cls.tls)
        cls.addClassCleanup(cls.peer.__exit__)
        cls.peer.__enter__()

    def send(self, sender, recipients, message, **options):
        with smtplib.SMTP("127.0.0.1", self.peer.port, local_hostname="client.test") as smtp:
            smtp.sendmail(sender, recipients, message, **options)

    def search(self, account, *criteria):
        """The bytes of the first message that fits, once it is there, and how many do."""
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*account)

            def search():
                imap.select("INBOX")
                return imap.search(None, *criteria)[1][0].split()

            numbers = wait_for(search, f"{criteria}", 60)
            return imap.fetch(numbers[0], "(BODY.PEEK[])")[1][0][1], len(numbers)

    def find(self, subject, account=BOB):
        body, count = self.search(account, "HEADER", "Subject", f'"{subject}"')
        self.assertEqual(count, 1)
        return body

    def read_log(self):
        return (self.server.directory / "log" / "posthouse.log").read_text(errors="replace")

    def test_clear(self):
        self.send("me@peer.test", [ALICE[0], BOB[0]], make("from a peer"))
        body = self.find("from a peer")
        self.assertTrue(body.endswith(b"\r\n\r\nHello\r\n.\r\n..two\r\n"), body)
        self.assertRegex(body, rb"(?s)^Return-Path: <me@peer\.test>\r\nDelivered-To: bob@demo\.test\r\nReceived: from peer\.test \(\[127\.0\.0\.1\]\)\r\n by [^\r]*\r\n with ESMTP id")
        self.find("from a peer", ALICE)

    def test_8bit(self):
        self.send("me@peer.test", [BOB[0]], make("a peer's 8bit", "zwölf\r\n", "utf-8", "8bit"), mail_options=["BODY=8BITMIME"])
        self.assertIn("zwölf\r\n".encode(), self.find("a peer's 8bit"))

    def test_dsn(self):
        """What Posthouse offers as DSN, the peer hands on: it makes no report of success itself."""
        self.send(ALICE[0], [BOB[0]], make("a peer's dsn"), mail_options=["RET=HDRS", "ENVID=QQ314159"], rcpt_options=["NOTIFY=SUCCESS", f"ORCPT=rfc822;{BOB[0]}"])
        self.find("a peer's dsn")
        report = email.message_from_bytes(self.search(ALICE, "HEADER", "Content-Type", "delivery-status")[0])
        status = report.get_payload(1).as_string()
        self.assertIn("Original-Envelope-Id: QQ314159", status)
        self.assertIn("Action: delivered", status)
        self.assertIn(f"Original-Recipient: rfc822;{BOB[0]}", status)
        self.assertIn(f"Final-Recipient: rfc822;{BOB[0]}", status)

    def test_refusal_comes_back(self):
        """S15, V26: who is unknown is refused while the peer is there, so that the report is the peer's."""
        self.send(ALICE[0], ["nobody@demo.test", BOB[0]], make("a peer is refused"))
        self.find("a peer is refused")
        wait_for(lambda: "550 5.1.1" in self.peer.read_log() and self.refused in self.peer.read_log(), "the refusal", 60)

    def test_large(self):
        self.send("me@peer.test", [BOB[0]], b"Subject: a peer's large\r\n\r\n" + (b"." * 70 + b"\r\n") * 100000)
        self.assertGreater(len(self.find("a peer's large")), 72 * 100000)


class Utf8:
    def test_utf8(self):
        self.send("jörg@peer.test", [BOB[0]], make("a peer's utf8"), mail_options=["SMTPUTF8"])
        body = self.find("a peer's utf8")
        self.assertIn("Return-Path: <jörg@peer.test>".encode(), body)
        self.assertRegex(body, rb"with UTF8SMTP id")


class InClearByPostfix(Utf8, PeerCase, Case):
    peer_class, refused = Postfix, "status=bounced"


class InClearByExim(Utf8, PeerCase, Case):
    peer_class, refused = Exim, "** nobody@demo.test"

    def test_bdat(self):
        """S07: Exim sends by BDAT where that is offered."""
        self.send("me@peer.test", [BOB[0]], make("a peer's bdat"))
        self.find("a peer's bdat")
        wait_for(lambda: "BDAT " in self.read_log(), "BDAT in the log")


class InClearByOpenSmtpd(PeerCase, Case):
    peer_class, refused = OpenSmtpd, 'result="PermFail"'


class WithTls:
    """With TLS or not at all."""

    tls = "encrypt"
    test_clear = test_8bit = test_dsn = test_refusal_comes_back = test_large = test_utf8 = test_bdat = None

    def test_starttls(self):
        self.send("me@peer.test", [BOB[0]], make("a peer with tls"))
        self.assertRegex(self.find("a peer with tls"), rb"(?s)with ESMTPS \(TLS1\.3")


class WithTlsByPostfix(WithTls, InClearByPostfix):
    pass


class WithTlsByExim(WithTls, InClearByExim):
    pass


class WithTlsByOpenSmtpd(WithTls, InClearByOpenSmtpd):
    pass


if __name__ == "__main__":
    main()
