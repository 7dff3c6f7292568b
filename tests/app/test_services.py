"""Services in the window: started and stopped, moved to other ports, and mended where they could not start."""

import imaplib
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from window import BUTTON, CHECK, ENTRY, LABEL, LIST, PROGRAM, Case, LargeWindow, Line, Window, free_port, listens, main
from damage import spoil


def row_of(window, service):
    return window.find("list item", service, window.find(LIST, "Services"))


def status_of(window, service):
    """The words below a service's name."""
    labels = [node.name for node in window.walk(row_of(window, service)) if node.role == LABEL]
    return next((label for label in labels if "127.0.0.1" in label or "start" in label.lower()), "")


def named(service):
    """The switch of a service."""
    return f"Run {service}"


class Switches(Case):
    accounts = {"alice@demo.test": "the password of alice"}
    options = ()

    def test_1_all_start_by_one_press(self):
        self.assertFalse(any(listens(port) for port in self.window.ports.values()))
        self.window.press(BUTTON, "Start")
        for service, port in self.window.ports.items():
            self.window.wait(lambda: listens(port), f"{service} on {port}")
        self.window.find(BUTTON, "Stop")
        self.window.wait(lambda: status_of(self.window, "IMAP").startswith("Running"), "words that say so")
        self.window.wait(self.is_at_rest, "an end of drawing")

    def is_at_rest(self):
        """A window that draws without end does so 60 times a second; a bar whose words came and went did."""
        def count_waits():
            return int(re.search(r"^voluntary_ctxt_switches:\t(\d+)", pathlib.Path("/proc", str(self.window.process.pid), "status").read_text(), re.M)[1])
        before = count_waits()
        time.sleep(1)
        return count_waits() - before < 30

    def test_2_one_stops_and_starts_by_its_switch(self):
        switch = named("POP3")
        self.window.press(CHECK, switch)
        self.window.wait(lambda: not listens(self.window.ports["pop3"]), "POP3 to stop")
        self.assertTrue(listens(self.window.ports["pop3s"]))
        self.window.wait(lambda: status_of(self.window, "POP3").startswith("Stopped"), "words that say so")
        self.window.press(CHECK, switch)
        self.window.wait(lambda: listens(self.window.ports["pop3"]), "POP3 to start")

    def test_3_a_session_is_counted_in_the_row(self):
        with Line(self.window.ports["imap"]) as line:
            self.assertIn("OK", line.read())
            self.window.wait(lambda: self.window.look(LABEL, "1 session", row_of(self.window, "IMAP")), "one session")
        self.window.wait(lambda: not self.window.look(LABEL, "1 session", row_of(self.window, "IMAP")), "its end")

    def test_4_all_stop_by_one_press_and_start_by_a_key(self):
        with Line(self.window.ports["smtp"]) as line:
            self.assertTrue(line.read().startswith("220"))
            self.window.press(BUTTON, "Stop")
            self.assertTrue(line.read().startswith("421"), "who is connected is told")
        for service, port in self.window.ports.items():
            self.window.wait(lambda: not listens(port), f"{service} to stop")
        self.window.find(BUTTON, "Start")
        self.window.key("ctrl+r")
        self.window.wait(lambda: all(listens(port) for port in self.window.ports.values()), "all by Ctrl+R")

    def test_4b_traffic_is_plotted_and_said(self):
        self.window.find("image", lambda name: re.fullmatch(r"Messages in the last hour: 0 received, 0 sent on", name) is not None)
        self.send("alice@demo.test")
        self.window.find("image", lambda name: re.fullmatch(r"Messages in the last hour: 1 received, 0 sent on", name) is not None)
        self.window.find("image", lambda name: re.fullmatch(r"Connections in the last hour: [1-9]\d* opened, \d+ failed", name) is not None)
        self.window.find("image", "Refused in the last hour: 0 mail and logins, 0 connections")
        self.run_program("swaks", "--server", "127.0.0.1", "--port", self.window.ports["smtp"], "--from", "ann@example.org", "--to", "nobody@demo.test",
                         "--quit-after", "RCPT", check=False)
        self.window.find("image", "Refused in the last hour: 1 mail and logins, 0 connections")
        self.window.press(BUTTON, "Day")
        self.window.find("image", lambda name: name.startswith("Messages in the last day: 1 received"))
        self.window.press(BUTTON, "Hour")
        self.window.find("image", lambda name: name.startswith("Messages in the last hour: 1 received"))

    def test_4c_what_went_through_today_is_in_the_row(self):
        smtp = row_of(self.window, "SMTP")
        self.window.find(LABEL, lambda name: re.fullmatch(r"1 message · [\d.,]+\s(bytes|kB) today", name) is not None, smtp)
        self.send("alice@demo.test")
        self.window.find(LABEL, lambda name: name.startswith("2 messages · "), smtp)
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login("alice@demo.test", "the password of alice")
            self.window.find(LABEL, lambda name: re.fullmatch(r"[\d.,]+\s(bytes|kB) today", name) is not None, row_of(self.window, "IMAP"))
            imap.select("INBOX", readonly=True)
            imap.fetch("1", "(BODY[])")
            imap.fetch("1", "(BODY[]<100.10>)")
            imap.fetch("2", "(BODY[HEADER])")
            imap.fetch("2", "(BODY[1])")
        self.window.find(LABEL, lambda name: name.startswith("2 messages · "), row_of(self.window, "IMAP"))
        self.assertEqual("Stopped · 127.0.0.1:2424 · STARTTLS", status_of(self.window, "LMTP"))
        self.assertFalse(self.window.look(LABEL, lambda name: name.endswith("today"), row_of(self.window, "LMTP")), "nothing of what had no client")

    def test_5_guesses_are_told(self):
        """V19: ten wrong passwords; each from an address of its own, so that none waits."""
        for i in range(1, 11):
            self.assertFalse(self.window.look(LABEL, lambda name: "wrong passwords" in name))
            with socket.create_connection(("127.0.0.1", self.window.ports["pop3"]), 30, (f"127.7.0.{i}", 0)) as line:
                line.sendall(b"USER nobody@example.org\r\nPASS wrong\r\nQUIT\r\n")
                while line.recv(4096):
                    pass
        banner = self.window.find(LABEL, lambda name: "wrong passwords" in name)
        self.assertIn("127.7.0.10", banner.name)


