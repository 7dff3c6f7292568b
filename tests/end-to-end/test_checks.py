"""Who sent it: SPF, DKIM and DMARC of mail that strangers bring, with dnsmasq for the world's DNS and dkimpy as the signer (S29)."""

import email
import email.policy
import imaplib
import pathlib
import smtplib
import socket
import subprocess
import tempfile
import unittest

try:
    import dkim
except ImportError:
    dkim = None

from posthouse import ALICE, BOB, PROGRAM, SECONDS, Posthouse, free_port, listens, main, program, wait_for

# Of RFC 8463 appendix A, as the public keys below.
ED25519_SEED = b"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
ED25519_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

RECORDS = [
    # May send, with a policy; its signatures have a key.
    "--txt-record=good.test,v=spf1 ip4:127.0.0.1 -all", "--txt-record=_dmarc.good.test,v=DMARC1; p=reject",
    f"--txt-record=sel._domainkey.good.test,{ED25519_KEY}", "--txt-record=gone._domainkey.good.test,v=DKIM1; p=",
    # May not; one says what is to be done.
    "--txt-record=bad.test,v=spf1 -all exp=why.bad.test", "--txt-record=why.bad.test,Ask %{o} about %{i}",
    "--txt-record=strict.test,v=spf1 ip4:192.0.2.1 -all", "--txt-record=_dmarc.strict.test,v=DMARC1; p=reject; sp=none",
    f"--txt-record=sel._domainkey.strict.test,{ED25519_KEY}",
    "--txt-record=careful.test,v=spf1 -all", "--txt-record=_dmarc.careful.test,v=DMARC1; p=quarantine",
    # Others' records in a record, and a name of the client.
    "--txt-record=deep.test,v=spf1 include:_spf.deep.test mx ~all", "--txt-record=_spf.deep.test,v=spf1 ip4:192.0.2.0/24 -all",
    "--mx-host=deep.test,mx.deep.test,10", "--host-record=mx.deep.test,127.0.0.1",
    "--txt-record=empty.test", "--txt-record=empty.test,v=spf1 -all exp=none.empty.test", "--txt-record=none.empty.test",
    "--mx-host=silent.test,.,0",
]


def dns(port, records=RECORDS):
    """A name server for .test; for other names it says REFUSED."""
    return program("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1",
                   f"--port={port}", "--local=/test/", "--user=root", "--pid-file=", *records, ready=lambda: listens(port))


def message(author, subject, body="Hello\r\n", extra=""):
    return f"{extra}From: {author}\r\nTo: bob@demo.test\r\nSubject: {subject}\r\nDate: Mon, 21 Sep 2026 10:00:00 +0000\r\nMessage-ID: <{subject}@x.test>\r\n\r\n{body}".encode()


def sign(text, domain, selector="sel"):
    return dkim.sign(text, selector.encode(), domain.encode(), ED25519_SEED, signature_algorithm=b"ed25519-sha256", canonicalize=(b"relaxed", b"relaxed")) + text


