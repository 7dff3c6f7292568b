"""SMTP and submission with swaks, msmtp, curl, Net::SMTP and Python's smtplib: in clear on loopback, STARTTLS, implicit TLS."""

import email
import email.message
import email.policy
import imaplib
import os
import re
import smtplib
import socket
import time

from posthouse import ALICE, BOB, SECONDS, Case, Line, any_certificate, main, wait_for


def make(subject, body="Hello\r\n.\r\n..two dots\r\nend\r\n"):
    message = email.message.EmailMessage()
    message["From"] = "me@example.org"
    message["To"] = BOB[0]
    message["Subject"] = subject
    message.set_content(body)
    return message.as_bytes(policy=email.policy.SMTP)


# V27: by route, percent, bang, quotes, address literals, dots, case and names that are not ASCII; the last by two of them.
RELAY_FORMS = [
    "x@example.org", "x@EXAMPLE.org", "x@example.org.", "x@.example.org", "x@sub.demo.test", "x@demo.test.example.org", "x@xdemo.test", "x@demo",
    "x@test", "x@localhost", "x@example_1.org", "x@xn--e1afmkfd.example", "x@ex\u00e4mple.org", "x@\uff44emo.test", "x@demo\u3002test",
    "x%example.org@demo.test", "x%example.org@DEMO.TEST", "x%example.org", "x%example.org@localhost", "bob%demo.test@example.org",
    "x%example.org%demo.test@demo.test", "%example.org@demo.test", "x%[192.0.2.1]@demo.test", "x%40example.org@demo.test",
    "example.org!x@demo.test", "demo.test!example.org!x", "example.org!x", "demo.test!example.org!x@demo.test", "!x@demo.test", "example.org!bob@demo.test",
    "@demo.test:x@example.org", "@example.org:x@example.net", "@demo.test,@example.org:x@example.net", "@[127.0.0.1]:x@example.org", "@demo.test:x%example.org@demo.test",
    "@demo.test:@example.org:x@example.org", "@demo.test,x@example.org", "@:x@example.org", "@demo.test:",
    '"x@example.org"@demo.test', '"x@demo.test"@example.org', '"bob"@example.org', '"x@example.org"', '"x%example.org"@demo.test', '"example.org!x"@demo.test',
    '"x\\@example.org"@demo.test', '""@example.org', '"bob@demo.test" @example.org', '"@demo.test:x@example.org"@demo.test',
    "x@[127.0.0.1]", "x@[192.0.2.1]", "x@[IPv6:::1]", "x@[IPv6:2001:db8::1]", "x@[2130706433]", "x@127.0.0.1", "x@[demo.test]", "bob@[127.0.0.1]",
    "x@demo.test@example.org", "x@example.org@demo.test", "bob@demo.test,x@example.org", "bob@demo.test>,<x@example.org", "<bob@demo.test>@example.org",
    "x@example.org(bob@demo.test)", "(bob@demo.test)x@example.org", "bob@demo.test x@example.org", "x@example.org\tbob@demo.test", "x @demo.test@example.org",
]


class SmtpCase(Case):
    def find(self, subject, account=BOB, folder="INBOX"):
        """The bytes of the one message of that subject."""
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(account[0], f'"{account[1]}"' if " " not in account[1] else account[1])
            imap.select(folder)
            numbers = wait_for(lambda: imap.search(None, "SUBJECT", f'"{subject}"')[1][0].split(), subject)
            self.assertEqual(len(numbers), 1)
            return imap.fetch(numbers[0], "(BODY.PEEK[])")[1][0][1]


