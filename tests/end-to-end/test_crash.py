"""T01: kill -9 under load, again and again.  What was acknowledged is there once, whole, with
a UID; what was moved is in one place; what was deleted stays away; UIDVALIDITY never changes."""

import hashlib
import imaplib
import os
import poplib
import random
import re
import shutil
import smtplib
import tempfile
import threading
import time
import unittest

from posthouse import ALICE, BOB, Posthouse, main, wait_for

CYCLES = int(os.environ.get("POSTHOUSE_CRASHES", "100"))
SENDERS = 8
ERRORS = (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto)


def body_of(name):
    return (f"Message-ID: <{name}@crash.test>\r\nSubject: {name}\r\n\r\n" + (hashlib.sha256(name.encode()).hexdigest() + "\r\n") * 20).encode()


class Load:
    """What runs against one life of the server, and what it was told."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}  # name → both have it
        self.appended = set()
        self.moved = set()
        self.flagged = set()
        self.deleted = set()  # by POP3; what QUIT did not answer is in `doubtful`
        self.doubtful = set()

    def send(self, server, cycle, sender):
        both = sender % 2 == 0
        with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=20) as smtp:
            for number in range(1000):
                name = f"{cycle}-{sender}-{number}"
                smtp.sendmail("me@example.org", [BOB[0], ALICE[0]] if both else [BOB[0]], body_of(name))
                with self.lock:
                    self.sent[name] = both

    def work_by_imap(self, server, cycle, worker):
        imap = imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=20)
        imap.login(*BOB)
        imap.select("Drafts")
        for number in range(1000):
            name = f"{cycle}-imap{worker}-{number}"
            _, data = imap.append("Drafts", None, None, body_of(name))
            uid = re.search(rb"APPENDUID \d+ (\d+)", data[0]).group(1).decode()
            with self.lock:
                self.appended.add(name)
            if number % 2 == 0 and imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Flagged)")[0] == "OK":
                with self.lock:
                    self.flagged.add(name)
            if number % 3 == 0 and imap.uid("MOVE", uid, "Archive")[0] == "OK":
                with self.lock:
                    self.moved.add(name)

    def delete_by_pop3(self, server, _cycle, _worker):
        for _ in range(1000):
            pop = poplib.POP3("127.0.0.1", server.ports["pop3"], timeout=20)
            pop.user(ALICE[0])
            pop.pass_(ALICE[1])
            count = pop.stat()[0]
            names = set()
            for number in range(1, min(count, 5) + 1):
                name = re.search(rb"Subject: (\S+)", b"\n".join(pop.top(number, 0)[1])).group(1).decode()
                names.add(name)
                pop.dele(number)
            with self.lock:
                self.doubtful |= names
            pop.quit()
            with self.lock:
                self.deleted |= names

    def run(self, function, *arguments):
        try:
            function(*arguments)
        except ERRORS:
            pass  # the server is gone


class Crash(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="ph-crash-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def live_and_die(self, load, cycle):
        server = Posthouse(directory=self.directory).start()
        jobs = [(load.send, server, cycle, n) for n in range(SENDERS)]
        jobs += [(load.work_by_imap, server, cycle, n) for n in range(4)] + [(load.delete_by_pop3, server, cycle, 0)]
        threads = [threading.Thread(target=load.run, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        # Mostly once something was acknowledged, however slow the machine is; at times while it begins.
        n_before = len(load.sent)
        if cycle % 4 > 0:
            wait_for(lambda: len(load.sent) > n_before, "a delivery")
        time.sleep(random.uniform(0.02, 0.3))
        server.kill()
        for thread in threads:
            thread.join()
        server.errors.close()

    def read(self, server, account, folder):
        """name → UIDs, and the names that are \\Flagged; each message whole."""
        found, flagged = {}, set()
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=60) as imap:
            imap.login(*account)
            imap.select(folder, readonly=True)
            validity = imap.response("UIDVALIDITY")[1][0]
            for entry in imap.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])")[1]:
                if not isinstance(entry, tuple):
                    continue
                name = re.search(rb"Subject: (\S+)", entry[1]).group(1).decode()
                self.assertEqual(entry[1].count(hashlib.sha256(name.encode()).hexdigest().encode() + b"\r\n"), 20, name)
                found.setdefault(name, []).append(re.search(rb"UID (\d+)", entry[0]).group(1))
                if b"\\Flagged" in entry[0]:
                    flagged.add(name)
        uids = [uid for many in found.values() for uid in many]
        self.assertEqual(len(set(uids)), len(uids))
        return found, flagged, validity

    def read_all(self, server):
        return {key: self.read(server, *key) for key in ((BOB, "INBOX"), (ALICE, "INBOX"), (BOB, "Drafts"), (BOB, "Archive"))}

    def test_t01_kill_under_load(self):
        load = Load()
        with Posthouse(directory=self.directory) as server:
            before = {key: value[2] for key, value in self.read_all(server).items()}
        for cycle in range(CYCLES):
            self.live_and_die(load, cycle)

        with Posthouse(directory=self.directory) as server:
            now = self.read_all(server)
        bob, alice, drafts, archive = (now[key][0] for key in now)
        flagged = now[(BOB, "Drafts")][1] | now[(BOB, "Archive")][1]
        lost = [name for name, both in load.sent.items() if name not in bob or (both and name not in alice and name not in load.doubtful)]
        lost += [name for name in load.appended if name not in drafts and name not in archive]
        lost += [name for name in load.flagged if name not in flagged]
        twice = [name for found in (bob, alice, drafts, archive) for name, uids in found.items() if len(uids) > 1 and (name in load.sent or name in load.appended)]
        twice += [name for name in drafts if name in archive]
        undone = [name for name in load.moved if name not in archive] + [name for name in load.deleted if name in alice]
        halves = [name for name in bob if int(name.split("-")[1]) % 2 == 0 and name not in alice and name not in load.doubtful]
        print(f"# {CYCLES} kills: {len(load.sent)} sent, {len(load.appended)} appended, {len(load.moved)} moved, {len(load.flagged)} flagged, {len(load.deleted)} deleted; "
              f"{len(lost)} lost, {len(twice)} twice, {len(undone)} undone, {len(halves)} for one of two")
        self.assertGreaterEqual(len(load.sent), CYCLES // 2)
        self.assertEqual((lost, twice, undone, halves), ([], [], [], []))
        self.assertEqual({key: value[2] for key, value in now.items()}, before, "UIDVALIDITY")


if __name__ == "__main__":
    main()
