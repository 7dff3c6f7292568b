"""T04: whatever a crash leaves of what was written, the store opens, has what was promised, and nothing twice.

A run is recorded (recorder.c): deliveries to one, to two, here and elsewhere, and what IMAP does.  At each of its
records the disk is made as a crash there may leave it: all that was synced, and of the rest nothing, all, the first
so many, or any of it, the last write torn at a sector.  The store is opened on each (look.c).  POSTHOUSE_STATES says
how many."""

import collections
import hashlib
import imaplib
import os
import pathlib
import random
import re
import shutil
import smtplib
import subprocess
import tempfile
import unittest

from disk import Disk, read_log
from posthouse import ALICE, BOB, Posthouse, is_sanitized, main

RECORDER = os.environ.get("POSTHOUSE_RECORDER", "")
LOOK = os.environ.get("POSTHOUSE_LOOK", "")
STATES = int(os.environ.get("POSTHOUSE_STATES", "2000"))
SEED = int(os.environ.get("POSTHOUSE_SEED", "1"))
MEMORY = "/dev/shm"
ELSEWHERE = "somebody@elsewhere.test"
SENT = rb"250 2\.[06]\.0 "
FLAGGED = 4  # PH_FLAG_FLAGGED

Event = collections.namedtuple("Event", "place name there start end")  # there: whether it is in that place afterwards
Mail = collections.namedtuple("Mail", "account folder validity uid flags name hash")


def body_of(name):
    return f"Message-ID: <{name}@states.test>\r\nSubject: {name}\r\n\r\n".encode() + b"all of it\r\n" * 50


def hash_of(name):
    return hashlib.sha256(body_of(name)).hexdigest()


class Run:
    """What was done, and from which record to which it took."""

    def __init__(self, directory):
        self.log, self.root = directory / "log", directory / "root"
        (self.root / "settings").mkdir(mode=0o700, parents=True)
        self.inode, self.settings_inode = self.root.stat().st_ino, (self.root / "settings").stat().st_ino
        self.events, self.uids, self.pairs, self.aways = [], {}, [], []

    def position(self):
        return self.log.stat().st_size

    def note(self, start, answer, *changes):
        end = next(at for at, fields, data in read_log(self.log) if at > start and fields[0] == "M" and re.search(answer, data))
        self.events += [Event(place, name, there, start, end) for place, name, there in changes]
        return end

    def record(self):
        environment = {"LD_PRELOAD": RECORDER, "PH_RECORD_LOG": str(self.log), "PH_RECORD_ROOT": str(self.root)}
        os.environ.update(environment)
        try:
            with Posthouse(directory=self.root / "settings", data=self.root / "data") as self.server:
                del os.environ["LD_PRELOAD"]
                self.send_all()
                self.use_imap()
        finally:
            for name in environment:
                os.environ.pop(name, None)

    def send(self, name, recipients, login=None):
        start = self.position()
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission" if login else "smtp"], timeout=60) as smtp:
            if login:
                smtp.login(*login)
            smtp.sendmail(login[0] if login else "me@example.org", recipients, body_of(name))
        end = self.note(start, SENT, *(((account, "INBOX"), name, True) for account in (ALICE[0], BOB[0]) if account in recipients))
        if ELSEWHERE in recipients:
            self.aways.append((name, start, end))
        if ALICE[0] in recipients and BOB[0] in recipients:
            self.pairs.append((name, start))

    def send_all(self):
        for turn in range(3):
            self.send(f"one-{turn}", [BOB[0]])
            self.send(f"both-{turn}", [ALICE[0], BOB[0]])
            self.send(f"away-{turn}", [BOB[0], ELSEWHERE], BOB)
        self.send("large", [ALICE[0]])

    def ask(self, imap, changes, *words):
        start = self.position()
        status, data = getattr(imap, words[0])(*words[1:])
        if status != "OK":
            raise AssertionError(f"{words}: {data}")
        self.note(start, rb"(?m)^%b%d OK" % (imap.tagpre, imap.tagnum - 1), *changes)
        return data

    def use_imap(self):
        inbox, archive, made = ((BOB[0], folder) for folder in ("INBOX", "Archive", "Made"))
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"], timeout=60) as imap:
            imap.login(*BOB)
            imap.select()
            for turn in range(3):
                name = f"appended-{turn}"
                data = self.ask(imap, [(inbox, name, True)], "append", "INBOX", None, None, body_of(name))
                validity, uid = map(int, re.search(rb"APPENDUID (\d+) (\d+)", data[0]).groups())
                self.uids[name] = (validity, uid)
                self.ask(imap, [(inbox, name + " flagged", True)], "uid", "STORE", str(uid), "+FLAGS.SILENT", r"(\Flagged)")
                self.ask(imap, [(archive, name, True)], "uid", "COPY", str(uid), "Archive")
            self.ask(imap, [], "create", "Made")
            self.ask(imap, [(inbox, "appended-0", False), (inbox, "appended-0 flagged", False), (made, "appended-0", True)], "uid", "MOVE", str(self.uids["appended-0"][1]), "Made")
            self.ask(imap, [], "uid", "STORE", str(self.uids["appended-1"][1]), "+FLAGS.SILENT", r"(\Deleted)")
            self.ask(imap, [(inbox, "appended-1", False), (inbox, "appended-1 flagged", False)], "expunge")
            self.ask(imap, [(made, "appended-0", False), ((BOB[0], "Named"), "appended-0", True)], "rename", "Made", "Named")
            self.ask(imap, [(inbox, "last", True)], "append", "INBOX", None, None, body_of("last"))