class LargeText(unittest.TestCase):
    def test_what_there_is_today_goes_below_the_address(self):
        """In a narrow window with large text there is no room beside it."""
        with LargeWindow({"alice@demo.test": "the password of alice"}) as window:
            number = window.focus("Posthouse")
            subprocess.run(["xdotool", "windowsize", "--sync", number, "360", "640"], check=True)
            with Line(window.ports["smtp"]) as line:
                line.read()
                window.wait(lambda: re.search(r"^Running · 127\.0\.0\.1:\d+ · STARTTLS\n1 session", status_of(window, "SMTP")), "one session, below")
                window.wait(lambda: status_of(window, "SMTP").endswith("today"), "what was said, below")
            subprocess.run(["xdotool", "windowsize", "--sync", number, "1180", "760"], check=True)
            window.wait(lambda: "\n" not in status_of(window, "SMTP"), "the figures beside it")


class Index(unittest.TestCase):
    def test_how_far_a_new_one_is(self):
        """Of much mail that some other program brought; another account is served meanwhile."""
        window = Window({"alice@demo.test": "the password of alice", "bob@demo.test": "the password of bob"})
        cur = window.directory / "data/mail/demo.test/bob/cur"
        cur.mkdir(parents=True)
        for folder in (window.directory / "data", window.directory / "data/mail"):
            folder.chmod(0o700)
        for number in range(100000):
            (cur / f"{1700000000 + number}.M1P1.host,S=3,W=4:2,S").write_bytes(b"A\n\n")
        with window, imaplib.IMAP4("127.0.0.1", window.ports["imap"]) as alice:
            banner = window.find(LABEL, lambda name: name.startswith("The index of bob@demo.test is made anew"))
            self.assertRegex(banner.name, "[0-9]+ of 100000 messages$")
            alice.login("alice@demo.test", "the password of alice")
            self.assertEqual(alice.select()[0], "OK")
            window.wait(lambda: not window.look(LABEL, lambda name: "is made anew" in name), "its end")
            with imaplib.IMAP4("127.0.0.1", window.ports["imap"]) as bob:
                bob.login("bob@demo.test", "the password of bob")
                self.assertEqual(bob.select()[1], [b"100000"])

    def test_found_damaged_while_it_is_shown(self):
        """V44: the window lets go of the mail that it shows, and shows it again, as mail clients do."""
        with Window({"alice@demo.test": "the password of alice"}, options=()) as window:
            directory = window.directory
            window.owns_directory = False
            self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
            ports = window.ports
            window.press(BUTTON, "Start")
            window.wait(lambda: listens(ports["imap"]), "IMAP")
            with imaplib.IMAP4("127.0.0.1", ports["imap"]) as imap:
                imap.login("alice@demo.test", "the password of alice")
                for number in range(300):
                    imap.append("INBOX", None, None, b"From: ann@example.org\r\nSubject: Number %d\r\n\r\nx\r\n" % number)
        index = directory / "data/mail/demo.test/alice/index.db"
        with Window({"alice@demo.test": ""}, directory=directory, ports=ports) as window:
            window.show("Mail")
            window.click(window.find_row("Messages", "Number 299"), title="Posthouse")
            window.find(LABEL, lambda name: "ann@example.org" in name)
            spoil(index)  # what is read from now on
            with Line(ports["imap"]) as line:
                line.read()
                line.ask('a LOGIN alice@demo.test "the password of alice"')
                line.send("b SELECT INBOX\r\nc STORE 1 +FLAGS (\\Seen)\r\nd FETCH 1:* BODY.PEEK[]\r\n")  # after a commit nobody trusts what he read before
                while not line.read().startswith("* BYE"):
                    pass
            with imaplib.IMAP4("127.0.0.1", ports["imap"], timeout=30) as imap:
                imap.login("alice@demo.test", "the password of alice")
                self.assertEqual(imap.select(), ("OK", [b"300"]))
            window.click(window.find_row("Messages", "Number 298"), title="Posthouse")
            window.find(LABEL, lambda name: "ann@example.org" in name)


