"""V01 and V03 on every service: what is smuggled into a message, or sent in clear behind STARTTLS, is seen by nobody."""

import base64
import imaplib
import re
import socket
import ssl
import time

from posthouse import ALICE, BOB, Case, Line, any_certificate, main

# CRLF.CRLF is in one of them: its data ends there, is refused for its bare CR, and the connection with it.
TERMINATORS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\r.\n", b"\r\r\n.\r\n", b"\r\n.\r\r\n",
               b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n. \r\n", b"\r\n..\r\n", b"\n..\r\n", b"\r\n..\n"]
PLAIN = base64.b64encode(f"\0{ALICE[0]}\0{ALICE[1]}".encode()).decode()


LMTP = "[Service lmtp]\nEnabled=true\n"


class Smuggling(Case):
    config = LMTP

    def begin(self, service):
        """A connection that was told 354, and whom it may name as sender of what it smuggles."""
        line = Line(self.server.ports[service], tls=service == "submissions")
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.read()
        line.ask("HELO test") if service == "smtp" else line.send("LHLO test\r\n" if service == "lmtp" else "EHLO test\r\n")
        while service != "smtp" and line.read()[3] == "-":
            pass
        if service.startswith("submission"):
            self.assertRegex(line.ask(f"AUTH PLAIN {PLAIN}"), "^235")
        self.assertRegex(line.ask(f"MAIL FROM:<{ALICE[0]}>"), "^250")
        self.assertRegex(line.ask(f"RCPT TO:<{BOB[0]}>"), "^250")
        self.assertRegex(line.ask("DATA"), "^354")
        return line

    def smuggle(self, service, number, terminator, split):
        evil = b"alice+evil@demo.test"
        wire = (f"Subject: outer {service} {number}\r\n\r\ntext".encode() + terminator +
                b"MAIL FROM:<" + evil + b">\r\nRCPT TO:<bob@demo.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\nQUIT\r\n")
        at = len(wire) - len(wire.split(b"text", 1)[1]) + split
        with self.begin(service) as line:
            # Two segments, and under TLS two records.
            line.send(wire[:at])
            if split % 3 == 0:
                time.sleep(0.002)
            line.send(wire[at:])
            codes = [reply[:3] for reply in line.read_all().split(b"\r\n") if reply]
        # One transaction: its answer, and the one to QUIT or, after a bare CR or LF, the end.
        self.assertIn(codes, ([b"250", b"221"], [b"550", b"421"]), f"{service} {terminator} split at {split}")

    def test_matrix(self):
        """V01"""
        for service in ("smtp", "submission", "submissions", "lmtp"):
            for number, terminator in enumerate(TERMINATORS):
                for split in range(0, len(terminator) + 3):
                    self.smuggle(service, number, terminator, split)
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            self.assertEqual(imap.search(None, "HEADER", "Return-Path", "evil")[1], [b""])
            self.assertEqual(imap.search(None, "HEADER", "Subject", "smuggled")[1], [b""])


class Lines(Case):
    config = "[Log]\nFile=true\n[Relay]\nGuard=local\n"
    MARK = "X-Evil: yes"

    def test_nothing_begins_a_line(self):
        """V14: whatever is said, and wherever it ends up, it begins no line of any file."""
        evil = self.MARK.replace(" ", "+20")
        asks = [f"EHLO a\r{self.MARK}", f"EHLO {self.MARK}", f"MAIL FROM:<alice@demo.test> ENVID=a+0D+0A{evil}", f"MAIL FROM:<alice@demo.test> AUTH=a+0D+0A{evil}", f'MAIL FROM:<"alice\r{self.MARK}"@demo.test>',
                "MAIL FROM:<alice@demo.test>", f"RCPT TO:<eve@example.org> ORCPT=rfc822;a+0A{evil}", f"RCPT TO:<eve@example.org> ORCPT=rfc822+0D;a+0A{evil}", f'RCPT TO:<"a\r{self.MARK}"@example.org>',
                "RCPT TO:<eve@example.org> ORCPT=rfc822;a+20b", "RCPT TO:<bob@demo.test>"]
        with Line(self.server.ports["submission"]) as line:
            line.read()
            line.send("EHLO [evil]\r\n")
            while line.read()[3] == "-":
                pass
            self.assertRegex(line.ask(f"AUTH PLAIN {PLAIN}"), "^235")
            codes = []
            for ask in asks:
                line.send(ask + "\r\n")
                reply = line.read()
                while reply[3] == "-":
                    reply = line.read()
                codes.append(reply[:3])
            self.assertEqual(codes, ["501", "250", "501", "501", "501", "250", "501", "501", "501", "250", "250"])
            self.assertRegex(line.ask("DATA"), "^354")
            self.assertRegex(line.ask("Subject: lines\r\n\r\nHello\r\n."), "^250")
        n_files = 0
        for path in self.server.directory.rglob("*"):
            if path.is_file() and path.name not in ("posthouse.ini",) and b"lines" in path.read_bytes() + path.name.encode():
                n_files += 1
            if path.is_file():
                self.assertFalse([piece for piece in re.split(rb"[\r\n]", path.read_bytes()) if piece.startswith(self.MARK.encode())], path)
        self.assertGreater(n_files, 1)


