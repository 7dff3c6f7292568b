#!/usr/bin/python3
"""bench-logins [POSTHOUSED]: what guessing passwords costs and tells (V19, V20).

Run by hand, on a quiet machine.  2,000 guesses (GUESSES says another number), each from an address of its own so that none waits, half at a known
name: their medians and Mann-Whitney's test say whether the time tells which names exist.  Then 20 connections of one
address guess for 20 s: how many were answered, and how long an honest login from elsewhere takes meanwhile.
"""

import os
import pathlib
import statistics
import sys
import threading
import time

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "end-to-end"))
if len(sys.argv) > 1:
    os.environ["POSTHOUSED"] = sys.argv[1]

from posthouse import ALICE, BOB, Posthouse  # noqa: E402
from test_logins import guess  # noqa: E402

GUESSES = int(os.environ.get("GUESSES", "2000"))
SECONDS = 20


def rank_test(one, other):
    """Mann-Whitney's U as z, and how often one is slower than the other."""
    ranks = {value: rank for rank, value in enumerate(sorted(one + other), 1)}
    u = sum(ranks[value] for value in one) - len(one) * (len(one) + 1) / 2
    pairs = len(one) * len(other)
    return (u - pairs / 2) / (pairs * (len(one) + len(other) + 1) / 12) ** 0.5, u / pairs


def compare_names(port):
    times = [], []
    for i in range(GUESSES):
        name = BOB[0] if i % 2 == 0 else f"nobody{i}@demo.test"
        times[i % 2].append(guess(port, f"127.1.{i // 250}.{i % 250 + 1}", name, "wrong")[0])
    known, unknown = (statistics.median(values) * 1000 for values in times)
    z, share = rank_test(*times)
    print(f"V20: a known name {known:.2f} ms, unknown ones {unknown:.2f} ms (medians of {GUESSES // 2}); z {z:.2f}, known is slower in {share:.1%} of pairs")
    return abs(z) < 3.3  # p > 0.001


def hammer(port, end, answered):
    while time.monotonic() < end:
        try:
            answered.append(guess(port, "127.2.0.1", ALICE[0], "wrong"))
        except OSError:
            pass


def guess_from_one_address(port):
    answered, honest, end = [], [], time.monotonic() + SECONDS
    for _ in range(20):
        threading.Thread(target=hammer, args=(port, end, answered), daemon=True).start()
    while time.monotonic() < end:
        honest.append(guess(port, "127.3.0.1", *ALICE)[0] * 1000)
        time.sleep(0.1)
    print(f"V19: 20 connections of one address had {len(answered)} guesses answered in {SECONDS} s; "
          f"honest logins meanwhile: {len(honest)}, median {statistics.median(honest):.1f} ms, worst {max(honest):.1f} ms")


with Posthouse() as server:
    same = compare_names(server.ports["imap"])
    guess_from_one_address(server.ports["imap"])
sys.exit(0 if same else 1)