class Receiving(SmtpCase):
    config = "[Service lmtp]\nEnabled=true\n"

    def test_swaks(self):
        self.run_program("swaks", "--server", "127.0.0.1", "--port", self.server.ports["smtp"], "--to", BOB[0], "--from", "me@example.org",
                         "--header", "Subject: swaks plain", "--body", "one\n.two\n..three\n")
        body = self.find("swaks plain")
        self.assertIn(b"\r\n.two\r\n..three\r\n", body)
        self.assertTrue(body.startswith(b"Return-Path: <me@example.org>\r\nDelivered-To: bob@demo.test\r\nReceived: from "))

    def test_swaks_starttls(self):
        self.run_program("swaks", "--server", "127.0.0.1", "--port", self.server.ports["smtp"], "--to", BOB[0], "--from", "me@example.org",
                         "-tls", "--header", "Subject: swaks starttls")
        self.assertRegex(self.find("swaks starttls"), rb"(?s)Received:.*with ESMTPS")

    def test_smtplib_several_recipients(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            refused = smtp.sendmail("me@example.org", [ALICE[0], BOB[0], "nobody@demo.test"], make("several"))
        self.assertEqual(list(refused), ["nobody@demo.test"])
        self.assertEqual(refused["nobody@demo.test"][0], 550)
        ours, theirs = self.find("several"), self.find("several", ALICE)
        self.assertEqual(ours.split(b"\r\n")[:2], [b"Return-Path: <me@example.org>", b"Delivered-To: bob@demo.test"])
        self.assertEqual(theirs, ours.replace(b"Delivered-To: bob@demo.test", b"Delivered-To: alice@demo.test"))

    def test_perl(self):
        """Net::SMTP: parameters of MAIL and RCPT, a recipient that is refused, DATA, and BDAT."""
        script = r"""
            use strict; use warnings; use Net::SMTP;
            my ($port, $known) = @ARGV;
            my $smtp = Net::SMTP->new("127.0.0.1:$port", Hello => 'client.test') or die "connect: $@";
            defined $smtp->supports($_) or die "no $_" for qw(SIZE PIPELINING 8BITMIME CHUNKING DSN ENHANCEDSTATUSCODES STARTTLS);
            $smtp->mail('me@example.org', Size => 60, Bits => '8', Return => 'HDRS', ENVID => 'QQ1') or die 'MAIL: ' . $smtp->message;
            my @taken = $smtp->recipient($known, 'nobody@demo.test', { Notify => ['FAILURE', 'DELAY'], SkipBad => 1 });
            "@taken" eq $known or die "RCPT: @taken";
            $smtp->data("Subject: perl data\n", "\n", ".dot\n", "end\n") or die 'DATA: ' . $smtp->message;
            $smtp->mail('me@example.org', Bits => 'binary') && $smtp->to($known) or die $smtp->message;
            $smtp->bdat("Subject: perl bdat\r\n\r\n") or die 'BDAT: ' . $smtp->message;
            $smtp->bdatlast(".dot\r\nend\r\n") or die 'BDAT LAST: ' . $smtp->message;
            $smtp->mail('me@example.org') && $smtp->reset && $smtp->verify($known) && $smtp->help or die $smtp->message;
            $smtp->quit or die; print "fine\n";
        """
        self.assertIn("fine", self.run_program("perl", "-e", script, self.server.ports["smtp"], BOB[0]))
        for subject in ("perl data", "perl bdat"):
            self.assertTrue(self.find(subject).endswith(b"\r\n\r\n.dot\r\nend\r\n"), subject)

    def test_null_sender_and_postmaster(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            smtp.ehlo()
            self.assertEqual(smtp.docmd("MAIL FROM:<>")[0], 250)
            self.assertEqual(smtp.docmd("RCPT TO:<postmaster>")[0], 250)
            self.assertEqual(smtp.rset()[0], 250)

    def test_is_no_open_relay(self):
        """V27: forms that have opened relays; nobody is logged in on the one service nor on the other."""
        for service, hello in (("smtp", "EHLO x"), ("lmtp", "LHLO x")):
            for form in RELAY_FORMS:
                with self.subTest(service, form=form), Line(self.server.ports[service]) as line:
                    line.read()
                    line.send(hello + "\r\nMAIL FROM:<a@example.net>\r\n")
                    while not line.read().startswith("250 2.1.0"):
                        pass
                    self.assertRegex(line.ask(f"RCPT TO:<{form}>"), "^5[0-9][0-9] 5")
        self.assertEqual(list((self.server.directory / "relay").glob("*.env")), [])

    def test_many_recipients(self):
        """S05: as many as LIMITS says, and whoever comes then is for the next transaction (RFC 5321 section 4.5.3.1.10)."""
        with Line(self.server.ports["smtp"]) as line:
            line.read()
            line.send("EHLO x\r\nMAIL FROM:<me@example.org>\r\n" + "".join(f"RCPT TO:<bob+{n}@demo.test>\r\n" for n in range(1001)) + "DATA\r\n")
            hello = []
            while not hello or hello[-1][3] == "-":
                hello.append(line.read())
            self.assertIn("250-LIMITS RCPTMAX=1000", hello)
            replies = [line.read() for _ in range(1003)]
            self.assertEqual({reply[:9] for reply in replies[1:1001]}, {"250 2.1.5"})
            self.assertEqual([reply[:9] for reply in replies[1001:]], ["452 4.5.3", "354 Send "])
            self.assertRegex(line.ask("Subject: to a thousand\r\n\r\n."), "^250")
        self.find("to a thousand")

    def test_auth_is_not_offered(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            smtp.ehlo()
            self.assertFalse(smtp.has_extn("auth"))
            for extension in ("size", "pipelining", "8bitmime", "enhancedstatuscodes", "starttls"):
                self.assertTrue(smtp.has_extn(extension), extension)

    def test_smuggling(self):
        """V01: nothing but CRLF.CRLF ends DATA; and a message with bare line ends is refused whole."""
        for end in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\n\n.\r\n", b"\r\r\n.\r\r\n"):
            with self.subTest(end), Line(self.server.ports["smtp"]) as line:
                line.read()
                line.ask("HELO test")
                line.ask("MAIL FROM:<a@example.org>")
                line.ask(f"RCPT TO:<{BOB[0]}>")
                self.assertTrue(line.ask("DATA").startswith("354"))
                line.send(b"Subject: outer\r\n\r\nbody" + end + b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<bob@demo.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n")
                self.assertRegex(line.read(), "^550 5")
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            self.assertEqual(imap.search(None, "SUBJECT", "smuggled")[1], [b""])

    def test_starttls_injection(self):
        """V03: what was sent in clear after STARTTLS is never answered under TLS."""
        with Line(self.server.ports["smtp"]) as line:
            line.read()
            line.ask("HELO test")
            line.send(b"STARTTLS\r\nNOOP\r\n")
            answer = line.read_all()
            self.assertLessEqual(answer.count(b"\r\n"), 1)

    def test_large_message(self):
        body = "x" * 70 + "\r\n"
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            smtp.sendmail("me@example.org", [BOB[0]], b"Subject: large\r\n\r\n" + body.encode() * 150000)
        self.assertGreater(len(self.find("large")), 72 * 150000)

    def test_too_large(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            smtp.ehlo()
            self.assertEqual(smtp.docmd("MAIL FROM:<a@example.org> SIZE=999999999999")[0], 552)


class Submitting(SmtpCase):
    def test_swaks_auth(self):
        for number, (name, options) in enumerate({"submission": [], "submission starttls": ["-tls"], "submissions": ["--tls-on-connect"]}.items()):
            for mechanism in ("PLAIN", "LOGIN"):
                with self.subTest(name, mechanism=mechanism):
                    self.run_program("swaks", "--server", "127.0.0.1", "--port", self.server.ports[name.split()[0]], "--to", BOB[0], "--from", ALICE[0],
                                     "--auth", mechanism, "--auth-user", ALICE[0], "--auth-password", ALICE[1],
                                     "--header", f"Subject: auth {number} {mechanism}", *options)
                    self.assertRegex(self.find(f"auth {number} {mechanism}"), rb"(?s)Received:.*with ESMTPS?A" if number == 0 else rb"(?s)Received:.*with ESMTPSA")

    def test_msmtp(self):
        self.need("msmtp")
        for name, tls in {"submission": "tls off", "submission starttls": "tls on\ntls_starttls on", "submissions": "tls on\ntls_starttls off"}.items():
            with self.subTest(name):
                settings = self.write_secret("msmtprc", f"account default\nhost 127.0.0.1\nport {self.server.ports[name.split()[0]]}\n{tls}\ntls_certcheck off\n"
                                                        f"auth plain\nuser {ALICE[0]}\npassword {ALICE[1]}\nfrom {ALICE[0]}\n")
                self.run_program("msmtp", "-C", settings, BOB[0], input=f"Subject: msmtp {name}.\nBcc: secret@example.org\n\nHello\n")
                body = self.find(f"msmtp {name}.")
                self.assertNotIn(b"secret@example.org", body)
                self.assertRegex(body, rb"(?m)^Message-ID: <")
                self.assertRegex(body, rb"(?m)^Date: ")

    def test_curl(self):
        mail = self.scratch / "mail.txt"
        mail.write_bytes(b"From: alice@demo.test\r\nSubject: curl smtps\r\n\r\nHello\r\n")
        self.run_program("curl", "-sS", "-k", "--url", f"smtps://127.0.0.1:{self.server.ports['submissions']}", "--mail-from", ALICE[0], "--mail-rcpt", BOB[0],
                         "--user", f"{ALICE[0]}:{ALICE[1]}", "--upload-file", mail)
        self.find("curl smtps")

    def test_smtplib(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.starttls(context=any_certificate())
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], [BOB[0]], make("smtplib starttls"))
        with smtplib.SMTP_SSL("127.0.0.1", self.server.ports["submissions"], context=any_certificate()) as smtp:
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], [BOB[0]], make("smtplib implicit"))
        self.find("smtplib starttls")
        self.find("smtplib implicit")

    def test_needs_a_login(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.ehlo()
            self.assertEqual(smtp.docmd(f"MAIL FROM:<{ALICE[0]}>")[0], 530)

    def test_only_own_addresses(self):
        """S28"""
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            self.assertEqual(smtp.docmd(f"MAIL FROM:<{BOB[0]}>")[0], 553)
            self.assertEqual(smtp.docmd("MAIL FROM:<alice+tag@demo.test>")[0], 250)

    def test_future_release(self):
        """FUTURERELEASE (RFC 4865): kept for five seconds for somebody here, and a report that says so."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            self.assertRegex(smtp.esmtp_features["futurerelease"], r"^5184000 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            sent = time.time()
            smtp.sendmail(ALICE[0], [BOB[0]], make("kept for later"), mail_options=["HOLDFOR=5"], rcpt_options=["NOTIFY=SUCCESS"])
            env = next((self.server.directory / "relay").glob("*.env")).read_text()
            self.assertIn("Hold=for;5\n", env)
            self.assertEqual(smtp.docmd(f"MAIL FROM:<{ALICE[0]}> HOLDFOR=5184001")[0], 501)
        self.find("kept for later")
        self.assertGreaterEqual(time.time() - sent, 5)
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*ALICE)

            def search():
                imap.select()
                return imap.search(None, "HEADER", "Content-Type", "delivery-status")[1][0].split()

            report = imap.fetch(wait_for(search, "the report")[0], "(BODY.PEEK[])")[1][0][1]
        self.assertIn(b"\r\nArrival-Date: ", report)
        self.assertIn(b"\r\nFuture-Release-Request: for;5\r\n", report)

    def test_wrong_password(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
                smtp.login(ALICE[0], "wrong")
            self.assertEqual(caught.exception.smtp_code, 535)


class Kept(SmtpCase):
    """RFC 4865 section 6: what is kept takes room for a long time, so there is an end to it."""

    def copy_kept(self, sender, count):
        """As many more as if `sender` had asked for them; the server is stopped meanwhile."""
        relay = self.server.directory / "relay"
        env = next(relay.glob("*.env"))
        text = re.sub("(?m)^Sender=.*$", f"Sender={sender}", env.read_text())
        for number in range(count):
            name = f"{sender.partition('@')[0]}{number}"
            os.link(env.with_suffix(".eml"), relay / f"{name}.eml")
            (relay / f"{name}.env").write_text(text)
            (relay / f"{name}.env").chmod(0o600)

    def ask(self, account):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*account)
            code, text = smtp.docmd(f"MAIL FROM:<{account[0]}> HOLDFOR=86400")
            self.assertEqual(smtp.docmd("RSET")[0], 250)
            self.assertEqual(smtp.docmd(f"MAIL FROM:<{account[0]}>")[0], 250)  # what is to go at once is welcome
            return code, text

    def restart_with(self, sender, count):
        self.server.stop()
        self.copy_kept(sender, count)
        self.server.start()

    def test_limits(self):
        """S28: 5.7.16 for who has a thousand waiting, 5.7.17 for everybody where ten thousand wait."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], [BOB[0]], make("kept"), mail_options=["HOLDFOR=86400"])
        self.restart_with(ALICE[0], 998)
        wait_for(lambda: self.ask(ALICE)[0] == 250, "room for one more")
        self.restart_with("alice+again@demo.test", 1)
        wait_for(lambda: self.ask(ALICE)[0] == 552, "the limit of one sender")
        self.assertRegex(self.ask(ALICE)[1], rb"^5\.7\.16 ")
        self.assertEqual(self.ask(BOB)[0], 250)
        self.restart_with("carol@demo.test", 9000)
        wait_for(lambda: self.ask(BOB)[0] == 552, "the limit of all")
        self.assertRegex(self.ask(BOB)[1], rb"^5\.7\.17 ")


class Lmtp(SmtpCase):
    config = "[Service lmtp]\nEnabled=true\n"

    def test_smtplib(self):
        with smtplib.LMTP("127.0.0.1", self.server.ports["lmtp"]) as lmtp:
            lmtp.sendmail("me@example.org", [BOB[0]], make("by lmtp"))
        self.assertRegex(self.find("by lmtp"), rb"(?s)Received:.*with LMTP id")

    def test_an_answer_for_each_recipient(self):
        """RFC 2033 section 4.2"""
        with Line(self.server.ports["lmtp"]) as line:
            self.assertRegex(line.read(), "^220 .*LMTP")
            self.assertRegex(line.ask("EHLO x"), "^500")
            line.send("LHLO x\r\n")
            while line.read()[3] == "-":
                pass
            for command, code in {"MAIL FROM:<me@example.org>": 250, f"RCPT TO:<{BOB[0]}>": 250, "RCPT TO:<nobody@demo.test>": 550,
                                  "RCPT TO:<x@example.org>": 550, f"RCPT TO:<{ALICE[0]}>": 250, "DATA": 354}.items():
                self.assertRegex(line.ask(command), f"^{code}")
            self.assertRegex(line.ask("Subject: lmtp for two\r\n\r\n."), "^250")
            self.assertRegex(line.read(), "^250")
            self.assertRegex(line.ask("QUIT"), "^221")
        self.assertEqual(self.find("lmtp for two"), self.find("lmtp for two", ALICE).replace(b"Delivered-To: alice@", b"Delivered-To: bob@"))


class Chunks(SmtpCase):
    def talk(self, line, body, message):
        line.read()
        line.send("EHLO x\r\n")
        while line.read()[3] == "-":
            pass
        line.send(f"MAIL FROM:<me@example.org> BODY={body}\r\nRCPT TO:<{BOB[0]}>\r\n")
        for _ in range(2):
            self.assertRegex(line.read(), "^250")
        line.send(b"BDAT %d\r\n%sBDAT %d LAST\r\n%sQUIT\r\n" % (10, message[:10], len(message) - 10, message[10:]))
        return [line.read() for _ in range(3)]

    def test_bdat(self):
        """S07: dots mean nothing in it."""
        with Line(self.server.ports["smtp"]) as line:
            replies = self.talk(line, "8BITMIME", b"Subject: by bdat\r\n\r\n.\r\n..\r\n")
        self.assertEqual([reply[:3] for reply in replies], ["250", "250", "221"])
        self.assertTrue(self.find("by bdat").endswith(b"\r\n\r\n.\r\n..\r\n"))

    def test_binarymime(self):
        """RFC 3030: kept as base64, with the same bytes in it."""
        image = bytes(range(256)) * 20
        message = (b"Subject: binary mail\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n"
                   b"--b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + image + b"\r\n--b--\r\n")
        with Line(self.server.ports["smtp"]) as line:
            replies = self.talk(line, "BINARYMIME", message)
        self.assertEqual([reply[:3] for reply in replies], ["250", "250", "221"])
        found = email.message_from_bytes(self.find("binary mail"))
        self.assertEqual(found.get_payload(1)["Content-Transfer-Encoding"], "base64")
        self.assertEqual(found.get_payload(1).get_payload(decode=True), image)

    def test_binary_where_it_is_not_said(self):
        with Line(self.server.ports["smtp"]) as line:
            replies = self.talk(line, "BINARYMIME", b"Subject: x\nX: y\r\n\r\nabc\r\n")
        self.assertRegex(replies[1], "^554 5.6.1")


class BadInput(SmtpCase):
    def test_long_line_and_wrong_command(self):
        with Line(self.server.ports["smtp"]) as line:
            line.read()
            self.assertRegex(line.ask("X" * 100000), "^500")
            self.assertRegex(line.ask("FROBNICATE"), "^500")
            self.assertRegex(line.ask("HELO test"), "^250")

    def test_http(self):
        """V40"""
        with Line(self.server.ports["smtp"]) as line:
            line.send("POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@example.org>\r\n")
            self.assertNotIn(b"250", line.read_all())

    def test_hang_up_at_any_byte(self):
        talk = b"EHLO test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<bob@demo.test>\r\nDATA\r\nSubject: cut off\r\n\r\nx\r\n."
        for length in range(0, len(talk), 3):
            with Line(self.server.ports["smtp"]) as line:
                line.send(talk[:length])
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
            self.assertEqual(smtp.noop()[0], 250)
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            self.assertEqual(imap.search(None, "SUBJECT", '"cut off"')[1], [b""])

    def test_client_that_never_reads(self):
        with socket.create_connection(("127.0.0.1", self.server.ports["smtp"])) as deaf:
            deaf.settimeout(2)
            try:
                for _ in range(2000):
                    deaf.sendall(b"HELP\r\n" * 100)
            except OSError:
                pass  # it is held back, or ended
            # Others are served meanwhile.
            with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"], timeout=SECONDS) as smtp:
                self.assertEqual(smtp.noop()[0], 250)


if __name__ == "__main__":
    main()
