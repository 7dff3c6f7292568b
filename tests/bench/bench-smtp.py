#!/usr/bin/python3
"""bench-smtp [POSTHOUSED]: messages that are accepted and stored, in a second, and the CPU that they take, beside Postfix, OpenSMTPD and Exim.

All get the same from smtp-source in turn, and store into Maildirs of one file system, safe before they answer; the time ends when
all files are there.  For each row: messages in a second (CPU seconds for 1,000 messages), and CPU of smtp-source, which must not
be what is measured.  Run by hand as root, on a quiet machine.  ROWS="1x1000 50x100000" takes some rows alone; MESSAGES and ROUNDS as
they say; OpenSMTPD and Exim get a fifth of the messages, or it would take an hour.

What the servers stored is removed at the end only: an ext4 without a journal walks over each inode that was freed in the last
minutes before it takes a new one, so whoever comes after a removal of thousands would pay for it (half of all CPU was that once).
Best in a directory of its own at the root of the file system, which gets other groups of inodes: TMPDIR=/bench.
"""

import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import unittest.mock

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "end-to-end"))
if len(sys.argv) > 1:
    os.environ["POSTHOUSED"] = sys.argv[1]

import posthouse  # noqa: E402
import unpacked  # noqa: E402
from peers import Postfix  # noqa: E402

ROWS = [tuple(map(int, row.split("x"))) for row in os.environ.get("ROWS", " ".join(f"{s}x{n}" for s in (1, 10, 50) for n in (1000, 10000, 100000))).split()]
MESSAGES = int(os.environ.get("MESSAGES", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SLOW = 5
LONGEST = 600  # seconds for one measurement

VIRTUAL = """
virtual_mailbox_domains = demo.test
virtual_mailbox_base = {directory}
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
mailbox_size_limit = 0
virtual_mailbox_limit = 0
"""


def cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_of_tree(root):
    """CPU seconds of a process, all that it started, and what those waited for."""
    parents, used = {}, {}
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(entry.parent.name)
        parents[pid] = int(fields[1])
        used[pid] = sum(map(int, fields[11:15]))
    tree, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in tree} - tree
        tree |= more
        grown = bool(more)
    return sum(used.get(pid, 0) for pid in tree) / os.sysconf("SC_CLK_TCK")


def send(port, sessions, size, messages):
    """CPU seconds of smtp-source."""
    before = cpu()
    subprocess.run(["smtp-source", "-d", "-s", str(sessions), "-m", str(messages), "-l", str(size), "-f", "me@example.org", "-t", posthouse.BOB[0], f"127.0.0.1:{port}"], check=True)
    return cpu() - before


def count(folder):
    return len(os.listdir(folder)) if folder.exists() else 0


def measure(pid, port, folder, sessions, size, messages):
    before, start = cpu_of_tree(pid), time.monotonic()
    source = send(port, sessions, size, messages)
    while count(folder) < messages:
        if time.monotonic() > start + LONGEST:
            raise SystemExit(f"After {LONGEST} s {count(folder)} of {messages} messages are in {folder}")
        time.sleep(0.005)
    elapsed = time.monotonic() - start
    time.sleep(0.5)  # what is still done after the last answer counts, too
    return messages / elapsed, (cpu_of_tree(pid) - before) * 1000 / messages, source


def measure_posthouse(*row):
    with posthouse.Posthouse() as server:
        return measure(server.process.pid, server.ports["smtp"], server.directory / "mail" / "demo.test" / "bob" / "cur", *row)


def make_maildir(directory):
    for part in ("", "new", "cur", "tmp"):
        (directory / part).mkdir(parents=True, exist_ok=True)
        os.chown(directory / part, 65534, 65534)
        (directory / part).chmod(0o777)  # Exim delivers as a user of its own
    return directory


def measure_postfix(*row):
    server = Postfix(main=VIRTUAL.format(directory="@"), master="virtual unix - n n - - virtual\n")
    mail = make_maildir(server.directory / "mail")
    path = server.directory / "main.cf"
    path.write_text(path.read_text().replace("virtual_mailbox_base = @", f"virtual_mailbox_base = {server.directory}"))
    with server:
        return measure(server.process.pid, server.port, mail / "new", *row)


def measure_unpacked(kind, *row):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-bench-"))
    directory.chmod(0o755)
    try:
        mail = make_maildir(directory / "mail")
        with kind(maildir=mail) as server:
            return measure(server.process.pid, server.port, mail / "new", *row)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def measure_all():
    servers = {"Posthouse": (measure_posthouse, MESSAGES)}
    if not Postfix.lacks():
        servers["Postfix"] = (measure_postfix, MESSAGES)
    for name, kind in (("OpenSMTPD", unpacked.OpenSmtpd), ("Exim", unpacked.Exim)):
        if not kind.lacks() and not os.environ.get("FAST"):
            servers[name] = (lambda *row, kind=kind: measure_unpacked(kind, *row), max(MESSAGES // SLOW, 1))
    print(f"{MESSAGES} messages, median of {ROUNDS} [lowest-highest]: messages/s (CPU s for 1,000) [CPU s of smtp-source]; load {os.getloadavg()[0]:.0f}")
    for sessions, size in ROWS:
        results = {name: [] for name in servers}
        for turn in range(ROUNDS):
            for name, (function, messages) in servers.items():
                if messages == MESSAGES or turn == 0:
                    results[name].append(function(sessions, size, messages))
        line = [f"{sessions} x {size}"]
        for name, rounds in results.items():
            rates = sorted(rate for rate, _, _ in rounds)
            line.append(f"{name} {statistics.median(rates):.0f}/s [{rates[0]:.0f}-{rates[-1]:.0f}] ({statistics.median(r[1] for r in rounds):.2f}) [{statistics.median(r[2] for r in rounds):.2f}]")
        if "Postfix" in results:
            ours, theirs = ([statistics.median(column) for column in zip(*results[name])] for name in ("Posthouse", "Postfix"))
            line.append(f"to Postfix {ours[0] / theirs[0]:.1f} x, CPU 1/{theirs[1] / max(ours[1], 0.001):.1f}")
        print("  ".join(line), flush=True)


def main():
    base = tempfile.mkdtemp(prefix="ph-bench-")
    os.chmod(base, 0o755)
    tempfile.tempdir = base
    try:
        with unittest.mock.patch("shutil.rmtree"):
            measure_all()
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
