#!/usr/bin/python3
"""What is done to one message through IMAP, by the size of the folder, while a second session has it selected, too.

    tests/bench/bench-imap-one.py [--posthoused PATH] [--directory PARENT] SIZE…

Prints milliseconds of the server's CPU and of time for one.  None of them may grow with the folder.
"""

import argparse
import imaplib
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

USER, PASSWORD = "bench@demo.test", "secret"
REPEATS = 200
MESSAGE = "From: a@example.test\nSubject: {}\n\nbody\n"


def read_cpu(pid):
    """Seconds of all threads."""
    return sum(int(path.read_text().split()[0]) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def connect(port):
    imap = imaplib.IMAP4("127.0.0.1", port)
    imap.login(USER, PASSWORD)
    imap.select()
    return imap


def fill(directory, n):
    cur = next(directory.rglob("bench/cur"))
    for i in range(n):
        (cur / f"{1700000000 + i}.M1P1Q{i}.bench:2,S").write_text(MESSAGE.format(i))


def measure(name, pid, work, repeats=REPEATS):
    cpu, start = read_cpu(pid), time.monotonic()
    for i in range(repeats):
        work(i)
    print(f"  {name:45} {(read_cpu(pid) - cpu) / repeats * 1000:8.2f} ms CPU {(time.monotonic() - start) / repeats * 1000:8.2f} ms", flush=True)


def run(size, pid, port):
    one, other = connect(port), connect(port)
    middle = size // 2
    print(f"{size} messages")
    measure("STORE", pid, lambda i: one.uid("STORE", str(middle + i), "+FLAGS", r"\Flagged"))

    def store(i):
        one.uid("STORE", str(middle + i), "-FLAGS.SILENT", r"\Flagged")
        other.noop()

    def expunge(i):
        one.uid("STORE", str(10 + i), "+FLAGS.SILENT", r"\Deleted")
        one.uid("EXPUNGE", str(10 + i))
        other.noop()

    def append(i):
        one.append("INBOX", None, None, MESSAGE.format(i).replace("\n", "\r\n").encode())
        other.noop()

    measure("STORE, NOOP of the other", pid, store)
    measure(r"STORE \Deleted, UID EXPUNGE, NOOP of the other", pid, expunge, REPEATS // 2)
    def ask(i):
        one.uid("STORE", str(middle + i), "+FLAGS.SILENT", r"\Seen" if i % 2 else r"\Answered")
        time.sleep(0.02)  # until the index has looked at what it did itself
        other.status("INBOX", "(MESSAGES UNSEEN)")

    measure("APPEND, NOOP of the other", pid, append, REPEATS // 2)
    measure("STORE, STATUS of the other after 20 ms", pid, ask, REPEATS // 2)
    one.logout()
    other.logout()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--posthoused", default="build/src/daemon/posthoused")
    parser.add_argument("--directory", help="below it the mail lies; a tmpfs leaves out the disk")
    parser.add_argument("sizes", nargs="+", type=int)
    arguments = parser.parse_args()

    for size in arguments.sizes:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-bench-", dir=arguments.directory))
        server = subprocess.Popen([arguments.posthoused, "--data", directory, "--config", directory / "posthouse.ini", "--free-ports", "--json", "--demo",
                                   "--account", f"{USER}:{PASSWORD}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            port = next(service["port"] for service in json.loads(server.stdout.readline())["services"] if service["service"] == "imap")
            connect(port).logout()
            fill(directory, size)
            while int(connect(port).select()[1][0]) < size:
                time.sleep(1)
            time.sleep(3)
            run(size, server.pid, port)
        finally:
            server.terminate()
            server.wait()
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
