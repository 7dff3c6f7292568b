"""The queue in the window: mail for others waits, is held, released, tried and deleted by presses."""

import os

from screen_reader import SENSITIVE
from window import BUTTON, LABEL, TAB, Case, free_port, listens, main, program

PASSWORD = "the password of alice"
BAD = "Messages that could not be delivered"


class Queue(Case):
    accounts = {"alice@demo.test": PASSWORD}

    def submit(self, to, subject):
        return self.run_program("swaks", "--server", "127.0.0.1", "--port", self.window.ports["submission"], "--auth", "PLAIN",
                                "--auth-user", "alice@demo.test", "--auth-password", PASSWORD, "--from", "alice@demo.test", "--to", to,
                                "--header", f"Subject: {subject}", "--body", "Hello")

    def rows(self):
        return self.window.rows("Waiting messages")

    def wait_rows(self, condition, what):
        self.window.wait(lambda: condition(self.rows()), f"queue: {what}")

    def choose(self, text):
        self.window.click(self.window.find_row("Waiting messages", text))
        self.window.find(LABEL, "1 message chosen")

    def may_press(self, name):
        return self.window.find(BUTTON, name).has_state(SENSITIVE)

    def test_1_it_says_what_will_appear(self):
        self.window.show("Queue")
        self.window.find(LABEL, "Nothing Waits")

    def test_2_mail_for_others_waits_behind_the_guard(self):
        self.submit("carol@example.org", "For Carol")
        self.submit("dave@example.org,erin@example.net", "For two")
        self.wait_rows(lambda rows: len(rows) == 2 and all("Kept back by the guard" in row for row in rows), "two, kept back")
        self.assertTrue(any("carol@example.org" in row and "For Carol" in row for row in self.rows()), self.rows())
        self.assertTrue(any("and 1 more" in row for row in self.rows()), self.rows())

    def test_3_one_is_held_and_released(self):
        self.choose("carol@example.org")
        self.assertFalse(self.may_press("Release"))
        self.window.press(BUTTON, "Hold")
        self.wait_rows(lambda rows: any("carol" in row and "Held" in row for row in rows), "one that is held")
        self.window.wait(lambda: self.may_press("Release"), "Release")
        self.window.press(BUTTON, "Release")
        self.wait_rows(lambda rows: not any("Held" in row for row in rows), "none that is held")

    def test_3b_its_route_is_changed(self):
        def files():
            return "".join(path.read_text() for path in (self.window.directory / "data" / "relay").glob("*.env"))

        for server, words in (("mail.example.org:2599", "Via=mail.example.org:2599"), ("", None)):
            self.choose("carol@example.org")
            self.window.press(BUTTON, "Change the route")
            dialog = self.window.dialog("Change Route")
            if server:
                self.window.type("Server", "not a server", dialog)
                self.window.press(BUTTON, "Change", dialog)
                self.window.find(LABEL, lambda name: "not a server" in name or "not valid" in name or "no host" in name.lower(), dialog)
            self.window.type("Server", server, dialog)
            self.window.press(BUTTON, "Change", dialog)
            self.window.gone("Change Route")
            self.window.wait(lambda: words in files() if words else "Via=" not in files(), f"the way to “{server}”")

    def test_4_each_recipient_is_seen(self):
        self.choose("and 1 more")
        self.window.key("Return", title="Posthouse")
        dialog = self.window.dialog("Queued Message")
        self.window.find(LABEL, "dave@example.org", dialog)
        self.window.find(LABEL, "erin@example.net", dialog)
        self.window.find(LABEL, "For two", dialog)
        self.window.key("Escape", title="Queued Message")
        self.window.gone("Queued Message")

    def test_5_deleting_asks(self):
        self.choose("and 1 more")
        self.window.key("Delete", title="Posthouse")
        dialog = self.window.dialog("Delete 1 message?")
        self.window.press(BUTTON, "Cancel", dialog)
        self.window.gone("Delete 1 message?")
        self.assertEqual(len(self.rows()), 2)
        self.window.press(BUTTON, "Delete")
        dialog = self.window.dialog("Delete 1 message?")
        self.window.press(BUTTON, "Delete", dialog)
        self.wait_rows(lambda rows: len(rows) == 1, "one left")
        self.window.wait(lambda: len(list((self.window.directory / "data" / "relay").glob("*.eml"))) == 1, "one file left")


