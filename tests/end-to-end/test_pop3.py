"""POP3 with poplib, Net::POP3, curl, fetchmail, getmail and mpop: in clear on loopback, STLS, implicit TLS."""

import imaplib
import poplib
import smtplib
import socket
import struct
import time

from getmail import Getmail
from posthouse import ALICE, BOB, Case, Line, any_certificate, main, wait_for

class Pop3Case(Case):
    def setUp(self):
        """Every test begins with the same three messages, and no others."""
        pop = wait_for(self.login_when_free, "the lock's release")
        for number in range(len(pop.list()[1])):
            pop.dele(number + 1)
        pop.quit()
        for number in range(1, 4):
            with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"]) as smtp:
                smtp.sendmail("me@example.org", [BOB[0]], f"Subject: message {number}\r\n\r\nline 1\r\n.line 2\r\n..\r\nline 4\r\n".encode())

    def login_when_free(self):
        try:
            return self.login()
        except poplib.error_proto:
            return None

    def login(self):
        pop = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        pop.user(BOB[0])
        pop.pass_(BOB[1])
        return pop

    def count_when_free(self):
        pop = self.login_when_free()
        if pop is None:
            return None
        count = pop.stat()[0]
        pop.quit()
        return count

class Reading(Pop3Case):
    def test_poplib(self):
        for name, open_connection in {
            "pop3": lambda: poplib.POP3("127.0.0.1", self.server.ports["pop3"]),
            "stls": self.open_stls,
            "pop3s": lambda: poplib.POP3_SSL("127.0.0.1", self.server.ports["pop3s"], context=any_certificate()),
        }.items():
            with self.subTest(name):
                pop = open_connection()
                pop.user(BOB[0])
                pop.pass_(BOB[1])
                self.assertEqual(pop.stat()[0], 3)
                lines = pop.retr(2)[1]
                self.assertIn(b"Subject: message 2", lines)
                self.assertEqual(lines[-4:], [b"line 1", b".line 2", b"..", b"line 4"])
                pop.quit()

    def open_stls(self):
        pop = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        pop.stls(any_certificate())
        return pop

    def test_perl(self):
        """Net::POP3: two sessions, and what the first one removes."""
        script = r"""
            use strict; use warnings; use Net::POP3;
            my ($port, $user, $password) = @ARGV;
            my $pop = Net::POP3->new("127.0.0.1:$port") or die "connect: $@";
            my $count = $pop->login($user, $password); $count == 3 or die "login: $count";
            my $list = $pop->list; my $ids = $pop->uidl; keys %$list == 3 && keys %$ids == 3 or die 'LIST, UIDL';
            my ($n, $size) = $pop->popstat; $n == 3 && $size == $list->{1} + $list->{2} + $list->{3} or die "STAT: $n $size";
            join('', @{$pop->top(2, 2)}) =~ /Subject: message 2\n\nline 1\n\.line 2\n\z/ or die 'TOP';
            join('', @{$pop->get(3)}) =~ /Subject: message 3\n\nline 1\n\.line 2\n\.\.\nline 4\n\z/ or die 'RETR';
            $pop->delete(1) or die 'DELE'; $pop->reset;
            $pop->delete(2) && $pop->quit or die 'DELE, QUIT';
            $pop = Net::POP3->new("127.0.0.1:$port") or die "connect again: $@";
            $pop->login($user, $password) == 2 or die 'login again';
            my $after = $pop->uidl; $after->{1} eq $ids->{1} && $after->{2} eq $ids->{3} or die 'UIDL again';
            defined $pop->get(3) and die 'a message that is gone';
            $pop->quit; print "fine\n";
        """
        self.assertIn("fine", self.run_program("perl", "-e", script, self.server.ports["pop3"], *BOB))

    def test_sizes(self):
        """P05: LIST and STAT say the octets that RETR sends."""
        pop = self.login()
        sizes = [int(entry.split()[1]) for entry in pop.list()[1]]
        self.assertEqual(sum(sizes), pop.stat()[1])
        for number, size in enumerate(sizes):
            lines = pop.retr(number + 1)[1]
            self.assertEqual(sum(len(line) + 2 for line in lines), size)
        pop.quit()

    def test_odd_bytes(self):
        """P05, P06: NUL, 8-bit, a line of 100,000 octets, dots, an empty body: as many octets as LIST says, and the same."""
        for body in (b"a\0b\r\n\xff\xfe\r\n", b"x" * 100000 + b"\r\n" + b"." * 998 + b"\r\n", b".\r\n..\r\n.\r\n", b""):
            message = b"Subject: odd\r\n\r\n" + body
            with Line(self.server.ports["smtp"]) as line:
                line.read()
                line.send(b"EHLO x\r\nMAIL FROM:<me@example.org>\r\nRCPT TO:<%s>\r\nBDAT %d LAST\r\n%sQUIT\r\n" % (BOB[0].encode(), len(message), message))
                self.assertIn(b"250 2.0.0 Delivered", line.read_all())
            with Line(self.server.ports["pop3"]) as line:
                for said in ("USER " + BOB[0], "PASS " + BOB[1], "LIST 4"):
                    line.read()
                    line.send(said + "\r\n")
                size = int(line.read().split()[2])
                line.send("RETR 4\r\nDELE 4\r\nQUIT\r\n")
                wire = line.read_all()
            raw = wire.split(b"\r\n", 1)[1].split(b"\r\n.\r\n+OK", 1)[0] + b"\r\n"
            raw = raw.replace(b"\r\n.", b"\r\n")
            self.assertEqual(len(raw), size)
            self.assertTrue(raw.endswith(message), raw[-100:])

    def test_top(self):
        """P06"""
        pop = self.login()
        header = pop.top(1, 0)[1]
        self.assertEqual(header[-1], b"")
        self.assertIn(b"Subject: message 1", header)
        self.assertEqual(pop.top(1, 2)[1][-2:], [b"line 1", b".line 2"])
        self.assertEqual(pop.top(1, 1000)[1], pop.retr(1)[1])
        pop.quit()

    def test_uidl_is_stable(self):
        """P02"""
        pop = self.login()
        before = [entry.split()[1] for entry in pop.uidl()[1]]
        pop.dele(1)
        pop.quit()
        self.assertEqual(len(set(before)), 3)
        # Neither a restart nor what IMAP does to the others changes them.
        self.server.stop()
        self.server.start()
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            imap.store("2", "+FLAGS", "(\\Flagged \\Seen work)")
            imap.copy("1", "INBOX")
            # Away and back, the first of them; and so it is the last now.
            uid = imap.fetch("1", "(UID)")[1][0].split()[-1].rstrip(b")").decode()
            imap.uid("MOVE", uid, "Archive")
            imap.select("Archive")
            imap.uid("MOVE", "1:*", "INBOX")
        pop = self.login()
        after = [entry.split()[1] for entry in pop.uidl()[1]]
        self.assertEqual([after[0], after[2]], [before[2], before[1]])
        self.assertNotIn(after[1], before)
        pop.quit()

    def test_capabilities(self):
        pop = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        capabilities = pop.capa()
        for name in ("UIDL", "TOP", "STLS", "USER", "SASL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE"):
            self.assertIn(name, capabilities)
        self.assertIn("PLAIN", capabilities["SASL"])
        pop.quit()

