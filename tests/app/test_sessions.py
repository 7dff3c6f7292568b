"""The live log in the window: a session made by swaks is watched, filtered, followed, explained, copied and saved."""

import imaplib
import json
import re
import smtplib
import socket
import ssl
import subprocess

from window import BUTTON, LABEL, LIST, Case, Line, main

SECRET = "a secret that is nowhere to be seen"


class Sessions(Case):
    accounts = {"alice@demo.test": SECRET}

    def rows(self):
        return self.window.rows("Sessions")

    def lines(self):
        return self.window.rows("Transcript")

    def wait_rows(self, condition, what):
        self.window.wait(lambda: condition(self.rows()), f"sessions: {what}")

    def wait_line(self, pattern):
        return self.window.wait(lambda: next((line for line in self.lines() if re.search(pattern, line)), None), f"a line “{pattern}”")

    def choose(self, text):
        """Clicks on the row that has the text."""

        self.window.click(self.window.find_row("Sessions", text), title="Posthouse")

    def test_1_it_says_what_will_appear(self):
        self.window.show("Sessions")
        self.window.find(LABEL, "No Sessions")
        self.window.find(LABEL, "No Lines Yet")

    def test_2_a_message_is_seen_line_by_line(self):
        self.send("alice@demo.test", subject="Seen as it comes")
        self.wait_rows(lambda rows: len(rows) == 1 and "SMTP" in rows[0] and "Closed" in rows[0], "one that is closed")
        for pattern in (r"← Server +220 ", r"→ Client +EHLO ", r"→ Client +MAIL FROM:<ann@example.org>", r"→ Client +RCPT TO:<alice@demo.test>",
                        r"← Server +354 ", r"message, \d+ bytes in [\d.]+ m?s", r"← Server +250 ", r"→ Client +QUIT", r"← Server +221 "):
            self.wait_line(pattern)
        self.assertFalse([line for line in self.lines() if "Seen as it comes" in line], "no body in the log")
        self.assertRegex(self.wait_line("EHLO"), r"\d\d:\d\d:\d\d\.\d\d\d")

    def test_3_a_running_session_is_seen_and_its_secret_is_not(self):
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login("alice@demo.test", SECRET)
            self.wait_rows(lambda rows: len(rows) == 2 and "alice@demo.test" in rows[0] and "Running" in rows[0], "a running one on top")
            self.choose("alice@demo.test")
            self.wait_line(r"→ Client +\S+ LOGIN ")
            self.assertFalse([line for line in self.lines() if SECRET in line])
            self.assertFalse([line for line in self.lines() if "EHLO" in line], "the other session's lines are not here")
            imap.select("INBOX")
            self.wait_line(r"→ Client +\S+ SELECT INBOX")
            self.wait_steps("Connected", "no TLS", "alice@demo.test", "Running")
        self.wait_rows(lambda rows: "Closed" in rows[0], "its end")
        self.wait_rows(lambda rows: re.search(r"^\d+ m?s · [\d.,]+\s(bytes|kB) in · [\d.,]+\s(bytes|kB) out · 127\.0\.0\.1:\d+$", rows[0], re.M), "how long it took, and how much it was")
        self.wait_steps("Connected", "no TLS", "alice@demo.test", "Closed")
        self.window.find(LABEL, lambda name: re.fullmatch(r"\d+ m?s · .+ received · .+ sent", name) is not None)

    def wait_steps(self, *steps):
        """How far the session came, above its lines."""
        self.window.wait(lambda: [node.name for box in self.window.walk() if box.name == "How far the session came"
                                  for node in box.walk() if node.role == LABEL] == list(steps), f"steps {steps}")

    def test_4_rows_stay_while_somebody_points_at_them(self):
        with Line(self.window.ports["pop3"]) as line:
            line.read()
        self.window.find(BUTTON, "Show 1 new session")
        self.assertEqual(len(self.rows()), 2)
        self.window.press(BUTTON, "Show 1 new session")
        self.wait_rows(lambda rows: len(rows) == 3, "three")
        self.window.point_away()

    def test_4b_filters_hide_and_never_delete(self):
        for chip, left in (("IMAP", ["IMAP"]), ("POP3", ["POP3"]), ("SMTP", ["SMTP"])):
            self.window.press(BUTTON, chip)
            self.wait_rows(lambda rows: len(rows) == 1 and rows[0].startswith(left[0]), f"{left} alone")
            self.window.press(BUTTON, chip)
            self.wait_rows(lambda rows: len(rows) == 3, "all three again")
        self.window.press(BUTTON, "Account")
        self.window.press("menu item", "alice@demo.test")
        self.wait_rows(lambda rows: len(rows) == 1 and rows[0].startswith("IMAP"), "hers alone")
        self.window.press(BUTTON, lambda name: name == "alice@demo.test")  # not “Actions for” her
        self.window.press("menu item", "Any Account")
        self.wait_rows(lambda rows: len(rows) == 3, "all three again")
        self.window.press(BUTTON, "Submission")
        self.window.wait(lambda: not self.rows(), "none")
        self.window.find(LABEL, "Nothing Found")
        self.window.press(BUTTON, "Show All")
        self.wait_rows(lambda rows: len(rows) == 3, "all three again")

    def test_5_search_finds_what_was_said(self):
        self.window.key("ctrl+f", title="Posthouse")
        self.window.write("rcpt to:")
        self.wait_rows(lambda rows: len(rows) == 1 and rows[0].startswith("SMTP"), "the one in which it was said")
        self.window.key("ctrl+a", "BackSpace", title="Posthouse")
        self.wait_rows(lambda rows: len(rows) == 3, "all three again")

    def test_6_all_sessions_are_one_transcript(self):
        self.window.press(BUTTON, "All Sessions")
        self.wait_line(r"POP3 3 ")
        # Few rows are made beyond those in sight (GTK 4.18).
        self.window.click(self.window.find(LIST, "Transcript"))
        self.window.key("Home", title="Posthouse")
        self.wait_line(r"SMTP 1 .*EHLO")
        self.window.press(BUTTON, "Follow")
        self.wait_line(r"IMAP 2 .*SELECT")

    def test_7_it_follows_at_the_end_and_freezes_above_it(self):
        for number in range(4):
            self.send("alice@demo.test", subject=str(number))
        # At the end: the last line of the last session is among the rows that are made.
        self.wait_line(r"SMTP 7 .*221 ")
        self.window.click(self.window.find(LIST, "Transcript"))
        self.window.key("Home", title="Posthouse")
        self.window.find(BUTTON, "Follow")
        before = self.wait_line(r"SMTP 1 .*220 ")
        self.send("alice@demo.test", subject="while reading")
        button = self.window.find(BUTTON, lambda name: re.fullmatch(r"\d+ new lines", name) is not None)
        self.assertGreater(int(button.name.split()[0]), 10)
        self.assertIn(before, self.lines(), "what is read stays where it is")
        self.assertFalse([line for line in self.lines() if "SMTP 8" in line])
        self.window.press(BUTTON, lambda name: name.endswith("new lines"))
        self.wait_line(r"SMTP 8 .*221 ")

    def test_8_lines_are_copied(self):
        self.window.click(self.window.find(LIST, "Transcript"))
        self.window.key("ctrl+a", "ctrl+c", title="Posthouse")
        self.window.wait_toast("Copied the lines")
        # The clipboard is read by pasting it into the search.
        self.window.key("ctrl+f", "ctrl+v", title="Posthouse")
        search = self.window.find("entry", "Search sessions and transcripts")
        pasted = self.window.wait(search.text, "what was copied")
        self.assertIn("EHLO", pasted)
        self.assertIn("SELECT INBOX", pasted)
        self.assertNotIn(SECRET, pasted)
        self.window.key("ctrl+a", "BackSpace", title="Posthouse")

    def save(self, format, ending):
        """What the person gets who saves what is shown."""
        self.window.press(BUTTON, "Save the transcript")
        self.window.press("menu item", lambda name: format in name)
        chooser = self.window.dialog("Save the transcript")
        target = self.window.directory / f"saved.{ending}"
        name = next(node for node in self.window.walk(chooser) if node.role in ("text", "entry"))
        name.set_text(str(target))
        self.window.press(BUTTON, "Save", chooser)
        text = self.window.wait(lambda: target.exists() and target.read_text(), "the file")
        self.window.gone("Save the transcript")
        self.assertNotIn(SECRET, text)
        self.assertEqual(target.stat().st_mode & 0o077, 0)
        return text

    def test_9_all_transcripts_are_saved(self):
        self.wait_rows(lambda rows: len(rows) > 5, "all again")
        self.assertIn("RCPT TO:<alice@demo.test>", self.save("Text", "txt"))

    def test_9b_a_session_is_saved_in_each_format(self):
        self.choose("alice@demo.test")
        self.wait_line(r"→ Client +\S+ LOGIN ")
        self.assertRegex(self.save("Text", "one.txt"), r"(?m)^# Session 2: IMAP$")
        objects = [json.loads(line) for line in self.save("JSON", "jsonl").splitlines()]
        self.assertTrue([each for each in objects if "SELECT INBOX" in str(each)])
        self.assertIn("sequenceDiagram", self.save("Markdown", "md"))

    def test_9c_a_chosen_line_is_explained(self):
        self.window.click(self.window.find_row("Transcript", "SELECT INBOX"), title="Posthouse")
        self.window.find(LABEL, lambda name: "Opens a folder" in name and "RFC 9051, 6.3.2" in name)

    def test_9ca_its_bytes_are_shown_in_hex(self):
        self.window.press(BUTTON, "Hex")
        self.window.find(LABEL, lambda name: re.match(r"0000  ([0-9a-f]{2} )+ .{16}\n0010  ", name) is not None and " 53 45 4c 45 43 54 20 " in name)
        self.window.press(BUTTON, "Hex")
        self.window.find(LABEL, lambda name: re.fullmatch(r"\S+ SELECT INBOX", name) is not None)

    def test_9cb_times_are_those_since_the_line_before(self):
        self.window.press(BUTTON, "Time since the line before")
        self.wait_line(r"^ +\+\d+\.\d{3} s  → Client +\S+ LOGIN ")
        self.window.press(BUTTON, "Time since the line before")
        self.wait_line(r"^\d\d:\d\d:\d\d\.\d{3}  → Client +\S+ LOGIN ")

    def test_9cc_replies_are_folded_and_tls_is_a_block(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with smtplib.SMTP("127.0.0.1", self.window.ports["smtp"], local_hostname="folded.example") as smtp:
            smtp.ehlo()
            smtp.starttls(context=context)
            smtp.ehlo()
            self.assertIn("550", str(smtp.docmd("MAIL FROM:<ann@example.org>") + smtp.docmd("RCPT TO:<nobody@demo.test>")))
            self.wait_rows(lambda rows: "folded.example" in rows[0], "the new one")
            self.choose("folded.example")
            self.wait_line(r"← Server +250-\S+ … \d+ lines, \d+ bytes, in [\d.]+ m?s$")
            self.wait_line(r"(?s)• Note +TLS begins\nVersion and cipher: TLS1\.3 .*\nOur certificate: ")
            self.assertFalse([line for line in self.lines() if "250-PIPELINING" in line], "folded")
            self.window.click(self.window.find_row("Transcript", " lines, "), title="Posthouse")
            self.window.find(LABEL, lambda name: re.match(r"250-\S+\n250-", name) is not None and "\n250-PIPELINING\n" in name)
            self.window.click(self.window.find_row("Transcript", "550 5.1.1"), title="Posthouse")
            self.window.find(LABEL, lambda name: "5.1.1: There is no such mailbox in this domain. (RFC 3463, 3.2)" in name)
            self.window.find(LABEL, "Why")
            self.window.find(LABEL, lambda name: name.startswith("nobody@demo.test: the domain is one of this server"))

    def test_9d_what_a_client_does_wrong_is_told(self):
        self.assertIsNone(self.window.look(LABEL, "A command ended in a bare LF"))
        with socket.create_connection(("127.0.0.1", self.window.ports["smtp"])) as client:
            client.recv(1000)
            client.sendall(b"EHLO careless.example\r\n")
            client.recv(1000)
            client.sendall(b"NOOP\n")
            client.recv(1000)
        self.window.point_away()
        self.choose("careless.example")
        self.window.find(LABEL, "A command ended in a bare LF")


    def test_9e_a_client_is_disconnected_with_a_goodbye(self):
        self.window.show("Sessions")
        with Line(self.window.ports["smtp"]) as stays, Line(self.window.ports["smtp"]) as goes:
            for line, name in ((stays, "stays.example"), (goes, "goes.example")):
                line.read()
                self.assertIn("250", line.ask(f"HELO {name}"))
            self.window.point_away()
            self.choose("goes.example")
            self.choose_from_menu("Disconnect")
            self.assertRegex(goes.read(), "^421 ")
            self.assertEqual(goes.read(), "")
            self.assertIn("250", stays.ask("NOOP"), "the other one speaks on")
        self.wait_line("Note +Disconnected by hand")

    def choose_from_menu(self, item):
        self.window.press(BUTTON, "Disconnect or block this client")
        self.window.press("menu item", item)

    def test_9g_the_life_of_a_message_leads_from_session_to_session(self):
        self.send("alice@demo.test", subject="A life", sender="lively@example.org")
        with imaplib.IMAP4("127.0.0.1", self.window.ports["imap"]) as imap:
            imap.login("alice@demo.test", SECRET)
            imap.select("INBOX")
            imap.fetch(imap.search(None, "SUBJECT", '"A life"')[1][0].decode(), "(BODY.PEEK[])")
        self.window.point_away()
        self.window.key("ctrl+f", title="Posthouse")
        self.window.write("lively@example.org")
        self.wait_rows(lambda rows: len(rows) == 1, "the one that brought it")
        self.choose("SMTP")
        self.window.press(BUTTON, "What became of its messages")
        dialog = self.window.dialog("Life of a Message")
        for title, detail in (("Received", "From lively@example.org"), ("Delivered", "alice@demo.test"), ("Fetched", "alice@demo.test")):
            row = self.window.find_row("Life Line", title, dialog)
            self.assertTrue([node for node in row.walk() if detail in node.name], f"{title}: {detail}")
        self.window.click(self.window.find_row("Life Line", "Fetched", dialog), title="Life of a Message")
        self.window.gone("Life of a Message")
        self.wait_line(r"→ Client +\S+ FETCH ")
        self.window.key("ctrl+f", "ctrl+a", "BackSpace", title="Posthouse")

    def greeting(self, service="smtp"):
        with Line(self.window.ports[service]) as line:
            return line.read()

    def test_9f_an_address_is_blocked_and_let_in_again(self):
        self.window.show("Sessions")
        with Line(self.window.ports["smtp"]) as line:
            line.read()
            line.ask("HELO unwelcome.example")
            self.window.point_away()
            self.choose("unwelcome.example")
            self.choose_from_menu("Block Its Address for an Hour")
            self.assertRegex(line.read(), "^421 ", "who is here goes, too")
        # A toast is there for seconds only.
        self.window.press(BUTTON, "Undo")
        self.window.wait(lambda: self.greeting().startswith("220"), "the greeting again")

        self.choose_from_menu("Block Its Address for an Hour")
        self.window.wait_toast("127.0.0.1 is blocked for an hour")
        self.window.wait(lambda: self.greeting().startswith("421 4.7.0 This address is blocked for now"), "the refusal")
        self.assertRegex(self.greeting("pop3"), "^-ERR .*blocked")
        self.assertRegex(self.greeting("imap"), r"^\* BYE .*blocked")
        self.window.point_away()
        self.wait_rows(lambda rows: len([row for row in rows if "This address is blocked" in row]) >= 3, "who was sent away")
        self.choose_from_menu("Block Its Address")
        self.window.wait(lambda: self.greeting().startswith("554 5.7.1 This address is blocked"), "the lasting refusal")
        self.assertIn("Blocked=127.0.0.1", self.window.wait(lambda: "Blocked=" in self.window.settings.read_text() and self.window.settings.read_text(), "the settings"))
        self.window.key("ctrl+comma", title="Posthouse")
        preferences = self.window.dialog("Preferences")
        self.window.press(BUTTON, "Unblock", preferences)
        self.window.wait(lambda: self.greeting().startswith("220"), "the greeting again")
        self.window.key("Escape", title="Preferences")
        self.window.gone("Preferences")


class Crowd(Case):
    """What a list of some hundreds does."""

    accounts = {"alice@demo.test": SECRET}

    def test_1_the_last_line_is_at_the_end_after_a_burst(self):
        self.window.show("Sessions")
        for _ in range(3):
            subprocess.run(["smtp-source", "-s", "5", "-m", "60", "-f", "ann@example.org", "-t", "alice@demo.test", "-l", "400",
                            f"127.0.0.1:{self.window.ports['smtp']}"], check=True)
            try:
                self.window.wait(self.is_at_end, "the end of the transcript on the screen")
            except AssertionError:
                self.fail(self.describe_end())

    def test_2_the_newest_session_is_seen_unless_somebody_looks_further_down(self):
        self.window.wait(self.is_at_top, "the newest at the top")
        self.assertIsNone(self.window.look(BUTTON, lambda name: name.startswith("Show ") and name.endswith("new sessions")))

    def is_at_top(self):
        sessions = self.window.find(LIST, "Sessions")
        return sessions.children and sessions.children[0].place()[1] >= sessions.place()[1] - 1

    def is_at_end(self):
        """The last row that is made lies within the list and nothing below it is cut off."""
        return self.describe_end() is None

    def describe_end(self):
        """What is wrong with the end of the transcript."""
        transcript = self.window.find(LIST, "Transcript")
        texts = self.window.rows("Transcript")
        if not texts or "221" not in texts[-1]:
            return f"the last row is {texts[-1:]}"
        bottom = transcript.place()[1] + transcript.parent.place()[3]
        # Only of the last one: rows that were made and are not in sight say where they once were.
        ends = [row.place() for row in transcript.children[-3:]]
        last, height = ends[-1][1] + ends[-1][3], ends[-1][3]
        return None if height > 0 and bottom - height <= last <= bottom + 1 else f"the last row ends at {last}, the list at {bottom}: {transcript.place()}, {transcript.parent.place()}, {ends}"


if __name__ == "__main__":
    main()
