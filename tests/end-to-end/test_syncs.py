"""T28: every sync that the program asks for is needed, and seen to be.

One run is recorded (recorder.c), with each kind of answer that promises something.  For each answer
the disk is made as a power cut at that moment leaves it (disk.py), and what was promised must be there.
Then each call of a sync is taken out in turn: then it must not, for one of the answers at least."""

import collections
import contextlib
import imaplib
import os
import pathlib
import re
import shutil
import smtplib
import sqlite3
import subprocess
import tempfile
import threading
import unittest

import syncs
from disk import Disk, Sync, read_log
from posthouse import ALICE, BOB, PROGRAM, Posthouse, is_sanitized, main, wait_for

ELSEWHERE = "somebody@elsewhere.test"
RECORDER = os.environ.get("POSTHOUSE_RECORDER", "")
MEMORY = "/dev/shm"  # nothing here needs a disk
BROKEN = (AssertionError, AttributeError, KeyError, sqlite3.Error, RuntimeError, OSError, EOFError, imaplib.IMAP4.error, subprocess.CalledProcessError)

STATES = ("synced", "all names", "all bytes")
Promise = collections.namedtuple("Promise", "name start position audit states", defaults=[STATES])


class Moments(collections.namedtuple("Moments", "name start end choose audit limit states", defaults=[6, STATES])):
    """What must hold whenever the power is cut, at moments that matter: `choose` says of a record, with the
    name of the sync that it is, and what it remembers, whether that is one."""

    def promises(self, records, name_of):
        memory, found = {}, []
        for record in records:
            if self.start < record[0] <= self.end and self.choose(record, name_of(record), memory):
                found.append(Promise(self.name, self.start, record[0], self.audit, self.states))
        return found[:self.limit]


def after(first, then, turns=(1,)):
    """Of the syncs `then` that follow one that is called `first`, those turns."""

    def choose(_, name, memory):
        if name == first:
            memory["turn"] = 0
        elif name == then and "turn" in memory:
            memory["turn"] += 1
            return memory["turn"] in turns
        return False

    return choose


COMMIT = "ph-index.c ph_index_open: SQLite"


def body_of(name):
    return f"Message-ID: <{name}@syncs.test>\r\nSubject: {name}\r\n\r\n".encode() + b"all of it\r\n" * 50


