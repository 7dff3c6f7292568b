"""Postfix as a sending peer: in clear, STARTTLS, several recipients, 8-bit, SMTPUTF8, DSN, refusals, a large message."""

import email
import email.message
import email.policy
import imaplib
import smtplib
import unittest

from peers import Postfix, have_postfix
from posthouse import ALICE, BOB, Case, main, wait_for


def make(subject, body="Hello\r\n.\r\n..two\r\n", charset="us-ascii", encoding="7bit"):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "me@peer.test"
    message["To"] = BOB[0]
    message["Subject"] = subject
    message.set_content(body, charset=charset, cte=encoding)
    return message.as_bytes()


class PostfixCase(Case):
    tls = "none"

    @classmethod
    def setUpClass(cls):
        if not have_postfix():
            raise unittest.SkipTest("Postfix must be installed, and is started by root alone")
        super().setUpClass()
        cls.postfix = Postfix(cls.server.ports["smtp"], cls.tls)
        cls.addClassCleanup(cls.postfix.__exit__)
        cls.postfix.__enter__()

    def send(self, sender, recipients, message, **options):
        with smtplib.SMTP("127.0.0.1", self.postfix.port) as smtp:
            smtp.sendmail(sender, recipients, message, **options)

    def find(self, subject, account=BOB):
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*account)

            def search():
                imap.select("INBOX")
                return imap.search(None, "HEADER", "Subject", f'"{subject}"')[1][0].split()

            numbers = wait_for(search, subject)
            self.assertEqual(len(numbers), 1)
            return imap.fetch(numbers[0], "(BODY.PEEK[])")[1][0][1]

class InClear(PostfixCase):
    def test_clear(self):
        self.send("me@peer.test", [ALICE[0], BOB[0]], make("from postfix"))
        body = self.find("from postfix")
        self.assertTrue(body.endswith(b"\r\n\r\nHello\r\n.\r\n..two\r\n"), body)
        self.assertRegex(body, rb"(?s)^Return-Path: <me@peer\.test>\r\nReceived: from peer\.test \(\[127\.0\.0\.1\]\)\r\n by [^\r]*\r\n with ESMTP id")
        self.assertEqual(self.find("from postfix", ALICE).split(b"Received: ", 2)[2], body.split(b"Received: ", 2)[2])
        wait_for(self.postfix.is_empty, "the empty queue")

    def test_8bit_and_utf8(self):
        self.send("me@peer.test", [BOB[0]], make("postfix 8bit", "zwölf\r\n", "utf-8", "8bit"), mail_options=["BODY=8BITMIME"])
        self.send("jörg@peer.test", [BOB[0]], make("postfix utf8"), mail_options=["SMTPUTF8"])
        self.assertIn("zwölf\r\n".encode(), self.find("postfix 8bit"))
        body = self.find("postfix utf8")
        self.assertIn("Return-Path: <jörg@peer.test>".encode(), body)
        self.assertRegex(body, rb"with UTF8SMTP id")

    def test_dsn(self):
        """What Posthouse offers as DSN, Postfix hands on: it makes no report of success itself."""
        self.send(ALICE[0], [BOB[0]], make("postfix dsn"), mail_options=["RET=HDRS", "ENVID=QQ314159"], rcpt_options=["NOTIFY=SUCCESS", f"ORCPT=rfc822;{BOB[0]}"])
        self.find("postfix dsn")
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*ALICE)

            def search():
                imap.select("INBOX")
                return imap.search(None, "HEADER", "Content-Type", "delivery-status")[1][0].split()

            report = email.message_from_bytes(imap.fetch(wait_for(search, "the receipt")[0], "(BODY.PEEK[])")[1][0][1])
        status = report.get_payload(1).as_string()
        self.assertIn("Original-Envelope-Id: QQ314159", status)
        self.assertIn("Action: delivered", status)
        self.assertIn(f"Final-Recipient: rfc822; {BOB[0]}", status.replace(";b", "; b"))
        wait_for(self.postfix.is_empty, "the empty queue")

    def test_refusal_comes_back(self):
        """S15, V26: who is unknown is refused while Postfix is there, so that the report is Postfix's."""
        self.send(ALICE[0], ["nobody@demo.test", BOB[0]], make("postfix refused"))
        self.find("postfix refused")
        wait_for(lambda: "550 5.1.1" in self.postfix.read_log() and "status=bounced" in self.postfix.read_log(), "the refusal")

    def test_large(self):
        self.send("me@peer.test", [BOB[0]], b"Subject: postfix large\r\n\r\n" + (b"." * 70 + b"\r\n") * 100000)
        self.assertGreater(len(self.find("postfix large")), 72 * 100000)


class WithTls(PostfixCase):
    tls = "encrypt"

    def test_starttls(self):
        self.send("me@peer.test", [BOB[0]], make("postfix with tls"))
        self.assertRegex(self.find("postfix with tls"), rb"(?s)with ESMTPS \(TLS1\.3")
        self.assertIn("TLSv1.3 with cipher", self.postfix.read_log())


if __name__ == "__main__":
    main()
