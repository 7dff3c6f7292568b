"""The frame: views by keys, the guard, shortcuts, About, one instance, serving on in the background, names for screen readers."""

import imaplib
import json
import os
import smtplib
import socket
import subprocess
import sys
import tempfile
import unittest

from screen_reader import SELECTED, SENSITIVE
from window import BUTTON, CHECK, LABEL, PROGRAM, TAB, Case, Window, listens, main

VIEWS = ("Overview", "Accounts", "Sessions", "Mail", "Queue")
ICON_WIDGETS = ("GtkImage", "GtkButton", "GtkMenuButton", "GtkToggleButton", "GtkSearchEntry", "GtkSwitch", "GtkSpinButton")


class Frame(Case):
    accounts = {"alice@demo.test": "x"}
    options = ()

    def shown(self):
        return next(node.name for node in self.window.walk() if node.role == TAB and node.name in VIEWS and node.has_state(SELECTED))

    def test_1_views_by_keys(self):
        for key, view in (("alt+2", "Accounts"), ("alt+3", "Sessions"), ("alt+4", "Mail"), ("alt+5", "Queue"), ("alt+1", "Overview")):
            self.window.key(key, title="Posthouse")
            self.window.wait(lambda: self.shown() == view, f"{view} by {key}")

    def test_2_the_guard_is_changed_and_kept(self):
        button = self.window.press(BUTTON, lambda name: name.startswith("How far mail may go"))
        self.assertIn("Mail stays on this computer", button.name)
        smarthost = self.window.find("list item", lambda name: name.startswith("Only through a smarthost"))
        self.assertFalse(smarthost.has_state(SENSITIVE), "there is none yet")
        self.window.key("Down", "Down", "Return", title="Posthouse")
        self.window.find(BUTTON, "How far mail may go: Mail may go anywhere")
        self.window.wait(lambda: "Guard=anywhere" in self.window.settings.read_text(), "the file to say so")
        self.window.key("Escape", title="Posthouse")

    def test_3_shortcuts_are_listed(self):
        self.window.key("ctrl+question", title="Posthouse")
        self.window.wait(lambda: len(self.window.titles()) == 2, "the shortcuts")
        self.window.key("Escape")
        self.window.wait(lambda: len(self.window.titles()) == 1, "their end")

    def test_4_about_says_what_it_is(self):
        self.window.press(BUTTON, "Main menu")
        self.window.press("menu item", lambda name: "About Posthouse" in name)
        about = self.window.dialog("About")
        self.window.find(LABEL, "0.1.0", about)
        self.window.key("Escape", title="About")
        self.window.wait(lambda: len(self.window.titles()) == 1, "its end")

    def test_5_everything_that_can_be_pressed_has_a_name(self):
        nameless = []
        for node in self.window.walk():
            if node.role in (BUTTON, CHECK, "entry", "text", "radio button", "spin button", TAB, "list") and node.name in ("", *ICON_WIDGETS):
                path = []
                while node is not None:
                    path.append(f"{node.role} {node.name}")
                    node = node.parent
                nameless.append(" < ".join(path))
        self.assertEqual(nameless, [])

    def test_6_preferences_are_kept(self):
        self.window.key("ctrl+comma", title="Posthouse")
        preferences = self.window.dialog("Preferences")
        self.window.press(TAB, "General", preferences)
        self.window.press(CHECK, lambda name: name.startswith("Keep serving"), preferences)
        self.window.wait(lambda: "KeepRunning=true" in self.window.settings.read_text(), "the file to say so")
        self.window.press(TAB, "Relay", preferences)
        self.window.fill(self.window.find("text", "Smarthost", preferences), "mail.example.org")
        self.window.enter()
        self.window.wait(lambda: "Host=mail.example.org" in self.window.settings.read_text(), "the file to say so")
        for text, is_wrong in (("ns.example.org", True), ("192.0.2.53@5353", False)):
            self.window.fill(self.window.find("text", lambda name: name.startswith("DNS server"), preferences), text, title="Preferences")
            self.window.wait(lambda: bool(self.window.look("text", lambda name: name == "DNS server: a numeric address, or address@port, or nothing", preferences)) == is_wrong, "words that say so")
            self.window.enter()
        self.window.wait(lambda: "DnsServer=192.0.2.53@5353\n" in self.window.settings.read_text(), "the file to say so")
        for text, is_wrong in (("5 ten", True), ("5 20 60", False)):
            self.window.fill(self.window.find("text", lambda name: name.startswith("Minutes from one try"), preferences), text, title="Preferences")
            self.window.wait(lambda: bool(self.window.look("text", lambda name: name == "Minutes from one try to the next: numbers of minutes, such as 5 10 30", preferences)) == is_wrong, "words that say so")
            self.window.enter()
        self.window.wait(lambda: "Schedule=5 20 60\n" in self.window.settings.read_text(), "the file to say so")
        for row, number, line in (("Tell the sender of a delay after", "6", f"WarnAfter={6 * 3600}"), ("Give up after", "3", f"GiveUpAfter={3 * 86400}")):
            self.window.fill(self.window.find("spin button", lambda name: row in name, preferences), number, title="Preferences")
            self.window.enter()
            self.window.wait(lambda: line in self.window.settings.read_text(), "the file to say so")
        self.window.press(BUTTON, "Close", preferences)
        self.window.gone("Preferences")
        self.window.press(BUTTON, lambda name: name.startswith("How far mail may go"))
        self.window.find(LABEL, "Only through mail.example.org")


    def test_7_a_narrow_window_holds_every_view(self):
        number = self.window.focus("Posthouse")
        subprocess.run(["xdotool", "windowsize", "--sync", number, "360", "640"], check=True)
        for view in (*VIEWS[1:], VIEWS[0]):
            self.window.show(view)
            self.window.wait(lambda: self.shown() == view, view)
            geometry = subprocess.run(["xdotool", "getwindowgeometry", "--shell", number], capture_output=True, text=True).stdout
            self.assertIn("WIDTH=360\n", geometry, view)


