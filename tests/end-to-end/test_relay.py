"""Mail for others: through Postfix's smtp-sink and a second Posthouse, found by MX records of dnsmasq; reports for what fails."""

import collections
import contextlib
import email
import email.policy
import imaplib
import random
import re
import smtplib
import subprocess
import time
import unittest

try:
    import dkim
except ImportError:
    dkim = None

from counting_sink import CountingSink
from posthouse import ALICE, BOB, PROGRAM, Posthouse, free_port, listens, main, program, wait_for

RECORDS = [
    "--mx-host=sink.test,mx.sink.test,10", "--host-record=mx.sink.test,127.0.0.1",
    "--mx-host=null.test,.,0",
    "--host-record=plain.test,127.0.0.1",  # no MX: its address counts
    "--mx-host=second.test,dead.second.test,5", "--mx-host=second.test,mx.second.test,10",
    "--host-record=dead.second.test,127.0.0.2", "--host-record=mx.second.test,127.0.0.1",
    "--host-record=slow.test,127.0.0.3",
]


def config(dns_port, relay_port, guard="anywhere", extra=""):
    return (f"[Relay]\nGuard={guard}\nInterval=1\nDnsServer=127.0.0.1@{dns_port}\nRemotePort={relay_port}\nAllowLoopback=true\n{extra}")


def dns(port):
    """A name server for .test that knows RECORDS, and says NXDOMAIN for the rest."""
    return program("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1",
                   f"--port={port}", "--local=/test/", "--user=root", "--pid-file=", *RECORDS, ready=lambda: listens(port))