class Checks(unittest.TestCase):
    checks = "Authentication=note"
    relay = ""

    def setUp(self):
        self.dns_port = free_port()
        self.enter(self.serve_dns())
        self.server = Posthouse(config=f"[General]\nHostName=mx.demo.test\n[Checks]\n{self.checks}\n[Relay]\nDnsServer=127.0.0.1@{self.dns_port}\n{self.relay}\n[Service lmtp]\nEnabled=true\n")
        self.enter(self.server)

    def serve_dns(self):
        return dns(self.dns_port)

    def enter(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def send(self, sender, text, helo="client.test", recipients=(BOB[0],)):
        """The answer to the message: code and text."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["smtp"], local_hostname=helo, timeout=2 * SECONDS) as smtp:
            smtp.ehlo()
            smtp.mail(sender)
            for recipient in recipients:
                self.assertEqual(smtp.rcpt(recipient)[0], 250)
            code, reply = smtp.data(text)
            return code, reply.decode()

    def read(self, subject, folder="INBOX", account=BOB):
        """The message as bytes, by IMAP."""
        def find():
            with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
                imap.login(*account)
                imap.select(folder)
                numbers = imap.search(None, "HEADER", "Message-ID", f'"<{subject}@x.test>"')[1][0].split()
                return imap.fetch(numbers[0], "(BODY.PEEK[])")[1][0][1] if numbers else None
        return wait_for(find, f"a message “{subject}”")

    def deliver(self, sender, text, subject, folder="INBOX", **options):
        """The Authentication-Results of what was delivered, unfolded, in parts."""
        code, reply = self.send(sender, text, **options)
        self.assertEqual(code, 250, reply)
        fields = email.message_from_bytes(self.read(subject, folder)).get_all("Authentication-Results", [])
        self.assertEqual(len(fields), 1, fields)
        parts = [part.strip() for part in " ".join(fields[0].split()).split(";")]
        self.assertEqual(parts[0], "mx.demo.test")
        return parts[1:]


class Noted(Checks):
    def test_spf(self):
        for sender, author, subject, result in (
            ("a@good.test", "a@good.test", "allowed", 'spf=pass ("ip4:127.0.0.1" in the record of good.test) smtp.mailfrom=a@good.test'),
            ("a@bad.test", "a@bad.test", "forbidden", 'spf=fail ("-all" in the record of bad.test) smtp.mailfrom=a@bad.test'),
            ("a@deep.test", "a@deep.test", "included", 'spf=pass ("mx" in the record of deep.test) smtp.mailfrom=a@deep.test'),
            ("a@empty.test", "a@empty.test", "empty", 'spf=fail ("-all" in the record of empty.test) smtp.mailfrom=a@empty.test'),
            ("a@nowhere.test", "a@nowhere.test", "nowhere", "spf=none (nowhere.test has no SPF record) smtp.mailfrom=a@nowhere.test"),
            ("a@other.example", "a@other.example", "broken", "spf=temperror (the record of other.example is not to be had now) smtp.mailfrom=a@other.example"),
        ):
            with self.subTest(sender):
                self.assertIn(result, self.deliver(sender, message(author, subject), subject))

    def test_null_sender(self):
        results = self.deliver("", message("a@good.test", "report"), "report", helo="good.test")
        self.assertIn('spf=pass ("ip4:127.0.0.1" in the record of good.test) smtp.helo=good.test', results)
        self.assertIn("dmarc=pass (p=reject dis=none: SPF allows the client to send for good.test) header.from=good.test", results)

    @unittest.skipIf(dkim is None, "dkimpy is not installed")
    def test_dkim(self):
        signed = sign(message("a@good.test", "signed"), "good.test")
        results = self.deliver("a@nowhere.test", signed, "signed")
        self.assertRegex(results[1], r'^dkim=pass header\.d=good\.test header\.s=sel header\.a=ed25519-sha256 header\.b=("[\w/+]{8}"|[\w+]{8})$')
        self.assertEqual(results[2], "dmarc=pass (p=reject dis=none: it is signed by good.test) header.from=good.test")
        # S01: what was signed is what is kept.
        self.assertTrue(self.read("signed").endswith(signed))

        changed = sign(message("a@good.test", "changed"), "good.test").replace(b"Hello", b"Hullo")
        results = self.deliver("a@nowhere.test", changed, "changed")
        self.assertTrue(results[1].startswith("dkim=fail (the body is not what was signed) header.d=good.test"), results)
        self.assertTrue(results[2].startswith("dmarc=fail (p=reject dis=reject: "), results)

        revoked = sign(message("a@good.test", "revoked"), "good.test", "gone")
        results = self.deliver("a@nowhere.test", revoked, "revoked")
        self.assertTrue(results[1].startswith("dkim=permerror (the key was revoked)"), results)
        large = sign(message("a@good.test", "large", body=("z" * 70 + "\r\n") * 20000), "good.test")
        self.assertTrue(self.deliver("a@nowhere.test", large, "large")[1].startswith("dkim=pass"))

    def test_place(self):
        """Ours is at the top, and the only one by our name; a server's own stays."""
        forged = "Authentication-Results: mx.demo.test; dmarc=pass\r\nAuthentication-Results: other.test; spf=pass\r\n"
        code, reply = self.send("a@bad.test", message("a@bad.test", "forged", extra=forged))
        self.assertEqual(code, 250, reply)
        text = self.read("forged")
        names = [line.split(b":")[0] for line in text.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in b" \t"]
        self.assertEqual(names[:5], [b"Return-Path", b"Delivered-To", b"Authentication-Results", b"Received", b"Authentication-Results"])
        self.assertNotIn(b"dmarc=pass", text)
        self.assertIn(b"other.test; spf=pass", text)
        for line in text.split(b"\r\n"):
            self.assertLess(len(line), 998)

    def test_only_of_strangers(self):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], [BOB[0]], message(ALICE[0], "submitted"))
        self.assertNotIn(b"Authentication-Results", self.read("submitted"))
        with smtplib.LMTP("127.0.0.1", self.server.ports["lmtp"]) as lmtp:
            lmtp.sendmail("a@bad.test", [BOB[0]], message("a@bad.test", "beside"))
        self.assertNotIn(b"Authentication-Results", self.read("beside"))


