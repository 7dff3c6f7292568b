"""An account's page in the window: name, login, app passwords, old programs, aliases, quota, logins, and the way out."""

import datetime
import imaplib
import poplib
import smtplib

from screen_reader import CHECKED, SENSITIVE
from window import BUTTON, CHECK, ENTRY, LABEL, LIST, Case, main

PASSWORD = "the password of alice"
ADDRESS = "alice@demo.test"


class AccountPage(Case):
    accounts = {ADDRESS: PASSWORD, "bob@demo.test": "the password of bob"}
    names = {ADDRESS: "Alice Adams"}
    secret = None  # of the app password, once it is made

    def log_in(self, password, address=ADDRESS):
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            try:
                return imap.login(address, password)[0] == "OK"
            except imaplib.IMAP4.error:
                return False

    def settings(self):
        return self.window.settings.read_text()

    def switch(self, name):
        return self.window.find(CHECK, lambda found: name in found)

    def test_1_a_press_opens_it_and_back_leads_back(self):
        self.window.show("Accounts")
        self.window.click(self.window.find_row("Accounts", "Alice Adams"), title="Posthouse")
        self.window.find(LABEL, "App Passwords")
        self.window.press(BUTTON, "Back to all accounts")
        self.window.wait(lambda: len(self.window.rows("Accounts")) == 2, "the list")
        self.window.click(self.window.find_row("Accounts", "Alice Adams"), title="Posthouse")
        self.window.find(LABEL, "App Passwords")

    def test_2_the_name_is_changed(self):
        self.window.fill(self.window.find(ENTRY, "Name"), "Alice Archer")
        self.window.enter()
        self.window.find(LABEL, "Alice Archer")
        self.window.wait(lambda: "Name=Alice Archer" in self.settings(), "the file to say so")

    def test_2b_its_texts_are_not_indexed_where_nobody_wants_that(self):
        self.window.press(CHECK, "Index for search")
        self.window.wait(lambda: "SearchIndex=false" in self.settings(), "the file to say no")
        self.window.press(CHECK, "Index for search")
        self.window.wait(lambda: "SearchIndex=true" in self.settings(), "the file to say yes")

    def test_3_an_app_password_is_made_and_shown_once(self):
        self.window.press(BUTTON, "New App Password…")
        dialog = self.window.dialog("New App Password")
        self.assertFalse(self.window.find(BUTTON, "Make", dialog).has_state(SENSITIVE), "it has no name yet")
        self.window.type("Device or program", "x" * 101, dialog)
        self.window.find(ENTRY, lambda name: "too long" in name, dialog)
        self.window.type("Device or program", "Phone", dialog)
        self.window.press(BUTTON, "Make", dialog)
        secret = self.window.find(LABEL, lambda name: name.count("-") == 3 and len(name) == 19, dialog).name
        type(self).secret = secret
        self.window.press(BUTTON, lambda name: name.startswith("Copy Password"), dialog)
        toast = self.window.find(LABEL, "Copied the password", dialog)
        self.assertNotIn(secret, toast.name)
        self.window.press(BUTTON, "Done", dialog)
        self.window.gone("New App Password")
        self.window.find_row("App Passwords", "Phone")
        self.assertIn("not used yet", "".join(self.window.rows("App Passwords")))
        # The clipboard is read by pasting it.
        self.window.click(self.window.find(ENTRY, "Add an alias"), title="Posthouse")
        self.window.key("ctrl+a", "ctrl+v", title="Posthouse")
        self.window.wait(lambda: self.window.look(ENTRY, lambda name: name.startswith("Add an alias")).text() == secret, "what was copied")
        self.window.key("ctrl+a", "BackSpace", title="Posthouse")

        self.assertTrue(self.log_in(secret))
        self.assertTrue(self.log_in(PASSWORD), "the account's own still opens it")
        self.window.wait(lambda: "last used just now" in "".join(self.window.rows("App Passwords")), "the row to say that it was used")
        self.assertNotIn(secret, self.settings())

    def test_4_revoking_asks_and_shuts_out_whoever_uses_it(self):
        imap = imaplib.IMAP4("127.0.0.1", self.window.ports["imap"])
        self.addCleanup(imap.shutdown)
        imap.login(ADDRESS, self.secret)
        self.window.press(BUTTON, "Revoke “Phone”")
        dialog = self.window.dialog("Revoke “Phone”?")
        self.window.press(BUTTON, "Cancel", dialog)
        self.window.gone("Revoke “Phone”?")
        self.assertEqual(imap.noop()[0], "OK")
        self.window.press(BUTTON, "Revoke “Phone”")
        dialog = self.window.dialog("Revoke “Phone”?")
        self.window.press(BUTTON, "Revoke", dialog)
        self.window.wait_toast("Revoked the app password")
        with self.assertRaises(imaplib.IMAP4.abort):
            imap.noop()
        self.assertFalse(self.log_in(self.secret))
        self.assertTrue(self.log_in(PASSWORD))
        self.window.wait(lambda: not self.window.rows("App Passwords"), "an empty list")

    def test_5_old_programs_are_allowed_by_the_right_password_alone(self):
        words = self.window.find(LABEL, lambda name: "can be read back" in name)
        self.assertIn("stored", words.name)
        self.window.press(CHECK, lambda name: "Also for old programs" in name)
        dialog = self.window.dialog("Allow Old Programs")
        self.window.type("Password", "another one", dialog)
        self.window.press(BUTTON, "Allow", dialog)
        self.window.find(LABEL, lambda name: "not the password" in name, dialog)
        self.window.key("Escape", title="Allow Old Programs")
        self.window.gone("Allow Old Programs")
        self.window.wait(lambda: not self.switch("Also for old programs").has_state(CHECKED), "the switch to say no")

        self.window.press(CHECK, lambda name: "Also for old programs" in name)
        dialog = self.window.dialog("Allow Old Programs")
        self.window.type("Password", PASSWORD, dialog)
        self.window.press(BUTTON, "Allow", dialog)
        self.window.gone("Allow Old Programs")
        self.window.wait(lambda: self.switch("Also for old programs").has_state(CHECKED), "the switch to say yes")
        self.assertTrue(self.log_in_by_apop())

        self.window.press(CHECK, lambda name: "Also for old programs" in name)
        self.window.wait_toast("Old programs can’t log in any more")
        self.window.wait(lambda: PASSWORD not in self.settings(), "the file to forget")
        self.assertFalse(self.log_in_by_apop())

    def log_in_by_apop(self):
        pop3 = poplib.POP3("127.0.0.1", self.window.ports["pop3"])
        try:
            return pop3.apop(ADDRESS, PASSWORD).startswith(b"+OK")
        except poplib.error_proto:
            return False
        finally:
            pop3.close()

    def test_6_an_alias_is_added_used_and_removed(self):
        for text, words in (("nonsense", "an address"), ("a@elsewhere.example", "one of this server’s"), ("bob@demo.test", "there is an account")):
            self.window.type("Add an alias", text)
            self.window.find(ENTRY, lambda name: words in name)
        self.window.fill(self.window.find(ENTRY, lambda name: name.startswith("Add an alias")), "sales@demo.test")
        self.window.enter()
        self.window.find(BUTTON, "Remove sales@demo.test")
        self.send("sales@demo.test", "For sales")
        self.send("alice+shop@demo.test", "From the shop")
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login(ADDRESS, PASSWORD)
            self.assertEqual(imap.select("INBOX")[1], [b"2"])
        self.window.find(LABEL, "alice+anything@demo.test")
        self.window.press(BUTTON, "Remove sales@demo.test")
        self.window.wait_toast("Removed sales@demo.test")
        self.window.wait(lambda: not self.window.look(BUTTON, "Remove sales@demo.test"), "no alias")
        self.window.wait(lambda: "sales@demo.test" not in self.settings(), "the file to forget")

    def count(self, address):
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login(address, PASSWORD if address == ADDRESS else f"the password of {address.split('@')[0]}")
            return int(imap.select("INBOX")[1][0])

    def test_6b_mail_is_forwarded_with_and_without_a_copy(self):
        self.assertIsNone(self.window.look(LABEL, "Keep a copy here"))
        for text, words in (("nonsense", "a name, an @"), ("Alice@Demo.test", "the account itself")):
            self.window.type("Forward to", text)
            self.window.find(ENTRY, lambda name: words in name)
        self.window.fill(self.window.find(ENTRY, lambda name: name.startswith("Forward to")), "bob@demo.test")
        self.window.enter()
        self.window.find(BUTTON, "Remove bob@demo.test")
        self.window.find(LABEL, "Keep a copy here")
        before = self.count(ADDRESS), self.count("bob@demo.test")
        self.send(ADDRESS, "For both")
        self.assertEqual((self.count(ADDRESS), self.count("bob@demo.test")), (before[0] + 1, before[1] + 1))

        self.window.click(self.window.find(LABEL, "Keep a copy here"), title="Posthouse")
        self.window.wait(lambda: f"[Alias {ADDRESS}]\nTargets=bob@demo.test;\n" in self.settings(), "the file to say so")
        self.send(ADDRESS, "For Bob")
        self.assertEqual((self.count(ADDRESS), self.count("bob@demo.test")), (before[0] + 1, before[1] + 2))

        self.window.press(BUTTON, "Remove bob@demo.test")
        self.window.wait_toast("Removed bob@demo.test")
        self.window.wait(lambda: f"[Alias {ADDRESS}]" not in self.settings(), "the file to forget")
        self.send(ADDRESS, "For Alice")
        self.assertEqual((self.count(ADDRESS), self.count("bob@demo.test")), (before[0] + 2, before[1] + 2))

    def test_7_the_quota_is_set_and_holds(self):
        spin = self.window.find("spin button", lambda name: "Quota" in name)
        self.window.fill(spin, "1")
        self.window.enter()
        self.window.wait(lambda: "Quota=1048576" in self.settings(), "the file to say so")
        self.window.find(LABEL, lambda name: "of 1.0" in name)
        with smtplib.SMTP("127.0.0.1", self.window.ports["smtp"]) as smtp, self.assertRaises(smtplib.SMTPException) as refusal:
            smtp.sendmail("ann@example.org", [ADDRESS], "Subject: large\r\n\r\n" + ("x" * 70 + "\r\n") * 20000)
        self.assertRegex(str(refusal.exception), "(?i)quota|full|room|space|552|452")

    def test_8_who_may_not_log_in_does_not(self):
        self.window.press(CHECK, lambda name: "May log in" in name)
        self.window.wait(lambda: "Enabled=false" in self.settings(), "the file to say so")
        self.assertFalse(self.log_in(PASSWORD))
        self.window.press(CHECK, lambda name: "May log in" in name)
        self.window.wait(lambda: self.log_in(PASSWORD), "the login")

    @staticmethod
    def use(name):
        """The switch of that name alone: the overview has "POP3" in others."""
        return lambda found: found in (name, f"{name} {name}")

    def test_8b_a_protocol_is_switched_off_and_on(self):
        pop3 = poplib.POP3("127.0.0.1", self.window.ports["pop3"])
        self.addCleanup(pop3.close)
        pop3.user(ADDRESS)
        pop3.pass_(PASSWORD)
        self.assertTrue(self.window.find(CHECK, self.use("POP3")).has_state(CHECKED))
        self.window.press(CHECK, self.use("POP3"))
        self.window.wait(lambda: "Protocols=imap;submission;" in self.settings(), "the file to say so")
        with self.assertRaisesRegex((poplib.error_proto, OSError), "switched off|EOF|reset|closed"):
            pop3.noop()
        with smtplib.SMTP("127.0.0.1", self.window.ports["submission"]) as smtp:
            smtp.login(ADDRESS, PASSWORD)
            self.window.press(CHECK, self.use("Sending"))
            self.window.wait(lambda: "Protocols=imap;\n" in self.settings(), "the file to say so")
            with self.assertRaises((smtplib.SMTPException, OSError)):
                smtp.mail(ADDRESS)
                smtp.rcpt(ADDRESS)
        self.assertTrue(self.log_in(PASSWORD), "IMAP is still allowed")
        self.window.press(CHECK, self.use("IMAP"))
        self.window.wait(lambda: "Protocols=\n" in self.settings(), "the file to say so")
        self.assertFalse(self.log_in(PASSWORD))
        for name in ("IMAP", "POP3", "Sending"):
            self.window.press(CHECK, self.use(name))
        self.window.wait(lambda: "Protocols=" not in self.settings(), "the file to forget")
        self.assertTrue(self.log_in(PASSWORD))

    def offers(self, root=None):
        """The settings that are seen there, by the titles of their rows."""
        return [title for title in ("Read with IMAP", "Fetch with POP3", "Send with Submission")
                if (label := self.window.look(LABEL, title, root)) is not None and label.place()[2] > 0]

    def test_8bb_a_mail_app_is_offered_what_the_account_may_use(self):
        note = "Switched off for this account: "
        self.window.press(CHECK, self.use("POP3"))
        self.window.press(BUTTON, lambda name: "Connect…" in name)
        dialog = self.window.dialog("Connect a Mail App")
        self.window.find(LABEL, note + "POP3", dialog)
        self.assertEqual(self.offers(dialog), ["Read with IMAP", "Send with Submission"])
        self.assertGreater(self.window.find(BUTTON, lambda name: name.startswith("Save for Thunderbird"), dialog).place()[2], 0)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Connect a Mail App")

        # Who can't send has no use for a file that sets both up.
        self.window.press(CHECK, self.use("Sending"))
        self.window.press(BUTTON, lambda name: "Connect…" in name)
        dialog = self.window.dialog("Connect a Mail App")
        self.window.find(LABEL, note + "POP3, Sending", dialog)
        self.assertEqual(self.offers(dialog), ["Read with IMAP"])
        self.window.find(LABEL, lambda name: name.startswith("A file or code to set a program up takes"), dialog)
        save = self.window.look(BUTTON, lambda name: name.startswith("Save for Thunderbird"), dialog)
        self.assertTrue(save is None or save.place()[2] <= 0, "a file is offered")
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Connect a Mail App")

        for name in ("POP3", "Sending"):
            self.window.press(CHECK, self.use(name))
        self.window.wait(lambda: "Protocols=" not in self.settings(), "the file to forget")
        self.window.press(CHECK, lambda name: "May log in" in name)
        self.window.press(BUTTON, lambda name: "Connect…" in name)
        dialog = self.window.dialog("Connect a Mail App")
        self.window.find(LABEL, "This account may not log in", dialog)
        self.window.press(BUTTON, "Close", dialog)
        self.window.gone("Connect a Mail App")
        self.window.press(CHECK, lambda name: "May log in" in name)
        self.window.wait(lambda: self.log_in(PASSWORD), "the login")

    def replies(self):
        """What Bob has of automatic replies: subjects."""
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login("bob@demo.test", "the password of bob")
            imap.select("INBOX")
            numbers = imap.search(None, "HEADER", "Auto-Submitted", "auto-replied")[1][0].split()
            return [imap.fetch(number, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1].decode().strip() for number in numbers]

    def write_text(self, text):
        view = self.window.find(ENTRY, "Text of the reply")
        self.window.fill(view, text)

    def choose_days(self):
        """In the calendars: the first that this month's shows, and none in the other."""
        last = self.window.find(ENTRY, "Last day")
        self.window.click(last)
        self.window.press(BUTTON, "Choose a day: Last day")
        self.window.find(BUTTON, "No Day")
        self.window.key("Down", "space", title="Posthouse")
        day = datetime.date.fromisoformat(self.window.wait(last.text, "a day in the row"))
        self.assertIn((datetime.date.today().replace(day=1) - day).days, range(8))
        self.window.press(BUTTON, "Choose a day: Last day")
        self.window.press(BUTTON, "No Day")
        self.window.wait(lambda: last.text() == "", "no day in the row")
        self.window.press(BUTTON, "Choose a day: First day")
        self.window.press(BUTTON, "No Day")
        self.window.wait(lambda: self.window.find(ENTRY, "First day").text() == "", "no day in the row")
        self.window.fill(self.window.find(ENTRY, "First day"), "2020-02-29")

    def test_8c_mail_is_answered_while_somebody_is_away(self):
        # Without a text there is nothing to say.
        self.window.press(CHECK, "Answer automatically")
        self.window.wait_toast("An automatic reply needs a text")
        self.window.wait(lambda: not self.window.find(CHECK, "Answer automatically").has_state(CHECKED), "the switch to say no")
        self.assertNotIn("AutomaticReply=true", self.settings())

        self.window.type("First day", "tomorrow")
        self.window.find(ENTRY, lambda name: "a day like 2026-12-24" in name)
        self.assertFalse(self.window.find(BUTTON, "Save Reply").has_state(SENSITIVE))
        self.window.fill(self.window.find(ENTRY, lambda name: name.startswith("First day")), "2020-02-29")
        self.window.fill(self.window.find(ENTRY, "Subject of the reply"), "Away")
        self.write_text("Back on Monday")
        self.window.press(CHECK, "Answer automatically")
        self.window.wait(lambda: "AutomaticReply=true" in self.settings(), "the file to say so")
        for line in ("AutomaticReplySubject=Away", "AutomaticReplyText=Back on Monday", "AutomaticReplyFirstDay=2020-02-29", "AutomaticReplyLastDay=\n"):
            self.assertIn(line, self.settings())
        self.send(ADDRESS, "Are you there?", sender="bob@demo.test")
        self.window.wait(lambda: self.replies() == ["Subject: Away"], "the reply")

        # What is changed counts once it is saved; another text is another reply.
        self.write_text("Back on Tuesday")
        self.choose_days()
        self.assertIn("AutomaticReplyText=Back on Monday", self.settings())
        self.window.press(BUTTON, "Save Reply")
        self.window.wait_toast("Saved the automatic reply")
        self.window.wait(lambda: "AutomaticReplyText=Back on Tuesday" in self.settings(), "the file to say so")
        self.send(ADDRESS, "Are you there now?", sender="bob@demo.test")
        self.window.wait(lambda: len(self.replies()) == 2, "the other reply")

        self.window.press(CHECK, "Answer automatically")
        self.window.wait(lambda: "AutomaticReply=false" in self.settings(), "the file to say so")

    def test_9_its_logins_are_listed_and_lead_to_the_sessions(self):
        self.window.wait(lambda: self.window.look(LABEL, lambda name: name.startswith("IMAP · ")), "its last session")
        self.window.press(BUTTON, "Show Sessions")
        search = self.window.find("entry", "Search sessions and transcripts")
        self.window.wait(lambda: search.text() == ADDRESS, "a search for it")
        self.window.wait(lambda: self.window.rows("Sessions"), "its sessions")

    def test_9b_deleting_leads_back_to_the_list(self):
        self.window.show("Accounts")
        self.window.press(BUTTON, "Delete Account…")
        dialog = self.window.dialog("Delete This Account?")
        self.window.press(BUTTON, "Delete", dialog)
        self.window.wait_toast(f"Deleted {ADDRESS}")
        self.window.wait(lambda: len(self.window.rows("Accounts")) == 1, "the other one")


if __name__ == "__main__":
    main()
