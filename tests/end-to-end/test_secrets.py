"""What a full run leaves behind holds no secret (V48), and clients that do not read do no harm (V38)."""

import base64
import imaplib
import os
import pathlib
import poplib
import re
import resource
import shutil
import signal
import smtplib
import socket
import stat
import subprocess
import tempfile
import time
import unittest

from posthouse import BOB, PROGRAM, SECONDS, Line, Posthouse, any_certificate, is_sanitized, main, wait_for

# Each says where it was given away, and none is a part of another.
RIGHT = "canary-Right-4711"
OTHER = "canary-Other-0815"
WRONG = "canary-Wrong-1234"
LATE = "canary-Late-5678"
SMARTHOST = "canary-Smarthost-9012"
EVE = "eve@demo.test"
FRED = "fred@demo.test"

# The one secret that has to be kept as it is: what logs in at somebody else's server.
KEPT = {SMARTHOST: "posthouse.ini"}


def forms(secret):
    """The forms in which a secret may turn up: as it is, in hexadecimal, and in base64 at each offset."""
    raw = secret.encode()
    found = [raw, raw.hex().encode(), raw.hex().upper().encode(), raw.upper(), raw.lower(), raw[::-1]]
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw)
        # Without the ends, which depend on what stands beside it.
        found.append(text[4 if offset else 0:-4])
    return found


def encode(text):
    return base64.b64encode(text.encode()).decode()


def count_secrets(data, secrets):
    return [secret for secret in secrets if any(form in data for form in forms(secret))]


class Canaries(unittest.TestCase):
    secrets = (RIGHT, OTHER, WRONG, LATE, SMARTHOST)

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-canary-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.data = self.directory / "data"

    def log_in_everywhere(self, server):
        """In each form of each protocol, in clear, after STARTTLS and in TLS."""
        for make in (lambda: imaplib.IMAP4("127.0.0.1", server.ports["imap"]),
                     lambda: imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=any_certificate())):
            for log_in in (lambda imap: imap.login(EVE, RIGHT),
                           lambda imap: imap.authenticate("PLAIN", lambda _: f"\0{EVE}\0{RIGHT}".encode())):
                imap = make()
                self.assertEqual(log_in(imap)[0], "OK")
                imap.logout()
        for mechanism in ("PLAIN", "LOGIN"):
            with smtplib.SMTP("127.0.0.1", server.ports["submission"]) as smtp:
                smtp.starttls(context=any_certificate())
                smtp.ehlo()
                smtp.user, smtp.password = EVE, RIGHT
                self.assertEqual(smtp.auth(mechanism, getattr(smtp, "auth_" + mechanism.lower()))[0], 235)
        pop3 = poplib.POP3("127.0.0.1", server.ports["pop3"])
        pop3.user(EVE)
        pop3.pass_(RIGHT)
        pop3.quit()

    def err(self, server):
        """Wrong passwords, and passwords where none belongs: what people and broken programs do.
        Each conversation is from an address of its own, so that none has to wait for the others."""
        plain = encode(f"\0{EVE}\0{WRONG}")
        conversations = (
            ("imap", f"a LOGIN {EVE} {LATE}", LATE, f"b {LATE}"),
            ("imap", "b AUTHENTICATE PLAIN", plain),
            ("imap", f"b AUTHENTICATE PLAIN {plain}"),
            ("imap", "b AUTHENTICATE PLAIN", plain + "!", f"f AUTHENTICATE PLAIN {plain} {LATE}"),
            ("imap", f"c LOGIN {EVE} {{{len(LATE)}}}", LATE),
            ("imap", f"c LOGIN {{{len(EVE)}+}}", f"{EVE} {{{len(LATE)}+}}", f"{LATE}"),
            ("imap", f"d login {EVE} \"{LATE}", f"e LOGIN {LATE}", f"e LOGIN \"{EVE}\" \"{LATE}\" {LATE}"),
            ("imap", "b AUTHENTICATE LOGIN", encode(EVE), encode(LATE)),
            ("pop3", f"USER {EVE}", f"pass {LATE}", LATE),
            ("pop3", f"USER {EVE}", f"PASS {LATE} more"),
            ("pop3", f"USER {EVE}", f"PASS{LATE}"),
            ("pop3", f"AUTH PLAIN {plain}", f"AUTH PLAIN {plain}!"),
            ("pop3", "AUTH PLAIN", plain, plain),
            ("submission", "EHLO there", f"AUTH PLAIN {plain}", plain),
            ("submission", "EHLO there", f"AUTH PLAIN {plain} {LATE}"),
            ("submission", "EHLO there", "AUTH LOGIN", encode(EVE), encode(LATE)),
            ("submission", "EHLO there", f"AUTH LOGIN {encode(EVE)}", encode(LATE)),
            ("submission", "EHLO there", f"AUTH CRAM-MD5 {plain}", plain),
            ("smtp", "EHLO there", f"AUTH PLAIN {plain}", plain),
            ("smtp", "EHLO there", "AUTH LOGIN", encode(EVE), encode(LATE)))
        for i, (service, *lines) in enumerate(conversations, 1):
            with self.subTest(service=service, lines=lines), socket.create_connection(("127.0.0.1", server.ports[service]), SECONDS, (f"127.9.0.{i}", 0)) as line:
                line.sendall("".join(text + "\r\n" for text in lines).encode())
                line.shutdown(socket.SHUT_WR)
                while line.recv(4096):
                    pass

    def administer(self, server):
        """What is done while it runs, by the command line."""
        def command(*words, input=""):
            result = subprocess.run([PROGRAM, "--data", str(self.data), "--config", str(self.data / "posthouse.ini"), *words],
                                    input=input, capture_output=True, text=True, timeout=SECONDS)
            self.assertEqual(result.returncode, 0, result.stderr)
            return result.stdout.strip()

        command("account", "add", FRED, input=OTHER + "\n")
        command("account", "passwd", FRED, input=RIGHT + "\n")
        app_password = command("app-password", "add", FRED, "Phone")
        with Line(server.ports["pop3"]) as pop3:
            pop3.read()
            pop3.ask(f"USER {FRED}")
            self.assertTrue(pop3.ask(f"PASS {app_password}").startswith("+OK"))
        command("send", "--from", EVE, "someone@example.org", input="Subject: x\n\nHello\n")
        wait_for(lambda: command("queue", "list") == "", "delivery to the smarthost")
        self.secrets = (*self.secrets, app_password)

    def test_everything_that_is_left(self):
        """V48, V47: logs, settings, mail, queue, standard error, command lines, core dumps."""
        with Posthouse(directory=self.data, accounts=[BOB, (EVE, RIGHT)]):
            pass
        settings = (self.data / "posthouse.ini").read_text()
        smarthost = Posthouse(accounts=[(EVE, SMARTHOST)]).start()
        self.addCleanup(smarthost.__exit__)
        settings += "\n[Log]\nFile=true\n[Relay]\nGuard=smarthost\nAllowLoopback=true\n[Smarthost]\nHost=127.0.0.1\n"
        settings += f"Port={smarthost.ports['submission']}\nTls=opportunistic\nUser={EVE}\nPassword={SMARTHOST}\n"
        server = Posthouse(directory=self.data, config=settings, accounts=[BOB, (EVE, RIGHT)]).start()
        try:
            with open(f"/proc/{server.process.pid}/cmdline", "rb") as file:
                self.assertEqual(count_secrets(file.read(), self.secrets), [])
            self.log_in_everywhere(server)
            self.err(server)
            self.administer(server)
            self.assertEqual(server.stop(), 0)
            errors = server.read_errors()
        finally:
            server.__exit__()

        self.assertEqual(count_secrets(errors.encode(), self.secrets), [])
        files = [path for path in self.data.rglob("*") if path.is_file()]
        names = {path.name for path in files}
        self.assertTrue(any(name.startswith("posthouse.log") for name in names), names)
        log = b"".join(path.read_bytes() for path in files if path.name.startswith("posthouse.log"))
        for word in (b"LOGIN", b"PASS", b"AUTH", EVE.encode(), f"127.0.0.1:{smarthost.ports['submission']}".encode()):
            self.assertIn(word, log)
        for path in self.data.rglob("*"):
            self.assertEqual(stat.S_IMODE(path.lstat().st_mode) & 0o077, 0, path)
        for path in files:
            for secret in count_secrets(path.read_bytes() + str(path).encode(), self.secrets):
                self.assertEqual(KEPT.get(secret), path.name, f"{secret} in {path}")

    def test_no_core(self):
        """V48: a crash leaves no memory on the disk, whatever the limits of the shell say."""
        def unlimited():
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

        process = subprocess.Popen([PROGRAM, "--demo", "--data", str(self.data), "--free-ports", "--json", f"--account={EVE}:{RIGHT}"],
                                   stdout=subprocess.PIPE, cwd=self.directory, preexec_fn=unlimited, env={**os.environ, "ASAN_OPTIONS": "handle_segv=0"})
        self.assertTrue(process.stdout.readline())
        process.send_signal(signal.SIGSEGV)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -os.WTERMSIG(status)
        process.stdout.close()
        self.assertEqual(os.WTERMSIG(status), signal.SIGSEGV)
        self.assertFalse(os.WCOREDUMP(status))
        self.assertEqual([path for path in self.directory.iterdir() if path.name != "data"], [])