# What asks for TLS, what is injected behind it, and what an answer to that would look like.
UPGRADES = {
    "smtp": (b"STARTTLS\r\n", b"NOOP\r\n", b"EHLO test\r\n", rb"^220"),
    "submission": (b"STARTTLS\r\n", b"NOOP\r\n", b"EHLO test\r\n", rb"^220"),
    "lmtp": (b"STARTTLS\r\n", b"NOOP\r\n", b"LHLO test\r\n", rb"^220"),
    "pop3": (b"STLS\r\n", b"CAPA\r\n", b"", rb"^\+OK"),
    "imap": (b"a STARTTLS\r\n", b"b NOOP\r\n", b"", rb"^a OK"),
}


class Injection(Case):
    config = LMTP

    def open(self, service):
        line = Line(self.server.ports[service])
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.read()
        if UPGRADES[service][2]:
            line.send(UPGRADES[service][2])
            while line.read()[3:4] == "-":
                pass
        return line

    def read_under_tls(self, line):
        """What comes under TLS within a moment, b"" where there is no TLS to be had."""
        line.socket.settimeout(5)
        try:
            secure = any_certificate().wrap_socket(line.socket)
            secure.settimeout(0.3)
            with secure:
                return secure.recv(1000)
        except (ssl.SSLError, OSError):
            return b""

    def test_one_segment(self):
        """V03"""
        for service, (upgrade, injected, _, _) in UPGRADES.items():
            for more in (injected, injected * 100, injected[:1], b"\r\n", b"\x16\x03\x01"):
                with self.subTest(service, injected=more), self.open(service) as line:
                    line.send(upgrade + more)
                    answer = line.read_all()
                    self.assertLessEqual(answer.count(b"\r\n"), 1)

    def test_two_segments(self):
        """V03: the injected command comes before, while or after the handshake begins."""
        for service, (upgrade, injected, _, go) in UPGRADES.items():
            for gap in (0, 0.001, 0.01, 0.05):
                with self.subTest(service, gap=gap), self.open(service) as line:
                    line.send(upgrade)
                    time.sleep(gap)
                    line.send(injected)
                    try:
                        first = line.read()
                    except ConnectionError:
                        continue
                    if first:
                        self.assertRegex(first.encode(), go)
                    self.assertEqual(self.read_under_tls(line), b"")

    def test_state_is_forgotten(self):
        """V03: what was said in clear counts no more under TLS."""
        asks = {
            "smtp": [("MAIL FROM:<a@example.org>", "^503")],
            "submission": [("MAIL FROM:<alice@demo.test>", "^(503|530)")],
            "lmtp": [("MAIL FROM:<a@example.org>", "^503")],
            "imap": [("a SELECT INBOX", "^a (NO|BAD)")],
            "pop3": [(f"PASS {BOB[1]}", "^-ERR")],
        }
        before = {"smtp": [], "submission": [f"AUTH PLAIN {PLAIN}"], "lmtp": [], "pop3": [f"USER {BOB[0]}"], "imap": []}
        for service, commands in asks.items():
            with self.subTest(service), self.open(service) as line:
                for command in before[service]:
                    line.ask(command)
                self.assertRegex(line.ask(UPGRADES[service][0].decode().strip()).encode(), UPGRADES[service][3])
                line.socket = any_certificate().wrap_socket(line.socket)
                line.file = line.socket.makefile("rb")
                for command, expected in commands:
                    self.assertRegex(line.ask(command), expected)

    def test_no_second_upgrade(self):
        """V03: where there is TLS from the start, there is none to ask for, and what follows is a command like any other."""
        for service, upgrade, more, refused in (("submissions", "STARTTLS", "NOOP", "^50[23]"), ("pop3s", "STLS", "CAPA", "^-ERR"), ("imaps", "a STARTTLS", "b NOOP", "^a (NO|BAD)")):
            with self.subTest(service), Line(self.server.ports[service], tls=True) as line:
                line.read()
                line.send(f"{upgrade}\r\n{more}\r\n")
                self.assertRegex(line.read(), refused)
                self.assertRegex(line.read(), r"^(250|\+OK|b OK)")

    def test_upgrade_in_a_literal_or_message(self):
        """V03: where it is no command, it is none."""
        with self.open("imap") as line:
            line.send("a LOGIN {12+}\r\nb STARTTLS\r\n {1+}\r\nx\r\nc NOOP\r\n")
            self.assertRegex(line.read(), "^a (NO|BAD)")
            self.assertRegex(line.read(), "^c OK")
        with self.open("imap") as line:
            self.assertRegex(line.ask("a STARTTLS {5+}\r\nhello"), "^a BAD")
        with self.open("smtp") as line:
            for command in ("MAIL FROM:<a@example.org>", f"RCPT TO:<{BOB[0]}>"):
                self.assertRegex(line.ask(command), "^250")
            self.assertRegex(line.ask("STARTTLS"), "^503")
            self.assertRegex(line.ask("DATA"), "^354")
            self.assertRegex(line.ask("STARTTLS\r\n."), "^250")


if __name__ == "__main__":
    main()
