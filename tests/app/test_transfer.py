"""Import, export and backup in the window: an mbox comes in, a large one is cancelled, all goes out again, one folder, everything."""

import contextlib
import imaplib
import mailbox

from window import BUTTON, LABEL, TAB, Case, main

PASSWORD = "the password of alice"
ADDRESS = "alice@demo.test"
LARGE = 30000  # messages; enough that somebody can press Cancel


class Transfer(Case):
    accounts = {ADDRESS: PASSWORD}

    def count(self):
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login(ADDRESS, PASSWORD)
            return int(imap.select("INBOX", readonly=True)[1][0])

    def write_mbox(self, name, messages):
        path = self.window.directory / name
        with open(path, "w") as file:
            for i in range(messages):
                file.write(f"From ann@example.org Mon Jan  5 10:00:00 2026\nFrom: ann@example.org\nSubject: Number {i}\nMessage-ID: <{name}-{i}@example.org>\n\nHello {i}\n\n")
        return path

    def choose(self, button, title, path, response, role=BUTTON):
        self.window.press(role, lambda name: button in name)
        self.window.pick(title, path, response)

    def test_1_an_mbox_comes_in(self):
        self.window.show("Accounts")
        self.window.click(self.window.find_row("Accounts", ADDRESS), title="Posthouse")
        self.choose("Import a File…", "Import an mbox or a message", self.write_mbox("small", 3), "Open")
        dialog = self.window.dialog("Import Mail")
        self.window.find(LABEL, "All mail is in", dialog)
        self.window.find(LABEL, lambda name: name.startswith("3 messages"), dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Import Mail")
        self.assertEqual(self.count(), 3)

    def test_2_a_large_one_is_cancelled_and_what_is_in_stays(self):
        self.choose("Import a File…", "Import an mbox or a message", self.write_mbox("large", LARGE), "Open")
        dialog = self.window.dialog("Import Mail")
        self.window.press(BUTTON, "Cancel", dialog)
        self.window.find(LABEL, "Cancelled. What is in stays in.", dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Import Mail")
        self.assertTrue(3 <= self.count() < 3 + LARGE)

    def test_3_all_goes_out_again(self):
        target = self.window.directory / "out"
        self.choose("Export…", "Name a new folder for the mail", target, "Save")
        dialog = self.window.dialog("Export Mail")
        self.window.find(LABEL, "All mail is saved", dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Export Mail")
        inbox = next(path for path in target.rglob("*") if path.is_file() and path.name.lower().startswith("inbox"))
        with contextlib.closing(mailbox.mbox(inbox)) as saved:
            self.assertEqual(len(saved), self.count())

    def test_4_one_folder_goes_out_and_in_from_its_messages(self):
        self.window.show("Mail")
        self.window.find_row("Messages", "Number ")
        target = self.window.directory / "one.mbox"
        self.window.press(BUTTON, "Import and export")
        self.choose("Export…", "Save the folder as an mbox", target, "Save", "menu item")
        dialog = self.window.dialog("Export Mail")
        self.window.find(LABEL, "All mail is saved", dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Export Mail")
        before = self.count()
        with contextlib.closing(mailbox.mbox(target)) as saved:
            self.assertEqual(len(saved), before)
        self.window.press(BUTTON, "Import and export")
        self.choose("File…", "Import an mbox or a message", self.write_mbox("more", 2), "Open", "menu item")
        dialog = self.window.dialog("Import Mail")
        self.window.find(LABEL, "All mail is in", dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Import Mail")
        self.assertEqual(self.count(), before + 2)

    def test_5_everything_is_backed_up_while_it_works(self):
        self.window.key("ctrl+comma", title="Posthouse")
        preferences = self.window.dialog("Preferences")
        self.window.press(TAB, "General", preferences)
        target = self.window.directory / "backup"
        self.window.press(BUTTON, lambda name: "Back Up…" in name, preferences)
        self.window.pick("Name a new folder for the backup", target, "Save")
        dialog = self.window.dialog("Back Up")
        self.window.find(LABEL, "All of it is backed up", dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Back Up")
        self.assertTrue((target / "posthouse.ini").exists())
        self.run_program("sha256sum", "--check", "--quiet", "SHA256SUMS", cwd=target)
        self.assertEqual(sum(1 for path in target.rglob("cur/*")) + sum(1 for path in target.rglob("new/*")), self.count())


if __name__ == "__main__":
    main()