class Enforced(Checks):
    checks = "Authentication=enforce\nTrusted="

    @unittest.skipIf(dkim is None, "dkimpy is not installed")
    def test_dmarc(self):
        code, reply = self.send("a@strict.test", message("a@strict.test", "refused"))
        self.assertEqual(code, 550)
        self.assertTrue(reply.startswith("5.7.26 strict.test asks that mail like this be refused"), reply)
        # Another sender's SPF is of no help, nor somebody else's signature, nor a second author.
        self.assertEqual(self.send("a@good.test", sign(message("a@strict.test", "refused"), "good.test"))[0], 550)
        self.assertEqual(self.send("a@good.test", message("a@good.test, b@strict.test", "refused"))[0], 550)
        # Its own signature is, and a policy for what is below it.
        self.assertIn("dmarc=pass (p=reject dis=none: it is signed by strict.test) header.from=strict.test",
                      self.deliver("a@bad.test", sign(message("a@strict.test", "proved"), "strict.test"), "proved"))
        self.assertIn("dmarc=fail (p=none dis=none: neither SPF nor a signature is of its domain) header.from=sub.strict.test",
                      self.deliver("a@bad.test", message("a@sub.strict.test", "below"), "below"))
        # What is to be treated as suspicious is taken, and goes into Junk; for several, as for one.
        for subject, recipients in (("careful", [BOB[0]]), ("careful too", [BOB[0], ALICE[0]])):
            self.assertTrue(self.deliver("a@careful.test", message("a@careful.test", subject), subject, folder="Junk", recipients=recipients)[2].startswith("dmarc=fail (p=quarantine dis=quarantine"))
        self.read("careful too", folder="Junk", account=ALICE)
        # Nothing of what was refused came in.
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            self.assertEqual(imap.search(None, "SUBJECT", '"refused"')[1][0], b"")
            self.assertEqual(imap.search(None, "SUBJECT", '"careful"')[1][0], b"")

    def test_others(self):
        # SPF alone refuses nothing; a domain without mail is no sender (S16); DNS that does not answer is asked later.
        self.assertEqual(self.send("a@bad.test", message("a@nowhere.test", "spf alone"))[0], 250)
        code, reply = self.send("a@silent.test", message("a@silent.test", "null mx"))
        self.assertEqual((code, reply.split()[0]), (550, "5.7.27"))
        code, reply = self.send("a@other.example", message("a@other.example", "later"))
        self.assertEqual((code, reply.split()[0]), (451, "4.4.3"))


class SpfRefused(Checks):
    checks = "Authentication=enforce\nTrusted=\nRefuseSpfFail=true"

    def test_spf(self):
        code, reply = self.send("a@bad.test", message("a@nowhere.test", "spf"))
        self.assertEqual((code, reply), (550, "5.7.23 127.0.0.1 may not send for bad.test (SPF), which explains: Ask bad.test about 127.0.0.1"))
        code, reply = self.send("a@other.example", message("a@nowhere.test", "spf"))
        self.assertEqual((code, reply.split()[0]), (451, "4.7.24"))
        self.assertEqual(self.send("a@good.test", message("a@nowhere.test", "spf"))[0], 250)


class NoQuarantine(Checks):
    checks = "Authentication=enforce\nTrusted=\nQuarantine=false"

    def test_inbox(self):
        self.deliver("a@careful.test", message("a@careful.test", "careful"), "careful")


class Trusted(Checks):
    checks = "Authentication=enforce"

    def test_trusted(self):
        """As shipped, devices here may send as they like, and it is noted."""
        self.assertTrue(self.deliver("a@strict.test", message("a@strict.test", "printer"), "printer")[2].startswith("dmarc=fail (p=reject dis=reject"))


