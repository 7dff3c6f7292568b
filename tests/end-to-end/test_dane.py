"""DANE (RFC 7672): mail goes only to the server that a proven TLSA record names, found in a zone that is signed, on nsd. V33"""

import contextlib
import pathlib
import shutil
import smtplib
import tempfile
import time
import unittest

from posthouse import ALICE, Posthouse, any_certificate, free_port, listens, main, program, wait_for
from signed_zone import Certificates, Zone, need_tools

WRONG = "00" * 32
OTHER = "11" * 32


def records(port, digests):
    """For each case a domain NAME.dane.test and its host mx-NAME: what its TLSA records say."""
    key, certificate, authority = digests
    cases = {
        "right": [f"3 1 1 {key}"],
        "whole": [f"3 0 1 {certificate}"],
        "wrong": [f"3 1 1 {WRONG}"],
        "rollover": [f"3 1 1 {WRONG}", f"3 1 1 {key}"],
        "rollback": [f"3 1 1 {WRONG}"],
        "forged": [f"3 1 1 {OTHER}"],
        "authority": [f"2 0 1 {authority}"],
        "stranger": [f"2 0 1 {authority}"],  # the certificate is for none of its names
        "unusable": [f"1 1 1 {WRONG}"],
        "clear": [f"3 1 1 {key}"],  # its server has no TLS
        "clear2": [f"1 1 1 {WRONG}"],
        "none": [],
        "signed": [],  # its MX record is proven, its certificate by the authorities
    }
    lines = []
    for name, tlsa in cases.items():
        address = "127.0.0.2" if name.startswith("clear") else "127.0.0.1"
        lines += [f"{name} IN MX 10 mx-{name}", f"mx-{name} IN A {address}"]
        lines += [f"_{port}._tcp.mx-{name} IN TLSA {record}" for record in tlsa]
    # The host is an alias: of the name that it leads to.
    lines += ["alias IN MX 10 mx-alias", "mx-alias IN CNAME mx-right"]
    # A proven name that leads into a zone without signatures: its own TLSA record counts.
    lines += ["away IN MX 10 mx-away", "mx-away IN CNAME mx.plain.test.", f"_{port}._tcp.mx-away IN TLSA 3 1 1 {WRONG}"]
    return lines


