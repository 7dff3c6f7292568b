#!/usr/bin/python3
"""A hundred thousand messages that wait in the queue: memory for each beside its file, and what the timer costs.

    tests/bench/bench-queue.py POSTHOUSED [MESSAGES]
    tests/bench/bench-queue.py POSTHOUSED MESSAGES live

The queue is written into the folder first; memory is the private memory of the process against one with an empty queue, after
the start and again after ten looks at the timer; its CPU and the directories that it reads meanwhile (strace, where that is there) tell of a scan.
With "live" they come by submission, to a server that runs on: memory is then what so many add once the log of the sessions, which is
bounded, is full.
"""

import concurrent.futures
import os
import pathlib
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "end-to-end"))
import posthouse  # noqa: E402

ENV = """[Message]
Version=1
Sender=alice@demo.test
Recipients=user{0}@destination{1}.test;
State=deferred
Arrived=2026-11-01T00:00:00.000000Z
Size=200

[Recipient 1]
Address=user{0}@destination{1}.test
State=deferred
Tries=1
LastTry=2026-11-01T00:00:00.000000Z
NextTry=2100-01-01T00:00:00.000000Z
LastReply=451 4.3.0 later
Status=4.3.0
"""
SETTINGS = "[Relay]\nGuard=anywhere\nInterval=1\nDnsServer=127.0.0.1@9\nGiveUpAfter=5184000\nWarnAfter=5184000\n"
SECONDS = 10
ARRIVED = 1793491200000000  # ids begin with a time in µs
QUIET_MAX = 300
SESSIONS = 20
FILLS_THE_LOG = 60000  # messages: 64 MiB of lines
LINKS = 30000  # of one file, as ext4 has no more than 65,000: what is measured is beside the message


def private_memory(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(("Private_Clean", "Private_Dirty")))


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def fill(directory, count):
    relay = directory / "relay"
    relay.mkdir(mode=0o700)
    for number in range(count):
        name = f"{ARRIVED + number:016X}{number & 0xfff:03X}{number * 40503 & 0xffff:04X}"
        if number % LINKS == 0:
            first = relay / f"{name}.eml"
            first.write_text("Subject: bench\r\n\r\nbody\r\n")
        else:
            os.link(first, relay / f"{name}.eml")
        (relay / f"{name}.env").write_text(ENV.format(number, number % 20))


def wait_until_quiet(pid):
    """Two seconds with next to no work; a queue that is never read to its end is a failure, not a wait without one."""
    end = time.monotonic() + QUIET_MAX
    before = -1.0
    while (now := cpu(pid)) - before > 0.05:
        if time.monotonic() > end:
            sys.exit(f"not quiet within {QUIET_MAX} s")
        before = now
        time.sleep(2)


def measure(count):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-bench-"))
    try:
        fill(directory, count)
        start = time.monotonic()
        with posthouse.Posthouse(config=SETTINGS, directory=directory) as server:
            pid = server.process.pid
            wait_until_quiet(pid)
            read = time.monotonic() - start
            memory, spent = private_memory(pid), cpu(pid)
            scans = count_scans(pid)
            return memory, private_memory(pid), cpu(pid) - spent, read, scans
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def count_scans(pid):
    if shutil.which("strace") is None:
        time.sleep(SECONDS)
        return None
    result = subprocess.run(["timeout", "-s", "INT", str(SECONDS), "strace", "-f", "-e", "trace=getdents64", "-p", str(pid)], stderr=subprocess.PIPE, text=True)
    return sum("getdents64(" in line for line in result.stderr.splitlines())


def submit(port, count):
    """One message in one write, and its three answers."""
    body = b"From: alice@demo.test\r\nSubject: bench\r\n\r\nbody\r\n"
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.login(*posthouse.ALICE)
        with smtp.sock.makefile("rb") as replies:
            for number in range(count):
                smtp.sock.sendall(b"MAIL FROM:<alice@demo.test>\r\nRCPT TO:<user%d@destination%d.test>\r\nBDAT %d LAST\r\n%s" % (number, number % 20, len(body), body))
                for _ in range(3):
                    if not (reply := replies.readline()).startswith(b"250"):
                        sys.exit(f"refused: {reply}")


def queue_live(server, count):
    with concurrent.futures.ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(lambda _: submit(server.ports["submission"], count // SESSIONS), range(SESSIONS)))
    wait_until_quiet(server.process.pid)
    return private_memory(server.process.pid)


def measure_live(count):
    with posthouse.Posthouse(config="[Relay]\nGuard=local\n") as server:
        before = queue_live(server, FILLS_THE_LOG)
        return queue_live(server, count) - before


def main():
    posthouse.PROGRAM = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    if sys.argv[3:] == ["live"]:
        print(f"| messages | bytes for each, queued live |\n|---|---|\n| {count} | {measure_live(count) / count:.0f} |")
        return
    empty, full = measure(0), measure(count)
    print("| messages | bytes for each | after the timer | CPU s in 10 s (empty queue) | reads of the folder | start to quiet, s |\n|---|---|---|---|---|---|")
    print(f"| {count} | {(full[0] - empty[0]) / count:.0f} | {(full[1] - empty[1]) / count:.0f} | {full[2]:.2f} ({empty[2]:.2f}) | {full[4]} | {full[3]:.0f} |")


if __name__ == "__main__":
    main()
