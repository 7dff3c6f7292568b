"""The command line of a Posthouse that runs, and of one that does not."""

import base64
import imaplib
import mailbox
import os
import pathlib
import pty
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import termios
import threading
import time
import unittest

from posthouse import ALICE, BOB, PROGRAM, SECONDS, Line, Posthouse, main, wait_for

DONE, FAILED, MISUSED, NOT_RUNNING = range(4)
MESSAGE = "Subject: By hand\n\nA line\n.\nafter a dot\n"


class CommandCase(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-control-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.data = self.directory / "data"
        self.settings = self.data / "posthouse.ini"

    def command(self, *words, input="", status=DONE, quiet=False):
        """What it prints, as rows of fields; fails where it ends otherwise."""
        result = subprocess.run([PROGRAM, "--data", str(self.data), "--config", str(self.settings), *words],
                                input=input, capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(result.returncode, status, f"{words}: {result.stdout}{result.stderr}")
        self.errors = result.stderr
        self.assertEqual(self.errors != "", not quiet and status in (FAILED, MISUSED) or "No Posthouse" in self.errors, self.errors)
        return [line.split("\t") for line in result.stdout.splitlines()]


class Commands(CommandCase):
    def count_running(self):
        return [row[4] for row in self.command("status")].count("running")

    def can_log_in(self, server, address, password):
        with Line(server.ports["pop3"]) as pop3:
            pop3.read()
            pop3.ask(f"USER {address}")
            return pop3.ask(f"PASS {password}").startswith("+OK")

    def test_accounts_of_one_that_runs(self):
        with Posthouse(directory=self.data) as server:
            self.check_accounts()
            self.command("account", "add", "fay@demo.test", input="pass of fay\n")
            self.assertTrue(self.can_log_in(server, "fay@demo.test", "pass of fay"))
            self.command("account", "passwd", "fay@demo.test", input="another\nnot read\n")
            self.assertFalse(self.can_log_in(server, "fay@demo.test", "pass of fay"))
            self.assertTrue(self.can_log_in(server, "fay@demo.test", "another"))
            [[password]] = self.command("account", "passwd", "fay@demo.test", "--generate")
            self.assertTrue(self.can_log_in(server, "fay@demo.test", password))
            self.command("account", "delete", "fay@demo.test")
            self.assertFalse(self.can_log_in(server, "fay@demo.test", password))

    def test_of_services(self):
        """Each as a client would find it; and what is not there."""
        with Posthouse(directory=self.data) as server:
            for service in server.ports:
                [[outcome, milliseconds, tls, certificate, offers, said]] = self.command("test", service)
                self.assertEqual((outcome, tls, certificate, said), ("answered", "TLS1.3", "good", ""), service)
                self.assertGreaterEqual(int(milliseconds), 0)
                self.assertRegex(offers, "SIZE|UIDL|IMAP4rev2")
            self.command("test", "gopher", status=FAILED)
            self.assertIn("no such service", self.errors)
            [fields] = self.command("test", "lmtp", status=FAILED, quiet=True)
            self.assertEqual(fields[0], "unreachable")
            self.command("test", status=MISUSED)
        self.command("test", "imap", status=NOT_RUNNING)

    def test_search_index(self):
        """Switched, remembered, made and removed while it runs; also for an account that nobody has open."""
        with Posthouse(directory=self.data) as server:
            index = self.data / "mail" / "demo.test" / "bob" / "search.db"
            self.command("send", "--from", BOB[0], BOB[0], input="Hello\n")
            self.assertTrue(self.can_log_in(server, *BOB))
            wait_for(index.exists, "the index of texts")
            self.command("account", "search-index", BOB[0], "--off")
            self.assertIn("SearchIndex=false", self.settings.read_text())
            wait_for(lambda: not index.exists(), "its end")
            self.command("account", "search-index", "nobody@demo.test", status=FAILED)
        with Posthouse(directory=self.data):
            self.command("account", "search-index", BOB[0])
            wait_for(index.exists, "the index of texts")
            self.assertNotIn("SearchIndex=false", self.settings.read_text())

    def test_accounts_of_none_that_runs(self):
        self.check_accounts()
        self.assertEqual(stat.S_IMODE(self.settings.stat().st_mode), 0o600)
        self.assertNotIn("secret of carol", self.settings.read_text())

    def check_accounts(self):
        before = self.command("account", "list")
        self.command("account", "add", "carol@demo.test", "--name", "Carol\tC", input="secret of carol\n")
        self.assertEqual(self.command("account", "list"), sorted([*before, ["carol@demo.test", "enabled", "Carol C"]]))
        self.command("account", "add", "carol@demo.test", input="x\n", status=FAILED)
        self.assertIn("carol@demo.test", self.errors)
        self.command("account", "add", "nonsense", input="x\n", status=FAILED)
        self.command("account", "add", "dora@demo.test", input="", status=FAILED)
        self.command("account", "add", "dora@demo.test", input="x" * 2000 + "\n", status=FAILED)
        self.command("account", "delete", "carol@demo.test", "--delete-mail")
        self.command("account", "delete", "carol@demo.test", status=FAILED)
        self.command("account", "passwd", "carol@demo.test", input="x\n", status=FAILED)
        self.assertEqual(self.command("account", "list"), before)

    def test_app_passwords_of_one_that_runs(self):
        """A secret for one device; taken back, it opens nothing and ends what it opened."""
        with Posthouse(directory=self.data) as server:
            [[phone]] = self.command("app-password", "add", BOB[0], "My phone")
            [[tablet]] = self.command("app-password", "add", BOB[0], "Tablet")
            self.assertNotEqual(phone, tablet)
            self.assertEqual([(name, used) for _, name, _, used in self.command("app-password", "list", BOB[0])], [("My phone", "never"), ("Tablet", "never")])
            self.assertTrue(self.can_log_in(server, BOB[0], phone))
            [[ident, _, _, used], [_, _, _, unused]] = self.command("app-password", "list", BOB[0])
            self.assertNotEqual(used, "never")
            self.assertEqual(unused, "never")

            self.assertTrue(self.sent_away(server, lambda: self.command("app-password", "revoke", BOB[0], ident)))
            self.assertFalse(self.can_log_in(server, BOB[0], phone))
            self.assertTrue(self.can_log_in(server, BOB[0], tablet))
            self.assertTrue(self.can_log_in(server, *BOB))
            self.command("app-password", "revoke", BOB[0], ident, status=FAILED)
            self.command("app-password", "add", "nobody@demo.test", "x", status=FAILED)
            self.command("app-password", "list", "nobody@demo.test", status=FAILED)
            self.assertNotIn(tablet, self.settings.read_text())

    def test_app_passwords_of_none_that_runs(self):
        self.command("account", "add", "carol@demo.test", input="secret of carol\n")
        [[phone]] = self.command("app-password", "add", "carol@demo.test", "Phone")
        [[ident, *_]] = self.command("app-password", "list", "carol@demo.test")
        self.assertNotIn(phone, self.settings.read_text())
        self.command("app-password", "revoke", "carol@demo.test", ident)
        self.assertEqual(self.command("app-password", "list", "carol@demo.test"), [])

    def test_changes_that_send_away(self):
        """A changed password, and an account that goes, end the sessions that are logged in, on each protocol."""
        with Posthouse(directory=self.data) as server:
            self.assertTrue(self.sent_away(server, lambda: self.command("account", "passwd", BOB[0], input="another\n"), ALICE))
            self.assertTrue(self.sent_away(server, lambda: self.command("account", "delete", BOB[0]), ALICE, (BOB[0], "another")))

    def test_protocols(self):
        """What an account may be used for: who uses another is sent away, and learns why once the password is right."""
        with Posthouse(directory=self.data) as server, Line(server.ports["imap"]) as imap, Line(server.ports["pop3"]) as pop3:
            self.assertEqual(self.command("account", "protocols", BOB[0]), [["imap"], ["pop3"], ["submission"]])
            imap.read()
            pop3.read()
            self.assertIn("OK", imap.ask(f'a LOGIN {BOB[0]} "{BOB[1]}"'))
            pop3.ask(f"USER {BOB[0]}")
            self.assertIn("+OK", pop3.ask(f"PASS {BOB[1]}"))
            self.command("account", "protocols", BOB[0], "imap")
            self.assertIn("Protocols=imap;", self.settings.read_text())
            self.assertRegex(pop3.read(), "^-ERR .*POP3 is switched off")
            self.assertEqual(pop3.read(), "")
            self.assertIn("OK", imap.ask("b NOOP"))
            self.assertFalse(self.can_log_in(server, *BOB))
            self.assertEqual(self.send_as(server, *BOB).returncode, 28)  # swaks: no login
            self.assertIn("525 5.7.13 Sending is switched off for this account", self.send_as(server, *BOB).stdout)
            self.assertIn("535 5.7.8", self.send_as(server, BOB[0], "wrong").stdout)
            self.command("account", "protocols", BOB[0], "gopher", status=FAILED)
            self.command("account", "protocols", "nobody@demo.test", "imap", status=FAILED)
            self.command("account", "protocols", BOB[0], "none")
            self.assertRegex(imap.read(), r"^\* BYE \[UNAVAILABLE\] IMAP is switched off")
        with Posthouse(directory=self.data) as server:
            self.assertEqual(self.command("account", "protocols", BOB[0]), [])
            self.command("account", "protocols", BOB[0], "pop3", "submission")
            self.assertTrue(self.can_log_in(server, *BOB))
            self.assertEqual(self.send_as(server, *BOB).returncode, 0)

    def send_as(self, server, address, password):
        return subprocess.run(["swaks", "--server", f"127.0.0.1:{server.ports['submission']}", "--from", address, "--to", ALICE[0], "--auth", "PLAIN", "--auth-user", address,
                               "--auth-password", password], capture_output=True, text=True, timeout=SECONDS, check=False)

    def sent_away(self, server, change, other=None, who=BOB):
        """Whether `change` ends what `who` has open, with a goodbye, and nothing of `other`."""
        with Line(server.ports["imap"]) as imap, Line(server.ports["pop3"]) as pop3, Line(server.ports["submission"]) as smtp, Line(server.ports["imap"]) as theirs:
            for line in (imap, pop3, smtp, theirs):
                line.read()
            self.assertIn("OK", imap.ask(f'a LOGIN {who[0]} "{who[1]}"'))
            pop3.ask(f"USER {who[0]}")
            self.assertIn("+OK", pop3.ask(f"PASS {who[1]}"))
            plain = base64.b64encode(f"\0{who[0]}\0{who[1]}".encode()).decode()
            reply = smtp.ask("EHLO there")
            while reply.startswith("250-"):
                reply = smtp.read()
            self.assertTrue(smtp.ask(f"AUTH PLAIN {plain}").startswith("235"))
            if other is not None:
                self.assertIn("OK", theirs.ask(f'a LOGIN {other[0]} "{other[1]}"'))
            change()
            self.assertRegex(imap.read(), r"^\* BYE .*log in again")
            self.assertRegex(pop3.read(), "^-ERR .*log in again")
            self.assertRegex(smtp.read(), "^421 .*log in again")
            for line in (imap, pop3, smtp):
                self.assertEqual(line.read(), "")
            self.assertIn("OK", theirs.ask("b NOOP"))
        return True

    def at_terminal(self, *words):
        """The program at a terminal of its own, and our end of that."""
        ours, its = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen([PROGRAM, "--data", str(self.data), "--config", str(self.settings), *words], stdin=its, stdout=its, stderr=its, start_new_session=True)
        self.addCleanup(process.wait, SECONDS)
        os.close(its)
        return process, ours

    @staticmethod
    def is_shown(terminal):
        return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)

    def test_typed_password_is_not_shown(self):
        """V48: asked for twice, without an echo, be it typed at once."""
        for second, status in (("typed secret", DONE), ("other", FAILED)):
            with self.subTest(second):
                process, terminal = self.at_terminal("account", "add", f"t{status}@demo.test")
                seen = ""
                for question, answer in (("Password: ", "typed secret"), ("Again: ", second)):
                    while not seen.endswith(question):
                        seen += os.read(terminal, 1000).decode()
                    self.assertFalse(self.is_shown(terminal))
                    os.write(terminal, answer.encode() + b"\n")
                try:
                    while data := os.read(terminal, 1000):
                        seen += data.decode()
                except OSError:  # the other end was closed
                    pass
                self.assertEqual(process.wait(SECONDS), status, seen)
                self.assertNotIn("secret", seen)

    def test_interrupted_at_the_question(self):
        """What is typed after that is shown again."""
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                process, terminal = self.at_terminal("account", "add", "t@demo.test")
                self.assertIn(b"Password", os.read(terminal, 1000))
                self.assertFalse(self.is_shown(terminal))
                process.send_signal(number)
                self.assertEqual(process.wait(SECONDS), -number)
                self.assertTrue(self.is_shown(terminal))

    def test_send_and_queue(self):
        with Posthouse(directory=self.data) as server:
            [[summary]] = self.command("send", "--from", ALICE[0], BOB[0], "eve@example.org", "mal@example.org", input=MESSAGE)
            self.assertRegex(summary, "^Delivered to 1 mailbox, queued for 2 elsewhere")
            with Line(server.ports["pop3"]) as pop3:
                pop3.read()
                pop3.ask(f"USER {BOB[0]}")
                pop3.ask(f"PASS {BOB[1]}")
                self.assertRegex(pop3.ask("RETR 1"), r"^\+OK")
                lines = []
                while (line := pop3.read()) != ".":
                    lines.append(line)
            self.assertEqual(lines[-4:], ["", "A line", "..", "after a dot"])
            for field in ("From: .*alice@demo.test", "Date: ", "Message-I[Dd]: <", "Subject: By hand", "Received: "):
                self.assertRegex("\n".join(lines), f"(?m)^{field}")
            self.check_queue()

    def check_queue(self):
        [[name, state, sender, recipients, *_]] = self.command("queue", "list")
        self.assertEqual((state, sender, recipients), ("guarded", ALICE[0], "eve@example.org mal@example.org"))
        for words, state in ((["hold", name], "held"), (["release", "--all"], "guarded"), (["retry", name], "guarded"), (["bounce", name], "failed"),
                             (["requeue", "--all"], "guarded")):
            self.command("queue", *words)
            wait_for(lambda: [row[1] for row in self.command("queue", "list")] == [state], state)
        [[name, *_]] = self.command("queue", "list")
        self.assertIn("Address=eve@example.org", "\n".join(row[0] for row in self.command("queue", "show", name)))
        self.command("queue", "retry", "nonsense", status=FAILED)
        self.command("queue", "retry", status=MISUSED)
        self.command("queue", "delete", name)
        wait_for(lambda: self.command("queue", "list") == [], "an empty queue")

    def test_send_where_none_runs(self):
        self.command("account", "add", "carol@demo.test", input="secret of carol\n")
        self.command("send", "carol@demo.test", input="From: Who <who@example.org>\n" + MESSAGE)
        self.command("send", "--from", "a@demo.test", "--subject", "Grüße", "--body", "Zeile ü", "carol@demo.test")
        mails = sorted(path.read_text() for folder in ("new", "cur") for path in (self.data / "mail/demo.test/carol" / folder).iterdir())
        self.assertEqual(len(mails), 2)
        self.assertTrue(any("From: Who <who@example.org>" in mail and "Return-Path: <who@example.org>" in mail for mail in mails), mails)
        self.assertTrue(any("Subject: =?" in mail and "Zeile ü" in mail for mail in mails), mails)
        # RFC 9228
        self.assertEqual({mail.split("\n")[1] for mail in mails}, {"Delivered-To: carol@demo.test"})

    def test_refusals_of_send(self):
        with Posthouse(directory=self.data):
            self.command("send", "--from", ALICE[0], "nobody@demo.test", BOB[0], input=MESSAGE, status=FAILED)
            self.assertIn("nobody@demo.test", self.errors)
            self.command("send", "--from", ALICE[0], "no address", input=MESSAGE, status=FAILED)
            self.command("send", BOB[0], input=MESSAGE, status=FAILED)
            self.assertIn("--from", self.errors)
            self.command("send", input=MESSAGE, status=MISUSED)
            self.assertEqual(self.command("queue", "list"), [])

    def test_start_stop_status(self):
        for words in (["status"], ["stop"], ["start"], ["--stop"], ["quit"], ["queue", "list"]):
            with self.subTest(words):
                self.command(*words, status=NOT_RUNNING)
        server = Posthouse(directory=self.data).start()
        self.addCleanup(server.__exit__)
        rows = self.command("status")
        self.assertEqual({row[0]: int(row[2]) for row in rows if row[4] == "running"}, server.ports)
        self.command("start")
        self.command("--start")
        self.command("--stop")
        self.assertEqual(server.process.wait(SECONDS), 0)
        self.assertFalse((self.data / "control").exists())
        self.command("status", status=NOT_RUNNING)

    def test_background(self):
        result = subprocess.run([PROGRAM, "--demo", "--data", str(self.data), "--free-ports", "--background"], capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.addCleanup(subprocess.run, [PROGRAM, "--data", str(self.data), "quit"], capture_output=True)
        self.assertIn(f"posthoused --data '{self.data}' --stop stops it", result.stdout)
        self.assertEqual(self.count_running(), 7)
        second = subprocess.run([PROGRAM, "--demo", "--data", str(self.data), "--free-ports", "--background"], capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(second.returncode, 1)
        self.command("quit")
        wait_for(lambda: not (self.data / "control").exists(), "the end")

    def test_what_a_crash_left_is_replaced(self):
        server = Posthouse(directory=self.data).start()
        self.addCleanup(server.__exit__)
        server.kill()
        self.assertTrue((self.data / "control").is_socket())
        self.command("status", status=NOT_RUNNING)
        self.assertEqual(len(self.command("account", "list")), 2)
        server.start()
        self.assertEqual(self.count_running(), 7)

    def test_socket_is_closed_to_others(self):
        """V47: the folder has no rights for others, and neither has the socket."""
        with Posthouse(directory=self.data):
            self.assertEqual(stat.S_IMODE((self.data / "control").stat().st_mode) & 0o077, 0)

    def test_deep_data_folder(self):
        """A socket's path has at most 107 bytes; a data folder may have more."""
        self.data = self.directory / ("d" * 100) / "data"
        self.data.parent.mkdir(parents=True)
        self.settings = self.data / "posthouse.ini"
        with Posthouse(directory=self.data):
            self.assertEqual(self.count_running(), 7)

    def test_misuse(self):
        for words in (["frobnicate"], ["account"], ["account", "add"], ["account", "add", "a@b.test", "more"], ["account", "list", "--frobnicate"]):
            with self.subTest(words):
                self.command(*words, status=MISUSED)
        self.assertIn("account add ADDRESS", "\n".join(row[0] for row in self.command("help")))
        self.assertIn("--generate", "\n".join(row[0] for row in self.command("account", "add", "--help")))


class Readiness(unittest.TestCase):
    def test_systemd_is_told(self):
        """sd_notify(3)"""
        import socket

        directory = tempfile.mkdtemp(prefix="ph-notify-")
        self.addCleanup(shutil.rmtree, directory)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(f"{directory}/notify")
            listener.settimeout(SECONDS)
            process = subprocess.Popen([PROGRAM, "--demo", "--data", f"{directory}/data", "--free-ports", "--json"],
                                       stdout=subprocess.PIPE, env={**os.environ, "NOTIFY_SOCKET": f"{directory}/notify"})
            self.assertEqual(listener.recv(100), b"READY=1")
            self.assertIn(b"services", process.stdout.readline())
            process.terminate()
            self.assertEqual(listener.recv(100), b"STOPPING=1")
            self.assertEqual(process.wait(SECONDS), 0)
            process.stdout.close()


class Transfers(CommandCase):
    """Mail in and out as files, in programs that others wrote."""

    messages = [b"Subject: one\n\nFrom here\n> From there\n", b"Subject: two\nX-Extra: 8 bit \xe4\n\n\xff\xfe\n", b"Subject: three\n\n\n\n"]

    def setUp(self):
        super().setUp()
        self.command("account", "add", BOB[0], input=BOB[1] + "\n")
        self.out = self.directory / "out"

    def make_maildir(self):
        box = mailbox.Maildir(self.directory / "Maildir")
        for number, text in enumerate(self.messages):
            message = mailbox.MaildirMessage(text)
            message.set_subdir("cur")
            message.set_flags(["S", "FR", ""][number])
            message.set_date(1000000000 + number)
            box.add(message)
            box.add_folder("Work.Sub").add(message)
        return box

    def make_mbox(self):
        box = mailbox.mbox(self.directory / "box")
        for number, text in enumerate(self.messages):
            message = mailbox.mboxMessage(text)
            message.set_from("a@b.test", time.gmtime(1000000000 + number))
            message.set_flags(["RO", "FA", ""][number])
            box.add(message)
        box.close()

    def fetch(self, server, folder):
        """Of each message: its text, flags, INTERNALDATE."""
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as imap:
            imap.login(*BOB)
            self.assertEqual(imap.select(f'"{folder}"', readonly=True)[0], "OK")
            data = [item for item in imap.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1] if isinstance(item, tuple)]
        return sorted((text, frozenset(imaplib.ParseFlags(line)) - {rb"\Recent"}, time.mktime(imaplib.Internaldate2tuple(line))) for line, text in data)

    def expected(self):
        flags = [{rb"\Seen"}, {rb"\Flagged", rb"\Answered"}, set()]
        return sorted((text.replace(b"\n", b"\r\n"), frozenset(flags[n]), 1000000000.0 + n) for n, text in enumerate(self.messages))

    def check_import(self, *server):
        self.make_maildir()
        self.make_mbox()
        self.assertEqual(self.command(*server, "import", BOB[0], str(self.directory / "Maildir"))[0][0], "6")
        self.assertEqual(self.command(*server, "import", BOB[0], "--folder", "Box", str(self.directory / "box"))[0][0], "3")
        self.command("import", "nobody@demo.test", str(self.out), status=FAILED)
        self.command("import", BOB[0], "--format", "nonsense", str(self.out), status=FAILED)
        self.command("import", BOB[0], status=MISUSED)
        (self.directory / "empty.eml").write_bytes(b"")
        self.assertEqual(self.command("import", BOB[0], str(self.directory / "empty.eml"), status=FAILED)[0][2], "1")
        self.assertIn("rejected", self.errors)

    def check_export(self):
        self.command("export", BOB[0], str(self.out / "maildir"))
        self.command("export", BOB[0], "--format", "mbox", "--folder", "Box", str(self.out / "Box"))
        self.command("export", BOB[0], str(self.out / "maildir"), status=FAILED)
        box = mailbox.Maildir(self.out / "maildir", create=False)
        self.assertEqual(sorted(box.list_folders()), sorted(["Archive", "Box", "Drafts", "Junk", "Sent", "Trash", "Work", "Work.Sub"]))
        for folder in (box, box.get_folder("Work.Sub"), box.get_folder("Box")):
            self.assertEqual(sorted((folder.get_bytes(key), folder.get_message(key).get_flags(), folder.get_message(key).get_date()) for key in folder.keys()),
                             sorted((text, ["S", "FR", ""][n], 1000000000.0 + n) for n, text in enumerate(self.messages)))
        read = mailbox.mbox(self.out / "Box", create=False)
        self.assertEqual([sorted(message.get_flags()) for message in read], [["O", "R"], ["A", "F", "O"], []])
        self.assertEqual([message.get_from().split(None, 1)[1] for message in read], [time.asctime(time.gmtime(1000000000 + n)) for n in range(3)])
        self.assertEqual(read.get_bytes(2), self.messages[2])

    def test_while_it_runs(self):
        with Posthouse(directory=self.data) as server:
            self.check_import()
            for folder in ("INBOX", "Work/Sub", "Box"):
                self.assertEqual(self.fetch(server, folder), self.expected(), folder)
            self.check_export()

    def test_while_none_runs(self):
        self.check_import()
        self.check_export()

    def test_interrupted(self):
        with open(self.directory / "large", "wb") as large:
            for number in range(20000):
                large.write(b"From a@b.test Sun Sep  9 01:46:40 2001\nSubject: %d\n\n%s\n\n" % (number, b"x" * 1000))
        with Posthouse(directory=self.data) as server:
            process = subprocess.Popen([PROGRAM, "--data", str(self.data), "--config", str(self.settings), "import", BOB[0], str(self.directory / "large")],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_for(lambda: list(self.data.glob("mail/demo.test/bob/cur/*")), "a message")
            process.send_signal(signal.SIGINT)
            told, errors = process.communicate(timeout=SECONDS)
            self.assertEqual(process.returncode, FAILED, errors)
            count = int(told.split("\t")[0])
            self.assertLess(count, 20000)
            self.assertEqual(len(self.fetch(server, "INBOX")), count)

class Backups(CommandCase):
    """A copy of everything while it works: UIDs, UIDVALIDITY, flags and keywords come back."""

    def setUp(self):
        super().setUp()
        self.copy = self.directory / "copy"

    def state(self, server):
        """Of each folder: UIDVALIDITY, UIDNEXT, and its messages by UID."""
        found = {}
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as imap:
            imap.login(*BOB)
            for folder in ("INBOX", "Archive", "Empty"):
                self.assertEqual(imap.select(folder, readonly=True)[0], "OK")
                data = [item for item in imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1] if isinstance(item, tuple)]
                messages = [(imaplib.ParseFlags(line), re.search(rb"UID (\d+)", line)[1], imaplib.Internaldate2tuple(line), text) for line, text in data]
                found[folder] = (imap.response("UIDVALIDITY")[1], [(set(flags) - {rb"\Recent"}, uid, date, text) for flags, uid, date, text in messages])
        return found

    def fill(self, server):
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.create("Empty")
            for number in range(20):
                imap.append("INBOX", ["", r"\Seen", r"\Flagged $Forwarded"][number % 3], None, f"Subject: {number}\r\n\r\nbody".encode())
            imap.select()
            imap.uid("COPY", "3:9", "Archive")
            imap.uid("STORE", "1,20", "+FLAGS.SILENT", r"(\Deleted)")
            imap.expunge()

    def restore(self, name, status=DONE):
        self.data = self.directory / name
        self.settings = self.data / "posthouse.ini"
        return self.command("restore", str(self.copy), status=status)

    def test_backup_and_restore(self):
        with Posthouse(directory=self.data) as server:
            self.fill(server)
            before = self.state(server)
            [[messages, _, rejected]] = self.command("backup", str(self.copy))
            self.assertEqual((messages, rejected), ("25", "0"))
            self.command("backup", str(self.copy), status=FAILED)
            self.restore("data", FAILED)  # it is not empty
        self.assertFalse(list(self.directory.glob("*.part")))
        self.assertFalse([path for path in self.copy.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077])
        subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=self.copy, check=True)
        [[files, _]] = self.command("verify", str(self.copy))
        self.assertEqual(len((self.copy / "SHA256SUMS").read_text().splitlines()), int(files))
        self.assertEqual(self.restore("elsewhere")[0][0], files)
        with Posthouse(directory=self.data) as server:
            self.assertEqual(self.state(server), before)
            self.assertTrue(Line(server.ports["pop3"]).read().startswith("+OK"))

    def test_damaged(self):
        with Posthouse(directory=self.data) as server:
            self.fill(server)
            self.command("backup", str(self.copy))
        path = sorted(self.copy.glob("mail/demo.test/bob/cur/*"))[3]
        path.write_bytes(path.read_bytes().replace(b"body", b"bodY"))
        self.command("verify", str(self.copy), status=FAILED)
        self.assertIn(path.name, self.errors)
        self.restore("elsewhere", FAILED)
        self.assertFalse(self.data.exists())
        (self.copy / "SHA256SUMS").write_text("0" * 64 + "  ../../etc/passwd\n")
        self.command("verify", str(self.copy), status=FAILED)
        self.command("verify", str(self.directory / "nothing"), status=FAILED)

    def test_interrupted(self):
        """Of a backup, and of taking it back, nothing half is left."""
        with open(self.directory / "large", "wb") as large:
            for number in range(3000):
                large.write(b"From a@b.test Sun Sep  9 01:46:40 2001\nSubject: %d\n\n%s\n\n" % (number, b"x" * 1000))
        with Posthouse(directory=self.data):
            self.command("import", BOB[0], str(self.directory / "large"))
            self.interrupt(self.directory / "copy.part", "backup", str(self.copy))
            wait_for(lambda: not list(self.directory.glob("copy*")), "its end")
            self.command("backup", str(self.copy))
        self.data = self.directory / "again"
        self.settings = self.data / "posthouse.ini"
        self.interrupt(self.data, "restore", str(self.copy))
        self.assertFalse(self.data.exists())
        self.restore("again")

    def interrupt(self, path, *words):
        process = subprocess.Popen([PROGRAM, "--data", str(self.data), "--config", str(self.settings), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: list(path.rglob("mail/**/cur/*")), f"{words[0]} to begin")
        process.send_signal(signal.SIGINT)
        self.assertNotEqual(process.wait(SECONDS), DONE)

    def test_while_it_works(self):
        """What comes, moves and goes meanwhile is there whole, or not."""
        with Posthouse(directory=self.data) as server:
            self.fill(server)
            ends = threading.Event()

            def work():
                with imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as imap:
                    imap.login(*BOB)
                    imap.select()
                    while not ends.is_set():
                        imap.append("INBOX", None, None, b"Subject: later\r\n\r\n" + b"x" * 50000)
                        imap.uid("MOVE", "2:*", "Archive")
                        imap.append("INBOX", r"(\Deleted)", None, b"Subject: later\r\n\r\n" + b"x" * 50000)
                        imap.expunge()
            thread = threading.Thread(target=work)
            thread.start()
            try:
                time.sleep(0.5)
                self.command("backup", str(self.copy))
            finally:
                ends.set()
                thread.join()
        self.command("verify", str(self.copy))
        self.restore("elsewhere")
        with Posthouse(directory=self.data) as server:
            state = self.state(server)
        for _, messages in state.values():
            self.assertEqual(len({uid for _, uid, _, _ in messages}), len(messages))
            for _, _, _, text in messages:
                self.assertTrue(text.endswith(b"body") or text.endswith(b"x" * 50000))
        self.assertGreaterEqual(len(state["Archive"][1]), 7)



if __name__ == "__main__":
    main()
