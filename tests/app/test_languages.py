"""The window in other languages: what the engine says is translated, too, and what stands in it keeps its place."""

import smtplib
import socket
import unittest

from translated import TranslatedWindow
from window import BUTTON, LABEL, TAB, main

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
