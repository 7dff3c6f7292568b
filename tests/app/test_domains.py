"""Preferences › Mail: how mail is kept; what a domain is to publish, asked of a real name server; signing; and a domain that is another name of one."""

import imaplib
import pathlib
import smtplib
import subprocess
import tempfile
import unittest

from screen_reader import CHECKED
from window import BUTTON, CHECK, ENTRY, LABEL, PROGRAM, SECONDS, TAB, Case, Window, free_port, main

from test_checks import dns  # found by what window says

ADDRESS = "alice@demo.test"
RECORDS = ["--mx-host=demo.test,mail.demo.test,10", "--host-record=mail.demo.test,127.0.0.1", "--txt-record=demo.test,v=spf1 ip4:192.0.2.1 -all"]


class Domains(Case):
    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.name_server = dns(port, RECORDS)
        cls.name_server.__enter__()
        cls.window = Window({ADDRESS: "x"}, f"[General]\nHostName=mail.demo.test\n[Relay]\nDnsServer=127.0.0.1@{port}\n").start()
        cls.window.key("ctrl+comma", title="Posthouse")
        cls.preferences = cls.window.dialog("Preferences")
        cls.window.press(TAB, "Mail", cls.preferences)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.name_server.__exit__(None, None, None)

    def settings(self):
        return self.window.settings.read_text()

    def find(self, role, name):
        return self.window.find(role, name, self.preferences)

    def press(self, role, name):
        return self.window.press(role, name, self.preferences)

    def is_seen(self, role, name):
        node = self.window.look(role, name, self.preferences)
        return node is not None and node.place()[2] > 0

    def copied(self):
        """The clipboard is read by pasting it."""
        self.window.click(self.find(ENTRY, lambda name: name.startswith("Add a domain")), title="Preferences")
        self.window.key("ctrl+a", "ctrl+v", title="Preferences")
        text = self.window.wait(lambda: self.window.look(ENTRY, lambda name: name.startswith("Add a domain"), self.preferences).text(), "what was copied")
        self.window.key("ctrl+a", "BackSpace", title="Preferences")
        return text

    def test_1_unfolded_it_says_what_dns_has(self):
        self.window.click(self.find(LABEL, "demo.test"), title="Preferences")
        self.find(LABEL, "MX · demo.test")
        self.find(LABEL, lambda name: name.startswith("Published") and "10 mail.demo.test." in name)
        self.find(LABEL, lambda name: name.startswith("Published differently") and "Found: v=spf1 ip4:192.0.2.1 -all" in name)
        self.find(LABEL, lambda name: name.startswith("Not published"))

    def test_2_a_record_is_copied(self):
        self.press(BUTTON, lambda name: name.startswith("Copy the MX record"))
        self.assertEqual(self.copied(), "10 mail.demo.test.")

    def test_3_signing_gives_a_key_to_publish(self):
        self.assertFalse(self.find(CHECK, lambda name: "Sign mail of demo.test" in name).has_state(CHECKED))
        self.press(CHECK, lambda name: "Sign mail of demo.test" in name)
        self.window.wait(lambda: "demo.test" in self.settings().partition("[Dkim]")[2].partition("[")[0], "the file to say so")
        self.find(LABEL, lambda name: "v=DKIM1" in name)
        self.press(BUTTON, lambda name: name.startswith("Copy the DKIM record"))
        self.assertTrue(self.copied().startswith("v=DKIM1"))
        self.press(CHECK, lambda name: "Sign mail of demo.test" in name)
        self.window.wait(lambda: not self.window.look(LABEL, lambda name: "v=DKIM1" in name, self.preferences), "the key to go")

    def add(self, domain):
        entry = self.find(ENTRY, lambda name: name.startswith("Add a domain"))
        self.window.click(entry, title="Preferences")
        self.window.key("ctrl+a", title="Preferences")
        self.window.write(domain)

    def test_4_a_domain_is_added_and_nobody_is_in_it(self):
        self.add("demo.test")
        self.find(ENTRY, lambda name: "it is one of this server’s already" in name)
        self.add("demo..test")
        self.find(ENTRY, lambda name: "a domain, such as example.org" in name)
        self.add("other.test")
        self.window.enter()
        self.find(LABEL, "other.test")
        self.window.wait(lambda: "other.test" in self.settings(), "the file to say so")
        self.assertEqual(self.answer("alice@other.test"), 550)

    def answer(self, recipient):
        with smtplib.SMTP("127.0.0.1", self.window.ports["smtp"], timeout=SECONDS) as smtp:
            smtp.ehlo("client.test")
            smtp.mail("ann@example.org")
            return smtp.rcpt(recipient)[0]

    def seen(self, text):
        """The labels with that text that are on the screen."""
        return [node for node in self.window.walk(self.preferences) if node.role == LABEL and node.name == text and node.place()[2] > 0]

    def choose_target(self, key):
        """By the keyboard, from the list that the row opens."""
        row = self.window.wait(lambda: self.seen("Another name of"), "the choice")[0]
        closed = len(self.seen("No other domain"))
        self.window.click(row, title="Preferences")
        self.window.wait(lambda: len(self.seen("No other domain")) > closed, "an open list")
        self.window.key(key, "Return", title="Preferences")

    def test_5_it_becomes_another_name_of_a_domain_and_itself_again(self):
        self.window.click(self.find(LABEL, "other.test"), title="Preferences")
        self.choose_target("Down")
        self.find(LABEL, "Another name of demo.test")
        self.window.wait(lambda: "[Alias @other.test]" in self.settings(), "the file to say so")
        self.assertEqual(self.answer("alice@other.test"), 250)
        self.assertEqual(self.answer("bob@other.test"), 550)
        self.choose_target("Up")
        self.window.wait(lambda: "[Alias @other.test]" not in self.settings(), "the file to forget")
        self.assertEqual(self.answer("alice@other.test"), 550)

    def test_6_another_name_is_removed_whole(self):
        self.choose_target("Down")
        self.window.wait(lambda: "[Alias @other.test]" in self.settings(), "the file to say so")
        self.assertFalse(self.is_seen(BUTTON, "Remove demo.test"), "who is in it keeps it")
        self.press(BUTTON, "Remove other.test")
        self.window.wait(lambda: "other.test" not in self.settings(), "the file to forget")
        self.window.wait(lambda: not self.window.look(LABEL, "other.test", self.preferences), "the row to go")
        self.assertIn(self.answer("alice@other.test"), (550, 554))