class Readers(unittest.TestCase):
    """What one client does not read must not be felt by others."""

    def resident(self, server):
        with open(f"/proc/{server.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def test_v38_readers_that_do_not_read(self):
        """V38: many that ask for a large message and never read it are no more than their buffers; others are served."""
        with Posthouse() as server:
            imap = imaplib.IMAP4("127.0.0.1", server.ports["imap"])
            imap.login(*BOB)
            body = b"Subject: large\r\n\r\n" + b"0123456789abcdef" * 6 + b"\r\n"
            self.assertEqual(imap.append("INBOX", None, None, body * (30 * 1024 * 1024 // len(body)))[0], "OK")
            before = self.resident(server)
            lazy = []
            try:
                for _ in range(200):
                    line = socket.create_connection(("127.0.0.1", server.ports["imap"]))
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    line.sendall(f'a LOGIN {BOB[0]} "{BOB[1]}"\r\nb SELECT INBOX\r\nc FETCH 1 BODY[]\r\n'.encode())
                    lazy.append(line)
                dribblers = [socket.create_connection(("127.0.0.1", server.ports["smtp"])) for _ in range(200)]
                lazy += dribblers
                for line in dribblers:
                    line.sendall(b"E")
                wait_for(lambda: imap.noop()[0] == "OK", "a NOOP")
                time.sleep(2)
                for line in dribblers:
                    line.sendall(b"H")
                with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=SECONDS) as smtp:
                    smtp.sendmail("a@example.org", BOB[0], "Subject: x\r\n\r\nHello\r\n")
                self.assertEqual(imap.noop()[0], "OK")
                if not is_sanitized():
                    self.assertLess(self.resident(server) - before, 256)
            finally:
                for line in lazy:
                    line.close()
            imap.logout()


if __name__ == "__main__":
    main()
