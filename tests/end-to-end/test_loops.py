"""V28: two Posthouses that forward to each other; RFC 9228."""

import contextlib
import imaplib
import smtplib
import socket
import threading
import time
import unittest

from posthouse import Posthouse, free_port, main, wait_for

ALICE = ("alice@one.test", "secret")
CAROL = ("carol@two.test", "secret")


class Forward(threading.Thread):
    """A port that is known before the server behind it has one, and counts who comes."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.target = None
        self.count = 0

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.count += 1
                server = socket.create_connection(("127.0.0.1", self.target))
                threading.Thread(target=self.pump, args=(client, server), daemon=True).start()

    def pump(self, client, server):
        with client, server, contextlib.suppress(OSError):
            back = threading.Thread(target=self.copy, args=(server, client), daemon=True)
            back.start()
            self.copy(client, server)
            back.join()

    def copy(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def config(here, there, port):
    return (f"[General]\nHostName=mx.{here}\n[Relay]\nGuard=anywhere\nInterval=1\nDnsServer=127.0.0.1@{free_port(socket.SOCK_DGRAM)}\nAllowLoopback=true\n"
            f"Routes={there}=127.0.0.1:{port}\n[Alias loop@{here}]\nTargets=loop@{there}\n[Alias spin@{here}]\nTargets=spin@{there}\n"
            f"[Alias mix@{here}]\nTargets=loop@{there};{'alice' if here == 'one.test' else 'carol'}@{here}\n")


class Loops(unittest.TestCase):
    def setUp(self):
        self.ways = [Forward(), Forward()]
        self.servers = [Posthouse(config=config("one.test", "two.test", self.ways[1].port), accounts=[ALICE]),
                        Posthouse(config=config("two.test", "one.test", self.ways[0].port), accounts=[CAROL])]
        for way, server in zip(self.ways, self.servers):
            server.start()
            self.addCleanup(server.__exit__)
            way.target = server.ports["smtp"]
            way.start()
            self.addCleanup(way.listener.close)

    def read_all(self, account, server):
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as imap:
            imap.login(*account)
            imap.select()
            numbers = imap.search(None, "ALL")[1][0].split()
            return [imap.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]

    def waits(self, server):
        return list((server.directory / "relay").glob("*.env"))

    def submit(self, recipients, header=b"", sender=ALICE[0]):
        with smtplib.SMTP("127.0.0.1", self.servers[0].ports["submission" if sender == ALICE[0] else "smtp"]) as smtp:
            if sender == ALICE[0]:
                smtp.login(*ALICE)
            smtp.sendmail(sender, recipients, header + b"From: alice@one.test\r\nSubject: round and round\r\n\r\nHello\r\n")

    def read_bad(self, server):
        """What is said of the one message that is kept, and its text."""
        kept = list((server.directory / "bad").glob("*.env"))
        self.assertEqual(len(kept), 1)
        return kept[0].read_text(), kept[0].with_suffix(".eml").read_text()

    def rests(self):
        """Nothing waits in either queue for three seconds, which is longer than their interval."""
        for _ in range(30):
            if any(self.waits(server) for server in self.servers):
                return False
            time.sleep(0.1)
        return True

    def wait_for_end(self):
        wait_for(lambda: all(way.count > 0 for way in self.ways) and self.rests(), "the end", 120)

    def expect_report(self):
        """To Alice alone, after three hops."""
        self.wait_for_end()
        reports = wait_for(lambda: self.read_all(ALICE, self.servers[0]), "the report", 120)
        self.assertEqual(len(reports), 1)
        self.assertIn(b"multipart/report", reports[0])
        self.assertIn(b"Status: 5.4.6", reports[0])
        self.assertEqual(self.read_all(CAROL, self.servers[1]), [])
        self.assertEqual(reports[0].split(b"delivery-status", 1)[1].count(b"\nReceived: "), 3)
        return reports[0]

    def test_ends_where_it_began(self):
        """It comes back to the server of its sender, which tells them, and forwards it no more."""
        self.submit(["loop@one.test"])
        report = self.expect_report()
        self.assertIn(b"Final-Recipient: rfc822;loop@one.test", report)
        self.assertIn(b"\r\nDelivered-To: loop@two.test\r\nReceived: ", report)
        self.assertIn(b"\r\nDelivered-To: loop@one.test\r\nReceived: ", report)

    def test_ends_at_the_other(self):
        """It comes back to another server, which refuses it to the server of its sender."""
        self.submit(["loop@two.test"])
        self.assertIn(b"Final-Recipient: rfc822;loop@two.test", self.expect_report())

    def test_stranger_is_not_told(self):
        """V26: refused to the other server, which has nothing but a stranger's word for who sent it: it keeps the message with the reason."""
        self.submit(["loop@one.test"], sender="somebody@three.test")
        self.wait_for_end()
        reason, text = self.read_bad(self.servers[1])
        self.assertIn("5.4.6", reason)
        self.assertEqual(text.count("\nReceived: "), 2)
        self.assertEqual(self.read_all(ALICE, self.servers[0]) + self.read_all(CAROL, self.servers[1]), [])

    def test_others_get_it(self):
        """Who gets a copy beside those who send it in circles has it once, and one report says that the rest does not arrive."""
        self.submit(["mix@one.test"], b"Delivered-To: alice@one.test\r\n")
        self.wait_for_end()
        messages = wait_for(lambda: len(self.read_all(ALICE, self.servers[0])) > 1 and self.read_all(ALICE, self.servers[0]), "both", 120)
        self.assertEqual(len(messages), 2)
        copy = next(text for text in messages if b"multipart/report" not in text)
        fields = [line for line in copy.split(b"\r\n") if line.startswith((b"Return-Path:", b"Delivered-To:", b"Received:"))]
        self.assertEqual(fields[:3], [b"Return-Path: <alice@one.test>", b"Delivered-To: alice@one.test", b"Delivered-To: mix@one.test"])
        self.assertEqual(fields[4], b"Delivered-To: alice@one.test")

    def test_hops(self):
        """Two at once, so that no field tells one of the other: there the hops count, and the one too many is refused to the sender's own server."""
        self.submit(["loop@one.test", "spin@one.test"], b"Received: from her.phone by her.house; Thu, 26 Nov 2026 12:00:00 +0000\r\n")
        self.wait_for_end()
        reports = wait_for(lambda: self.read_all(ALICE, self.servers[0]), "the report", 120)
        self.assertEqual(len(reports), 1)
        self.assertIn(b"Status: 5.4.6", reports[0])
        self.assertEqual(self.read_all(CAROL, self.servers[1]), [])

    def test_hops_of_a_stranger(self):
        self.submit(["loop@one.test", "spin@one.test"])
        self.wait_for_end()
        reason, text = self.read_bad(self.servers[1])
        self.assertIn("5.4.6", reason)
        self.assertEqual(text.count("\nReceived: "), 50)
        self.assertNotIn("Delivered-To", text)
        self.assertEqual(self.read_all(ALICE, self.servers[0]), [])

    def test_report_never_goes_in_circles(self):
        """A message without a sender has nobody to be told: it ends."""
        self.submit(["loop@one.test"], sender="")
        self.wait_for_end()
        self.assertEqual(self.read_all(ALICE, self.servers[0]) + self.read_all(CAROL, self.servers[1]), [])


if __name__ == "__main__":
    main()
