"""Automatic replies (RFC 3834): who has one, what it looks like, and that nobody has two. With swaks."""

import email
import email.policy
import imaplib
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from posthouse import ALICE, BOB, PROGRAM, SECONDS, Posthouse, main, wait_for

TEXT = "Ich bin weg, überall.\n.\nGrüße"
STRANGER = "ann@elsewhere.test"


class Replies(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-replies-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.data = self.directory / "data"

    def command(self, *words, input=""):
        result = subprocess.run([PROGRAM, "--data", str(self.data), "--config", str(self.data / "posthouse.ini"), *words],
                                input=input, capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(result.returncode, 0, f"{words}: {result.stdout}{result.stderr}")
        return result.stdout

    def swaks(self, server, sender, to=ALICE[0], *options):
        subprocess.run(["swaks", "--server", f"127.0.0.1:{server.ports['smtp']}", "--from", sender, "--to", to, "--header", "Subject: Mittag", *options],
                       capture_output=True, text=True, timeout=SECONDS, check=True)

    def log_in(self, server, account):
        imap = imaplib.IMAP4("127.0.0.1", server.ports["imap"])
        self.addCleanup(imap.shutdown)
        imap.login(*account)
        return imap

    def read(self, imap):
        """The messages of INBOX that are replies."""
        imap.select("INBOX")
        numbers = imap.search(None, "HEADER", "Auto-Submitted", "auto-replied")[1][0].split()
        return [email.message_from_bytes(imap.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=email.policy.default) for number in numbers]

    def queued(self):
        return [path.read_text() for path in (self.data / "relay").glob("*.env")]

    def test_somebody_here(self):
        """Bob writes to Alice, who is away: he has one reply, and it answers his message."""
        with Posthouse(directory=self.data) as server:
            self.command("automatic-reply", "set", "--subject", "Weg", ALICE[0], input=TEXT)
            self.assertEqual(self.command("automatic-reply", "show", ALICE[0]), f"on\t\t\t7\tWeg\n{TEXT}\n")
            imap = self.log_in(server, BOB)
            self.swaks(server, BOB[0], ALICE[0], "--header", "Message-Id: <lunch@demo.test>")
            wait_for(lambda: self.read(imap), "the reply")
            # What came later and is not answered is decided once the last one is answered.
            self.swaks(server, BOB[0])
            self.swaks(server, STRANGER)
            wait_for(self.queued, "the reply to the stranger")
            [reply] = self.read(imap)
            self.assertEqual((reply["Subject"], str(reply["To"]), reply["From"].addresses[0].addr_spec), ("Weg", BOB[0], ALICE[0]))
            self.assertEqual((reply["In-Reply-To"], reply["References"], reply["Return-Path"]), ("<lunch@demo.test>", "<lunch@demo.test>", "<>"))
            self.assertEqual(reply.get_content().replace("\r\n", "\n").strip(), TEXT)

    def test_somebody_elsewhere(self):
        """A stranger's reply waits in the queue while the guard is closed; he has no second one, also after a crash and another start."""
        server = Posthouse(directory=self.data)
        server.start()
        self.command("automatic-reply", "set", ALICE[0], input=TEXT)
        self.swaks(server, STRANGER)
        [env] = wait_for(self.queued, "the reply")
        self.assertIn(STRANGER, env)
        self.assertIn("Sender=\n", env)
        [text] = [path.read_bytes() for path in (self.data / "relay").glob("*.eml")]
        self.assertIn(b"Subject: Auto: Mittag\r\n", text)
        self.assertIn(b"Auto-Submitted: auto-replied\r\n", text)
        server.kill()
        with server:
            self.swaks(server, STRANGER)
            self.swaks(server, "bert@elsewhere.test")
            wait_for(lambda: len(self.queued()) > 1, "the reply to the other")
            self.assertEqual(sorted(STRANGER in env for env in self.queued()), [False, True])

    def test_memory_is_copied_and_goes_with_the_account(self):
        """Nobody has a second reply of a server that was restored; and nothing is left of an account that is removed."""
        with Posthouse(directory=self.data) as server:
            self.command("automatic-reply", "set", ALICE[0], input=TEXT)
            self.swaks(server, STRANGER)
            wait_for(self.queued, "the reply")
            [memory] = (self.data / "replies").iterdir()
            self.command("backup", str(self.directory / "copy"))
            self.assertEqual((self.directory / "copy" / "replies" / memory.name).read_bytes(), memory.read_bytes())
            self.command("account", "delete", ALICE[0].upper())
            wait_for(lambda: not memory.exists(), "it to be forgotten")

    def test_nobody(self):
        """What is not to be answered is not; the last message is, and shows that the others were decided."""
        with Posthouse(directory=self.data) as server:
            self.command("automatic-reply", "set", ALICE[0], input=TEXT)
            self.swaks(server, "<>")
            self.swaks(server, "list-request@elsewhere.test")
            self.swaks(server, "a@elsewhere.test", ALICE[0], "--header", "List-Id: <x.elsewhere.test>")
            self.swaks(server, "b@elsewhere.test", ALICE[0], "--header", "Auto-Submitted: auto-generated")
            self.swaks(server, "c@elsewhere.test", ALICE[0], "--header", "Precedence: bulk")
            self.swaks(server, "d@elsewhere.test", ALICE[0], "--header", "To: friends@elsewhere.test")
            self.swaks(server, "e@elsewhere.test", BOB[0])
            self.swaks(server, STRANGER)
            [env] = wait_for(self.queued, "the one reply")
            self.assertIn(STRANGER, env)
            self.command("automatic-reply", "off", ALICE[0])
            self.assertTrue(self.command("automatic-reply", "show", ALICE[0]).startswith("off\t"))
            self.swaks(server, "f@elsewhere.test")
            self.command("automatic-reply", "set", BOB[0], input=TEXT)
            self.swaks(server, "g@elsewhere.test", BOB[0])
            wait_for(lambda: len(self.queued()) == 2, "the reply of Bob")

    def test_both_away(self):
        """V30: two who are away, and write to each other, have one reply each."""
        with Posthouse(directory=self.data) as server:
            for account in (ALICE, BOB):
                self.command("automatic-reply", "set", account[0], input=TEXT)
            alice, bob = self.log_in(server, ALICE), self.log_in(server, BOB)
            for _ in range(3):
                self.swaks(server, BOB[0], ALICE[0])
                self.swaks(server, ALICE[0], BOB[0])
            self.swaks(server, STRANGER)
            wait_for(self.queued, "the reply to the stranger")
            self.assertEqual((len(self.read(alice)), len(self.read(bob))), (1, 1))


if __name__ == "__main__":
    main()
