"""What got its reply is on disk: kills and I/O errors at each system call (T02, T06), power
cuts (T03) and a full disk (T05, V42, V43).  What the machine can't do is skipped with its reason.
"""

import contextlib
import fcntl
import hashlib
import imaplib
import os
import pathlib
import re
import shutil
import signal
import smtplib
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from posthouse import ALICE, BOB, Posthouse, main, wait_for

CUTS = int(os.environ.get("POSTHOUSE_CUTS", "50"))
SENDERS = 6
ELSEWHERE = "somebody@elsewhere.test"  # the guard keeps it in the queue
SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN
NO_LOG_FLUSH = 2  # what is not committed is lost


def body_of(name):
    return (f"Message-ID: <{name}@durability.test>\r\nSubject: {name}\r\n\r\n" + (hashlib.sha256(name.encode()).hexdigest() + "\r\n") * 20).encode()


def send(server, name, recipients=(BOB,), timeout=20):
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=timeout) as smtp:
        smtp.sendmail("me@example.org", [recipient[0] for recipient in recipients], body_of(name))


def send_to_both(server, name):
    """Who was refused."""
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"]) as smtp:
        return smtp.sendmail("me@example.org", [ALICE[0], BOB[0]], body_of(name))


@contextlib.contextmanager
def imap_of(server, account=BOB):
    imap = imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=30)
    try:
        imap.login(*account)
        yield imap
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            imap.logout()


def names_in(server, account=BOB, folder="INBOX"):
    """The messages of a folder by name, each whole; a list of UIDs for each."""
    found = {}
    with imap_of(server, account) as imap:
        imap.select(folder, readonly=True)
        data = imap.uid("FETCH", "1:*", "(UID BODY.PEEK[])")[1]
    for entry in data:
        if isinstance(entry, tuple):
            name = re.search(rb"Subject: (\S+)", entry[1]).group(1).decode()
            if entry[1].count(hashlib.sha256(name.encode()).hexdigest().encode() + b"\r\n") != 20:
                raise AssertionError(f"{name} is not whole: {entry[1]!r}")
            found.setdefault(name, []).append(int(re.search(rb"UID (\d+)", entry[0]).group(1)))
    return found


