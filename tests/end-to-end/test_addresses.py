"""V13: a table of odd addresses through whatever reads one: MAIL, RCPT, ENVELOPE, reports of failure, aliases, and automatic replies.

(There is no Sieve: what Posthouse itself sends mail to is the targets of an alias, and whom an automatic reply answers.)
"""

import base64
import imaplib
import re
import smtplib
import socketserver
import subprocess
import threading
import unicodedata
import unittest

from addresses import LEGAL, UTF8, WRONG, encode, get_normal
from posthouse import ALICE, BOB, PROGRAM, SECONDS, Line, Posthouse, free_port, main, wait_for

ALL = [*LEGAL, *UTF8, *WRONG]
AWAY = [(f"away{n}@demo.test", "a secret") for n in range(5)]
EXPECTED = {get_normal(address, table) for table in (LEGAL, UTF8) for address in table}


class Session(socketserver.StreamRequestHandler):
    """Takes all mail but that to which its server says no, and notes to whom it came."""

    def handle(self):
        self.wfile.write(b"220 sink ESMTP\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.wfile.write(b"250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n")
            elif verb == b"RCPT":
                self.server.recipients.append(re.match(rb"RCPT TO:<(.*)>(?: |\r)", line)[1].decode())
                self.wfile.write(b"550 5.1.1 <" + self.server.recipients[-1].encode() + b"> is unknown\r\n" if self.server.refuses else b"250 2.1.5 OK\r\n")
            elif verb == b"DATA":
                self.wfile.write(b"354 go\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.wfile.write(b"250 2.0.0 OK\r\n")
            else:
                self.wfile.write(b"221 2.0.0 Bye\r\n" if verb == b"QUIT" else b"250 2.0.0 OK\r\n")


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.port = self.server_address[1]
        self.recipients = []
        self.refuses = False
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Reader:
    """A strict reader of what ENVELOPE is written in (RFC 9051 section 9)."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, pattern):
        found = re.compile(pattern).match(self.data, self.at)
        if found is None:
            raise AssertionError(f"expected {pattern} at {self.data[self.at:self.at + 60]}")
        self.at = found.end()
        return found

    def nstring(self):
        if self.data.startswith(b"{", self.at):
            length = int(self.take(rb"\{(\d+)\}\r\n")[1])
            self.at += length
            return self.data[self.at - length:self.at]
        found = self.take(rb'NIL|"((?:[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\[\\"])*)"')
        return None if found[1] is None else re.sub(rb"\\(.)", rb"\1", found[1])

    def addresses(self):
        found = []
        if self.take(rb"NIL|\(")[0] == b"NIL":
            return found
        while not self.data.startswith(b")", self.at):
            self.take(rb"\(")
            address = []
            for i in range(4):
                self.take(b" " if i else b"")
                address.append(self.nstring())
            self.take(rb"\)")
            found.append(address)
        self.take(rb"\)")
        if not found:
            raise AssertionError("an empty list of addresses")
        return found

    def envelope(self):
        self.take(rb"\(")
        found = []
        for i in range(10):
            self.take(b" " if i else b"")
            found.append(self.addresses() if 2 <= i <= 7 else self.nstring())
        self.take(rb"\)")
        return found


def quote_in_key_file(text):
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(" ", "\\s")


def make_key(address):
    """Equal for what an alias takes for one address."""
    return unicodedata.normalize("NFC", address).casefold()


def xtext(address):
    return "".join(chr(byte) if 33 <= byte <= 126 and chr(byte) not in "+=" else f"+{byte:02X}" for byte in encode(address))


class Addresses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = Sink()
        targets = ";".join(quote_in_key_file(address) for address in ALL if isinstance(address, str) and not re.search("[\\0-\\x1f\\x7f]", address))
        cls.server = Posthouse(config=f"[Relay]\nGuard=anywhere\nInterval=1\nDnsServer=127.0.0.1@{free_port()}\nAllowLoopback=true\n"
                                      f"[Smarthost]\nHost=127.0.0.1\nPort={cls.sink.port}\nTls=never\n[Alias all@demo.test]\nTargets={targets};\n", accounts=[ALICE, BOB, *AWAY])
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.sink.shutdown()
        cls.sink.server_close()
        cls.server.__exit__()

    def setUp(self):
        self.sink.recipients.clear()
        self.sink.refuses = False

    def command(self, *words, input=""):
        subprocess.run([PROGRAM, "--data", str(self.server.directory), "--config", str(self.server.directory / "posthouse.ini"), *words],
                       input=input, text=True, capture_output=True, check=True, timeout=SECONDS)

    def ask(self, service, before, commands):
        """The code of each answer, over connections of a few commands, for mistakes end them."""
        codes = []
        for start in range(0, len(commands), 5):
            with Line(self.server.ports[service]) as line:
                line.read()
                line.send("EHLO odd\r\n")
                while line.read()[3:4] == "-":
                    pass
                for each in before:
                    self.assertEqual(line.ask(each)[:1], "2")
                for command in commands[start:start + 5]:
                    line.send(command + b"\r\n")
                    codes.append(line.read()[:3])
                    line.ask("RSET") if command.startswith(b"MAIL") else None
        return codes

    def paths(self, verb, addresses, end=b""):
        return [verb + b":<" + encode(address) + b">" + end for address in addresses]

    def test_mail(self):
        self.assertEqual(set(self.ask("smtp", [], self.paths(b"MAIL FROM", LEGAL))), {"250"})
        self.assertEqual(set(self.ask("smtp", [], self.paths(b"MAIL FROM", UTF8, b" SMTPUTF8"))), {"250"})
        self.assertEqual(set(self.ask("smtp", [], self.paths(b"MAIL FROM", UTF8))), {"550"})  # RFC 6531 section 3.5
        wrong = [address for address in WRONG if address != ""]  # <> is nobody, who may send
        for end in (b"", b" SMTPUTF8"):
            self.assertEqual([pair for pair in zip(wrong, self.ask("smtp", [], self.paths(b"MAIL FROM", wrong, end))) if pair[1] != "501"], [])

    def test_rcpt(self):
        plain = "AUTH PLAIN " + base64.b64encode(f"\0{ALICE[0]}\0{ALICE[1]}".encode()).decode()
        begin = [plain, f"MAIL FROM:<{ALICE[0]}>"], [plain, f"MAIL FROM:<{ALICE[0]}> SMTPUTF8"]
        self.assertEqual(set(self.ask("submission", begin[0], self.paths(b"RCPT TO", LEGAL))), {"250"})
        self.assertEqual(set(self.ask("submission", begin[1], self.paths(b"RCPT TO", UTF8))), {"250"})
        self.assertEqual(set(self.ask("submission", begin[0], self.paths(b"RCPT TO", UTF8))), {"553"})
        for options in ("", " SMTPUTF8"):
            self.assertEqual([pair for pair in zip(WRONG, self.ask("smtp", ["MAIL FROM:<a@x.test>" + options], self.paths(b"RCPT TO", WRONG))) if pair[1] != "501"], [])

    def submit(self, table, message, options=(), parameters=()):
        """To all of the table in one transaction, each with its own ORCPT."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            self.assertEqual(smtp.mail(ALICE[0], options)[0], 250)
            for recipient, original in table:
                code, reply = smtp.docmd(f"RCPT TO:<{recipient}> NOTIFY=FAILURE", f"ORCPT={original}") if recipient.isascii() else (None, None)
                if code is None:
                    smtp.send(f"RCPT TO:<{recipient}> NOTIFY=FAILURE ORCPT={original}\r\n".encode())
                    code, reply = smtp.getreply()
                self.assertEqual(code, 250, (recipient, reply))
            self.assertEqual(smtp.data(message)[0], 250)

    def read_report(self, subject):
        """Of the one report about that message: its fields for each recipient."""
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*ALICE)
            imap.select()
            numbers = wait_for(lambda: imap.noop() and imap.search(None, "TEXT", subject, "SUBJECT", "deliver")[1][0].split(), subject, 60)
            self.assertEqual(len(numbers), 1)
            report = imap.fetch(numbers[0], "(BODY.PEEK[2])")[1][0][1]
        groups = [group.split(b"\r\n") for group in re.sub(rb"\r\n[ \t]+", b" ", report).strip().split(b"\r\n\r\n")]
        for line in sum(groups, []):
            self.assertRegex(line, rb"^[A-Za-z-]+: .*[^ ]$")
        return [dict(line.decode().split(": ", 1) for line in group) for group in groups[1:]]

    def test_report(self):
        """All fail: one report that names each as it was given, and as it is."""
        self.sink.refuses = True
        ascii = sorted({get_normal(address, LEGAL) for address in LEGAL})
        self.submit([(address, "rfc822;" + xtext(address)) for address in ascii], b"Subject: reportone\r\n\r\nHello\r\n")
        fields = self.read_report("reportone")
        self.assertEqual(sorted(each["Final-Recipient"] for each in fields), [f"rfc822;{address}" for address in ascii])
        self.assertEqual([each["Original-Recipient"] for each in fields], [each["Final-Recipient"] for each in fields])
        self.assertEqual({each["Status"] for each in fields}, {"5.1.1"})
        self.assertEqual(sorted(self.sink.recipients), ascii)

    def test_report_utf8(self):
        """RFC 6533"""
        self.sink.refuses = True
        utf8 = sorted({get_normal(address, UTF8) for address in UTF8})
        self.submit([(address, "utf-8;" + "".join(c if "!" <= c <= "~" and c not in "+=\\" else f"\\x{{{ord(c):X}}}" for c in address)) for address in utf8],
                    "Subject: ü reporttwo\r\n\r\nHello\r\n".encode(), ["SMTPUTF8", "BODY=8BITMIME"])
        fields = self.read_report("reporttwo")
        self.assertEqual({each["Final-Recipient"].split(";")[0] for each in fields}, {"rfc822", "utf-8"})
        self.assertEqual(sorted(re.sub(r"\\x\{([0-9A-F]+)\}", lambda found: chr(int(found[1], 16)), each["Final-Recipient"].split(";", 1)[1]) for each in fields), utf8)
        self.assertEqual(sorted(self.sink.recipients), utf8)

    def test_report_original(self):
        """What somebody says that it was, however odd, stays in its line (V14)."""
        self.sink.refuses = True
        originals = [address for address in ALL if address and not re.search(rb"[\0-\x1f\x7f\x80-\xff]", encode(address))]
        self.submit([(f"n{n}@odd.test", "rfc822;" + xtext(address)) for n, address in enumerate(originals)], b"Subject: reportthree\r\n\r\nHello\r\n")
        fields = self.read_report("reportthree")
        self.assertEqual(len(fields), len(originals))
        found = {each["Final-Recipient"]: each["Original-Recipient"] for each in fields}
        for n, address in enumerate(originals):
            self.assertEqual(found[f"rfc822;n{n}@odd.test"], f"rfc822;{address}" if address == address.strip() else found[f"rfc822;n{n}@odd.test"])

    def test_envelope(self):
        """Each as author, recipient, and in a group: what comes out is valid IMAP, and for a legal one it is that."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            for n, address in enumerate(ALL):
                raw = encode(address).replace(b"\0", b"").replace(b"\r", b"")
                text = b"From: " + raw + b"\r\nTo: Odd <" + raw + b">\r\nCc: g: " + raw + b", <" + raw + b">;\r\nReply-To: " + raw + b", " + raw + b"\r\nSubject: envelope\r\n\r\nHello\r\n"
                smtp.sendmail("a@x.test", [BOB[0]], text)
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            self.assertEqual(len(imap.search(None, "SUBJECT", "envelope")[1][0].split()), len(ALL))
            first = int(imap.search(None, "SUBJECT", "envelope")[1][0].split()[0])
            imap.send(b"x FETCH %d:%d (ENVELOPE)\r\n" % (first, first + len(ALL) - 1))
            data = b""
            while b"\r\nx OK" not in data[-200:]:
                data += imap.sock.recv(65536)
            self.assertEqual(imap.noop()[0], "OK")
        reader = Reader(data)
        for n, address in enumerate(ALL):
            with self.subTest(address=address):
                reader.take(rb"\* \d+ FETCH \(ENVELOPE ")
                envelope = reader.envelope()
                reader.take(rb"\)\r\n")
                if address in LEGAL and not address.startswith("@"):
                    local, domain = get_normal(address, LEGAL).rsplit("@", 1)
                    self.assertEqual(len(envelope[5]), 1)
                    self.assertEqual(envelope[5][0][3].lower().decode(), domain)
                    self.assertEqual(envelope[5][0][2].decode(), re.sub(r"\\(.)", r"\1", local[1:-1]) if local[0] == '"' else local)

    def test_alias(self):
        """What an alias stands for is sent to those that are addresses, as they are; the others are left out."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            smtp.ehlo()
            smtp.mail("a@x.test", ["SMTPUTF8", "BODY=8BITMIME"])
            self.assertEqual(smtp.rcpt("all@demo.test")[0], 250)
            self.assertEqual(smtp.data(b"Subject: to all\r\n\r\nHello\r\n")[0], 250)
        wanted = sorted({make_key(get_normal(address, table)) for table in (LEGAL, UTF8) for address in table if not address.startswith("@")})  # no routes
        wait_for(lambda: len(self.sink.recipients) >= len(wanted), "all of them", 60)
        wait_for(lambda: not list((self.server.directory / "relay").glob("*.env")), "an empty queue", 60)
        self.assertEqual(sorted(map(make_key, self.sink.recipients)), wanted)

    def test_automatic_reply(self):
        """Who is away answers all who have an address, and is not confused by what the header says."""
        addresses = [get_normal(address, table) for table in (LEGAL, UTF8) for address in table] + [f"n{n}@plain.test" for n in range(len(WRONG))]
        known = sorted({address for address in addresses if address in EXPECTED})
        for account in AWAY:
            self.command("automatic-reply", "set", "--subject", "Away", account[0], input="Away\n")
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            smtp.ehlo()
            for n, (written, sender) in enumerate(zip(ALL, addresses)):
                # Nobody answers more than 50 in an hour.
                to = AWAY[known.index(sender) // 45][0] if sender in known else AWAY[-1][0]
                smtp.send(f"MAIL FROM:<{sender}> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode())
                self.assertEqual([smtp.getreply()[0] for _ in range(3)], [250, 250, 354])
                raw = encode(written).replace(b"\0", b"").replace(b"\r", b"")
                smtp.send(b"From: " + raw + b"\r\nTo: " + raw + b", <" + raw + b">\r\nCc: " + to.encode() + b"\r\nReply-To: <" + raw + b">\r\nSubject: lunch\r\n\r\nHello\r\n.\r\n")
                self.assertEqual(smtp.getreply()[0], 250)
        for account in AWAY:
            self.command("automatic-reply", "off", account[0])
        wanted = {make_key(address) for address in EXPECTED}
        wait_for(lambda: wanted <= set(map(make_key, self.sink.recipients)), "replies", 60)
        wait_for(lambda: not list((self.server.directory / "relay").glob("*.env")), "an empty queue", 60)
        self.assertEqual({address for address in self.sink.recipients if make_key(address) not in wanted and not address.endswith("@plain.test")}, set())


if __name__ == "__main__":
    main()
