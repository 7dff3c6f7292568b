"""What a suite of conformance would say to each service, and the answers that RFC 5321, 2033, 1870, 3030, 3207, 3461, 4954, 6531, 8689, 1939, 2449
and 5034 leave for it.  Each conversation is a table: what is said, and how the last line of the answer begins."""

import base64

from posthouse import ALICE, BOB, Case, Line, main

MAIL = "MAIL FROM:<a@example.org>"
RCPT = f"RCPT TO:<{BOB[0]}>"
PLAIN = base64.b64encode(f"\0{ALICE[0]}\0{ALICE[1]}".encode()).decode()
POP3_PLAIN = base64.b64encode(f"\0{BOB[0]}\0{BOB[1]}".encode()).decode()

SMTP = {
    "order": [(MAIL, "503 5.5.1"), (RCPT, "503 5.5.1"), ("DATA", "503 5.5.1"), ("BDAT 0 LAST", "503 5.5.1"), ("EHLO", "501 5.5.4"),
              ("EHLO [IPv6:::1]", "250 "), (RCPT, "503 5.5.1"),
              (MAIL, "250 2.1.0"), (MAIL, "503 5.5.1"), ("DATA", "503 5.5.1"), ("STARTTLS", "503 5.5.1"), ("EHLO x", "250 "), (RCPT, "503 5.5.1"),
              (MAIL, "250 2.1.0"), ("HELO x", "250 "),
              (f"{MAIL} SIZE=5", "555 5.5.4"), (MAIL, "250 2.1.0"), (f"{RCPT} NOTIFY=NEVER", "555 5.5.4"), ("RSET", "250 2.0.0"),
              ("QUIT now", "501 5.5.4"), ("QUIT ", "221 2.0.0")],
    "any time": [("noop with words", "250 2.0.0"), ("HELP MAIL", "214 2.0.0"), ("VRFY bob", "252 2."), ("VRFY", "501 5.5.4"),
                 ("EXPN staff", "502 5.5.1"), ("ETRN x", "502 5.5.1"), ("FROB", "500 5.5.1"),
                 ("", "500 5.5."), (" NOOP", "500 5.5.1"), ("LHLO x", "500 5.5.1"), ("AUTH PLAIN", "503 5.5.1"), ("RSET x", "501 5.5.4")],
    "paths": [("EHLO x", "250 "), ("MAIL", "501 5.5.4"), ("MAIL FROM:a@b.test", "501 5.1.7"), ("MAIL FROM:<a@b.test", "501 5.1.7"),
              ("MAIL FROM:<a@b.test>x", "501 5.5."), ("MAIL FROM:<a@[x]>", "501 5.1.7"),
              ("MAIL FROM:<a..b@c.test>", "501 5.1.7"), (f"MAIL FROM:<{'a' * 65}@c.test>", "501 5.1.7"),
              (f"mail from:<{'a' * 64}@c.test>", "250 2.1.0"), ("RSET", "250"), ('MAIL FROM:<"a b"@[192.0.2.1]>', "250"),
              ("RSET", "250"), ("MAIL FROM:<@a.test,@b.test:c@d.test>", "250"), ("RCPT TO:<>", "501 5.1.3"), ("RCPT TO:<postmaster>", "250 2.1.5"),
              ("RCPT TO:<POSTMASTER>", "250 2.1.5"),
              ("rcpt to:<BOB@Demo.Test>", "250 2.1.5"), ('RCPT TO:<"bob"@demo.test>', "250 2.1.5"), ("RCPT TO:<@x.test:bob@demo.test>", "250 2.1.5"),
              ("RCPT TO:<bob+tag@demo.test>", "250 2.1.5"),
              ("RCPT TO:<nobody@demo.test>", "550 5.1.1"), ("RCPT TO:<a@example.org>", "550 5.7.1"), ("RCPT TO:<bob@demo.test.>", "501 5.1.3"),
              ("RCPT TO:<bob@[127.0.0.1]>", "550 5.7.1")],
    "parameters": [("EHLO x", "250 "), ("AUTH PLAIN", "502 5.5.1"), (f"{MAIL} SIZE", "501 5.5.4"), (f"{MAIL} SIZE=", "501 5.5.4"),
                   (f"{MAIL} SIZE=1 size=1", "501 5.5.4"), (f"{MAIL} SIZE={'9' * 20}", "552 5.3.4"), (f"{MAIL} SIZE={'9' * 21}", "501 5.5.4"),
                   (f"{MAIL} BODY=9BIT", "501 5.5.4"), (f"{MAIL} FROB", "555 5.5.4"), (f"{MAIL} SMTPUTF8=1", "501 5.5.4"),
                   (f"{MAIL} REQUIRETLS", "555 5.5.4"), (f"{MAIL} AUTH=<>", "555 5.5.4"),
                   (f"{MAIL} RET=ALL", "501 5.5.4"), (f"{MAIL} ENVID=a+0A", "501 5.5.4"),
                   ("MAIL FROM:<>  RET=HDRS body=8bitmime SIZE=10 ", "250 2.1.0"), (f"{RCPT} NOTIFY=NEVER,DELAY", "501 5.5.4"),
                   (f"{RCPT} ORCPT=rfc822;a+0Ab", "501 5.5.4"), (f"{RCPT} ORCPT=rfc822;a@b ORCPT=rfc822;a@b", "501 5.5.4"),
                   (f"{RCPT} SIZE=3", "555 5.5.4"), (f"{RCPT} notify=success,delay orcpt=rfc822;a+2Bb@c", "250 2.1.5"),
                   (f"RCPT TO:<{ALICE[0]}>", "452 4.5.3")],
    "bytes": [(b"EHLO \xc3\xa9\r\n", "501 5.5.2"), ("EHLO x", "250 "), (b"NO\0OP\r\n", "501 5.5.2"), (b"NOOP\n", "500 5.5.2"),
              (b"NOOP \r\r\n", "501 5.5.2"), ("NOOP " + "x" * 505, "250"), ("NOOP " + "x" * 3000, "500 5.5.2"),
              (b"MAIL FROM:<\xc3\xa9@a.test>\r\n", "550 5.6.7"), (b"MAIL FROM:<\xff@a.test> SMTPUTF8\r\n", "501 5.5.2"), (MAIL, "250"),
              (b"RCPT TO:<b\xc3\xb6b@demo.test>\r\n", "553 5.6.7"), (b"RCPT TO:<bob@d\xc3\xabmo.test>\r\n", "553 5.6.7"), ("RSET", "250"),
              (b"MAIL FROM:<\xc3\xa9@a.test> SMTPUTF8\r\n", "250"), (RCPT, "250")],
    "DATA": [("EHLO x", "250 "), (MAIL, "250"), ("RCPT TO:<nobody@demo.test>", "550"), ("DATA", "554 5.5.1"), ("RSET", "250"), (MAIL, "250"),
             (RCPT, "250"), ("DATA now", "501 5.5.4"), ("DATA", "354"), (".", "250 2.0.0"), ("DATA", "503"),
             (f"{MAIL} SIZE=5", "250"), (RCPT, "250"), ("DATA", "354"), ("Subject: longer than it said\r\n\r\n" + "x" * 5000 + "\r\n.", "250"),
             (MAIL, "250"), (RCPT, "250"), ("DATA", "354"),
             ("Received: x\r\n" * 60 + "\r\n.", "554 5.4.6"), ("NOOP", "250")],
    "BDAT": [("EHLO x", "250 "), (b"BDAT 4\r\nx\r\n\n", "503 5.5.1"), (MAIL, "250"), (b"BDAT 3\r\na\r\n", "503 5.5.1"), (RCPT, "503 5.5.1"),
             ("BDAT 0 LAST", "503 5.5.1"), (MAIL, "250"), (RCPT, "250"), ("BDAT 0", "250"), (b"BDAT 6\r\na: b\r\n", "250"),
             ("DATA", "503 5.5.1"), (MAIL, "503 5.5.1"), ("STARTTLS", "503 5.5.1"), ("NOOP", "250"), ("bdat 0 last", "250 2.0.0"),
             ("BDAT 0 LAST", "503 5.5.1"), (f"{MAIL} BODY=BINARYMIME", "250"), (RCPT, "250"), ("DATA", "503 5.5.1"),
             (b"BDAT 3\r\na: ", "250"), ("RSET", "250"), (b"BDAT 2 LAST\r\nxx", "503"), (MAIL, "250"), (RCPT, "250"),
             ("BDAT 99999999999999999999 LAST", "501 5.5.4")],
}