class Trying(Case):
    """A smarthost that does not answer, then does, then refuses."""

    accounts = {"alice@demo.test": PASSWORD}
    submit, rows, wait_rows, choose = Queue.submit, Queue.rows, Queue.wait_rows, Queue.choose
    smarthost = free_port()
    ini = f"[Relay]\nGuard=smarthost\n[Smarthost]\nHost=127.0.0.1\nPort={smarthost}\nTls=never\n"

    def sink(self, *options):
        return program("smtp-sink", *(["-u", "nobody"] if os.getuid() == 0 else []), *options, f"127.0.0.1:{self.smarthost}", "10", ready=lambda: listens(self.smarthost))

    def test_1_what_cannot_be_sent_waits_and_says_why(self):
        self.window.show("Queue")
        self.submit("carol@example.org", "Tried twice")
        self.wait_rows(lambda rows: len(rows) == 1 and "Deferred" in rows[0] and "1 try" in rows[0], "one that is deferred")
        self.assertIn("refused", self.rows()[0])

    def test_2_it_is_tried_now_and_goes(self):
        with self.sink():
            self.choose("carol@example.org")
            self.window.press(BUTTON, "Try now")
            self.window.wait(lambda: not self.rows(), "an empty queue")
        self.window.find(LABEL, "Nothing Waits")

    def test_3_what_is_refused_is_kept_and_can_be_put_back(self):
        with self.sink("-f", "rcpt"):
            self.submit("dave@example.org", "Refused")
            self.window.press(TAB, "Failed")
            self.window.wait(lambda: [row for row in self.window.rows(BAD) if "dave@example.org" in row and "Refused" in row], "the one that failed")
        self.window.click(self.window.find_row(BAD, "dave@example.org"))
        with self.sink():
            self.window.press(BUTTON, "Put back in the queue")
            self.window.wait(lambda: not self.window.rows(BAD), "nothing that failed")
            self.window.press(TAB, "Waiting")
            self.window.wait(lambda: not self.rows(), "an empty queue")

    def test_4_the_session_out_is_seen(self):
        self.window.show("Sessions")
        self.window.press(BUTTON, "SMTP out")
        self.window.wait(lambda: len(self.window.rows("Sessions")) >= 3 and all(row.startswith("SMTP out") for row in self.window.rows("Sessions")),
                         "the sessions out")

    def test_5_the_life_of_a_message_has_each_attempt(self):
        self.window.show("Queue")
        with self.sink("-f", "rcpt"):
            self.submit("erin@example.org", "Refused for good")
            self.window.press(TAB, "Failed")
            self.window.wait(lambda: [row for row in self.window.rows(BAD) if "erin@example.org" in row], "the one that failed")
        self.window.click(self.window.find_row(BAD, "erin@example.org"))
        self.window.key("Return", title="Posthouse")
        self.window.press(BUTTON, "Life Line", self.window.dialog("Queued Message"))
        dialog = self.window.dialog("Life of a Message")
        for title, detail in (("Received", "From alice@demo.test"), ("Queued", "Submission"), ("Refused", "erin@example.org: 5"), ("Given Up", "erin@example.org: 5")):
            row = self.window.find_row("Life Line", title, dialog)
            self.assertTrue([node for node in row.walk() if detail in node.name], f"{title}: {detail}")
        self.window.click(self.window.find_row("Life Line", "Refused", dialog), title="Life of a Message")
        self.window.gone("Life of a Message")
        self.window.wait(lambda: [line for line in self.window.rows("Transcript") if "RCPT TO:<erin@example.org>" in line], "the session out")


if __name__ == "__main__":
    main()
