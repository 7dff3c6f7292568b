#!/usr/bin/python3
"""bench-smtp [POSTHOUSED]: messages that are accepted and stored, in a second, and the CPU that they take, beside Postfix.

Both get the same from smtp-source in turn, and store into Maildirs of one file system, safe before they answer.
For each row: messages in a second (CPU seconds for 1,000 messages), and CPU of smtp-source, which must not be what is
measured.  Run by hand as root (Postfix needs it), on a quiet machine.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "end-to-end"))
if len(sys.argv) > 1:
    os.environ["POSTHOUSED"] = sys.argv[1]

import posthouse  # noqa: E402
from peers import Postfix, have_postfix  # noqa: E402

ROWS = [(1, 1000), (10, 1000), (50, 1000), (10, 10000), (10, 100000)]
MESSAGES = int(os.environ.get("MESSAGES", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))

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
    """Seconds, and CPU seconds of smtp-source."""
    before, start = cpu(), time.monotonic()
    subprocess.run(["smtp-source", "-d", "-s", str(sessions), "-m", str(messages), "-l", str(size), "-f", "me@example.org", "-t", posthouse.BOB[0], f"127.0.0.1:{port}"], check=True)
    return time.monotonic() - start, cpu() - before


def measure_posthouse(sessions, size, messages):
    server = posthouse.Posthouse().start()
    before = cpu_of_tree(server.process.pid)
    elapsed, source = send(server.ports["smtp"], sessions, size, messages)
    time.sleep(0.5)  # what is still done after the last answer counts, too
    used = cpu_of_tree(server.process.pid) - before
    server.__exit__()
    return elapsed, used, source


def measure_postfix(sessions, size, messages):
    server = Postfix(main=VIRTUAL.format(directory="/"), master="virtual unix - n n - - virtual\n")
    mail = server.directory / "mail"
    for part in ("new", "cur", "tmp"):
        (mail / part).mkdir(parents=True)
        os.chown(mail / part, 65534, 65534)
    os.chown(mail, 65534, 65534)
    path = server.directory / "main.cf"
    path.write_text(path.read_text().replace("virtual_mailbox_base = /", f"virtual_mailbox_base = {server.directory}"))
    server.__enter__()
    before, start = cpu_of_tree(server.process.pid), time.monotonic()
    source = send(server.port, sessions, size, messages)[1]
    while len(os.listdir(mail / "new")) < messages:
        time.sleep(0.005)
    elapsed = time.monotonic() - start
    used = cpu_of_tree(server.process.pid) - before
    server.__exit__()
    return elapsed, used, source


def main():
    servers = {"Posthouse": measure_posthouse}
    if have_postfix():
        servers["Postfix"] = measure_postfix
    print(f"{MESSAGES} messages, median of {ROUNDS}: messages/s (CPU s for 1,000) [CPU s of smtp-source]")
    for sessions, size in ROWS:
        results = {name: [] for name in servers}
        for _ in range(ROUNDS):
            for name, function in servers.items():
                elapsed, used, source = function(sessions, size, MESSAGES)
                results[name].append((MESSAGES / elapsed, used * 1000 / MESSAGES, source))
        line = [f"{sessions} x {size}"]
        for name, rounds in results.items():
            rates = sorted(rate for rate, _, _ in rounds)
            line.append(f"{name} {statistics.median(rates):.0f}/s [{rates[0]:.0f}-{rates[-1]:.0f}] ({statistics.median(r[1] for r in rounds):.2f}) [{statistics.median(r[2] for r in rounds):.2f}]")
        if len(results) == 2:
            ours, theirs = (statistics.median(r[0] for r in results[name]) for name in ("Posthouse", "Postfix"))
            ours_cpu, theirs_cpu = (statistics.median(r[1] for r in results[name]) for name in ("Posthouse", "Postfix"))
            line.append(f"ratio {ours / theirs:.1f} x, CPU 1/{theirs_cpu / max(ours_cpu, 0.001):.1f}")
        print("  ".join(line), flush=True)


if __name__ == "__main__":
    main()