SUBMISSION = {
    "AUTH": [(f"AUTH PLAIN {PLAIN}", "503 5.5.1"), ("HELO x", "250"), (f"AUTH PLAIN {PLAIN}", "503 5.5.1"), ("EHLO x", "250 "), (MAIL, "530 5.7.0"),
             ("AUTH", "501 5.5.4"), ("AUTH FROB", "504 5.5.4"), ("AUTH PLAIN", "334 "),
             ("*", "501 5.7.0"), ("AUTH PLAIN =", "501 5.5.2"), ("AUTH PLAIN !", "501 5.5.2"), (f"AUTH PLAIN {PLAIN} x", "501 5.5.2"),
             ("AUTH PLAIN " + "A" * 13000, "500 5.5.6"), (f"auth plain {PLAIN}", "235 2.7.0"),
             (f"AUTH PLAIN {PLAIN}", "503 5.5.1"), (MAIL, "553 5.7.1"), (f"MAIL FROM: <{ALICE[0].upper()}> AUTH=<>", "250"),
             ("AUTH PLAIN", "503 5.5.1"), ("RCPT TO:<a@example.org>", "250"), ("RSET", "250"), ("MAIL FROM:<> HOLDFOR=5", "250")],
}

LMTP = {
    "LHLO": [("EHLO x", "500 5.5.1"), ("HELO x", "500 5.5.1"), ("LHLO", "501 5.5.4"), ("LHLO x", "250 "), (MAIL, "250"),
             ("RCPT TO:<nobody@demo.test>", "550 5.1.1"), ("DATA", "503 5.5.1"), ("RCPT TO:<a@example.org>", "550 5.7.1"), (RCPT, "250"),
             ("DATA", "354"), ("a: b\r\n\r\n.", "250"), ("QUIT", "221")],
}