class Life(unittest.TestCase):
    def close(self, window):
        window.press(BUTTON, "Close")

    def test_closing_ends_it(self):
        with Window() as window:
            self.close(window)
            self.assertEqual(window.process.wait(20), 0)
            self.assertFalse(any(listens(port) for port in window.ports.values()))
            window.process = None

    def test_it_serves_on_where_asked_and_opens_again(self):
        # As it is started by hand, with its usual folders in a home of its own: only so is there one instance.
        with tempfile.TemporaryDirectory(prefix="ph-home-") as home:
            window = Window(ini="[General]\nKeepRunning=true\n")
            os.makedirs(f"{home}/posthouse", mode=0o700)
            with open(f"{home}/posthouse/posthouse.ini", "w") as file:
                file.write(window.settings.read_text())
            os.chmod(f"{home}/posthouse/posthouse.ini", 0o600)
            environment = {**os.environ, "GTK_A11Y": "atspi", "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": f"{home}/data"}
            window.process = subprocess.Popen([PROGRAM, "--start"], stdout=window.errors, stderr=window.errors, env=environment)
            try:
                window.find_application()
                window.wait(lambda: all(listens(port) for port in window.ports.values()), "all services")
                self.close(window)
                window.wait(lambda: len(window.titles()) == 0, "the window to close")
                self.assertTrue(all(listens(port) for port in window.ports.values()), "it serves on")

                # A second start ends at once and brings the window back.
                self.assertEqual(subprocess.run([PROGRAM], env=environment, timeout=20).returncode, 0)
                window.wait(lambda: len(window.titles()) == 1, "the window again")
                self.assertIsNone(window.process.poll())
                window.find(BUTTON, "Stop")
                window.key("ctrl+q", title="Posthouse")
                self.assertEqual(window.process.wait(20), 0)
                window.process = None
            finally:
                window.__exit__()

    def test_what_was_before_a_restart_is_said_to_be_forgotten(self):
        with Window({"alice@demo.test": "x"}) as window:
            with smtplib.SMTP("127.0.0.1", window.ports["smtp"]) as smtp:
                smtp.sendmail("ann@example.org", ["alice@demo.test"], "Subject: Remembered\r\n\r\nHello\r\n")
            window.stop()
            window.start()
            with imaplib.IMAP4("127.0.0.1", window.ports["imap"]) as imap:
                imap.login("alice@demo.test", "x")
                imap.select("INBOX")
                imap.fetch("1", "(BODY.PEEK[])")
            window.show("Mail")
            window.click(window.find_row("Messages", "Remembered"), title="Posthouse")
            window.press(TAB, "Envelope")
            window.press(BUTTON, lambda name: "Life Line" in name)
            dialog = window.dialog("Life of a Message")
            window.find_row("Life Line", "Fetched", dialog)
            self.assertEqual(len(window.row_nodes("Life Line", dialog)), 1)
            window.find(LABEL, lambda name: name.startswith("What came before this is not known any more"), dialog)

    def test_it_starts_on_login_where_asked_and_tells_what_it_is_to(self):
        with tempfile.TemporaryDirectory(prefix="ph-home-") as home, Window(environment={"XDG_CONFIG_HOME": home}) as window:
            window.key("ctrl+comma", title="Posthouse")
            preferences = window.dialog("Preferences")
            window.press(TAB, "General", preferences)
            window.press(CHECK, lambda name: name.startswith("Start on login"), preferences)
            file = os.path.join(home, "autostart", "org.posthouse.Posthouse.desktop")
            window.wait(lambda: os.path.exists(file), "the file that starts it")
            with open(file) as lines:
                self.assertIn("Exec=posthouse --background\n", lines.readlines())
            window.wait(lambda: "StartOnLogin=true" in window.settings.read_text(), "the settings to say so")
            window.press(CHECK, lambda name: name.startswith("Start on login"), preferences)
            window.wait(lambda: not os.path.exists(file), "its end")
            window.press(CHECK, lambda name: name.startswith("First mail of an account"), preferences)
            window.wait(lambda: "[Notifications]\nMail=false" in window.settings.read_text(), "the settings to say so")

    def listen_to_notifications(self, window, is_pressed):
        """What a desktop is told of a failed message and of guessed passwords while the window is closed; last, of a first mail."""
        with tempfile.NamedTemporaryFile("r") as log:
            portal = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "portal.py"), log.name])
            self.addCleanup(portal.wait, 20)
            self.addCleanup(portal.terminate)
            names = ["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method", "org.freedesktop.DBus.ListNames"]
            window.wait(lambda: b"org.freedesktop.portal.Desktop" in subprocess.run(names, capture_output=True, check=True).stdout, "the portal")

            def command(*words, text=""):
                return subprocess.run([PROGRAM, "--data", window.directory / "data", "--config", window.settings, *words], input=text, capture_output=True, text=True, check=True).stdout

            with window:
                if is_pressed:
                    window.key("ctrl+comma", title="Posthouse")
                    preferences = window.dialog("Preferences")
                    window.press(TAB, "General", preferences)
                    for row, line in (("Mail that could not be delivered", "Failures=false\n"), ("A service, certificate or disk", "Services=false\n")):
                        window.press(CHECK, lambda name: name.startswith(row), preferences)
                        window.wait(lambda: line in window.settings.read_text(), "the settings to say so")
                    window.press(BUTTON, "Close", preferences)
                    window.gone("Preferences")
                self.close(window)
                window.wait(lambda: not window.titles(), "the window to close")

                command("send", "--from", "alice@demo.test", "--subject", "Nobody", "someone@example.net", text="Hello")
                [queued] = command("queue", "list").splitlines()
                command("queue", "bounce", queued.split("\t")[0])
                for i in range(1, 11):
                    with socket.create_connection(("127.0.0.1", window.ports["pop3"]), 30, (f"127.8.0.{i}", 0)) as line:
                        line.sendall(b"USER nobody@example.org\r\nPASS wrong\r\nQUIT\r\n")
                        while line.recv(4096):
                            pass
                command("account", "add", "--generate", "dora@demo.test")
                with smtplib.SMTP("127.0.0.1", window.ports["smtp"]) as smtp:
                    smtp.sendmail("ann@example.org", ["dora@demo.test"], "Subject: First\r\n\r\nHello\r\n")

                def titles():
                    with open(log.name) as lines:
                        return [call[2]["title"] for call in map(json.loads, lines) if call[0] == "AddNotification"]

                window.wait(lambda: "Mail has come" in titles(), "the last of them")
                return set(titles()) - {"Posthouse keeps serving"}

    def test_only_what_is_wanted_is_told(self):
        for is_pressed in (False, True):
            with self.subTest(is_pressed=is_pressed):
                window = Window({"alice@demo.test": "x"}, ini="[General]\nKeepRunning=true\n", environment={"GTK_USE_PORTAL": "1", "GIO_USE_PORTALS": "1"})
                told = self.listen_to_notifications(window, is_pressed)
                self.doCleanups()
                self.assertEqual(told, {"Mail has come"} if is_pressed else {"Mail has come", "Mail could not be delivered", "The mail server needs you"})

    def test_a_file_that_cannot_be_read_is_said_and_left(self):
        window = Window(options=())
        window.settings.write_text("[General\nthis is no settings file\n")
        with window:
            window.find(LABEL, "Posthouse Can’t Begin")
            window.find(LABEL, lambda name: "line 1" in name)
            window.press(BUTTON, "Quit")
            self.assertEqual(window.process.wait(20), 0)
            window.process = None
            self.assertEqual(window.settings.read_text(), "[General\nthis is no settings file\n")


if __name__ == "__main__":
    main()