class States(unittest.TestCase):
    def setUp(self):
        if not RECORDER or not LOOK:
            self.skipTest("POSTHOUSE_RECORDER and POSTHOUSE_LOOK, programs of the tests, are not named")
        if is_sanitized():
            self.skipTest("the sanitizers want to be loaded first")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-states-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.looker = None

    def look(self, path):
        """The mail that is there, and the hashes of what is still to be queued; None where it could not be opened."""
        if self.looker is None:
            self.looker = subprocess.Popen([LOOK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.addCleanup(self.looker.stdout.close)
            self.addCleanup(self.looker.wait)
            self.addCleanup(self.looker.stdin.close)
        self.looker.stdin.write(f"{path}\n")
        self.looker.stdin.flush()
        mail, unqueued = [], []
        for line in self.looker.stdout:
            kind, *fields = line.rstrip("\n").split("\t")
            if kind == "end":
                return mail, unqueued
            if kind == "mail":
                mail.append(Mail(fields[0], fields[1], int(fields[2]), int(fields[3]), int(fields[4]), *fields[5:]))
            else:
                unqueued.append(fields[0])
        self.looker.wait()
        self.looker = None
        return None

    def queued(self, path):
        found = []
        for envelope in (path / "relay").glob("*.env"):
            message = envelope.with_suffix(".eml")
            if ELSEWHERE in envelope.read_text(errors="replace") and message.exists():
                text = message.read_bytes()
                found.append(hashlib.sha256(text[text.index(b"Message-ID: <"):]).hexdigest() if b"Message-ID: <" in text else "")
        return found

    def find_fault(self, position, path):
        """What is not as it was promised, or None."""
        found = self.look(path)
        if found is None:
            return "the store can't be opened"
        mail, unqueued = found
        for each in mail:
            if each.hash != hash_of(each.name):
                return f"{each} is not whole"
        there = collections.Counter(((each.account, each.folder), each.name) for each in mail)
        there.update(((each.account, each.folder), each.name + " flagged") for each in mail if each.flags & FLAGGED)
        if twice := [key for key, n in there.items() if n > 1]:
            return f"twice: {twice}"
        for key in {(event.place, event.name) for event in self.run_of.events}:
            events = [event for event in self.run_of.events if (event.place, event.name) == key]
            allowed = {False}
            for event in events:
                if event.end <= position:
                    allowed = {event.there}
                elif event.start <= position:
                    allowed.add(event.there)
            if (there[key] == 1) not in allowed:
                return f"{key}: {there[key]}, and not {allowed}"
        return self.find_fault_of_many(position, path, mail, unqueued, there)

    def find_fault_of_many(self, position, path, mail, unqueued, there):
        for name, _ in self.run_of.pairs:
            if there[(ALICE[0], "INBOX"), name] != there[(BOB[0], "INBOX"), name]:
                return f"{name} for one of two"
        queued = self.queued(path)
        for name, _, end in self.run_of.aways:
            n_away = (hash_of(name) in queued) or (hash_of(name) in unqueued)
            if n_away != (there[(BOB[0], "INBOX"), name] == 1) or (end <= position and not n_away):
                return f"{name}: elsewhere {n_away}, here {there[(BOB[0], 'INBOX'), name]}"
        for each in mail:
            told = self.run_of.uids.get(each.name)
            if told is not None and (each.account, each.folder) == (BOB[0], "INBOX") and told != (each.validity, each.uid):
                return f"{each} had UIDVALIDITY and UID {told}"
        uids = [(each.account, each.folder, each.uid) for each in mail]
        return None if len(set(uids)) == len(uids) else "a UID twice"

    def test_t04_states(self):
        self.run_of = Run(self.directory)
        self.run_of.record()
        records = read_log(self.run_of.log)
        first = min(event.start for event in self.run_of.events)
        last = max(event.end for event in self.run_of.events)
        positions = [record[0] for record in records if first < record[0] <= last and record[1][0] not in "MS"]
        disk = Disk(self.run_of.inode)
        disk.make_known(self.run_of.settings_inode, "settings")
        chance, played, done = random.Random(SEED), 0, 0
        kinds = collections.Counter()
        for number, position in enumerate(positions):
            while played < len(records) and records[played][0] <= position:
                disk.play(records[played:played + 1])
                played += 1
            wanted = (number + 1) * STATES // len(positions)
            while done < wanted:
                kind = ("nothing", "all", "first", "any")[done % 4]
                path = self.directory / "cut"
                disk.build_chance(path, kind, chance)
                fault = self.find_fault(position, path / "data")
                if fault is not None:
                    self.fail(f"state {done} of seed {SEED} at {position} ({kind} of what was not synced): {fault}")
                shutil.rmtree(path)
                kinds[kind] += 1
                done += 1
        print(f"# {done} states of {len(positions)} records: all opened, none lost, none twice ({dict(kinds)})")
        self.assertGreaterEqual(done, min(STATES, 1000))

    def test_t04_sees_a_loss(self):
        """Without any sync, the same looks find losses."""
        self.run_of = Run(self.directory)
        self.run_of.record()
        records = read_log(self.run_of.log)
        disk = Disk(self.run_of.inode, lambda sync, is_directory: False)
        disk.make_known(self.run_of.settings_inode, "settings")
        disk.play(records)
        disk.build_chance(self.directory / "cut", "nothing", random.Random(SEED))
        (self.directory / "cut/data").mkdir(mode=0o700, exist_ok=True)
        self.assertRegex(str(self.find_fault(records[-1][0], self.directory / "cut/data")), "0, and not|opened")


if __name__ == "__main__":
    main()