POP3 = {
    "AUTHORIZATION": [("STAT", "-ERR"), ("RETR 1", "-ERR"), ("NOOP", "-ERR"), ("PASS x", "-ERR"), ("USER", "-ERR"), ("LAST", "-ERR"),
                      ("XTND XMIT", "-ERR"), ("FROB", "-ERR"), ("", "-ERR"), (b"NO\0OP\r\n", "-ERR"), ("USER " + "x" * 600, "-ERR"),
                      ("AUTH FROB", "-ERR"), ("AUTH PLAIN", "+ "), ("*", "-ERR"), ("AUTH PLAIN !", "-ERR"), ("STLS now", "-ERR"), ("UTF8", "+OK"),
                      ("STLS", "-ERR"), ("QUIT", "+OK")],
    "TRANSACTION": [(f"user {BOB[0]}", "+OK"), (f"pass {BOB[1]}", "+OK"), ("USER x", "-ERR"), ("STLS", "-ERR"), ("AUTH PLAIN", "-ERR"),
                    ("UTF8", "-ERR"), ("noop", "+OK"), ("LIST 0", "-ERR"), ("LIST -1", "-ERR"), ("LIST 4294967297", "-ERR"),
                    ("LIST 18446744073709551617", "-ERR"), ("LIST 99999", "-ERR"), ("UIDL 99999", "-ERR"), ("RETR", "-ERR"), ("RETR 0", "-ERR"),
                    ("TOP 1", "-ERR"), ("TOP 1 -1", "-ERR"), ("TOP 99999 0", "-ERR"), ("DELE x", "-ERR"), ("RSET", "+OK"),
                    ("QUIT", "+OK")],
    "AUTH": [(f"AUTH PLAIN {POP3_PLAIN}", "+OK"), ("STAT", "+OK"), ("QUIT", "+OK")],
    "arguments": [(f"{command} x", "-ERR") for command in ("CAPA", "UTF8", "QUIT")] +
                 [(f"AUTH PLAIN {POP3_PLAIN}", "+OK")] + [(f"{command} x", "-ERR") for command in ("STAT", "NOOP", "RSET", "CAPA", "QUIT")] +
                 [("STAT ", "+OK"), ("QUIT", "+OK")],
}


class Conformance(Case):
    config = "[Service lmtp]\nEnabled=true\n"

    def talk(self, service, conversations):
        for name, rows in conversations.items():
            with Line(self.server.ports[service]) as line:
                line.read()
                for number, (said, expected) in enumerate(rows):
                    with self.subTest(f"{service}, {name}, {number}", said=said[:80]):
                        line.send(said if isinstance(said, bytes) else said + "\r\n")
                        answer = line.read()
                        while answer[3:4] == "-" and service != "pop3":
                            answer = line.read()
                        self.assertTrue(answer.startswith(expected), f"“{answer}”, not “{expected}”")

    def test_smtp(self):
        self.talk("smtp", SMTP)

    def test_submission(self):
        self.talk("submission", SUBMISSION)

    def test_lmtp(self):
        self.talk("lmtp", LMTP)

    def test_pop3(self):
        self.talk("pop3", POP3)


if __name__ == "__main__":
    main()