class Ports(Case):
    """A port that is taken, typed into Preferences."""

    def open_preferences(self, service):
        """Preferences with that service's row unfolded; both."""
        self.window.key("ctrl+comma", title="Posthouse")
        preferences = self.window.dialog("Preferences")
        header = self.window.find("list item", service, preferences)
        self.window.click(header)
        row = header.parent
        while row.role != "list item":
            row = row.parent
        return preferences, row

    def set_port(self, service, port):
        preferences, row = self.open_preferences(service)
        self.window.fill(self.window.find(ENTRY, "Port", row), str(port))
        self.window.enter()
        return preferences

    def close(self, preferences):
        self.window.press(BUTTON, "Close", preferences)
        self.window.gone("Preferences")

    def test_1_words_that_are_no_port_are_refused(self):
        preferences, row = self.open_preferences("SMTP")
        self.window.fill(self.window.find(ENTRY, "Port", row), "99999")
        self.window.find(ENTRY, lambda name: "a number from 1 to 65535" in name, row)
        self.window.fill(self.window.find(ENTRY, "Address", row), "everywhere")
        self.window.find(ENTRY, lambda name: "a numeric address" in name, row)
        self.window.enter()
        self.close(preferences)
        self.assertTrue(listens(self.window.ports["smtp"]))

    def test_2_a_free_port_is_taken_at_once(self):
        port = free_port()
        preferences = self.set_port("SMTP", port)
        self.window.wait(lambda: listens(port), "SMTP where it now belongs")
        self.window.wait(lambda: not listens(self.window.ports["smtp"]), "the old port to close")
        self.close(preferences)
        self.window.wait(lambda: f":{port}" in status_of(self.window, "SMTP"), "the row to say so")
        self.window.wait(lambda: f"Port={port}" in self.window.settings.read_text(), "the file to say so")
        self.window.ports["smtp"] = port

    def test_3_a_taken_port_says_why_and_is_mended_by_a_press(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            preferences = self.set_port("IMAP", taken)
            self.close(preferences)
            self.window.wait(lambda: status_of(self.window, "IMAP").startswith("Could not start"), "the row to say so")
            self.assertIn("Another program already listens", status_of(self.window, "IMAP"))
            banner = self.window.find(LABEL, lambda name: name.startswith("IMAP could not start"))
            self.assertIn(str(taken), banner.name)
            button = self.window.find(BUTTON, lambda name: name.startswith("Use "))
            port = int(button.name.split()[1])
            self.assertTrue(listens(self.window.ports["pop3"]), "the others run")
            self.window.press(BUTTON, f"Use {port}")
            self.window.wait(lambda: status_of(self.window, "IMAP").startswith("Running"), "IMAP to run")
            with Line(port) as line:
                self.assertIn("IMAP4rev1", line.read())


    def ask(self, service):
        """Presses the button that tests a service, and what it then says."""
        preferences, row = self.open_preferences(service)
        self.window.press(BUTTON, "Test", row)
        words = self.window.find(LABEL, lambda name: name.startswith(("Answered in", "Nothing listens on", "The service is")), row).name
        return preferences, words

    def test_4_a_service_is_tried(self):
        for service in ("SMTP", "POP3S"):
            preferences, words = self.ask(service)
            self.assertRegex(words, r"^Answered in \d+ m?s · TLS 1\.3, certificate good until \d+ \w+ \d{4} · offers .*(SIZE 52428800|UIDL)")
            self.close(preferences)

    def test_5_one_that_is_stopped_says_so(self):
        self.window.press(CHECK, named("POP3"))
        self.window.wait(lambda: not listens(self.window.ports["pop3"]), "POP3 to stop")
        preferences, words = self.ask("POP3")
        self.assertEqual(words, f"Nothing listens on port {self.window.ports['pop3']}: the service is stopped")
        self.close(preferences)
        with socket.create_server(("127.0.0.1", self.window.ports["pop3"])) as other:
            preferences, row = self.open_preferences("POP3")
            self.window.press(BUTTON, "Test", row)
            self.window.find(LABEL, "Connecting…", row)
            self.window.press(BUTTON, "Cancel", row)
            self.window.find(BUTTON, "Test", row)
            self.window.press(BUTTON, "Test", row)
            other.close()
            self.close(preferences)
        self.window.press(CHECK, named("POP3"))
        self.window.wait(lambda: listens(self.window.ports["pop3"]), "POP3 to run")

    def test_6_encryption_is_required_at_once(self):
        preferences, row = self.open_preferences("POP3")
        with Line(self.window.ports["pop3"]) as line:
            line.read()
            self.assertTrue(line.ask("USER alice@demo.test").startswith("+OK"))
            self.window.click(self.window.find(LABEL, "Encryption", row), title="Preferences")
            self.window.find(LABEL, "Required", preferences)
            subprocess.run(["xdotool", "key", "--delay", "30", "Down", "Return"], check=True)
            self.window.wait(lambda: "Tls=required" in self.window.settings.read_text(), "the file to say so")
            self.window.find(LABEL, lambda name: name.startswith("Clients begin with STARTTLS"), row)
            self.assertTrue(line.ask("NOOP").startswith("-ERR"), "who is connected stays")
        with Line(self.window.ports["pop3"]) as line:
            line.read()
            self.assertTrue(line.ask("USER alice@demo.test").startswith("-ERR [AUTH]"))
        self.window.press(BUTTON, "Test", row)
        self.window.find(LABEL, lambda name: name.startswith("Answered in") and "TLS 1.3" in name, row)
        self.window.click(self.window.find(LABEL, "Encryption", row), title="Preferences")
        time.sleep(0.5)
        subprocess.run(["xdotool", "key", "--delay", "30", "Down", "Return"], check=True)
        self.window.wait(lambda: "Tls=off" in self.window.settings.read_text(), "the file to say so")
        self.window.find(LABEL, "Only clients of this computer can log in", row)
        self.assertFalse(self.window.look(LABEL, lambda name: name.startswith("Answered in"), row), "what was true before")
        self.window.press(BUTTON, "Test", row)
        self.window.find(LABEL, lambda name: name.startswith("Answered in") and "without TLS" in name, row)
        self.close(preferences)
        self.assertTrue(status_of(self.window, "POP3").endswith("no TLS"))

    def test_7_limits_hold_at_once(self):
        preferences, row = self.open_preferences("SMTP")
        self.window.fill(self.window.find("spin button", lambda name: "Connections at once" in name, row), "1", title="Preferences")
        self.window.enter()
        self.window.wait(lambda: "Connections=1\n" in self.window.settings.read_text(), "the file to say so")
        with Line(self.window.ports["smtp"]) as first, Line(self.window.ports["smtp"]) as second:
            self.assertTrue(first.read().startswith("220"))
            self.assertTrue(second.read().startswith("421"))
        silence = self.window.find("spin button", lambda name: "Minutes of silence" in name, row)
        for typed, line in (("20", "Silence=20\n"), ("1", "Silence=5\n")):  # never less than the RFC's five
            self.window.fill(silence, typed, title="Preferences")
            self.window.enter()
            self.window.wait(lambda: line in self.window.settings.read_text(), "the file to say so")
        self.window.click(self.window.find("list item", "From one address", preferences), title="Preferences")
        self.window.fill(self.window.find("spin button", lambda name: "Messages in an hour" in name, preferences), "12", title="Preferences")
        self.window.enter()
        self.window.wait(lambda: "AddressMessages=12\n" in self.window.settings.read_text(), "the file to say so")
        for row, number, line in (("Days that mail may wait", "7", "HoldDays=7\n"), ("Messages for one IMAP command", "500", "ImapMessages=500\n")):
            self.window.fill(self.window.find("spin button", lambda name: row in name, preferences), number, title="Preferences")
            self.window.enter()
            self.window.wait(lambda: line in self.window.settings.read_text(), "the file to say so")
        subprocess.run(["xdotool", "click", "--repeat", "3", "4"], check=True)  # the wheel, over that number
        time.sleep(1)
        self.assertIn("ImapMessages=500\n", self.window.settings.read_text(), "the wheel turns the page only")
        self.close(preferences)


class Mending(unittest.TestCase):
    def test_try_again_when_the_port_is_free_again(self):
        port = free_port()
        other = socket.create_server(("127.0.0.1", port))
        window = Window(options=())
        window.settings.write_text(window.settings.read_text().replace(f"Port={window.ports['pop3s']}", f"Port={port}"))
        with window:
            window.press(BUTTON, "Start")
            window.wait(lambda: status_of(window, "POP3S").startswith("Could not start"), "the row to say so")
            other.close()
            window.press(CHECK, named("POP3S"))
            window.wait(lambda: listens(port), "POP3S to run")
            window.wait(lambda: status_of(window, "POP3S").startswith("Running"), "the row to say so")


class Open(unittest.TestCase):
    """Services that other computers reach: said, closed to them by a press, or let be."""

    def open(self, *services):
        window = Window()
        text = window.settings.read_text()
        for service in services:
            text = text.replace(f"[Service {service}]\nEnabled=true\nAddress=127.0.0.1", f"[Service {service}]\nEnabled=true\nAddress=0.0.0.0")
        window.settings.write_text(text)
        return window

    def look(self, window):
        return window.look(LABEL, lambda name: "more than this computer" in name)

    def test_a_press_closes_them(self):
        with self.open("imap", "pop3") as window:
            window.find(LABEL, "IMAP and 1 other service listen on more than this computer: others can reach them")
            window.press(BUTTON, "Only This Computer")
            window.wait(lambda: status_of(window, "IMAP").startswith("Running · 127.0.0.1") and status_of(window, "POP3").startswith("Running · 127.0.0.1"), "both")
            window.wait(lambda: not self.look(window), "the end of the warning")
            window.wait(lambda: "0.0.0.0" not in window.settings.read_text(), "the file to say so")

    def test_the_warning_can_be_closed(self):
        with self.open("imap") as window:
            window.find(LABEL, "IMAP listens on more than this computer: others can reach it")
            window.press(BUTTON, "Close This Warning")
            window.wait(lambda: not self.look(window), "its end")
            self.assertIn("0.0.0.0", status_of(window, "IMAP"))
            window.key("ctrl+r")
            window.wait(lambda: not listens(window.ports["imap"]), "IMAP to stop")
            window.key("ctrl+r")
            window.wait(lambda: listens(window.ports["imap"]), "IMAP to run")
            self.assertFalse(self.look(window), "of one that was known to be open")

    def test_what_was_seen_is_known_after_a_restart(self):
        with tempfile.TemporaryDirectory(prefix="ph-home-") as home:
            schemas = pathlib.Path(PROGRAM).resolve().parents[2] / "data"  # of the build
            environment = {"GSETTINGS_BACKEND": "keyfile", "GSETTINGS_SCHEMA_DIR": str(schemas), "XDG_CONFIG_HOME": home}
            first = self.open("imap")
            first.environment, first.owns_directory = environment, False
            self.addCleanup(shutil.rmtree, first.directory, ignore_errors=True)
            with first as window:
                window.find(LABEL, "IMAP listens on more than this computer: others can reach it")
                window.press(BUTTON, "Close This Warning")
                window.wait(lambda: not self.look(window), "its end")
            with Window(environment=environment, directory=first.directory, ports=first.ports) as window:
                window.wait(lambda: status_of(window, "IMAP").startswith("Running · 0.0.0.0"), "IMAP to run")
                self.assertFalse(self.look(window), "of one that was known to be open")
            first.settings.write_text(first.settings.read_text().replace("[Service pop3]\nEnabled=true\nAddress=127.0.0.1", "[Service pop3]\nEnabled=true\nAddress=0.0.0.0"))
            with Window(environment=environment, directory=first.directory, ports=first.ports) as window:
                window.find(LABEL, "IMAP and 1 other service listen on more than this computer: others can reach them")


if __name__ == "__main__":
    main()
