"""APOP and CRAM-MD5 with programs that we did not write: for the account that asks for it, and for no other."""

import base64
import imaplib
import poplib
import re
import smtplib
import subprocess

from posthouse import ALICE, BOB, PROGRAM, SECONDS, Case, Line, main, wait_for

MESSAGE = f"From: {ALICE[0]}\nTo: {BOB[0]}\nSubject: by an old program\n\nHello\n"


class OldPrograms(Case):
    def setUp(self):
        self.switch(ALICE)

    def switch(self, account, *options, status=0):
        result = subprocess.run([PROGRAM, "--data", str(self.server.directory), "--config", str(self.server.directory / "posthouse.ini"), "account",
                                 "old-programs", *options, account[0]], input=account[1] + "\n", capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def count_mail(self):
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            return int(imap.select()[1][0])

    def check_sending(self, *command, input=None):
        before = self.count_mail()
        self.run_program(*command, input=input)
        wait_for(lambda: self.count_mail() == before + 1, f"mail of {command[0]}")

    def test_off_by_default(self):
        """And off again: nothing is offered, and the password is forgotten."""
        settings = self.server.directory / "posthouse.ini"
        self.assertEqual(settings.read_text().count("ReadablePassword="), 1)
        self.switch(ALICE, "--off")
        self.assertNotIn("ReadablePassword", settings.read_text())
        with Line(self.server.ports["pop3"]) as line:
            self.assertNotIn("<", line.read())
            self.assertRegex(line.ask(f"APOP {ALICE[0]} {'0' * 32}"), "^-ERR")
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.ehlo()
            self.assertNotIn("CRAM-MD5", smtp.esmtp_features["auth"])
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            self.assertNotIn("AUTH=CRAM-MD5", imap.capabilities)

    def test_says_what_it_does(self):
        """And takes no password but the account's own."""
        self.assertIn("can be read", self.switch(ALICE))
        self.assertIn("not the password", self.switch((BOB[0], "another"), status=1))
        self.switch(("nobody@demo.test", "x"), status=1)

    def test_only_who_asks(self):
        """The answers are those of a wrong password, with the right one."""
        pop = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        self.addCleanup(pop.close)
        with self.assertRaisesRegex(poplib.error_proto, r"-ERR \[AUTH\]"):
            pop.apop(*BOB)
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap, self.assertRaisesRegex(imaplib.IMAP4.error, "AUTHENTICATIONFAILED"):
            imap.login_cram_md5(*BOB)
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp, self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
            smtp.ehlo()
            smtp.user, smtp.password = BOB
            smtp.auth("CRAM-MD5", smtp.auth_cram_md5)
        self.assertEqual(caught.exception.smtp_code, 535)

    def test_python(self):
        pop = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        pop.apop(*ALICE)
        pop.quit()
        wrong = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        with self.assertRaisesRegex(poplib.error_proto, r"\[AUTH\]"):
            wrong.apop(ALICE[0], "wrong")
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login_cram_md5(*ALICE)
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.ehlo()
            smtp.user, smtp.password = ALICE
            self.assertEqual(smtp.auth("CRAM-MD5", smtp.auth_cram_md5)[0], 235)

    def test_swaks(self):
        self.check_sending("swaks", "--server", "127.0.0.1", "--port", self.server.ports["submission"], "--auth", "CRAM-MD5", "--auth-user", ALICE[0],
                           "--auth-password", ALICE[1], "--from", ALICE[0], "--to", BOB[0])

    def test_msmtp(self):
        self.need("msmtp")
        settings = self.write_secret("msmtprc", f"account default\nhost 127.0.0.1\nport {self.server.ports['submission']}\nfrom {ALICE[0]}\n"
                                                f"auth cram-md5\nuser {ALICE[0]}\npassword {ALICE[1]}\n")
        self.check_sending("msmtp", "-C", settings, BOB[0], input=MESSAGE)

    def test_mpop(self):
        self.need("mpop")
        for method in ("apop", "cram-md5"):
            with self.subTest(method):
                settings = self.write_secret("mpoprc", f"account default\nhost 127.0.0.1\nport {self.server.ports['pop3']}\nauth {method}\nuser {ALICE[0]}\n"
                                                       f"password {ALICE[1]}\nkeep on\ndelivery mbox {self.scratch}/mbox\nuidls_file {self.scratch}/uidls\n")
                self.run_program("mpop", "-C", settings)

    def test_fetchmail(self):
        self.need("fetchmail")
        settings = self.write_secret("fetchmailrc", f'poll 127.0.0.1 protocol APOP port {self.server.ports["pop3"]} user "{ALICE[0]}" password "{ALICE[1]}" '
                                                    'keep fetchall options sslproto "" mda "cat > /dev/null"\n')
        output = self.run_program("fetchmail", "-v", "-f", settings, "--nosyslog", "--pidfile", self.scratch / "pid", "--idfile", self.scratch / "ids", check=False)
        self.assertRegex(output, r"(?s)> APOP .*< \+OK")

    def test_curl(self):
        output = self.run_program("curl", "-sSv", "--login-options", "AUTH=+APOP", "--user", f"{ALICE[0]}:{ALICE[1]}", f"pop3://127.0.0.1:{self.server.ports['pop3']}/")
        self.assertRegex(output, r"(?s)> APOP .*< \+OK")
        output = self.run_program("curl", "-sSv", "--login-options", "AUTH=CRAM-MD5", "--user", f"{ALICE[0]}:{ALICE[1]}",
                                  f"imap://127.0.0.1:{self.server.ports['imap']}/", "-X", "NOOP")
        self.assertRegex(output, r"(?s)AUTHENTICATE CRAM-MD5.*OK")

    def log_in(self, password):
        """The challenge, where that is the password."""
        pop = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        self.addCleanup(pop.close)
        pop.apop(ALICE[0], password)
        pop.quit()
        return re.search(r"<.*>", pop.welcome.decode())[0]

    def change(self, password):
        subprocess.run([PROGRAM, "--data", str(self.server.directory), "--config", str(self.server.directory / "posthouse.ini"), "account", "passwd", ALICE[0]],
                       input=password + "\n", check=True, capture_output=True, text=True, timeout=SECONDS)

    def test_new_password(self):
        """Is one for old programs, too."""
        self.change("another")
        try:
            self.log_in("another")
            with self.assertRaisesRegex(poplib.error_proto, r"\[AUTH\]"):
                self.log_in(ALICE[1])
        finally:
            self.change(ALICE[1])
        self.log_in(ALICE[1])

    def test_survives_a_restart(self):
        """The settings are read again; the answers are masked in the log (V48)."""
        self.server.stop()
        settings = self.server.directory / "posthouse.ini"
        settings.write_text(settings.read_text() + "\n[Log]\nFile=true\n")
        self.server.start()
        challenge = self.log_in(ALICE[1])
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login_cram_md5(*ALICE)
        log = self.server.directory / "log" / "posthouse.log"
        text = wait_for(lambda: log.exists() and "CRAM-MD5" in log.read_text() and log.read_text(), "the log")
        self.assertIn(challenge, text)
        self.assertNotRegex(text, r"[0-9a-f]{32}")
        # What answers CRAM-MD5 begins with the name.
        self.assertNotIn(base64.b64encode(ALICE[0].encode()).decode()[:18], text)


if __name__ == "__main__":
    main()