class RelayCase(unittest.TestCase):
    guard = "anywhere"
    extra = ""

    def setUp(self):
        self.dns_port = free_port()
        self.sink_port = free_port()
        self.enter(dns(self.dns_port))
        self.server = Posthouse(config=config(self.dns_port, self.sink_port, self.guard, self.extra))
        self.enter(self.server)

    def enter(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def sink(self, *options):
        dump = self.server.directory / "sink"
        dump.mkdir(exist_ok=True)
        self.enter(program("smtp-sink", "-u", "root", "-R", dump, "-d", "%M.", *options, f"127.0.0.1:{self.sink_port}", "100", ready=lambda: listens(self.sink_port)))
        return dump

    def submit(self, recipients, subject, body="Hello\r\n", **options):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            return smtp.sendmail(ALICE[0], recipients, f"Subject: {subject}\r\nFrom: alice@demo.test\r\n\r\n{body}".encode(), **options)

    def queue(self):
        texts = []
        for path in (self.server.directory / "relay").glob("*.env"):
            with contextlib.suppress(FileNotFoundError):  # sent meanwhile
                texts.append(path.read_text())
        return texts

    def read_mail(self, account, subject):
        def find():
            with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
                imap.login(*account)
                imap.select()
                numbers = imap.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
                return [imap.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]
        return wait_for(find, f"a message “{subject}”")


class Actions(RelayCase):
    """What people do with single messages, by the command line."""

    def command(self, *words, status=0):
        result = subprocess.run([PROGRAM, "--data", str(self.server.directory), "--config", str(self.server.directory / "posthouse.ini"), "queue", *words],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(result.returncode, status, result.stderr)
        return result.stdout if status == 0 else result.stderr

    def wait_for_id(self, state):
        def find():
            for line in self.command("list").splitlines():
                if line.split("\t")[1] == state:
                    return line.split("\t")[0]
            return None
        return wait_for(find, f"a message that is {state}")

    def test_show_and_reroute(self):
        """Nothing listens where its domain leads; then it goes elsewhere."""
        self.submit(["someone@sink.test"], "elsewhere")
        name = self.wait_for_id("deferred")
        shown = self.command("show", name)
        self.assertIn("Address=someone@sink.test", shown)
        self.assertIn("Status=4.4.1", shown)
        self.assertIn("no message", self.command("show", "nobody", status=1))
        self.assertIn("is no server", self.command("reroute", name, "a b", status=1))
        other = free_port()
        dump = self.server.directory / "other"
        dump.mkdir()
        self.enter(program("smtp-sink", "-u", "root", "-R", dump, "-d", "%M.", f"127.0.0.1:{other}", "100", ready=lambda: listens(other)))
        self.command("reroute", name, f"127.0.0.1:{other}")
        wait_for(lambda: list(dump.iterdir()), "the message at the other server")
        wait_for(lambda: not self.queue(), "an empty queue")

    def test_requeue_to_another(self):
        dump = self.sink()
        self.submit(["someone@nowhere.test"], "misspelt")
        name = self.wait_for_id("failed")
        self.assertIn("is no address", self.command("requeue", "--to", "nobody", name, status=1))
        self.command("requeue", "--to", "someone@sink.test", name)
        file = wait_for(lambda: list(dump.iterdir()), "the message at the sink")[0]
        wait_for(lambda: b"X-Rcpt-Args: <someone@sink.test>" in file.read_bytes(), "its recipient")
        wait_for(lambda: self.command("list") == "", "an empty list")


class Sending(RelayCase):
    def test_local_and_remote(self):
        dump = self.sink()
        self.submit([BOB[0], "someone@sink.test"], "both ways", body="one\r\n.dot\r\n")
        local = self.read_mail(BOB, "both ways")
        self.assertEqual(len(local), 1)
        files = wait_for(lambda: list(dump.iterdir()), "the message at the sink")
        self.assertEqual(len(files), 1)
        text = wait_for(lambda: files[0].read_bytes() if b".dot" in files[0].read_bytes() else None, "the whole message")
        self.assertIn(b"Subject: both ways", text)
        # X01: the same but for Return-Path, which only a mailbox has.
        sent = text.split(b"\nReceived: from", 1)[1].replace(b"\r\n", b"\n").rstrip(b"\n")
        kept = local[0].split(b"\nReceived: from", 1)[1].replace(b"\r\n", b"\n").rstrip(b"\n")
        self.assertTrue(sent.endswith(kept[-40:]))
        self.assertNotIn(b"Return-Path", text.split(b"\n\n")[1] if b"X-Client" in text else text)
        # RFC 9228: so is whose mailbox that is.
        self.assertIn(b"\r\nDelivered-To: bob@demo.test\r\n", local[0])
        self.assertNotIn(b"Delivered-To", text)
        wait_for(lambda: not self.queue(), "an empty queue")

    def test_address_record_and_second_host(self):
        dump = self.sink()
        self.submit(["someone@plain.test"], "no mx")
        self.submit(["someone@second.test"], "second host")
        wait_for(lambda: len(list(dump.iterdir())) == 2, "both messages at the sink")

    def test_no_such_domain(self):
        self.submit(["someone@nowhere.test"], "into the void", body="Where do you go?\r\n")
        report = email.message_from_bytes(self.read_mail(ALICE, "deliver")[0], policy=email.policy.default)
        self.assertEqual(report.get_content_type(), "multipart/report")
        self.assertEqual(report["Auto-Submitted"], "auto-replied")
        self.assertEqual(report["Return-Path"], "<>")
        status = [part for part in report.walk() if part.get_content_type() == "message/delivery-status"][0]
        fields = list(status.iter_parts())[1] if status.is_multipart() else None
        self.assertIn("someone@nowhere.test", fields["Final-Recipient"])
        self.assertEqual(fields["Action"], "failed")
        self.assertEqual(fields["Status"], "5.1.2")
        bad = wait_for(lambda: list((self.server.directory / "bad").glob("*.eml")), "the message under bad/")
        self.assertIn(b"Where do you go?", bad[0].read_bytes())
        # The report goes first, and the pair of files moves with a sync for each folder.
        wait_for(lambda: not self.queue(), "an empty queue")

    def test_null_mx(self):
        """S16, RFC 7505"""
        self.submit(["someone@null.test"], "null")
        self.assertIn(b"5.1.10", self.read_mail(ALICE, "deliver")[0])

    def test_refused_for_good(self):
        self.sink("-f", "rcpt")
        self.submit(["someone@sink.test"], "refused")
        report = self.read_mail(ALICE, "deliver")[0]
        self.assertRegex(report, rb"(?s)Diagnostic-Code: smtp; 5\d\d")

    def test_refused_for_now(self):
        self.sink("-q", "connect")
        self.submit(["someone@sink.test"], "later")
        wait_for(lambda: any("Tries=1" in text and "State=deferred" in text for text in self.queue()), "a deferral")

    def test_each_recipient_has_its_own_result(self):
        """One message to three domains: delivered, bounced and deferred, each once."""
        self.enter(program("smtp-sink", "-u", "root", "-r", "data", f"127.0.0.3:{self.sink_port}", "100", ready=lambda: True))
        dump = self.sink()
        self.submit(["good@sink.test", "gone@nowhere.test", "later@slow.test"], "three ways")
        wait_for(lambda: list(dump.iterdir()), "the message at the sink")
        report = self.read_mail(ALICE, "deliver")[0]
        self.assertIn(b"gone@nowhere.test", report)
        self.assertNotIn(b"good@sink.test", report.split(b"text/rfc822")[0].split(b"message/rfc822")[0])
        text = wait_for(lambda: next((text for text in self.queue() if "Tries=1" in text and "State=deferred" in text), None), "a deferral")
        self.assertIn("State=done", text)
        self.assertIn("State=failed", text)
        self.assertEqual(len(list(dump.iterdir())), 1)

    def test_plain_mail_called_8bit(self):
        """S21: what was sent as BODY=8BITMIME but has no such bytes goes to a server without 8BITMIME."""
        dump = self.sink("-8")
        self.submit(["someone@sink.test"], "plain", mail_options=["BODY=8BITMIME"])
        wait_for(lambda: list(dump.iterdir()), "the message at the sink")

    def test_success_report(self):
        """NOTIFY=SUCCESS: a server without DSN is reported as relayed, a mailbox here as delivered (S25)."""
        self.sink("-N")
        self.submit(["someone@sink.test", BOB[0]], "tell me", rcpt_options=["NOTIFY=SUCCESS"])
        self.assertIn(b"Action: relayed", self.read_mail(ALICE, "passed on")[0])
        self.assertIn(b"Action: delivered", self.read_mail(ALICE, "was delivered")[0])

    def test_second_posthouse(self):
        directory = self.server.directory / "other"
        other = self.enter(Posthouse(directory=directory, accounts=[("carol@sink.test", "secret")]))
        self.forward(other)
        self.submit(["carol@sink.test"], "to the other")
        def find():
            with imaplib.IMAP4("127.0.0.1", other.ports["imap"]) as imap:
                imap.login("carol@sink.test", "secret")
                imap.select()
                return imap.search(None, "SUBJECT", '"to the other"')[1][0]
        wait_for(find, "the message at the other Posthouse")

    def forward(self, other):
        self.enter(program("/usr/bin/python3", "-c", FORWARD, self.sink_port, other.ports["smtp"], ready=lambda: listens(self.sink_port)))

    def test_dropped_in(self):
        """A pair of files that another program writes is sent too."""
        dump = self.sink()
        relay = self.server.directory / "relay"
        (relay / "mine.eml").write_bytes(b"Subject: dropped in\nFrom: a@demo.test\n\nbody\n")
        (relay / "mine.tmp").write_text("[Message]\nSender=alice@demo.test\nRecipients=someone@sink.test;bob@demo.test\n")
        (relay / "mine.tmp").rename(relay / "mine.env")
        wait_for(lambda: list(dump.iterdir()), "the message at the sink")
        self.read_mail(BOB, "dropped in")
        wait_for(lambda: not self.queue(), "an empty queue")


class Unproven(RelayCase):
    """The root is trusted, as shipped, but the name server has no signatures: that DANE is off is said once in the log, and in each transcript. V33"""
    extra = "[Log]\nFile=true\n"

    def log(self):
        return "".join(path.read_text(errors="replace") for path in (self.server.directory / "log").glob("*"))

    def test_said(self):
        dump = self.sink()
        for number, domain in enumerate(("sink.test", "second.test"), 1):
            self.submit([f"someone@{domain}"], f"to {domain}")
            wait_for(lambda: len(list(dump.iterdir())) == number, "the message at the sink")
            wait_for(lambda: f"passes on no signatures: whether {domain} has DANE is not known" in self.log(), "the word of the transcript")
        self.assertEqual(self.server.read_errors().count("nothing is proven by DNSSEC"), 1)
        for line in ("DNS: mail for sink.test goes to mx.sink.test (10)", "DNS: mx.sink.test has the address 127.0.0.1", "DNS: mail for second.test goes to dead.second.test (5), mx.second.test (10)"):
            self.assertIn(line, self.log())


class Signed(RelayCase):
    """What people here send is signed for their domain (DKIM), as others can verify."""
    extra = "[Dkim]\nDomains=demo.test\n"

    def test_signatures(self):
        dump = self.sink()
        self.submit(["someone@sink.test"], "signed", body="Hello  \r\n\r\n.dot\r\n\r\n")
        text = wait_for(lambda: next((text for text in (path.read_bytes() for path in dump.iterdir()) if b".dot" in text), None), "the message at the sink")
        self.assertEqual(text.count(b"DKIM-Signature: "), 2)
        records = subprocess.run([PROGRAM, "--data", self.server.directory, "--config", self.server.directory / "posthouse.ini", "--dkim-records", "demo.test"],
                                 check=True, stdout=subprocess.PIPE, text=True).stdout
        zone = dict(line.split("  TXT  ") for line in records.splitlines())
        message = text[text.index(b"DKIM-Signature"):].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        for index in (0, 1):
            self.assertTrue(dkim.DKIM(message).verify(index, dnsfunc=lambda name, timeout=5: zone[name.decode().rstrip(".")].encode()))

    @classmethod
    def setUpClass(cls):
        if dkim is None:
            raise unittest.SkipTest("dkimpy is not installed")


class Killed(RelayCase):
    """S26: kill -9 at random while mail goes out: nothing is lost, and nothing is sent twice but where the answer to its dot was lost."""

    def test_kill_while_1000_are_sent(self):
        names = [f"kill-{number}" for number in range(1000)]
        sink = self.enter(CountingSink(self.sink_port, seconds=0.005))
        waiting = list(names)
        kills = 0
        while waiting:
            with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
                smtp.login(*ALICE)
                for name in waiting[:50]:
                    smtp.sendmail(ALICE[0], ["someone@sink.test"], f"Subject: {name}\r\nFrom: alice@demo.test\r\n\r\nbody\r\n")
            del waiting[:50]
            time.sleep(random.uniform(0, 0.05))
            self.server.kill()
            kills += 1
            self.server.start()
        wait_for(lambda: not self.queue(), "an empty queue", seconds=120)
        copies = collections.defaultdict(list)
        for name, went_on in sink.taken:
            copies[name].append(went_on)
        self.assertEqual([name for name in names if name not in copies], [], "lost")
        # A copy whose client went on was answered, and known to be: there must be none after it.
        answered_twice = {name: seen for name, seen in copies.items() if any(seen[:-1])}
        repeated = sum(len(seen) - 1 for seen in copies.values())
        print(f"# {kills} kills, {repeated} messages sent again, {sum(not went_on for _, went_on in sink.taken)} dots without an answer that is known to have come")
        self.assertEqual(answered_twice, {}, "sent again though the answer had come")


FORWARD = """
import socket, sys, threading
def pump(a, b):
    while data := a.recv(65536):
        b.sendall(data)
    b.shutdown(socket.SHUT_WR)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    near = server.accept()[0]
    far = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    for pair in ((near, far), (far, near)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
"""


class Guarded(RelayCase):
    guard = "local"

    def test_mail_stays_here(self):
        dump = self.sink()
        self.submit(["someone@sink.test"], "kept back")
        wait_for(lambda: any("State=guarded" in text for text in self.queue()), "the guard's mark")
        self.assertEqual(list(dump.iterdir()), [])


if __name__ == "__main__":
    main()