class Asked(Checks):
    """A name server that never answers."""

    def serve_dns(self):
        self.silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.silent.bind(("127.0.0.1", self.dns_port))
        self.silent.settimeout(0)
        return self.silent


class InTime(Asked):
    checks = "Authentication=note"

    def test_in_time(self):
        """S14: the answer comes, without what is not known by then."""
        results = self.deliver("a@good.test", message("a@good.test", "in time"), "in time")
        self.assertTrue(results[0].startswith("spf=temperror"), results)
        self.assertTrue(results[2].startswith("dmarc=temperror"), results)


class AsShipped(Asked):
    checks = ""
    relay = "Guard=anywhere"

    def test_nothing_is_asked(self):
        code, _ = self.send("a@good.test", message("a@good.test", "shipped"))
        self.assertEqual(code, 250)
        self.assertNotIn(b"Authentication-Results", self.read("shipped"))
        with self.assertRaises(BlockingIOError):
            self.silent.recv(512)


class Published(unittest.TestCase):
    """posthouse domain check: what a domain is to publish, and does."""

    def start(self, records):
        scratch = tempfile.TemporaryDirectory(prefix="ph-domain-")
        self.addCleanup(scratch.cleanup)
        directory = pathlib.Path(scratch.name) / "data"
        directory.mkdir(mode=0o700)
        port = free_port()
        config = f"[General]\nHostName=mx.demo.test\n[Dkim]\nDomains=demo.test\nSelector=sel\n[Relay]\nDnsServer=127.0.0.1@{port}\n"
        self.place = ["--config", str(directory / "posthouse.ini"), "--data", str(directory)]
        (directory / "posthouse.ini").write_text(config)
        (directory / "posthouse.ini").chmod(0o600)
        keys = subprocess.run([PROGRAM, *self.place, "--dkim-records", "demo.test"], capture_output=True, text=True, check=True, timeout=SECONDS).stdout
        for line in keys.splitlines():
            name, value = line.split("  TXT  ")
            # A string of a TXT record has at most 255 bytes.
            records = [*records, f"--txt-record={name},{','.join(value[at:at + 200] for at in range(0, len(value), 200))}"]
        for manager in (dns(port, records), Posthouse(config=config, directory=directory)):
            manager.__enter__()
            self.addCleanup(manager.__exit__, None, None, None)

    def check(self, domain):
        """The status, and the fields of each line."""
        result = subprocess.run([PROGRAM, *self.place, "domain", "check", domain], capture_output=True, text=True, timeout=2 * SECONDS)
        return result.returncode, [line.split("\t") for line in result.stdout.splitlines()], result.stderr

    def test_right(self):
        self.start(["--mx-host=demo.test,mx.demo.test,10", "--host-record=mx.demo.test,192.0.2.1", "--txt-record=demo.test,v=spf1 mx -all",
                    "--txt-record=_dmarc.demo.test,v=DMARC1; p=reject"])
        status, lines, trouble = self.check("demo.test")
        self.assertEqual([line[:4] for line in lines], [
            ["right", "MX", "demo.test", "MX"], ["right", "SPF", "demo.test", "TXT"], ["right", "DKIM", "sel._domainkey.demo.test", "TXT"],
            ["right", "DKIM", "sel-ed25519._domainkey.demo.test", "TXT"], ["right", "DMARC", "_dmarc.demo.test", "TXT"]], trouble)
        self.assertEqual(lines[2][4], lines[2][5])
        self.assertEqual(status, 0)
        self.assertEqual(self.check("other.test"), (1, [], f"{pathlib.Path(PROGRAM).name}: “other.test” is no domain of this server\n"))

    def test_wrong(self):
        self.start(["--mx-host=demo.test,old.demo.test,10", "--txt-record=demo.test,v=spf1 mx -all", "--txt-record=demo.test,v=spf1 a -all"])
        status, lines, trouble = self.check("demo.test")
        self.assertEqual([line[:2] for line in lines], [["wrong", "MX"], ["wrong", "SPF"], ["right", "DKIM"], ["right", "DKIM"], ["missing", "DMARC"]], trouble)
        self.assertEqual(lines[0][4:], ["10 mx.demo.test.", "10 old.demo.test.", "mail goes to other servers than this one"])
        self.assertEqual(status, 1)


# Bases are no tests.
del Checks, Asked

if __name__ == "__main__":
    main()