class Dane(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        need_tools()
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-dane-"))
        cls.stack.callback(shutil.rmtree, cls.directory, ignore_errors=True)
        certificates = Certificates(cls.directory / "tls")
        chain, key = certificates.make("server", ["mx-authority.dane.test", "mx-signed.dane.test", "mx.plain.test"])
        domains = ["right", "whole", "wrong", "rollover", "rollback", "forged", "authority", "stranger", "unusable", "clear", "clear2", "none", "signed", "alias", "away"]
        accounts = [(f"bob@{name}.dane.test", "secret of bob") for name in domains] + [("bob@plain.test", "secret of bob")]
        cls.receiver = cls.stack.enter_context(Posthouse(config=f"[Certificate]\nFile={chain}\nKey={key}\n", accounts=accounts))
        port = cls.receiver.ports["smtp"]
        cls.stack.enter_context(program("smtp-sink", "-u", "root", f"127.0.0.2:{port}", "10", ready=lambda: True))
        digests = certificates.digest("server", 1), certificates.digest("server", 0), certificates.digest("ca", 0)
        plain = [f"@ IN MX 10 mx", "mx IN A 127.0.0.1", f"_{port}._tcp.mx IN TLSA 3 1 1 {WRONG}"]
        cls.zone = cls.stack.enter_context(Zone(cls.directory / "dns", "dane.test", records(port, digests), forge=[(OTHER, digests[0])], unsigned={"plain.test": plain}))
        cls.server = cls.stack.enter_context(Posthouse(
            config=f"[Relay]\nGuard=anywhere\nInterval=1\nDnsServer=127.0.0.1@{cls.zone.port}\nTrustAnchor={cls.zone.anchor}\nAuthorities={certificates.authority}\nRemotePort={port}\nAllowLoopback=true\n[Log]\nFile=true\n"))

    def send(self, domain, header="", options=()):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"]) as smtp:
            smtp.starttls(context=any_certificate())
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], [f"bob@{domain}"], f"Subject: to {domain}\r\nFrom: {ALICE[0]}\r\n{header}\r\nHello\r\n", mail_options=options)

    def received(self, domain):
        inbox = self.receiver.directory / "mail" / domain / "bob"
        return [path for part in ("new", "cur") for path in (inbox / part).glob("*")]

    def log(self):
        return "".join(path.read_text(errors="replace") for path in (self.server.directory / "log").glob("*"))

    def assert_arrives(self, domain, how, header="", options=()):
        before = set(self.received(domain))
        self.send(domain, header, options)
        message = wait_for(lambda: set(self.received(domain)) - before, f"mail for {domain}").pop().read_text()
        self.assertIn("ESMTPS", message)
        wait_for(lambda: f"TLS: {how}" in self.log(), "the word of who wanted that")

    def assert_waits(self, domain, status, text=""):
        before = self.received(domain)
        self.send(domain)
        env = wait_for(lambda: self.server.find_env(f"bob@{domain}"), f"a try for {domain}")
        self.assertIn(f"Status={status}", env)
        self.assertIn(text, env)
        self.assertEqual(self.received(domain), before)

    def assert_comes_back(self, domain, status):
        before = self.received(domain)
        self.send(domain, options=["REQUIRETLS"])
        env = wait_for(lambda: self.server.find_env(f"bob@{domain}", folder="bad"), f"the message for {domain} under bad/")
        self.assertIn(f"Status={status}", env)
        self.assertEqual(self.received(domain), before)

    def test_right_record(self):
        self.assert_arrives("right.dane.test", "verified by DANE")
        self.assert_arrives("whole.dane.test", "verified by DANE")

    def test_rollover(self):
        self.assert_arrives("rollover.dane.test", "verified by DANE")

    def test_alias(self):
        self.assert_arrives("alias.dane.test", "verified by DANE")

    def test_own_authority(self):
        self.assert_arrives("authority.dane.test", "verified by DANE")

    def test_wrong_record(self):
        self.assert_waits("wrong.dane.test", "4.7", "")

    def test_wrong_name_under_own_authority(self):
        self.assert_waits("stranger.dane.test", "4.7", "")

    def test_forged_record(self):
        """V33: it names the server that is there, but nobody has signed that: not in clear, not otherwise."""
        self.assert_waits("forged.dane.test", "4.4.3")

    def test_no_usable_record(self):
        self.assert_arrives("unusable.dane.test", "required by DANE, certificate not checked")

    def test_never_in_clear(self):
        """V33: whoever has a TLSA record, usable or not, gets nothing without TLS."""
        self.assert_waits("clear.dane.test", "4.7.4")
        self.assert_waits("clear2.dane.test", "4.7.4")

    def test_signed_without_record(self):
        self.assert_arrives("none.dane.test", "opportunistic")

    def test_sender_requires_tls(self):
        """RFC 8689 section 4.2.1: to hosts that DNSSEC proves, by TLSA records or the authorities; never to others, whose certificate may be as good."""
        self.assert_arrives("right.dane.test", "verified by DANE", options=["REQUIRETLS"])
        self.assert_arrives("signed.dane.test", "verified, as the sender requires", options=["REQUIRETLS"])
        self.assertRegex(self.log(), "MAIL FROM:<alice@demo.test>[^\n]* REQUIRETLS")
        self.assert_comes_back("wrong.dane.test", "5.7.10")
        self.assert_comes_back("clear.dane.test", "5.7.10")
        self.assert_comes_back("plain.test", "5.7.10")

    def test_sender_wants_no_tls(self):
        """Section 4.2.2: whatever the TLSA records say."""
        self.assert_arrives("rollback.dane.test", "opportunistic", header="TLS-Required: No\r\n")

    def test_insecure_zone(self):
        """Its TLSA records prove nothing, and name another."""
        self.assert_arrives("plain.test", "opportunistic")

    def test_alias_into_insecure_zone(self):
        self.assert_waits("away.dane.test", "4.7")


if __name__ == "__main__":
    main()
