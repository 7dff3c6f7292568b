"""The Certificate page of Preferences: the authority exported for each client, and a certificate of one's own."""

import ssl
import socket
import subprocess
import time

from screen_reader import SENSITIVE
from window import BUTTON, ENTRY, IS_NEWER, LABEL, SETTLE, TAB, Case, main

CLIENTS = ("Thunderbird", "Evolution and GNOME", "Firefox", "Chromium", "iPhone and iPad", "Android", "Debian and Ubuntu (all programs)")


class Certificate(Case):
    accounts = {"alice@demo.test": "x"}
    ini = "[General]\nHostName=mail.demo.test\n"

    def open(self):
        self.window.key("ctrl+comma", title="Posthouse")
        preferences = self.window.dialog("Preferences")
        self.window.press(TAB, "Certificate", preferences)
        return preferences

    def close(self, preferences):
        self.window.press(BUTTON, "Close", preferences)
        self.window.gone("Preferences")

    def choose(self, dialog, title, path, button):
        """In the file chooser that comes; its place is typed."""
        chooser = self.window.dialog(title)
        self.window.key("slash", title=title)
        name = self.window.wait(lambda: next((node for node in self.window.walk(chooser) if node.role in ("text", "entry")), None), "where to type")
        name.set_text(str(path))
        self.window.press(BUTTON, button, chooser)
        self.window.gone(title)

    def handshake(self, authority=None):
        """What a client that trusts that alone is shown, in DER."""
        context = ssl.create_default_context(cafile=authority)
        with socket.create_connection(("127.0.0.1", self.window.ports["imaps"]), 30) as line:
            with context.wrap_socket(line, server_hostname="mail.demo.test") as tls:
                return tls.getpeercert(True)

    def save(self, client, ending):
        preferences = self.open()
        self.window.click(self.window.find("list item", client, preferences), title="Preferences")
        self.window.press(BUTTON, lambda name: f"Save the certificate for {client}" in name, preferences)
        target = self.window.directory / f"saved.{ending}"
        self.choose(preferences, "Save the certificate", target, "Save")
        data = self.window.wait(lambda: target.exists() and target.read_bytes(), "the file")
        self.close(preferences)
        return target, data

    def test_1_each_client_is_told_what_to_do(self):
        preferences = self.open()
        for client in CLIENTS:
            self.window.find(LABEL, client, preferences)
        for client, words in (("Debian and Ubuntu (all programs)", ("update-ca-certificates", "posthouse-authority.crt")), ("iPhone and iPad", ("posthouse-authority.mobileconfig",))):
            # GTK 4.18 shows nothing of what is folded.
            if IS_NEWER:
                self.window.click(self.window.find("list item", client, preferences), title="Preferences")
            self.window.find(LABEL, lambda name: all(word in name for word in words), preferences)
        self.assertFalse(self.window.look(LABEL, lambda name: "%s" in name, preferences))
        self.close(preferences)

    def test_2_what_is_saved_for_thunderbird_is_what_a_client_needs(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.handshake()
        target, data = self.save("Thunderbird", "crt")
        self.assertTrue(data.startswith(b"-----BEGIN CERTIFICATE-----"))
        self.assertTrue(self.handshake(target))

    def test_3_android_gets_der_and_an_iphone_a_profile(self):
        pem = (self.window.directory / "saved.crt").read_text()
        self.assertEqual(self.save("Android", "cer")[1], ssl.PEM_cert_to_DER_cert(pem))
        self.assertIn(b"com.apple.security.root", self.save("iPhone and iPad", "mobileconfig")[1])

    def make_own(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                        "-days", "90", "-subj", "/CN=mail.demo.test", "-addext", "subjectAltName=DNS:mail.demo.test"],
                       cwd=self.window.directory, check=True, capture_output=True)

    def test_4_a_certificate_of_ones_own_is_checked_then_used_and_given_back(self):
        self.make_own("own")
        self.make_own("other")
        before = self.handshake(self.window.directory / "saved.crt")
        preferences = self.open()
        self.window.press(BUTTON, lambda name: "Choose a certificate of your own" in name, preferences)
        dialog = self.window.dialog("Your Own Certificate")
        self.window.press(BUTTON, "Certificate", dialog)
        self.choose(dialog, "Choose the certificate", self.window.directory / "own.pem", "Open")
        self.window.find(LABEL, lambda name: name.endswith("own.pem"), dialog)
        self.window.press(BUTTON, "Key", dialog)
        self.choose(dialog, "Choose the key", self.window.directory / "other.key", "Open")
        self.window.press(BUTTON, "Use", dialog)
        self.window.find(LABEL, lambda name: "this key does not belong to the certificate" in name, dialog)
        self.assertEqual(self.handshake(self.window.directory / "saved.crt"), before, "the old one is still in use")

        self.window.press(BUTTON, "Key", dialog)
        self.choose(dialog, "Choose the key", self.window.directory / "own.key", "Open")
        self.window.press(BUTTON, "Use", dialog)
        self.window.gone("Your Own Certificate")
        own = ssl.PEM_cert_to_DER_cert((self.window.directory / "own.pem").read_text())
        self.window.wait(lambda: self.handshake(self.window.directory / "own.pem") == own, "it to be shown")
        self.window.find(LABEL, lambda name: name.endswith("own.pem"), preferences)
        self.assertFalse(self.window.look(LABEL, "Thunderbird", preferences), "there is no authority to trust")

        self.window.press(BUTTON, "Use Posthouse’s Own", preferences)
        self.window.find(LABEL, "Thunderbird", preferences)
        self.window.wait(lambda: self.handshake(self.window.directory / "saved.crt"), "the authority's again")
        self.close(preferences)

    def export(self, *options):
        subprocess.run(["openssl", "pkcs12", "-export", "-in", "own.pem", "-inkey", "own.key", *options], cwd=self.window.directory, check=True, capture_output=True)

    def use(self, dialog, password):
        self.window.type("Password", password, dialog)
        self.window.press(BUTTON, "Use", dialog)
        time.sleep(SETTLE)  # a press may come late, and takes the password that is there then

    def test_5_a_pkcs12_is_opened_by_its_password_alone(self):
        self.make_own("own")
        self.export("-out", "own.p12", "-passout", "pass:of the bundle")
        preferences = self.open()
        self.window.press(BUTTON, lambda name: "Choose a certificate of your own" in name, preferences)
        dialog = self.window.dialog("Your Own Certificate")
        self.window.press(BUTTON, "Certificate", dialog)
        self.choose(dialog, "Choose the certificate", self.window.directory / "own.p12", "Open")
        self.window.find(LABEL, lambda name: name.endswith("own.p12"), dialog)
        for wrong in ("", "of another bundle"):
            self.use(dialog, wrong)
            self.window.find(LABEL, lambda name: "the password does not open it" in name and "own.p12" in name, dialog)
            self.window.wait(lambda: self.window.find(BUTTON, "Use", dialog).has_state(SENSITIVE), "another chance")
            self.assertTrue(self.handshake(self.window.directory / "saved.crt"), "the old one is still in use")
        self.use(dialog, "of the bundle")
        self.window.gone("Your Own Certificate")
        own = ssl.PEM_cert_to_DER_cert((self.window.directory / "own.pem").read_text())
        self.window.wait(lambda: self.handshake(self.window.directory / "own.pem") == own, "it to be shown")
        self.window.find(LABEL, lambda name: name.endswith("own.p12"), preferences)
        self.window.press(BUTTON, "Use Posthouse’s Own", preferences)
        self.window.find(LABEL, "Thunderbird", preferences)
        self.window.wait(lambda: self.handshake(self.window.directory / "saved.crt"), "the authority's again")
        self.close(preferences)


if __name__ == "__main__":
    main()