class Deleting(Pop3Case):
    def test_imap_is_told(self):
        """P10: what goes by POP3 is an EXPUNGE to IMAP, when it may be one."""
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            pop = self.login()
            pop.dele(2)
            pop.quit()
            # Not in a FETCH by number, whose numbers it would change (RFC 9051 section 7.5.1).
            self.assertEqual([entry[:1] for entry in imap.fetch("1,3", "(UID)")[1]], [b"1", b"3"])
            self.assertEqual(imap.response("EXPUNGE")[1], [None])
            self.assertEqual(wait_for(lambda: imap.noop() and imap.response("EXPUNGE")[1] != [None] and imap.search(None, "ALL")[1], "EXPUNGE"), [b"1 2"])

    def test_only_at_quit(self):
        """P04"""
        pop = self.login()
        pop.dele(1)
        pop.close()  # hangs up
        wait_for(lambda: self.count_when_free() == 3, "the lock's release")
        pop = self.login()
        pop.dele(1)
        pop.dele(2)
        pop.rset()
        pop.dele(3)
        pop.quit()
        pop = self.login()
        self.assertEqual([pop.retr(n)[1] is not None for n in (1, 2)], [True, True])
        self.assertEqual(pop.stat()[0], 2)
        pop.quit()

    def test_exclusive_lock(self):
        """P01"""
        first = self.login()
        second = poplib.POP3("127.0.0.1", self.server.ports["pop3"])
        second.user(BOB[0])
        with self.assertRaisesRegex(poplib.error_proto, r"\[IN-USE\]"):
            second.pass_(BOB[1])
        first.close()
        wait_for(lambda: self.count_when_free() is not None, "the lock's release")
        second.close()

    def test_lock_after_reset(self):
        """P01: a connection that was reset, and a server that was killed, lock nobody out."""
        seconds = []
        for _ in range(3):
            first = self.login()
            first.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            first.close()
            start = time.monotonic()
            wait_for(lambda: self.count_when_free() == 3, "the lock's release")
            seconds.append(time.monotonic() - start)
        print(f"# P01: free {min(seconds) * 1000:.0f} ms after a reset", flush=True)
        self.assertLess(min(seconds), 1)
        held = self.login()
        self.server.kill()
        self.server.start()
        self.assertEqual(self.count_when_free(), 3)
        held.close()

