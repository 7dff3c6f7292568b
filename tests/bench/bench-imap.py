#!/usr/bin/python3
"""IMAP side by side with Dovecot (BENCH.md): the same mail, the same commands, in turn.

    tests/bench/bench-imap.py [--messages N] [--rounds R] [--posthoused PATH]

Prints milliseconds (the best of the rounds), after a slash those of CPU that the server took for it, which a busy machine
changes least, and how many times less time and CPU Posthouse took; the first round of a row that reads what is cached later
is printed as cold.  A ratio of programs in one session, nothing else: the machine may be busy.
The mailbox is filled by 500 APPENDs of one message, which are timed, then by APPENDs of many (RFC 3502).
"""

import argparse
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

USER, PASSWORD = "bench@demo.test", "secret"

# Name, command, whether the first round says something of its own, and what makes each round find the same (not timed).
ROWS = [
    ("SELECT", "SELECT INBOX", False, None),
    ("FETCH FLAGS", "FETCH 1:* (FLAGS)", False, None),
    ("RFC822.SIZE", "FETCH 1:* (RFC822.SIZE)", True, None),
    ("ENVELOPE BODYSTRUCTURE", "FETCH 1:* (ENVELOPE BODYSTRUCTURE)", True, None),
    ("header fields", "FETCH 1:* (BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])", True, None),
    ("BODY.PEEK[]", "FETCH 1:* (BODY.PEEK[])", False, None),
    ("SEARCH UNSEEN", "SEARCH UNSEEN", False, None),
    ("SEARCH FROM", "SEARCH FROM user77@", False, None),
    ("SEARCH SUBJECT", "SEARCH SUBJECT \"number 77\"", False, None),
    ("SEARCH HEADER", "SEARCH HEADER MIME-Version 1.1", True, None),
    ("SEARCH BODY", "SEARCH BODY needle", True, None),
    ("SORT SUBJECT", "SORT (SUBJECT) UTF-8 ALL", True, None),
    ("SORT FROM DATE", "SORT (FROM REVERSE DATE) UTF-8 ALL", True, None),
    ("THREAD REFERENCES", "THREAD REFERENCES UTF-8 ALL", True, None),
    ("STORE +FLAGS.SILENT", "STORE 1:* +FLAGS.SILENT (\\Flagged)", False, "STORE 1:* -FLAGS.SILENT (\\Flagged)"),
    ("STORE -FLAGS", "STORE 1:* -FLAGS (\\Flagged)", False, "STORE 1:* +FLAGS.SILENT (\\Flagged)"),
    ("STORE of what is so", "STORE 1:* -FLAGS.SILENT (\\Flagged)", False, None),
    ("COPY {tenth}", "COPY 1:{tenth} Copies", False, None),
    ("EXPUNGE {tenth}", "EXPUNGE", False, "STORE 1:{tenth} +FLAGS.SILENT (\\Deleted)"),
]


# While one of these runs, another session says NOOP again and again.
LONG = [
    "FETCH 1:* (ENVELOPE BODYSTRUCTURE)",
    "FETCH 1:* (BODY.PEEK[])",
    "SEARCH TEXT nowhere",
    "SORT (SUBJECT) UTF-8 ALL",
    "THREAD REFERENCES UTF-8 ALL",
    "STORE 1:* FLAGS.SILENT (\\Answered)",
    "COPY 1:* Copies",
]