class Audit:
    """A disk after a cut, and the server on it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def server(self):
        return Posthouse(directory=self.path / "settings", data=self.path / "data")

    def read(self, account=BOB, folder="INBOX", lose_index=False):
        """UIDVALIDITY, UIDNEXT, and UID → name, flags."""
        if lose_index:
            for index in (self.path / "data/mail").rglob("index.db*"):
                index.unlink()
        with self.server() as server, imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=30) as imap:
            imap.login(*account)
            if imap.select(folder, readonly=True)[0] != "OK":
                raise AssertionError(f"no {folder}")
            found = {}
            for entry in imap.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])")[1]:
                if isinstance(entry, tuple):
                    if b"multipart/report" in entry[1]:
                        continue  # a bounce
                    name = re.search(rb"Subject: (\S+)", entry[1]).group(1).decode()
                    if not entry[1].endswith(body_of(name)):
                        raise AssertionError(f"{name} is not whole")
                    found[int(re.search(rb"UID (\d+)", entry[0]).group(1))] = (name, re.search(rb"FLAGS \(([^)]*)\)", entry[0]).group(1).decode().split())
            return int(imap.response("UIDVALIDITY")[1][0]), int(imap.response("UIDNEXT")[1][0]), found

    def names(self, *arguments, **options):
        return sorted(name for name, _ in self.read(*arguments, **options)[2].values())

    def settings(self):
        return (self.path / "settings/posthouse.ini").read_text()

    def queued(self, folder="relay"):
        """Subjects of whole pairs of message and envelope."""
        found = []
        for path in (self.path / "data" / folder).glob("*.env"):
            message = path.with_suffix(".eml").read_bytes()
            name = re.search(rb"Subject: (\S+)", message).group(1).decode()
            if ELSEWHERE not in path.read_text() or not message.endswith(body_of(name)):
                raise AssertionError(f"{path} is not whole")
            found.append(name)
        return sorted(found)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class Recording:
    """The run, and what it was promised."""

    def __init__(self, directory):
        self.directory = directory
        self.log = directory / "log"
        self.root = directory / "root"
        self.root.mkdir()
        (self.root / "settings").mkdir(mode=0o700)
        (self.root / "settings-again").mkdir(mode=0o700)
        self.inodes = {name: (self.root / name).stat().st_ino for name in (".", "settings", "settings-again")}
        self.environment = {"LD_PRELOAD": RECORDER, "PH_RECORD_LOG": str(self.log), "PH_RECORD_ROOT": str(self.root)}
        self.promises = []
        self.moments = []

    def position(self):
        return self.log.stat().st_size if self.log.exists() else 0

    def promise(self, name, start, audit, answer=None):
        """`answer`: what was sent when it was made; else it is made by now."""
        position = self.position()
        if answer is not None:
            records = [at for at, fields, data in read_log(self.log) if at > start and fields[0] == "M" and re.search(answer, data)]
            position = records[0]
        self.promises.append(Promise(name, start, position, audit))

    def run(self):
        os.environ.update(self.environment)
        with Posthouse(directory=self.root / "settings", data=self.root / "data") as self.server:
            del os.environ["LD_PRELOAD"]
            self.first()
            self.deliveries()
            self.by_imap()
            self.folders()
            self.without_links()
            self.numbers()
            self.records_of_two()
            self.commands()
        self.restore()
        self.dkim()

    def command(self, *words, input="", data="data", settings="settings", environment=None):
        self.last = self.position()
        subprocess.run([PROGRAM, "--data", str(self.root / data), "--config", str(self.root / settings / "posthouse.ini"), *map(str, words)], input=input, text=True, check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})

    def dkim(self):
        self.command("--dkim-records=demo.test", environment=self.environment)
        key = {path.relative_to(self.root): path.read_bytes() for path in (self.root / "data/dkim").rglob("*") if path.is_file()}
        expect(key, "no key")
        self.promise("keys of DKIM", self.last, lambda disk: [expect(not (disk.path / path).exists() or (disk.path / path).read_bytes() == text, f"{path} is half there") for path, text in key.items()])

    def restore(self):
        """Onto a new computer: the settings, too."""
        self.command("restore", self.root / "backup", data="again", settings="settings-again", environment=self.environment)

        def audit(disk):
            other = Audit(disk.path)
            other.server = lambda: Posthouse(directory=disk.path / "settings-again", data=disk.path / "again")
            expect("reserved" in other.names(), "what was restored")
            path = disk.path / "settings-again/posthouse.ini"
            expect("carol@demo.test" in path.read_text(), "the settings")

        self.promise("restore", self.last, audit)

    def first(self):
        self.promise("ready", 0, lambda disk: expect(BOB[0] in disk.settings(), "the accounts"))
        key = {path.name: path.read_bytes() for path in (self.root / "data/tls").iterdir()}

        def audit(disk):
            for name, text in key.items():
                path = disk.path / "data/tls" / name
                expect(not path.exists() or path.read_bytes() == text, f"{name} is half there")

        self.promise("keys", 0, audit)

    def send(self, name, recipients, login=None):
        start = self.position()
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission" if login else "smtp"], timeout=30) as smtp:
            if login:
                smtp.login(*login)
            smtp.sendmail(login[0] if login else "me@example.org", recipients, body_of(name))
        return start

    def deliveries(self):
        sent = rb"250 2\.0\.0 |250 2\.6\.0 "
        for name in ("one", "two"):
            start = self.send(name, [BOB[0]])
            self.promise(f"delivery of {name}", start, lambda disk, name=name: expect(name in disk.names(), name), sent)
            self.promise(f"delivery of {name} once the index is lost", start, lambda disk, name=name: expect(name in disk.names(lose_index=True), name), sent)
        start = self.send("both", [BOB[0], ALICE[0]])
        self.promise("delivery to two", start, lambda disk: expect([disk.names(each).count("both") for each in (ALICE, BOB)] == [1, 1], "both"), sent)
        whole = lambda disk: expect(disk.names(ALICE).count("both") == disk.names(BOB).count("both"), "both, for one of them")
        self.moments.append(Moments("both or neither", start, self.position(), after("ph-accepted.c ph_accepted_write: fsync (dir_fd)", COMMIT), whole))
        start = self.send("away", [BOB[0], ELSEWHERE], BOB)
        self.promise("delivery here and elsewhere", start, lambda disk: expect(disk.names().count("away") == 1 and disk.queued() == ["away"], "away"), sent)
        start = self.send("only-away", [ELSEWHERE], BOB)
        self.promise("queueing", start, lambda disk: expect("only-away" in disk.queued(), "only-away"), sent)

    @contextlib.contextmanager
    def imap(self):
        with imaplib.IMAP4("127.0.0.1", self.server.ports["imap"], timeout=60) as imap:
            imap.login(*BOB)
            yield imap

    def ask(self, imap, *words):
        """A command, and where the record of it begins."""
        start = self.position()
        method = getattr(imap, words[0])
        status, data = method(*words[1:])
        expect(status == "OK", f"{words}: {data}")
        return start, data

    def by_imap(self):
        with self.imap() as imap:
            imap.select()
            done = rb"(?m)^[A-P]{4}\d+ OK"
            start, data = self.ask(imap, "append", "INBOX", r"(\Flagged Blue)", None, body_of("appended"))
            validity, uid = map(int, re.search(rb"APPENDUID (\d+) (\d+)", data[0]).groups())

            def audit(disk):
                now = disk.read()
                expect(now[0] == validity and now[2].get(uid, ("",))[0] == "appended", "APPENDUID")
                expect({r"\Flagged", "Blue"} <= set(now[2][uid][1]), "its flags")

            self.promise("APPEND", start, audit, done)
            start, _ = self.ask(imap, "uid", "STORE", str(uid), "+FLAGS.SILENT", r"(\Answered Red)")
            self.promise("STORE", start, lambda disk: expect({r"\Answered", "Red"} <= set(disk.read()[2][uid][1]), "flags"), done)
            start, _ = self.ask(imap, "uid", "COPY", str(uid), "Archive")
            self.promise("COPY", start, lambda disk: expect(disk.names(folder="Archive") == ["appended"], "copy"), done)
            start, _ = self.ask(imap, "uid", "MOVE", str(uid), "Drafts")
            self.promise("MOVE", start, lambda disk: expect("appended" in disk.names(folder="Drafts") and uid not in disk.read()[2], "move"), done)
            imap.uid("STORE", "1", "+FLAGS.SILENT", r"(\Deleted)")
            start, _ = self.ask(imap, "expunge")
            self.promise("EXPUNGE", start, lambda disk: expect("one" not in disk.names(), "expunge"), done)

    def folders(self):
        with self.imap() as imap:
            done = rb"(?m)^[A-P]{4}\d+ OK"
            start, _ = self.ask(imap, "create", "Made")
            _, data = self.ask(imap, "append", "Made", None, None, body_of("within"))
            validity, uid = map(int, re.search(rb"APPENDUID (\d+) (\d+)", data[0]).groups())

            def audit(disk, folder="Made"):
                now = disk.read(folder=folder)
                expect(now[0] == validity and now[2][uid][0] == "within", folder)

            self.promise("a message in a new folder", start, audit)

            def audit_without_index(disk):
                now = disk.read(folder="Made", lose_index=True)
                expect(now[0] == validity and now[1] > uid and [name for name, _ in now[2].values()] == ["within"], "Made")

            self.promise("a new folder once the index is lost", start, audit_without_index)
            start, _ = self.ask(imap, "rename", "Made", "Named")
            self.promise("RENAME", start, lambda disk: audit(disk, "Named"))
            imap.create("Gone")
            start, _ = self.ask(imap, "delete", "Gone")
            self.promise("DELETE", start, lambda disk: expect(not gone_is_there(disk), "Gone is back"), done)
            start, _ = self.ask(imap, "subscribe", "Named")
            self.promise("SUBSCRIBE", start, lambda disk: expect("Named" in (disk.path / "data/mail/demo.test/bob/subscriptions").read_text(), "subscribed"))

    def without_links(self):
        """The file has as many as its file system allows."""
        marker = self.root / "no-links"
        marker.touch()
        try:
            start = self.send("unlinked", [BOB[0], ALICE[0]])
            self.promise("delivery by copies", start, lambda disk: expect([disk.names(each).count("unlinked") for each in (ALICE, BOB)] == [1, 1], "unlinked"), rb"250 2\.[06]\.0 ")
            with self.imap() as imap:
                imap.select("Archive")
                start, _ = self.ask(imap, "uid", "COPY", "1:*", "Drafts")
                self.promise("COPY by copies", start, lambda disk: expect(disk.names(folder="Drafts").count("appended") == 2, "copy"))
            start = self.position()
            [identity] = [path.stem for path in (self.root / "data/relay").glob("*.env") if b"only-away" in path.with_suffix(".eml").read_bytes()]
            self.command("queue", "bounce", identity)
            wait_for(lambda: not (self.root / f"data/relay/{identity}.env").exists(), "what was given up to be moved")
            position = next(at for at, fields, _ in read_log(self.log) if at > start and fields[0] == "X" and fields[-1] == f"{identity}.env")
            self.promises.append(Promise("giving up", start, position, lambda disk: expect("only-away" in disk.queued() + disk.queued("bad"), "what was given up")))
        finally:
            marker.unlink()

    def numbers(self):
        """UIDs beyond what was set aside for the folder, and nothing left that has one; then the index is lost as well (V44)."""
        served = self.root / "served"
        for name in ("cur", "new", "tmp"):
            (served / name).mkdir(parents=True)
        (served / "cur/1700000000.M1.host:2,").write_bytes(body_of("many"))
        (served / "dovecot-uidlist").write_text("3 V777 N5001 G0123456789abcdef0123456789abcdef\n5000 :1700000000.M1.host\n")
        start = self.position()
        self.command("import", BOB[0], "--folder", "Many", served)
        with self.imap() as imap:
            imap.select("Many")
            imap.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
            self.ask(imap, "expunge")
            imap.noop()
            self.ask(imap, "append", "INBOX", None, None, body_of("reserved"))
        position = self.position()

        def audit(disk):
            # Whoever opens the account mends the list: so the index is asked itself.
            index = sqlite3.connect(disk.path / "data/mail/demo.test/bob/index.db")
            [[before]] = index.execute("SELECT uidnext FROM folders WHERE name = 'Many'")
            index.close()
            now = disk.read(folder="Many", lose_index=True)[1]
            expect(now >= before, f"UIDNEXT {now} after {before}")

        reserve = after("ph-uidlist.c ph_uidlists_reserve: fdatasync (fd)", COMMIT, (1, 2, 3, 4, 5))
        self.moments.append(Moments("UIDs once the index is lost", start, position, reserve, audit))

    def records_of_two(self):
        """Of those at once, one is forgotten while another is on its way."""
        start = self.position()
        for turn in range(10):
            ways = [([ALICE[0], BOB[0]], None), ([BOB[0], ELSEWHERE], BOB)] * 3
            threads = [threading.Thread(target=self.send, args=(f"at-once-{turn}-{n}", *way)) for n, way in enumerate(ways)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        def audit(disk):
            for account in (ALICE, BOB):
                names = [name for name in disk.names(account) if name.startswith("at-once")]
                expect(len(set(names)) == len(names), "one is there twice")

        # No other has come since one was forgotten (which would sync the folder as well), but one is on its way.
        forget = after("ph-accepted.c ph_accepted_remove: fsync (dir_fd)", COMMIT, (1, 2, 3))
        accept = "ph-accepted.c ph_accepted_write: fsync (dir_fd)"

        def choose(record, name, memory):
            kind, *fields = record[1]
            if name == accept:
                memory.pop("turn", None)
                memory["live"] = memory.get("live", 0) + 1
            elif kind == "X" and fields[-1].endswith(".eml"):
                memory["live"] = memory.get("live", 0) - 1
            return forget(record, name, memory) and memory.get("live", 0) > 0

        self.moments.append(Moments("many for two", start, self.position(), choose, audit, 24, ("synced",)))

    def commands(self):
        self.command("account", "add", "carol@demo.test", input="secret of carol\n")
        self.promise("account add", self.last, lambda disk: expect("carol@demo.test" in disk.settings(), "carol"))
        self.command("backup", self.root / "backup")
        verify = lambda disk: subprocess.run([PROGRAM, "verify", str(disk.path / "backup")], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.promise("backup", self.last, verify)
        self.moments.append(Moments("a backup as soon as it has its name", self.last, self.position(), lambda record, name, _: record[1][0] == "R" and record[2] == b"backup",
                                    lambda disk: (disk.path / "backup").exists() and verify(disk)))
        self.command("export", BOB[0], self.root / "export")
        self.promise("export", self.last, lambda disk: expect(any(path.read_bytes().endswith(body_of("two")) for path in (disk.path / "export").rglob("*") if path.is_file()), "two"))


def gone_is_there(disk):
    try:
        disk.read(folder="Gone")
    except AssertionError:
        return False
    return True


class Syncs(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        if not RECORDER:
            self.skipTest("POSTHOUSE_RECORDER, the library that records, is not named")
        if is_sanitized():
            self.skipTest("the sanitizers want to be loaded first")
        if shutil.which("addr2line") is None:
            self.skipTest("addr2line is not installed")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-syncs-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def name_syncs(self, records):
        """Each address as a row of the table."""
        found = {Sync(fields[1], fields[3], int(fields[4], 16)) for _, fields, _ in records if fields[0] == "S"}
        addresses = sorted({sync.address for sync in found})
        lines = subprocess.run(["addr2line", "-f", "-i", "-a", "-e", PROGRAM, *(hex(address - 1) for address in addresses)], capture_output=True, text=True, check=True).stdout
        places = {}
        for block in re.split(r"^0x", lines, flags=re.MULTILINE)[1:]:
            address, _, place = block.splitlines()[:3]
            path, line = re.match(r"(.*?):(\d+|\?)", place).groups()
            if line == "?":
                self.skipTest("the program has no debugging information")
            places[int(address, 16) + 1] = (path, int(line))
        return {sync: syncs.of_place(sync.via, *places[sync.address]) for sync in found}

    def cut(self, position, names, but=frozenset()):
        # What GLib does of itself (the directory, where nobody is told if it fails) is not counted on.
        known = set(syncs.names().values()) - but
        disk = Disk(self.recording.inodes["."], lambda sync, is_directory: names[sync] in known and not (is_directory and "GLib" in names[sync]))
        for name in ("settings", "settings-again"):
            disk.make_known(self.recording.inodes[name], name)
        disk.play([record for record in self.records if record[0] <= position])
        return disk

    def holds(self, promise, names, but=frozenset()):
        """After each of the cuts that a sync is to be safe from."""
        disk = self.cut(promise.position, names, but)
        for state in promise.states:
            path = self.directory / "cut"
            disk.build(path, state)
            try:
                promise.audit(Audit(path))
            except BROKEN as error:
                return f"{state}: {error}"
            finally:
                shutil.rmtree(path)
        return None

    def test_t28_each_sync(self):
        self.recording = Recording(self.directory)
        self.recording.run()
        self.records = read_log(self.recording.log)
        names = self.name_syncs(self.records)
        table = set(syncs.names().values())

        def name_of(record):
            fields = record[1]
            return names[Sync(fields[1], fields[3], int(fields[4], 16))] if fields[0] == "S" else None

        promises = self.recording.promises + [promise for moments in self.recording.moments for promise in moments.promises(self.records, name_of)]
        broken = [f"{promise.name}: {what}" for promise in promises if (what := self.holds(promise, names)) is not None]
        self.assertEqual(broken, [])
        print(f"# {len(promises)} promises hold after a power cut")

        unseen = []
        for name in sorted(table & set(names.values())):
            used = [record[0] for record in self.records if name_of(record) == name]
            # First those that it was called for.
            later = [promise for promise in promises if used[0] <= promise.position]
            later.sort(key=lambda promise: not any(promise.start < at <= promise.position for at in used))
            for promise in later:
                partner = syncs.PARTNERS.get(name)
                if partner is not None and self.holds(promise, names, but={partner}) is not None:
                    continue
                broken = self.holds(promise, names, but={name, partner})
                if broken is not None:
                    print(f"# without {name}: {promise.name} ({broken.splitlines()[0][:80]})", flush=True)
                    break
            else:
                unseen.append(name)
        self.assertEqual(unseen, [], "nobody would miss them")
        self.assertEqual(sorted(set(syncs.TABLE) - set(names.values())), [], "were not asked for")


if __name__ == "__main__":
    main()
