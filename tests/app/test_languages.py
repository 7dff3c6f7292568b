"""The window in other languages: what the engine says is translated, too, and what stands in it keeps its place."""

import base64
import smtplib
import socket
import unittest

from translated import TranslatedWindow
from window import BUTTON, LABEL, TAB, free_port, main

from test_checks import dns, message  # found by what window says

ACCOUNTS = {"ann@example.org": "a password for ann"}


class German(unittest.TestCase):
    def test_views_and_services_are_german(self):
        with TranslatedWindow("de", ACCOUNTS, names={"ann@example.org": "Ann"}) as window:
            for view, name in (("Accounts", "Konten"), ("Sessions", "Sitzungen"), ("Queue", "Warteschlange"), ("Overview", "Übersicht")):
                self.assertEqual(window.say(view), name)
                window.show(view)
                self.assertIsNotNone(window.look(TAB, view))
            window.find(LABEL, lambda text: text.startswith("Läuft · 127.0.0.1:"))

    def test_reasons_of_the_engine_are_german(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with TranslatedWindow("de", ACCOUNTS, f"\n[Service lmtp]\nEnabled=true\nAddress=127.0.0.1\nPort={port}\n", options=()) as window:
                window.press(BUTTON, "Start")
                window.find(LABEL, lambda text: f"Ein anderes Programm wartet bereits auf Port {port} von 127.0.0.1 auf Verbindungen" in text)

    def test_why_the_server_answered_so_is_german(self):
        with TranslatedWindow("de", ACCOUNTS) as window:
            with smtplib.SMTP("127.0.0.1", window.ports["smtp"], local_hostname="fremd.example") as smtp:
                smtp.ehlo()
                self.assertEqual((smtp.mail("a@x.test")[0], smtp.rcpt("b@y.test")[0]), (250, 550))
                window.show("Sessions")
                window.click(window.find_row("Sessions", "fremd.example"), title="Posthouse")
                window.click(window.find_row("Transcript", "550 5.7.1"), title="Posthouse")
                window.find(LABEL, lambda text: text.startswith("b@y.test: Die Domain gehört nicht zu diesem Server"))


    def test_who_sent_it_is_german_in_the_window_alone(self):
        port = free_port()
        signature = "DKIM-Signature: v=1; a=rsa-sha256; d=bad.test; s=none; h=From; b=eHl6; bh=" + base64.b64encode(bytes(32)).decode() + "%s\r\n"
        text = message("a@bad.test", "who", extra=signature % "; t=1; x=2" + signature % "")
        ini = f"[General]\nHostName=mx.example.org\n[Checks]\nAuthentication=note\n[Relay]\nDnsServer=127.0.0.1@{port}\n"
        with dns(port), TranslatedWindow("de", ACCOUNTS, ini) as window:
            with smtplib.SMTP("127.0.0.1", window.ports["smtp"], local_hostname="fremd.example") as smtp:
                smtp.sendmail("a@bad.test", ["ann@example.org"], text)
            window.show("Sessions")
            window.click(window.find_row("Sessions", "fremd.example"), title="Posthouse")
            for line in ("SPF fail: Darf 127.0.0.1 für bad.test senden? „-all“ im Eintrag von bad.test", "DKIM fail: Die Signatur von bad.test zählt nicht: sie ist abgelaufen",
                         "DKIM permerror: Die Signatur von bad.test zählt nicht: einen Schlüssel none._domainkey.bad.test gibt es nicht"):
                window.find_row("Transcript", line)
            kept = next(window.directory.glob("data/mail/example.org/ann/cur/*")).read_text()
            for part in ('spf=fail ("-all" in the record of bad.test)', "dkim=fail (it has expired)", "dkim=permerror (there is no key none._domainkey.bad.test)"):
                self.assertIn(part, " ".join(kept.split()))
            window.show("Mail")
            window.click(window.find_row("Nachrichten", "who"), title="Posthouse")
            window.press(TAB, "Umschlag")
            for text in ("SPF fail: a@bad.test", "Die Domain sagt im DNS, dass dieser Client nicht für sie senden darf.", "DKIM fail: bad.test", "DKIM permerror: bad.test", "DMARC none: bad.test"):
                window.find_row("Ist sie von dem, den sie nennt?", text)

    def test_why_a_message_waits_is_german_in_the_window_alone(self):
        ini = f"[General]\nHostName=mx.example.org\n[Relay]\nGuard=smarthost\n[Smarthost]\nHost=127.0.0.1\nPort={free_port()}\nTls=never\n"
        with TranslatedWindow("de", ACCOUNTS, ini) as window:
            with smtplib.SMTP("127.0.0.1", window.ports["submission"]) as smtp:
                smtp.login("ann@example.org", ACCOUNTS["ann@example.org"])
                smtp.sendmail("ann@example.org", ["b@x.test"], message("ann@example.org", "waits"))
            window.show("Queue")
            window.find_row("Waiting messages", "451 4.4.1 Keine Verbindung zu 127.0.0.1")
            window.find_row("Waiting messages", "Verbindung abgelehnt")
            kept = next(window.directory.glob("data/relay/*.env")).read_text()
            self.assertRegex(kept, r"LastReply=451 4\.4\.1 No connection to 127\.0\.0\.1 \(127\.0\.0\.1:\d+\): connection refused\n")
            window.show("Sessions")
            window.find_row("Sessions", "SMTP ausgehend")


class Russian(unittest.TestCase):
    def test_numbers_have_their_three_forms(self):
        with TranslatedWindow("ru", ACCOUNTS) as window:
            window.show("Sessions")
            for n, text in ((1, "1 сеанс"), (2, "2 сеанса")):
                client = socket.create_connection(("127.0.0.1", window.ports["smtp"]))
                self.addCleanup(client.close)
                window.show("Overview")
                window.find(LABEL, text)


if __name__ == "__main__":
    main()