class Tracer:
    """strace on a running server, for the time of a `with`."""

    def __init__(self, server, calls, what, when):
        self.log = tempfile.NamedTemporaryFile(prefix="ph-strace-", suffix=".log")
        self.command = ["strace", "-f", "-p", str(server.process.pid), "-o", self.log.name, "-e", f"trace={calls}", "-e", f"inject={calls}:{what}:when={when}"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        if "attached" not in line:
            raise unittest.SkipTest(f"strace can't trace here: {line.strip()}")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        self.hits = pathlib.Path(self.log.name).read_text(errors="replace").count("(INJECTED)")
        self.log.close()


CALLS = "fsync,fdatasync,linkat,renameat,renameat2,unlinkat,pwrite64"


class Calls(unittest.TestCase):
    def setUp(self):
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        self.directory = tempfile.mkdtemp(prefix="ph-durability-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.server = None

    def start(self):
        self.server = Posthouse(directory=self.directory).start()

    def tearDown(self):
        if self.server is not None and self.server.process is not None:
            self.server.kill()
            self.server.errors.close()

    def end(self):
        """The process is dead, or is killed now."""
        self.server.kill()
        self.server.errors.close()

    def deliver(self, name):
        send(self.server, name, timeout=10)

    def deliver_to_both(self, name):
        send(self.server, name, (ALICE, BOB), timeout=10)

    def deliver_here_and_elsewhere(self, name):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"], timeout=10) as smtp:
            smtp.login(*BOB)
            smtp.sendmail(BOB[0], [BOB[0], ELSEWHERE], body_of(name))

    def queued(self, name):
        """How often a message waits for others: pairs of a message and its envelope."""
        envelopes = [path for path in (pathlib.Path(self.directory) / "relay").glob("*.env") if ELSEWHERE in path.read_text()]
        return sum(1 for path in envelopes if f"Subject: {name}\r\n".encode() in path.with_suffix(".eml").read_bytes())

    def append(self, name):
        with imap_of(self.server) as imap:
            if imap.append("INBOX", None, None, body_of(name))[0] != "OK":
                raise imaplib.IMAP4.error("APPEND")

    def move(self, name):
        with imap_of(self.server) as imap:
            imap.select()
            uid = imap.uid("SEARCH", "SUBJECT", name)[1][0].decode()
            if imap.uid("MOVE", uid, "Archive")[0] != "OK":
                raise imaplib.IMAP4.error("MOVE")

    def expunge(self, name):
        with imap_of(self.server) as imap:
            imap.select()
            uid = imap.uid("SEARCH", "SUBJECT", name)[1][0].decode()
            if imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")[0] != "OK" or imap.expunge()[0] != "OK":
                raise imaplib.IMAP4.error("EXPUNGE")

    def attempt(self, operation, name):
        try:
            operation(name)
            return True
        except (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error):
            return False

    def check(self, operation, name, done):
        """What the audit after a restart must find."""
        inbox = len(names_in(self.server).get(name, []))
        self.assertLessEqual(inbox, 1, f"{name} is there twice")
        if operation == self.deliver:
            self.assertTrue(inbox == 1 or not done, f"{name} was acknowledged and is lost")
        elif operation == self.deliver_to_both:
            alice = len(names_in(self.server, ALICE).get(name, []))
            self.assertEqual(alice, inbox, f"{name}: one has it, the other not")
            self.assertTrue(inbox == 1 or not done, f"{name} was acknowledged and is lost")
        elif operation == self.deliver_here_and_elsewhere:
            wait_for(lambda: self.queued(name) == inbox, f"{name} here and elsewhere alike: {inbox} and {self.queued(name)}")
            self.assertTrue(inbox == 1 or not done, f"{name} was acknowledged and is lost")
        elif operation == self.move:
            archive = len(names_in(self.server, folder="Archive").get(name, []))
            self.assertEqual(inbox + archive, 1, f"{name} is in both or neither")
            self.assertTrue(archive == 1 or not done, f"{name} was moved and is not")
        else:
            self.assertTrue(inbox == 0 or not done, f"{name} was expunged and is back")

    def run_each(self, operation, what):
        """K = 1, 2, … until nothing is injected any more."""
        for k in range(1, 60):
            name = f"{operation.__name__}-{k}"
            if self.server is None:
                self.start()
            if operation in (self.move, self.expunge):
                send(self.server, name)
            names_in(self.server)  # the account is open
            time.sleep(0.1)
            with Tracer(self.server, CALLS, what, k) as tracer:
                done = self.attempt(operation, name)
                time.sleep(0.1)
            killed = self.server.process.poll() is not None
            if tracer.hits == 0 and not killed:
                self.assertTrue(done, f"{name} failed though nothing was done to it")
                return k - 1
            if not done and not killed:
                self.refuses_or_recovers(what)
            self.end()
            self.start()
            self.check(operation, name, done)
        return 60

    def refuses_or_recovers(self, what):
        """V43: after an I/O error that was told the store is read-only, and says so at each try
        until a restart; after another one the next message is refused, or is safe."""
        self.later = getattr(self, "later", 0) + 1
        later = f"later-{self.later}"
        if what == "error=EIO":
            for operation in (self.deliver, self.append):
                self.assertFalse(self.attempt(operation, later), "an I/O error, and the store goes on")
        elif self.attempt(self.deliver, later):
            self.assertIn(later, names_in(self.server))

    def each(self, operation, what):
        n = self.run_each(operation, what)
        print(f"# {operation.__name__}: {n} system calls, {what} at each")
        self.assertGreater(n, 1)

    def test_t02_kill_delivery(self):
        self.each(self.deliver, "signal=KILL")

    def test_t02_kill_delivery_to_two(self):
        self.each(self.deliver_to_both, "signal=KILL")

    def test_t02_kill_delivery_here_and_elsewhere(self):
        self.each(self.deliver_here_and_elsewhere, "signal=KILL")

    def test_t06_enospc_delivery_here_and_elsewhere(self):
        self.each(self.deliver_here_and_elsewhere, "error=ENOSPC")

    def test_t02_kill_move(self):
        self.each(self.move, "signal=KILL")

    def test_t02_kill_expunge(self):
        self.each(self.expunge, "signal=KILL")

    def test_t06_eio_delivery(self):
        self.each(self.deliver, "error=EIO")

    def test_t06_enospc_delivery_to_two(self):
        self.each(self.deliver_to_both, "error=ENOSPC")

    def test_t06_edquot_delivery(self):
        """A quota of the system is a full disk."""
        self.each(self.deliver, "error=EDQUOT")

    def test_t06_eio_move(self):
        self.each(self.move, "error=EIO")


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


class Image:
    """An ext4 of its own on a loop device."""

    def __init__(self, megabytes, test, *options):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-image-"))
        test.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.image = self.directory / "image"
        self.point = self.directory / "mount"
        self.point.mkdir()
        if os.geteuid() != 0:
            test.skipTest("mounting needs root")
        with open(self.image, "wb") as image:
            image.truncate(megabytes * 1024 * 1024)
        made = run("mkfs.ext4", "-q", "-F", "-m", "0", *options, str(self.image))
        if made.returncode != 0:
            test.skipTest(f"mkfs.ext4: {made.stdout.strip()}")
        self.mounted = False
        test.addCleanup(self.unmount)
        self.mount(test)

    def mount(self, test=None):
        result = run("mount", "-o", "loop,commit=600", str(self.image), str(self.point))
        if result.returncode != 0:
            if test is None:
                raise AssertionError(result.stdout)
            test.skipTest(f"loop devices can't be mounted here: {result.stdout.strip()}")
        self.mounted = True

    def unmount(self):
        if self.mounted:
            wait_for(lambda: run("umount", str(self.point)).returncode == 0, "umount")
            self.mounted = False

    def cut_power(self):
        fd = os.open(self.point, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(fd)


class PowerCut(unittest.TestCase):
    def send_until_it_ends(self, server, cycle, sender, acknowledged, lock):
        try:
            with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=10) as smtp:
                for number in range(1000):
                    name = f"{cycle}-{sender}-{number}"
                    both = sender % 3 == 0
                    smtp.sendmail("me@example.org", [BOB[0], ALICE[0]] if both else [BOB[0]], body_of(name))
                    with lock:
                        acknowledged[name] = both
        except (OSError, smtplib.SMTPException):
            pass

    def append_until_it_ends(self, server, cycle, acknowledged, lock):
        try:
            with imap_of(server) as imap:
                for number in range(1000):
                    name = f"{cycle}-append-{number}"
                    if imap.append("INBOX", None, None, body_of(name))[0] != "OK":
                        return
                    with lock:
                        acknowledged[name] = False
        except (OSError, EOFError, imaplib.IMAP4.error):
            pass

    def hold(self, server):
        """Nobody runs on without power.  The ioctl takes milliseconds, and an fsync that ends meanwhile may say that all
        is well of what the aborted journal no longer wrote: what was acknowledged then is no loss of the server's."""
        os.kill(server.process.pid, signal.SIGSTOP)
        tasks = pathlib.Path(f"/proc/{server.process.pid}/task")

        def is_still():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile: look again
                return all(task.joinpath("stat").read_text().rpartition(")")[2].split()[0] in "TtD" for task in tasks.iterdir())

        wait_for(is_still, "a server that holds still")

    def cut(self, image, cycle, acknowledged, lock, without_syncs=False):
        server = Posthouse(directory=image.point / "data").start()
        threads = [threading.Thread(target=self.send_until_it_ends, args=(server, cycle, n, acknowledged, lock)) for n in range(SENDERS)]
        threads.append(threading.Thread(target=self.append_until_it_ends, args=(server, cycle, acknowledged, lock)))
        with Tracer(server, "fsync,fdatasync", "retval=0", "1+") if without_syncs else contextlib.nullcontext():
            for thread in threads:
                thread.start()
            # Mostly once something was acknowledged, however slow the machine is; at times while it begins.
            n_before = len(acknowledged)
            if cycle % 4 > 0:
                wait_for(lambda: len(acknowledged) > n_before, "a delivery")
            time.sleep(0.05 + (cycle * 37 % 100) / 250)
            self.hold(server)
            image.cut_power()
            server.kill()
        for thread in threads:
            thread.join()
        server.errors.close()
        image.unmount()
        image.mount()

    def audit(self, image, acknowledged):
        """Lost, there twice, and there for one of two."""
        with Posthouse(directory=image.point / "data") as server:
            bob, alice = names_in(server), names_in(server, ALICE)
        lost = sum(1 for name, both in acknowledged.items() if name not in bob or (both and name not in alice))
        twice = sum(1 for name in acknowledged if len(bob.get(name, [])) > 1 or len(alice.get(name, [])) > 1)
        unlike = sum(1 for name in bob if re.match(r"\d+-\d+-", name) and int(name.split("-")[1]) % 3 == 0 and name not in alice)
        uids = [uid for many in bob.values() for uid in many]
        self.assertEqual(len(set(uids)), len(uids))
        return lost, twice, unlike

    def test_t03_power_cuts(self):
        image = Image(192, self)
        acknowledged, lock = {}, threading.Lock()
        for cycle in range(CUTS):
            self.cut(image, cycle, acknowledged, lock)
        image.unmount()
        checked = run("e2fsck", "-n", "-f", str(image.image))
        image.mount()
        lost, twice, unlike = self.audit(image, acknowledged)
        print(f"# {CUTS} power cuts: {len(acknowledged)} acknowledged, {lost} lost, {twice} twice, {unlike} for one of two; e2fsck {checked.returncode}")
        self.assertGreaterEqual(len(acknowledged), CUTS // 2)
        self.assertEqual((lost, twice, unlike), (0, 0, 0))

    def test_t28_without_syncs_it_shows(self):
        """The control: where no sync does anything, the test sees the loss."""
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        image = Image(192, self)
        acknowledged, lock = {}, threading.Lock()
        for cycle in range(10):
            self.cut(image, cycle, acknowledged, lock, without_syncs=True)
            with contextlib.suppress(AssertionError, imaplib.IMAP4.error, RuntimeError):
                if acknowledged and self.audit(image, acknowledged) == (0, 0, 0):
                    continue
            if acknowledged:
                print(f"# without syncs the loss shows after {cycle + 1} power cuts")
                return
        self.fail("ten power cuts without a sync, and nothing was lost: the test can't see it")


class Quota(unittest.TestCase):
    """What the settings file gives an account."""

    def test_quota_of_the_settings(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-quota-"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        with Posthouse(directory=directory) as server:
            send(server, "before", (ALICE, BOB))
        settings = directory / "posthouse.ini"
        text, n = re.subn(rf"(\[[^]\n]*{re.escape(BOB[0])}\]\n(?:(?!Quota=).+\n)*)Quota=0\n", r"\1Quota=5000\n", settings.read_text())
        self.assertEqual(n, 1, settings.read_text())
        settings.write_text(text)
        with Posthouse(directory=directory) as server:
            with imap_of(server) as imap:
                self.assertEqual(imap.getquotaroot("INBOX")[1][1][0].split()[-1], b"4)")  # KiB
            with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                for number in range(10):
                    send(server, f"more-{number}")
            self.assertEqual(refused.exception.recipients[BOB[0]][0], 452)
            self.assertIn(len(names_in(server)), (2, 3, 4))
            # One who is full does not keep it from the other.
            self.assertEqual(list(send_to_both(server, "both")), [BOB[0]])
            self.assertEqual(sorted(names_in(server, ALICE)), ["before", "both"])
            send(server, "other", (ALICE,))


class DiskFull(unittest.TestCase):
    def fill(self, image):
        path = image.point / "filler"
        block = b"\0" * (1024 * 1024)
        with open(path, "ab", buffering=0) as filler:
            for size in (len(block), 64 * 1024, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        if filler.write(block[:size]) < size:
                            break
        return path

    def take_inodes(self, image):
        """All that are left."""
        directory = image.point / "inodes"
        directory.mkdir()
        with contextlib.suppress(OSError):
            for number in range(100000):
                (directory / str(number)).touch()
        return directory

    def reply_to(self, server, name):
        try:
            send(server, name)
            return 250
        except smtplib.SMTPRecipientsRefused as error:
            return next(iter(error.recipients.values()))[0]
        except smtplib.SMTPResponseException as error:
            return error.smtp_code

    def test_t05_full_and_free_again(self):
        """V42"""
        image = Image(64, self)
        with Posthouse(directory=image.point / "data") as server:
            for number in range(5):
                send(server, f"before-{number}")
            filler = self.fill(image)
            time.sleep(1.1)  # what is free is looked at once a second
            self.assertEqual(self.reply_to(server, "full"), 452)

            with imap_of(server) as imap:
                imap.select()
                status, data = imap.append("INBOX", None, None, body_of("append") * 2000)
                self.assertEqual(status, "NO")
                self.assertRegex(data[0], rb"OVERQUOTA|UNAVAILABLE|LIMIT")
                self.assertEqual(imap.uid("STORE", "1:3", "+FLAGS.SILENT", r"(\Deleted)")[0], "OK")
                self.assertEqual(imap.expunge()[0], "OK")
            self.assertEqual(sorted(names_in(server)), ["before-3", "before-4"])

            filler.unlink()
            start = time.monotonic()
            wait_for(lambda: self.reply_to(server, "after") == 250, "mail again", 5)
            print(f"# resumed {time.monotonic() - start:.1f} s after space came back")
            self.assertEqual(sorted(names_in(server)), ["after", "before-3", "before-4"])
        with Posthouse(directory=image.point / "data") as server:
            self.assertEqual(sorted(names_in(server)), ["after", "before-3", "before-4"])

    def test_t05_out_of_inodes(self):
        """V42: the same where there is room, but not for one file more."""
        image = Image(64, self, "-N", "600")
        with Posthouse(directory=image.point / "data") as server:
            for number in range(5):
                send(server, f"before-{number}")
            inodes = self.take_inodes(image)
            # Some files are made ahead of time (PhSpareFiles).
            taken = []
            while (reply := self.reply_to(server, f"spare-{len(taken)}")) == 250:
                taken.append(f"spare-{len(taken)}")
                self.assertLess(len(taken), 200)
            self.assertIn(reply, (451, 452))
            with imap_of(server) as imap:
                imap.select()
                self.assertEqual(imap.append("INBOX", None, None, body_of("append"))[0], "NO")
                self.assertEqual(imap.uid("STORE", "1:3", "+FLAGS.SILENT", r"(\Deleted)")[0], "OK")
                self.assertEqual(imap.expunge()[0], "OK")
            self.assertEqual(sorted(names_in(server)), sorted(["before-3", "before-4", *taken]))
            shutil.rmtree(inodes)
            wait_for(lambda: self.reply_to(server, "after") == 250, "mail again", 5)
        with Posthouse(directory=image.point / "data") as server:
            self.assertEqual(sorted(names_in(server)), sorted(["after", "before-3", "before-4", *taken]))


if __name__ == "__main__":
    main()
