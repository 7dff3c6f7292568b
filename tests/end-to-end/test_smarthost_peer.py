"""Postfix as a smarthost that takes mail by STARTTLS and a login alone (S27): SCRAM, PLAIN and LOGIN, asked of Dovecot."""

import os
import pathlib
import shutil
import smtplib
import subprocess
import tempfile
import unittest

from peers import ReceivingPostfix
from posthouse import ALICE, Posthouse, free_port, listens, main, program, wait_for
from signed_zone import Certificates

DOVECOT = "/usr/sbin/dovecot"
HOST = "postfix.smart.test"
LOGIN = ("someone@peer.test", "the smarthost's secret")

# Only its logins are used; a protocol it must have.
DOVECOT_AUTH = """
protocols = imap
base_dir = {top}/run
state_dir = {top}/state
log_path = {top}/dovecot.log
ssl = no
auth_mechanisms = plain login scram-sha-256
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener {top}/auth {{
    mode = 0666
  }}
}}
"""
DOVECOT_2_3 = "passdb {{\n  driver = passwd-file\n  args = {top}/passwd\n}}\n"
DOVECOT_2_4 = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\npassdb passwd-file {{\n  passwd_file_path = {top}/passwd\n}}\n"

# A port for each mechanism that is offered alone, beside the one for all; and one with no TLS, where an honest client keeps its password.
POSTFIX = """smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {top}/auth
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""
PORT = "127.0.0.1:{port} inet n - n - - smtpd\n{options}"


class PostfixWithLogin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if lack := ReceivingPostfix.lacks():
            raise unittest.SkipTest(lack)
        for tool in (DOVECOT, "openssl", "dnsmasq"):
            if shutil.which(tool) is None:
                raise unittest.SkipTest(f"{tool} is not installed")
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="ph-smart-"))
        cls.addClassCleanup(shutil.rmtree, cls.top, ignore_errors=True)
        cls.top.chmod(0o755)
        (cls.top / "boxes").mkdir()
        (cls.top / "boxes").chmod(0o777)
        certificates = Certificates(cls.top / "tls")
        for made, name in zip(certificates.make("right", [HOST]), ("cert.pem", "key.pem")):
            shutil.copy(made, cls.top / "tls" / name)
        cls.authority = certificates.authority
        cls.start_dovecot()
        cls.ports = {name: free_port() for name in ("SCRAM-SHA-256", "PLAIN", "LOGIN", "no TLS")}
        master = "".join(PORT.format(port=port, options="  -o smtpd_tls_security_level=none -o smtpd_tls_auth_only=no\n" if name == "no TLS"
                                     else f"  -o smtpd_sasl_mechanism_filter={name.lower()}\n") for name, port in cls.ports.items())
        cls.maildir = cls.top / "boxes" / "Maildir"
        cls.peer = cls.enter(ReceivingPostfix(cls.maildir, cls.top / "tls", main=POSTFIX.format(top=cls.top), master=master))
        cls.ports["all"] = cls.peer.port
        cls.dns_port = free_port()
        cls.enter(program("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1",
                          f"--port={cls.dns_port}", "--local=/test/", "--user=root", "--pid-file=", f"--host-record={HOST},127.0.0.1", ready=lambda: listens(cls.dns_port)))

    @classmethod
    def enter(cls, manager):
        value = manager.__enter__()
        cls.addClassCleanup(manager.__exit__, None, None, None)
        return value

    @classmethod
    def start_dovecot(cls):
        version = subprocess.run([DOVECOT, "--version"], capture_output=True, text=True).stdout
        config, passwords = cls.top / "dovecot.conf", cls.top / "passwd"
        config.write_text(((DOVECOT_2_3 if version.startswith("2.3") else DOVECOT_2_4) + DOVECOT_AUTH).format(top=cls.top))
        passwords.write_text(f"{LOGIN[0]}:{{PLAIN}}{LOGIN[1]}\n")
        passwords.chmod(0o644)
        cls.enter(program(DOVECOT, "-F", "-c", config, ready=(cls.top / "auth").exists))

    def send(self, port, subject, password=LOGIN[1]):
        """By a server of its own; gives it when the message has left or was tried."""
        server = Posthouse(config=f"[Relay]\nGuard=smarthost\nInterval=1\nDnsServer=127.0.0.1@{self.dns_port}\nTrustAnchor=none\nAuthorities={self.authority}\n[Log]\nFile=true\n"
                                  f"[Smarthost]\nHost={HOST}\nPort={self.ports[port]}\nTls=required\nUser={LOGIN[0]}\nPassword={password}\n").start()
        self.addCleanup(server.__exit__)
        with smtplib.SMTP("127.0.0.1", server.ports["submission"]) as smtp:
            smtp.login(*ALICE)
            smtp.sendmail(ALICE[0], ["someone@peer.test"], f"Subject: {subject}\r\nFrom: {ALICE[0]}\r\n\r\nHello\r\n")
        wait_for(lambda: server.find_env("someone@peer.test") or not list((server.directory / "relay").glob("*.env")), f"a try for “{subject}”", seconds=60)
        return server

    def received(self, subject):
        return [text for text in (path.read_text() for path in self.maildir.glob("new/*")) if f"Subject: {subject}\n" in text]

    def read_log(self, server):
        return "".join(path.read_text(errors="replace") for path in (server.directory / "log").glob("*"))

    def spoken(self, server):
        return [line for line in self.read_log(server).splitlines() if " SMTP-out " in line]

    def assert_waits(self, server, subject, status):
        env = server.find_env("someone@peer.test") or "nothing waits"
        self.assertIn(f"Status={status}", env, self.peer.read_log()[-3000:])
        self.assertEqual(self.received(subject), [])

    def assert_arrives(self, port, mechanism):
        subject = f"by {port}"
        server = self.send(port, subject)
        try:
            text = wait_for(lambda: self.received(subject), f"“{subject}” in the peer's Maildir", seconds=60)[0]
        except AssertionError:
            self.fail(self.peer.read_log()[-3000:] + self.read_log(server)[-3000:])
        self.assertIn("with ESMTPSA", text)
        # Both write their logs a moment later.
        wait_for(lambda: f"sasl_method={mechanism}, sasl_username={LOGIN[0]}" in self.peer.read_log(), f"a login by {mechanism} in Postfix's log")
        wait_for(lambda: f"AUTH {mechanism}" in self.read_log(server), f"a login by {mechanism} in the server's log")
        self.assertNotIn(LOGIN[1], self.read_log(server))

    def test_scram(self):
        self.assert_arrives("SCRAM-SHA-256", "SCRAM-SHA-256")

    def test_plain(self):
        self.assert_arrives("PLAIN", "PLAIN")

    def test_login(self):
        self.assert_arrives("LOGIN", "LOGIN")

    def test_the_best_of_them(self):
        """Of all that is offered, what never shows the password."""
        self.assert_arrives("all", "SCRAM-SHA-256")

    def test_wrong_password(self):
        """It waits, with what to do about it, for somebody to set it right."""
        for port in ("SCRAM-SHA-256", "PLAIN", "LOGIN"):
            self.assert_waits(self.send(port, f"wrong by {port}", "yesterday's"), f"wrong by {port}", "4.7.8")

    def test_no_login_in_clear(self):
        """V33: without TLS the login stays here, though it is offered."""
        server = self.send("no TLS", "in clear")
        self.assert_waits(server, "in clear", "4.7.")
        wait_for(lambda: any("S: " in line and "AUTH" in line for line in self.spoken(server)), "the offer in the server's log")
        spoken = self.spoken(server)
        self.assertFalse(any("C: AUTH" in line for line in spoken), spoken)


if __name__ == "__main__":
    main()
