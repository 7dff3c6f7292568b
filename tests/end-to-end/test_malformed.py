"""2,000 malformed messages: the bytes stored are the bytes sent, served alike by IMAP, POP3 and export (X01, I37)."""

import imaplib
import os
import pathlib
import poplib
import random
import shutil
import smtplib
import subprocess
import tempfile
import unittest

from posthouse import BOB, PROGRAM, SECONDS, Posthouse, main

COUNT = int(os.environ.get("POSTHOUSE_MALFORMED", "2000"))
PIECES = [
    b"Subject: x", b"Subject", b": empty name", b" continued", b"\tand more", b"From: <a@b", b"To: " + b"(" * 300, b"Date: Foo, 99 Xyz 12345 99:99:99 +9999",
    b"Content-Type: multipart/mixed; boundary=", b'Content-Type: multipart/mixed; boundary="b', b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: text/plain; charset=utf-99",
    b"Content-Type: message/rfc822", b"Content-Type: ///;;;===", b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"Content-Transfer-Encoding: what",
    b"MIME-Version: 1.0", b"=?utf-8?b?////?=", b"Subject: =?utf-8?q?=FF=FE?= =?x?y?z", b"--b", b"--b--", b"--", b"", b"", b"", b".", b"..", b".dot", b"From here", b">From there", b"a" * 998, b"\xff\xfe\x80",
    b"\x01\x02\x7f", b"====", b"AAAA=AAA", b"=ZZ=3", b"Received: from; by; with", b"Message-ID: <<<>>>", b"References: " + b"<a@b> " * 100, b"Content-Length: 3", b"Status: RO",
]


def make_message(dice, number):
    """Lines that a server must take, in an order that makes no sense."""
    lines = [dice.choice(PIECES) for _ in range(dice.randrange(0, 30))]
    for _ in range(dice.randrange(0, 3)):
        lines.insert(dice.randrange(len(lines) + 1), bytes(dice.choice([b for b in range(1, 256) if b not in (10, 13)]) for _ in range(dice.randrange(1, 200))))
    # Named at a place where nothing before it can hide it from this test.
    return b"\r\n".join([b"X-Number: %d" % number, *lines]) + b"\r\n"


class Malformed(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-malformed-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def send(self, server, messages):
        with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=SECONDS) as smtp:
            smtp.ehlo()
            for message in messages:
                smtp.mail("me@example.org", ["BODY=8BITMIME"])
                smtp.rcpt(BOB[0])
                code, reply = smtp.data(message)
                self.assertEqual(code, 250, (reply, message))

    def by_imap(self, server):
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=SECONDS) as imap:
            imap.login(*BOB)
            imap.select(readonly=True)
            # What is parsed must come to an end, whatever it is.
            self.assertEqual(imap.uid("FETCH", "1:*", "(ENVELOPE BODYSTRUCTURE RFC822.SIZE)")[0], "OK")
            self.assertEqual(imap.uid("SEARCH", "TEXT", "number")[0], "OK")
            return [item[1] for item in imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1] if isinstance(item, tuple)]

    def by_pop3(self, server, count):
        poplib._MAXLINE = 100000
        pop3 = poplib.POP3("127.0.0.1", server.ports["pop3"], timeout=SECONDS)
        pop3.user(BOB[0])
        pop3.pass_(BOB[1])
        sizes = [int(line.split()[1]) for line in pop3.list()[1]]
        found = [b"".join(line + b"\r\n" for line in pop3.retr(number)[1]) for number in range(1, count + 1)]
        self.assertEqual(sizes, [len(text) for text in found])
        pop3.quit()
        return found

    def by_export(self, form):
        """A file for each; from an mbox by way of another account."""
        out = self.directory / form
        words = [PROGRAM, "--data", str(self.directory / "data"), "--config", str(self.directory / "data/posthouse.ini")]
        run = lambda *more: subprocess.run([*words, *more], check=True, stdout=subprocess.DEVNULL, timeout=10 * SECONDS)
        run("export", BOB[0], "--format", form, "--folder", "INBOX", str(out))
        if form == "mbox":
            run("import", BOB[0], "--folder", "Again", str(out))
            run("export", BOB[0], "--format", "eml", "--folder", "Again", str(self.directory / "again"))
            out = self.directory / "again"
        return [path.read_bytes() for path in sorted(out.glob("*.eml"))]

    def test_x01_the_same_everywhere(self):
        seed = random.randrange(1 << 32)
        print(f"# seed {seed}")
        dice = random.Random(seed)
        messages = [make_message(dice, number) for number in range(COUNT)]
        with Posthouse(directory=self.directory / "data") as server:
            self.send(server, messages)
            stored = self.by_imap(server)
            self.assertEqual(len(stored), COUNT)
            for message, text in zip(messages, stored):
                # Trace fields come before it, and what is missing may be added after them.
                self.assertTrue(text.endswith(message), (message, text))
                self.assertRegex(text[:-len(message)], rb"\A(?:[\w-]+: .*\r\n(?:[ \t].*\r\n)*)*\Z")
            self.assertEqual(self.by_pop3(server, COUNT), stored)
            self.assertEqual(self.by_export("eml"), stored)
            self.assertEqual(self.by_export("mbox"), stored)
        print(f"# {COUNT} messages, {sum(map(len, stored))} bytes, by IMAP, POP3, .eml and mbox")


if __name__ == "__main__":
    main()
