"""posthoused itself: the command line, settings, ports that can't be had, secrets."""

import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import tempfile
import shutil
import unittest

from posthouse import ALICE, BOB, PROGRAM, SECONDS, Line, Posthouse, free_port, main


class Daemon(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-daemon-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def run_daemon(self, *options, seconds=SECONDS):
        return subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=seconds)

    def test_json(self):
        with Posthouse(directory=self.directory / "data") as server:
            services = {entry["service"]: entry for entry in server.info["services"]}
            self.assertEqual(set(services), {"smtp", "submission", "submissions", "pop3", "pop3s", "imap", "imaps"})
            self.assertEqual({name: entry["tls"] for name, entry in services.items()},
                             {"smtp": "starttls", "submission": "starttls", "submissions": "implicit", "pop3": "starttls", "pop3s": "implicit", "imap": "starttls", "imaps": "implicit"})
            self.assertTrue(all(entry["address"] == "127.0.0.1" for entry in services.values()))
            self.assertEqual(server.info["accounts"], [{"address": address, "password": password} for address, password in (ALICE, BOB)])

    def test_listens_on_loopback_only(self):
        """A fresh installation: nobody else can reach what nobody opened."""
        with Posthouse(directory=self.directory / "data") as server:
            process = pathlib.Path(f"/proc/{server.process.pid}")
            links = {os.readlink(link) for link in (process / "fd").iterdir() if link.is_symlink()}
            sockets = [fields for table in ("tcp", "tcp6", "udp", "udp6") for fields in map(str.split, (process / "net" / table).read_text().splitlines()[1:])
                       if f"socket:[{fields[9]}]" in links]
            addresses = {fields[1].split(":")[0] for fields in sockets}
            self.assertEqual({int(fields[1].split(":")[1], 16) for fields in sockets}, set(server.ports.values()))
        self.assertEqual(addresses, {"0100007F"})

    def test_demo_for_people(self):
        """Accounts, a line for each service, and two command lines that work as they are printed."""
        process = subprocess.Popen([PROGRAM, "--demo", "--data", str(self.directory / "demo"), "--free-ports"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl+C"):
                break
        text = "".join(lines)
        self.assertEqual(re.findall(r"  user name (\S+)  password \S{16,}\n", text), ["alice@demo.test", "bob@demo.test"])
        for title, security, scheme in (("SMTP", "STARTTLS", "smtp"), ("Submission", "STARTTLS", "smtp"), ("Submissions", "TLS", "smtps"),
                                        ("IMAP", "STARTTLS", "imap"), ("IMAPS", "TLS", "imaps"), ("POP3", "STARTTLS", "pop3"), ("POP3S", "TLS", "pop3s")):
            with self.subTest(title):
                port = re.search(rf"^  {title} +server 127\.0\.0\.1  port (\d+)  security {security} +{scheme}://127\.0\.0\.1:(\d+)$", text, re.MULTILINE)
                self.assertIsNotNone(port, text)
                self.assertEqual(port[1], port[2])
        for client, expected in (("swaks", "250 2.0.0 Delivered"), ("curl", "Hello")):
            with self.subTest(client):
                line = re.search(rf"^  ({client} .*)$", text, re.MULTILINE)[1]
                result = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=SECONDS)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(expected, result.stdout)
        process.terminate()
        self.assertEqual(process.wait(SECONDS), 0)

    def test_serves_what_the_ini_file_says(self):
        """Without --demo; one service can't have its port: it says why, and the others run."""
        ports = {name: free_port() for name in ("smtp", "submission", "submissions", "pop3", "pop3s", "imap", "imaps")}
        settings = self.directory / "posthouse.ini"
        settings.write_text("".join(f"[Service {name}]\nPort={port}\n" for name, port in ports.items()) + "[Service pop3s]\nEnabled=false\n")
        with socket.create_server(("127.0.0.1", ports["imap"])):
            process = subprocess.Popen([PROGRAM, "--config", str(settings), "--data", str(self.directory / "data"), "--json"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            services = {entry["service"]: entry["port"] for entry in json.loads(process.stdout.readline())["services"]}
            self.assertEqual(services, {name: port for name, port in ports.items() if name not in ("imap", "pop3s")})
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(SECONDS), 0)
            self.assertRegex(process.stderr.read(), rf"IMAP: Another program .*{ports['imap']}")
            process.stdout.close()
            process.stderr.close()

    def test_broken_settings(self):
        settings = self.directory / "posthouse.ini"
        settings.write_text("[Relay]\nInterval=soon\n")
        result = self.run_daemon("--config", str(settings), "--data", str(self.directory / "data"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("line 2", result.stderr)
        self.assertEqual(settings.read_text(), "[Relay]\nInterval=soon\n")

    def test_command_line(self):
        self.assertEqual(self.run_daemon("--version").returncode, 0)
        for options in (["--frobnicate"], ["extra"], ["--demo", "--account", "nonsense"], ["--account", "a@b.test:c"], ["--demo", "--stop"]):
            with self.subTest(options):
                result = self.run_daemon(*options)
                self.assertEqual(result.returncode, 2)
                self.assertNotEqual(result.stderr, "")

    def test_second_server_on_the_same_data(self):
        with Posthouse(directory=self.directory / "data"):
            result = self.run_daemon("--demo", "--data", str(self.directory / "data"), "--free-ports", "--json", "--account", "a@demo.test:x")
            self.assertEqual(result.returncode, 1)
            self.assertIn(str(self.directory / "data"), result.stderr)

    def test_open_folder(self):
        """V47: a folder that others can read is closed while it is empty, or for a demonstration; else it is refused."""
        data = self.directory / "data"
        data.mkdir(mode=0o755)
        with Posthouse(directory=data, keep_mode=True):
            self.assertEqual(stat.S_IMODE(data.stat().st_mode), 0o700)
        data.chmod(0o755)
        with Posthouse(directory=data, keep_mode=True):
            self.assertEqual(stat.S_IMODE(data.stat().st_mode), 0o700)
        data.chmod(0o755)
        result = self.run_daemon("--config", str(data / "posthouse.ini"), "--data", str(data), "--free-ports", "--json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("open to other users", result.stderr)

    def test_import_from_clever_mail_server(self):
        clever = self.directory / "settings.ini"
        clever.write_text("[SMTP]\r\nPort=3025\r\n[USERS]\r\nCount=1\r\n[USER0]\r\nUserName=bob@example.org\r\nPassword=canary-password\r\n")
        settings = self.directory / "posthouse.ini"
        result = self.run_daemon("--config", str(settings), "--data", str(self.directory / "data"), "--import-clever", str(clever))
        self.assertEqual(result.returncode, 0, result.stderr)
        text = settings.read_text()
        self.assertIn("[Account bob@example.org]", text)
        self.assertIn("Port=3025", text)
        self.assertNotIn("canary-password", text)

    def test_says_goodbye(self):
        """S11: 421 when the server goes down."""
        server = Posthouse(directory=self.directory / "data").start()
        with Line(server.ports["smtp"]) as smtp, Line(server.ports["imap"]) as imap:
            smtp.read()
            imap.read()
            self.assertEqual(server.stop(), 0)
            self.assertRegex(smtp.read(), "^421 ")
            self.assertRegex(imap.read(), r"^\* BYE")
        server.errors.close()

    def test_secrets_and_modes(self):
        """V47, V48: nothing that is left behind is readable by others or holds a password."""
        with Posthouse(directory=self.directory / "data", accounts=[("eve@demo.test", "canary-in-the-mine")]) as server:
            with Line(server.ports["imap"]) as imap:
                imap.read()
                imap.ask('a LOGIN eve@demo.test "canary-in-the-mine"')
            with open(f"/proc/{server.process.pid}/cmdline", "rb") as command_line:
                self.assertNotIn(b"canary", command_line.read())
        for path in (self.directory / "data").rglob("*"):
            self.assertEqual(stat.S_IMODE(path.lstat().st_mode) & 0o077, 0, path)
            if path.is_file():
                self.assertNotIn(b"canary-in-the-mine", path.read_bytes(), path)


if __name__ == "__main__":
    main()
