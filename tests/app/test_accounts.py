"""Accounts in the window: added, found, changed and deleted, with good and with bad input."""

import imaplib
import json
import re
import smtplib
import subprocess
import unittest

from screen_reader import SENSITIVE
from window import BUTTON, ENTRY, ITEM, LABEL, LIST, Case, Window, main

PASSWORD = "correct horse battery staple"


class Accounts(Case):
    def log_in(self, address, password):
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            try:
                return imap.login(address, password)[0] == "OK"
            except imaplib.IMAP4.error:
                return False

    def open_dialog(self):
        self.window.key("ctrl+n", title="Posthouse")
        return self.window.dialog("Add Account")

    def is_offered(self, dialog, name):
        button = self.window.find(BUTTON, name, dialog)
        return button.has_state(SENSITIVE)

    def problem(self, dialog):
        return self.window.find(ENTRY, lambda name: name.startswith("Address"), dialog).name

    def test_1_first_run_leads_to_the_dialog(self):
        self.window.find(LABEL, "Welcome to Posthouse")
        self.window.press(BUTTON, "Add Account…")
        dialog = self.window.dialog("Add Account")
        self.assertFalse(self.is_offered(dialog, "Add"))

        # Words say what is wrong while one types, and nothing can be added.
        for text, words in (("alice", "a name, an @ and a domain"), ("alice@", "Address: "), ("a b@demo.test", "Address: "),
                            ("alice@demo..test", "Address: ")):
            self.window.type("Address", text, dialog)
            self.window.wait(lambda: words in self.problem(dialog), f"“{words}” for “{text}”")
            self.assertFalse(self.is_offered(dialog, "Add"), text)
        self.window.type("Address", "alice@Demo.test", dialog)
        self.window.wait(lambda: self.problem(dialog) == "Address", "no problem")
        self.assertFalse(self.is_offered(dialog, "Add"), "there is no password yet")

        self.window.type("Password", "12345", dialog)
        self.window.find(LABEL, lambda name: name.startswith("Weak"), dialog)
        self.window.type("Password", PASSWORD, dialog)
        self.window.wait(lambda: self.is_offered(dialog, "Add"), "Add")
        self.window.type("Name", "Alice Adams", dialog)
        self.window.fill(self.window.find("spin button", lambda name: "Quota" in name, dialog), "25")
        self.window.press(BUTTON, "Add", dialog)
        self.window.gone("Add Account")
        self.assertTrue(self.log_in("alice@demo.test", PASSWORD))
        text = self.window.settings.read_text()
        self.assertIn("[Account alice@demo.test]", text)
        self.window.wait(lambda: f"Quota={25 * 1024 * 1024}" in self.window.settings.read_text(), "the quota")
        self.assertNotIn(PASSWORD, text)

    def test_2_then_to_connecting_a_mail_app(self):
        dialog = self.window.dialog("Connect a Mail App")
        port = str(self.window.ports["imap"])
        self.window.find(LABEL, port, dialog)
        self.window.find(LABEL, "alice@demo.test", dialog)
        self.window.press(BUTTON, lambda name: name.startswith("Copy User name"), dialog)
        self.window.find(LABEL, "Copied “alice@demo.test”", dialog)
        self.window.press(BUTTON, lambda name: name.startswith("Copy the DNS records"), dialog)
        self.window.find(LABEL, "Copied the records", dialog)
        for button, ending, word in (("Save for Thunderbird", "xml", f"<port>{port}</port>"), ("Save for iPhone", "mobileconfig", "com.apple.mail.managed")):
            self.window.press(BUTTON, lambda name: name.startswith(button), dialog)
            target = self.window.directory / f"settings.{ending}"
            chooser = self.window.dialog("Save the settings")
            next(node for node in self.window.walk(chooser) if node.role in ("text", "entry")).set_text(str(target))
            self.window.press(BUTTON, "Save", chooser)
            text = self.window.wait(lambda: target.exists() and target.read_text(), "the file")
            self.window.gone("Save the settings")
            self.assertIn(word, text)
            self.assertIn("alice@demo.test", text)
        self.window.find(LABEL, lambda name: name.startswith("Other devices can’t reach this server"), dialog)
        # Ticked the moment that account logs in.
        self.assertTrue(self.log_in("alice@demo.test", PASSWORD))
        self.window.find(LABEL, lambda name: "logged in" in name, dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Connect a Mail App")

    def test_3_the_keyboard_alone_adds_one(self):
        dialog = self.open_dialog()
        self.window.type("Address", "alice@demo.test", dialog)
        self.window.wait(lambda: "already" in self.problem(dialog), "that there is one")
        self.window.key("ctrl+a", title="Add Account")
        self.window.write("bob@demo.test")
        self.window.wait(lambda: self.problem(dialog) == "Address", "no problem")
        self.window.press(BUTTON, "Make up a password", dialog)
        self.window.find(LABEL, "Strong", dialog)
        password = self.window.find(ENTRY, "Password", dialog).text()
        self.assertGreaterEqual(len(password), 12)
        self.window.key("Return", title="Add Account")
        self.window.gone("Add Account")
        self.assertTrue(self.log_in("bob@demo.test", password))

    def test_4_escape_adds_nothing(self):
        dialog = self.open_dialog()
        self.window.type("Address", "carol@demo.test", dialog)
        self.window.key("Escape", title="Add Account")
        self.window.gone("Add Account")
        self.assertNotIn("carol", self.window.settings.read_text())

    def test_5_search_finds_by_name_and_address(self):
        self.window.show("Accounts")
        self.window.wait(lambda: len(self.window.rows("Accounts")) == 2, "both")
        self.window.key("ctrl+f", title="Posthouse")
        self.window.write("adams")
        self.window.wait(lambda: [row for row in self.window.rows("Accounts") if "alice@demo.test" in row] == self.window.rows("Accounts"), "Alice alone")
        self.window.key("ctrl+a", "BackSpace", title="Posthouse")
        self.window.write("nobody")
        self.window.wait(lambda: not self.window.rows("Accounts"), "nobody")
        self.window.key("ctrl+a", "BackSpace", title="Posthouse")
        self.window.wait(lambda: len(self.window.rows("Accounts")) == 2, "both again")

    def test_5b_rows_say_how_much_mail_there_is_and_who_is_connected(self):
        alice = lambda: next((row for row in self.window.rows("Accounts") if "alice@demo.test" in row), "")  # noqa: E731
        self.window.wait(lambda: re.search(r"^[\d.,]+\s(bytes|kB) of 26.2\sMB$", alice(), re.M), "what she has of her quota")
        self.assertRegex(alice(), r"Last login .+, with IMAP")
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login("alice@demo.test", PASSWORD)
            self.window.wait(lambda: "Connected now, 1 session" in alice(), "that she is connected")
        self.window.wait(lambda: "Last login just now, with IMAP" in alice(), "that she is not")

    def test_5c_the_overview_says_what_lies_here(self):
        self.window.show("Overview")
        rows = self.window.find("label", lambda name: re.fullmatch(r"[\d.,]+\s(bytes|kB) in 2 accounts", name) is not None)
        self.assertTrue(rows)
        self.window.find(LABEL, "Nothing")
        with smtplib.SMTP("127.0.0.1", self.window.ports["submission"]) as smtp:
            smtp.login("alice@demo.test", PASSWORD)
            smtp.sendmail("alice@demo.test", ["stranger@elsewhere.test"], "Subject: Kept back\r\n\r\nHello\r\n")
        self.window.find(LABEL, "1 message · the oldest came just now")
        self.window.show("Accounts")

    def choose(self, address, what):
        """From the menu of an account."""
        self.window.press(BUTTON, f"Actions for {address}")
        self.window.press("menu item", what)

    def test_6_a_password_is_changed(self):
        self.choose("alice@demo.test", "Change Password…")
        dialog = self.window.dialog("Change Password")
        self.assertFalse(self.is_offered(dialog, "Change"))
        self.window.type("Password", "another horse, another battery", dialog)
        self.window.press(BUTTON, "Change", dialog)
        self.window.gone("Change Password")
        self.window.wait_toast("Changed the password of alice@demo.test")
        self.assertTrue(self.log_in("alice@demo.test", "another horse, another battery"))
        self.assertFalse(self.log_in("alice@demo.test", PASSWORD))

    def test_7_deleting_asks_and_does_nothing_on_no(self):
        self.choose("bob@demo.test", "Delete…")
        dialog = self.window.dialog("Delete This Account?")
        self.window.press(BUTTON, "Cancel", dialog)
        self.window.gone("Delete This Account?")
        self.assertIn("[Account bob@demo.test]", self.window.settings.read_text())

    def test_7b_deleting_is_taken_back(self):
        self.choose("bob@demo.test", "Delete…")
        dialog = self.window.dialog("Delete This Account?")
        self.window.press(BUTTON, "Delete", dialog)
        self.window.wait_toast("Deleted bob@demo.test")
        self.window.wait(lambda: not any("bob@demo.test" in row for row in self.window.rows("Accounts")), "his row to go")
        self.assertIn("[Account bob@demo.test]", self.window.settings.read_text(), "nothing is lost yet")
        self.window.press(BUTTON, "Undo")
        self.window.find_row("Accounts", "bob@demo.test")
        self.window.wait(lambda: not self.window.look(LABEL, "Deleted bob@demo.test"), "the end of the toast")
        self.assertIn("[Account bob@demo.test]", self.window.settings.read_text())

    def test_8_deleting_keeps_the_mail_where_asked(self):
        self.send("bob@demo.test")
        self.choose("bob@demo.test", "Delete…")
        dialog = self.window.dialog("Delete This Account?")
        self.window.press(BUTTON, "Delete", dialog)
        self.window.wait_toast("Deleted bob@demo.test")
        self.window.wait(lambda: "bob@demo.test" not in self.window.settings.read_text(), "the file to forget")
        kept = self.window.wait(lambda: list((self.window.directory / "data" / "mail" / "demo.test").glob(".deleted-bob-*")), "his mail, kept")
        self.assertEqual(len(kept), 1)
        self.assertTrue([path for path in kept[0].rglob("*") if path.parent.name in ("new", "cur") and path.is_file()])


class Leaving(unittest.TestCase):
    def test_closing_before_a_deletion_can_be_taken_back_no_more(self):
        """The account is there as it was, or gone as asked; never half."""
        for keys in ("alt+F4", "ctrl+q"):
            with self.subTest(keys):
                with Window({"alice@demo.test": PASSWORD, "bob@demo.test": PASSWORD}) as window:
                    with smtplib.SMTP("127.0.0.1", window.ports["smtp"]) as smtp:
                        smtp.sendmail("ann@example.org", "bob@demo.test", "Subject: x\n\nx\n")
                    window.show("Accounts")
                    window.press(BUTTON, "Actions for bob@demo.test")
                    window.press("menu item", "Delete…")
                    window.press(BUTTON, "Delete", window.dialog("Delete This Account?"))
                    window.wait_toast("Deleted bob@demo.test")
                    if keys == "ctrl+q":
                        window.key(keys, title="Posthouse")
                    else:
                        window.press(BUTTON, "Close", window.windows()[0])
                    self.assertEqual(window.process.wait(30), 0)
                    window.process = None
                    folders = {path.name for path in (window.directory / "data/mail/demo.test").iterdir()}
                    kept = [name for name in folders if name.startswith(".deleted-bob-")]
                    is_there = "[Account bob@demo.test]" in window.settings.read_text()
                    self.assertEqual(("bob" in folders, len(kept)), (True, 0) if is_there else (False, 1))
                    self.assertTrue(list((window.directory / "data/mail/demo.test" / (kept[0] if kept else "bob")).rglob("*,S=*")), "his mail")


class Phone(Case):
    """A server that other devices could reach, were it started."""

    @classmethod
    def setUpClass(cls):
        cls.window = Window({"alice@demo.test": PASSWORD}, options=(), names={"alice@demo.test": "Alice Adams"})
        text = cls.window.settings.read_text()
        for service in ("imaps", "submissions"):
            text = text.replace(f"[Service {service}]\nEnabled=true\nAddress=127.0.0.1", f"[Service {service}]\nEnabled=true\nAddress=192.0.2.1")
        cls.window.settings.write_text(text)
        cls.window.start()

    def scan(self):
        """What a camera would read off the screen."""
        picture = self.window.directory / "screen.png"
        subprocess.run(["import", "-window", self.window.focus("Connect a Mail App"), picture], check=True)
        result = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True)
        return result.stdout.strip() if result.returncode == 0 else None

    def test_1_the_code_sets_a_phone_up(self):
        self.window.show("Accounts")
        self.window.press(BUTTON, "Actions for alice@demo.test")
        self.window.press("menu item", "Connect a Mail App…")
        dialog = self.window.dialog("Connect a Mail App")
        self.window.click(self.window.find(LABEL, "Thunderbird on a phone", dialog))
        self.window.find("image", "QR code of the account’s settings", dialog)
        self.window.click(self.window.find("image", "QR code of the account’s settings", dialog))
        version, part, incoming, [[outgoing, identity]] = json.loads(self.window.wait(self.scan, "a code on the screen"))
        self.assertEqual((version, part), (1, [1, 1]))
        self.assertEqual(incoming, [0, "192.0.2.1", self.window.ports["imaps"], 3, 1, "alice@demo.test"])
        self.assertEqual(outgoing, [0, "192.0.2.1", self.window.ports["submissions"], 3, 1, "alice@demo.test"])
        self.assertEqual(identity, ["alice@demo.test", "Alice Adams"])
        self.window.key("Escape", title="Connect a Mail App")
        self.window.gone("Connect a Mail App")


if __name__ == "__main__":
    main()