def longest_delay(client, other, command, pid):
    """Milliseconds of the slowest NOOP of `other` while `client` is busy; and the most that the thread which answers, the
    first of `pid`, worked while one waited: what is left of the delay where nobody else wants the machine."""

    def get_thread_cpu():
        return int(pathlib.Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e6

    thread = threading.Thread(target=client.say, args=(command,))
    thread.start()
    longest = worked = 0
    while thread.is_alive():
        before = get_thread_cpu()
        longest = max(longest, other.say("NOOP"))
        worked = max(worked, get_thread_cpu() - before)
    return longest, worked


def notice(client, other, n):
    """Milliseconds until `other`, in IDLE, hears what `client` did to a flag."""
    other.socket.sendall(b"i IDLE\r\n")
    other.receive_until(b"+ ")
    start = time.perf_counter()
    client.say(f"STORE 1 {'+' if n % 2 == 0 else '-'}FLAGS.SILENT (\\Answered)")
    other.receive_until(b"FETCH (")
    took = (time.perf_counter() - start) * 1000
    other.socket.sendall(b"DONE\r\n")
    other.receive_until(b"i OK")
    return took


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.tag = 0
        while b"\r\n" not in self.buffer:
            self.buffer += self.socket.recv(65536)
        self.buffer = b""

    def say(self, command):
        """Milliseconds until the tagged line, which must be OK."""
        self.tag += 1
        tag = b"x%d " % self.tag
        start = time.perf_counter()
        self.socket.sendall(tag + command.encode() + b"\r\n")
        tail = b""
        size = 0
        while True:
            data = self.socket.recv(1 << 20)
            if not data:
                raise SystemExit(f"the server hung up at {command}")
            size += len(data)
            tail = (tail + data)[-4096:]
            if tail.endswith(b"\r\n"):
                last = tail[:-2].rpartition(b"\r\n")[2]
                if last.startswith(tag):
                    break
        took = (time.perf_counter() - start) * 1000
        if not last.startswith(tag + b"OK"):
            raise SystemExit(f"{command}: {last.decode(errors='replace')}")
        return took

    def receive_until(self, text):
        """Leaves what comes after that line."""
        while text not in self.buffer or not self.buffer.endswith(b"\r\n"):
            self.buffer += self.socket.recv(65536)
        self.buffer = b""

    def append(self, messages):
        self.tag += 1
        tag = b"x%d " % self.tag
        self.socket.sendall(tag + b"APPEND INBOX" + b"".join(b" {%d+}\r\n%s" % (len(message), message) for message in messages) + b"\r\n")
        self.receive_until(tag + b"OK")


def message(n):
    text = "\r\n".join(f"Line {i} of message {n}, with some words in it to be searched." for i in range(30))
    if n % 1000 == 0:
        text += "\r\nneedle"
    references = f"References: <{n - 1}@example.org>\r\n" if n % 5 else ""
    return (f"From: User {n % 100} <user{n % 100}@example.org>\r\nTo: bench@demo.test\r\nSubject: Re: number {n % 300}\r\nDate: Mon, {1 + n % 28} Jun 2026 {n % 24:02}:{n % 60:02}:00 +0200\r\n"
            f"Message-ID: <{n}@example.org>\r\n{references}MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
            f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>{text}</p>\r\n--b--\r\n").encode()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Posthouse:
    name = "Posthouse"

    def __init__(self, directory, program):
        directory.mkdir(mode=0o700)
        self.process = subprocess.Popen([program, "--demo", "--data", str(directory / "data"), "--free-ports", "--json", "--account", f"{USER}:{PASSWORD}"], stdout=subprocess.PIPE, text=True)
        self.port = next(s["port"] for s in json.loads(self.process.stdout.readline())["services"] if s["service"] == "imap")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Dovecot:
    def __init__(self, directory, storage):
        self.name = f"Dovecot {storage}"
        self.port = free_port()
        directory.mkdir(mode=0o755)
        (directory / "mail").mkdir(mode=0o777)
        shutil.chown(directory / "mail", "mail", "mail")
        (directory / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
        config = directory / "dovecot.conf"
        config.write_text(f"""
base_dir = {directory}/run
log_path = {directory}/log
protocols = imap
ssl = no
disable_plaintext_auth = no
mail_location = {storage}:{directory}/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {directory}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={directory}/mail
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
""")
        self.process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(config)], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit((directory / "log").read_text() if (directory / "log").exists() else "Dovecot does not listen")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


SINGLE, TOGETHER = 500, 250


def fill(server, n):
    """Messages a second, each by an APPEND of its own; and many in one."""
    client = Client(server.port)
    client.say(f'LOGIN {USER} "{PASSWORD}"')
    client.say("CREATE Copies")
    single = min(n, SINGLE)
    start = time.perf_counter()
    for i in range(single):
        client.append([message(i)])
    middle = time.perf_counter()
    for i in range(single, n, TOGETHER):
        client.append([message(j) for j in range(i, min(i + TOGETHER, n))])
    return single / (middle - start), (n - single) / (time.perf_counter() - middle)


def get_cpu(pid):
    """Milliseconds that a process and those below it have worked."""
    try:
        # The CPU clock of another process: CPUCLOCK_SCHED of clock_getcpuclockid(3).
        total = time.clock_gettime((~pid << 3) | 2) * 1000
        for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            total += sum(get_cpu(int(child)) for child in path.read_text().split())
    except OSError:
        return 0
    return total


def print_row(name, times, cold):
    """`times` of each server: (milliseconds, of CPU) of each round."""
    best = [[min(column) for column in zip(*rounds)] for rounds in times]
    cells = [f"{wall:.1f}/{cpu:.1f}" + (f" ({rounds[0][0]:.0f}/{rounds[0][1]:.0f})" if cold else "") for (wall, cpu), rounds in zip(best, times)]
    ratios = [f"{wall / best[0][0]:.1f}/{cpu / max(best[0][1], 0.1):.1f}" for wall, cpu in best[1:]]
    print(f"{name:24}" + "".join(f"{cell:>28}" for cell in cells) + "   " + " ".join(ratios), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--posthoused", default=str(pathlib.Path(__file__).parents[2] / "build/src/daemon/posthoused"))
    parser.add_argument("--lock", help="a file that is locked while it measures, but not while it fills the mailboxes")
    arguments = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-imap-"))
    directory.chmod(0o755)
    servers = [Posthouse(directory / "posthouse", arguments.posthoused)]
    try:
        if os.path.exists("/usr/sbin/dovecot") and os.geteuid() == 0:
            servers += [Dovecot(directory / storage, storage) for storage in ("maildir", "sdbox")]
        else:
            print("no Dovecot here, or not root: Posthouse alone", file=sys.stderr)
        rates = [fill(server, arguments.messages) for server in servers]
        if arguments.lock is not None:
            lock = open(arguments.lock, "w")
            fcntl.flock(lock, fcntl.LOCK_EX)
        print(f"{arguments.messages} messages of {len(message(1))} bytes; ms, best of {arguments.rounds} (cold)\n")
        print(f"{'':24}" + "".join(f"{server.name:>28}" for server in servers) + "   ratios")
        for name, rate in (("APPEND, messages/s", 0), ("of many, messages/s", 1))[: 2 if arguments.messages > SINGLE else 1]:
            print(f"{name:24}" + "".join(f"{r[rate]:28.0f}" for r in rates) + "   " + " ".join(f"{rates[0][rate] / r[rate]:.1f}" for r in rates[1:]))
        clients = [Client(server.port) for server in servers]
        others = [Client(server.port) for server in servers]
        for client in clients + others:
            client.say(f'LOGIN {USER} "{PASSWORD}"')
            client.say("SELECT INBOX")
        notices = [min(notice(client, other, i) for i in range(4)) for client, other in zip(clients, others)]
        print_row("IDLE notice", [[(n, 0)] for n in notices], False)
        for name, command, cold, prepare in ROWS:
            times = [[] for _ in servers]
            for _ in range(arguments.rounds):
                for i, client in enumerate(clients):
                    if prepare is not None:
                        client.say(prepare.format(tenth=arguments.messages // 10))
                    before = get_cpu(servers[i].process.pid)
                    wall = client.say(command.format(tenth=arguments.messages // 10))
                    times[i].append((wall, get_cpu(servers[i].process.pid) - before))
            print_row(name.format(tenth=arguments.messages // 10), times, cold)
        print("\nlongest NOOP of another session, ms (and CPU of Posthouse's main loop in one), while one says")
        for other in others:
            other.say("UNSELECT")
        for command in LONG:
            delays = [longest_delay(client, other, command, server.process.pid) for client, other, server in zip(clients, others, servers)]
            print(f"{command:40}" + f"{delays[0][0]:10.1f} ({delays[0][1]:.1f})" + "".join(f"{delay:16.1f}" for delay, _ in delays[1:]))
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