class LoggingIn(Pop3Case):
    def test_wrong(self):
        """P07: the same words for everybody."""
        replies = []
        for name in (BOB[0], "nobody@demo.test"):
            with Line(self.server.ports["pop3"]) as line:
                line.read()
                self.assertRegex(line.ask(f"USER {name}"), r"^\+OK")
                replies.append(line.ask("PASS wrong password"))
        self.assertEqual(replies[0], replies[1])
        self.assertRegex(replies[0], r"^-ERR \[AUTH\]")

    def test_auth_plain(self):
        with Line(self.server.ports["pop3"]) as line:
            line.read()
            self.assertEqual(line.ask("AUTH PLAIN"), "+ ")
            self.assertRegex(line.ask("AGJvYkBkZW1vLnRlc3QAYm9iIHNlY3JldA=="), r"^\+OK")
        wait_for(self.count_when_free, "the lock's release")
        with Line(self.server.ports["pop3"]) as line:
            line.read()
            self.assertRegex(line.ask("AUTH PLAIN"), r"^\+")
            self.assertRegex(line.ask("*"), "^-ERR")
            self.assertRegex(line.ask("AUTH PLAIN AGJvYkBkZW1vLnRlc3QAYm9iIHNlY3JldA=="), r"^\+OK")

    def test_bad_input(self):
        with Line(self.server.ports["pop3"]) as line:
            line.read()
            self.assertRegex(line.ask("X" * 50000), "^-ERR")
            self.assertRegex(line.ask("STAT"), "^-ERR")
            self.assertRegex(line.ask("APOP a b"), "^-ERR")
            self.assertRegex(line.ask("CAPA"), r"^\+OK")

    def test_stls_injection(self):
        """V03"""
        with Line(self.server.ports["pop3"]) as line:
            line.read()
            line.send("STLS\r\nCAPA\r\n")
            self.assertLessEqual(line.read_all().count(b"\r\n"), 1)

class Programs(Pop3Case):
    def test_curl(self):
        for service, *tls in (["pop3"], ["pop3", "--ssl-reqd"], ["pop3s"]):
            with self.subTest(service=service, tls=tls):
                text = self.run_program("curl", "-sS", "-k", *tls, "--user", f"{BOB[0]}:{BOB[1]}", f"{service}://127.0.0.1:{self.server.ports[service]}/2")
                self.assertIn("Subject: message 2", text)

    def test_fetchmail(self):
        self.need("fetchmail")
        out = self.scratch / "fetched"
        for name, ssl in (("pop3", "options sslproto ''"), ("pop3", "options sslproto 'tls1.2+' no sslcertck"), ("pop3s", "options ssl no sslcertck")):
            with self.subTest(name=name, ssl=ssl):
                settings = self.write_secret("fetchmailrc", f'poll 127.0.0.1 protocol POP3 port {self.server.ports[name]} user "{BOB[0]}" password "{BOB[1]}" keep fetchall {ssl} mda "cat >> {out}"\n')
                out.write_text("")
                self.run_program("fetchmail", "-f", settings, "--nosyslog", "--pidfile", self.scratch / "fetchmail.pid", "--idfile", self.scratch / "ids", check=True)
                self.assertEqual(out.read_text().count("Subject: message "), 3)

    def test_getmail(self):
        for name, kind in (("pop3", "SimplePOP3Retriever"), ("pop3s", "SimplePOP3SSLRetriever")):
            with self.subTest(name):
                getmail = Getmail(self, f"type = {kind}\nport = {self.server.ports[name]}\nusername = {BOB[0]}\npassword = {BOB[1]}", read_all=True)
                getmail.run()
        self.assertEqual(sum(b"Subject: message " in text and text.endswith(b"line 1\n.line 2\n..\nline 4\n") for text in getmail.messages()), 6)

    def test_mpop(self):
        self.need("mpop")
        out = self.scratch / "mpop.mbox"
        settings = self.write_secret("mpoprc", f"account default\nhost 127.0.0.1\nport {self.server.ports['pop3']}\ntls on\ntls_starttls on\ntls_certcheck off\nauth plain\n"
                                               f"user {BOB[0]}\npassword {BOB[1]}\nkeep on\ndelivery mbox {out}\nuidls_file {self.scratch}/uidls\n")
        self.run_program("mpop", "-C", settings)
        self.assertEqual(out.read_text().count("Subject: message "), 3)

if __name__ == "__main__":
    main()