class Keeping(unittest.TestCase):
    def test_folders_of_a_new_account(self):
        """What is switched off is missing in those that are made from then on."""
        with Window({ADDRESS: "x"}) as window:
            window.key("ctrl+comma", title="Posthouse")
            preferences = window.dialog("Preferences")
            window.press(TAB, "Mail", preferences)
            window.click(window.find("list item", "Folders of a new account", preferences), title="Preferences")
            for name, rest in (("Junk", "Archive;Drafts;Sent;Trash"), ("Archive", "Drafts;Sent;Trash")):
                window.press(CHECK, name, preferences)
                window.wait(lambda: f"StandardFolders={rest}\n" in window.settings.read_text(), "the file to say so")
            subprocess.run([PROGRAM, "--data", window.directory / "data", "--config", window.settings, "account", "add", "bob@demo.test"],
                           input="secret\n", text=True, check=True)
            with imaplib.IMAP4("127.0.0.1", window.ports["imap"]) as imap:
                imap.login("bob@demo.test", "secret")
                folders = {line.decode().split()[-1].strip('"') for line in imap.list()[1]}
            self.assertEqual(folders, {"INBOX", "Drafts", "Sent", "Trash"})

    def test_the_folder_is_opened(self):
        """By whatever the desktop has for folders."""
        with tempfile.TemporaryDirectory(prefix="ph-home-") as home:
            opened = pathlib.Path(home, "opened")
            for name, text in (("applications/files.desktop", f"[Desktop Entry]\nType=Application\nName=Files\nMimeType=inode/directory;\nExec=sh -c 'echo \"$1\" >{opened}' sh %f\n"),
                               ("mimeapps.list", "[Default Applications]\ninode/directory=files.desktop\n")):
                file = pathlib.Path(home, name)
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
            with Window({ADDRESS: "x"}, environment={"XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}) as window:
                window.key("ctrl+comma", title="Posthouse")
                preferences = window.dialog("Preferences")
                window.press(TAB, "Mail", preferences)
                window.find(LABEL, str(window.directory / "data"), preferences)
                window.press(BUTTON, "Copy the place of the folder", preferences)
                window.find(LABEL, f"Copied “{window.directory / 'data'}”", preferences)
                window.press(BUTTON, "Open the folder", preferences)
                window.wait(opened.exists, "the folder to be opened")
                self.assertEqual(window.wait(opened.read_text, "its name").strip(), str(window.directory / "data"))

    def test_the_folder_is_moved(self):
        """When Posthouse starts the next time, with all that is in it; until then one can think better of it."""
        with tempfile.TemporaryDirectory(prefix="ph-home-") as home, \
                Window({ADDRESS: "x"}, environment={"XDG_DATA_HOME": home}, says_data=False) as window:
            old, new = pathlib.Path(home, "posthouse"), pathlib.Path(home, "elsewhere", "posthouse")
            new.parent.mkdir()
            (new.parent / "something").touch()
            with smtplib.SMTP("127.0.0.1", window.ports["smtp"]) as smtp:
                smtp.sendmail("ann@example.org", ADDRESS, "Subject: comes along\r\n\r\nHello\r\n")

            def move_to(path):
                window.key("ctrl+comma", title="Posthouse")
                preferences = window.dialog("Preferences")
                window.press(TAB, "Mail", preferences)
                window.press(BUTTON, "Move the folder…", preferences)
                window.pick("Choose where the mail is kept", path, "Open")
                return window.dialog("Preferences")

            def say_moving(preferences):
                return window.find(LABEL, "At its next start Posthouse moves it to", preferences)

            preferences = move_to(old / "mail")
            window.find(LABEL, "A folder can’t be moved into itself", preferences)
            window.key("Escape", title="Preferences")
            preferences = move_to(new.parent)
            say_moving(preferences)
            window.find(LABEL, str(new), preferences)
            window.press(BUTTON, "Leave It", preferences)
            window.wait(lambda: f"DataFolder={old}\n" in window.settings.read_text(), "it to stay")
            window.key("Escape", title="Preferences")
            say_moving(move_to(new.parent))
            self.assertTrue(old.exists())
            self.assertEqual(window.stop(), 0)
            window.start()
            self.assertFalse(old.exists())
            self.assertEqual({path.name for path in new.parent.iterdir()}, {"posthouse", "something"})
            with imaplib.IMAP4("127.0.0.1", window.ports["imap"]) as imap:
                imap.login(ADDRESS, "x")
                self.assertEqual(imap.select()[1], [b"1"])
                self.assertIn(b"comes along", imap.fetch("1", "(BODY[HEADER])")[1][0][1])


if __name__ == "__main__":
    main()
