#!/usr/bin/python3
"""bench-pop3 [POSTHOUSED]: STAT and UIDL, then RETR of all messages, beside Dovecot over a Maildir of the same messages.

Run by hand, as root where Dovecot is to be beside it.  Milliseconds for the login with STAT and UIDL, and messages in a
second for RETR, at most 50 of them in flight; first and warm; and the CPU of the server for all of it, which a busy machine
changes less.  LIBEXEC: a folder for Dovecot's programs, where its package of POP3 is unpacked and not installed.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "end-to-end"))
if len(sys.argv) > 1:
    os.environ["POSTHOUSED"] = sys.argv[1]

import posthouse  # noqa: E402

MESSAGES = int(os.environ.get("MESSAGES", "10000"))
SIZE = 4000
IN_FLIGHT = 50
NOBODY = 65534

LIBEXEC = os.environ.get("LIBEXEC", "/usr/lib/dovecot")

DOVECOT = """
protocols = pop3
libexec_dir = {libexec}
base_dir = {directory}/run
log_path = {directory}/log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={directory}/home
}}
mail_location = maildir:{directory}/home/Maildir
service pop3-login {{
  inet_listener pop3 {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


class Reader:
    """A POP3 client that does as little as it can."""

    def __init__(self, port, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb", buffering=1 << 20)
        self.expect()
        self.ask(f"USER {user}")
        self.ask(f"PASS {password}")

    def expect(self):
        line = self.file.readline()
        assert line.startswith(b"+OK"), line
        return line

    def ask(self, command):
        self.socket.sendall(command.encode() + b"\r\n")
        return self.expect()

    def read_body(self):
        n = 0
        while self.file.readline() != b".\r\n":
            n += 1
        return n

    def retrieve_all(self, count):
        """Looks at nothing but the ends, so that it is not this program that is measured."""
        sent = ended = 0
        tail = b""
        while ended < count:
            window = min(count, ended + IN_FLIGHT)
            if window > sent and (window - sent >= IN_FLIGHT // 2 or window == count):
                self.socket.sendall(b"".join(b"RETR %d\r\n" % number for number in range(sent + 1, window + 1)))
                sent = window
            data = tail + self.socket.recv(1 << 20)
            assert data != tail and b"\n-ERR" not in data
            ended += data.count(b"\r\n.\r\n")
            tail = data[-4:] if not data.endswith(b"\r\n.\r\n") else b""

    def close(self):
        self.ask("QUIT")
        self.file.close()
        self.socket.close()


def measure_cpu(pid):
    """Milliseconds, of the children that have ended, too."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) * 1000 / os.sysconf("SC_CLK_TCK")


def measure(name, pid, port, user, password):
    for turn in ("first", "warm", "warm"):
        cpu = measure_cpu(pid)
        start = time.monotonic()
        reader = Reader(port, user, password)
        count = int(reader.ask("STAT").split()[1])
        assert count == MESSAGES, count
        reader.ask("UIDL")
        assert reader.read_body() == count
        listed = time.monotonic() - start
        start = time.monotonic()
        reader.retrieve_all(count)
        retrieved = time.monotonic() - start
        reader.close()
        time.sleep(0.5)
        cpu = measure_cpu(pid) - cpu
        print(f"{name}, {turn}: STAT and UIDL of {count} {listed * 1000:.0f} ms, RETR {count / retrieved:.0f} messages/s, {cpu:.0f} ms of CPU", flush=True)


def run_dovecot(source):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-dovecot-"))
    directory.chmod(0o755)
    try:
        maildir = directory / "home" / "Maildir"
        for part in ("new", "cur", "tmp"):
            (maildir / part).mkdir(parents=True)
        for folder in ("new", "cur"):
            for number, path in enumerate(sorted((source / folder).iterdir())):
                shutil.copy(path, maildir / "cur" / f"{1700000000 + number}.M{number}.bench:2,")
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(directory / "home")], check=True)
        port = posthouse.free_port()
        (directory / "dovecot.conf").write_text(DOVECOT.format(directory=directory, port=port, libexec=LIBEXEC))
        with posthouse.program("dovecot", "-F", "-c", directory / "dovecot.conf", ready=lambda: posthouse.listens(port)) as process:
            measure("Dovecot", process.pid, port, "bob", "x")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main():
    with posthouse.Posthouse() as server:
        subprocess.run(["smtp-source", "-d", "-s", "10", "-m", str(MESSAGES), "-l", str(SIZE), "-f", "me@example.org", "-t", posthouse.BOB[0],
                        f"127.0.0.1:{server.ports['smtp']}"], check=True)
        measure("Posthouse", server.process.pid, server.ports["pop3"], *posthouse.BOB)
        if shutil.which("dovecot") and os.geteuid() == 0:
            run_dovecot(server.directory / "mail" / "demo.test" / "bob")
        else:
            print("Dovecot is not there, or this is not root")


if __name__ == "__main__":
    main()
