"""The file systems that mail may lie on: ext4, xfs, btrfs, tmpfs and an overlay.  On each it is delivered, copied,
kept through a kill (T01) and a full disk (V42), and refused, not lost, where the place is read-only (V43)."""

import contextlib
import imaplib
import os
import pathlib
import shutil
import smtplib
import subprocess
import tempfile
import time
import unittest

from posthouse import ALICE, BOB, Posthouse, main, wait_for

# xfs has none below 300 MB, and btrfs none below 109.
MEGABYTES = {"ext4": 64, "xfs": 320, "btrfs": 160}


def run(*command):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def body_of(name):
    return f"Message-ID: <{name}@places.test>\r\nSubject: {name}\r\n\r\n".encode() + b"all of it\r\n" * 100


class Places(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("mounting needs root")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-places-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.point = self.directory / "mount"
        self.point.mkdir()

    def mount(self, *arguments):
        result = run("mount", *arguments, self.point)
        if result.returncode != 0:
            self.skipTest(f"it can't be mounted here: {result.stdout.strip()}")
        self.addCleanup(wait_for, lambda: run("umount", self.point).returncode == 0, "umount")

    def mount_image(self, kind, options="loop"):
        if shutil.which(f"mkfs.{kind}") is None:
            self.skipTest(f"mkfs.{kind} is not installed")
        image = self.directory / "image"
        with open(image, "wb") as file:
            file.truncate(MEGABYTES[kind] * 1024 * 1024)
        made = run(f"mkfs.{kind}", *(["-q"] if kind != "btrfs" else ["-q", "-M"]), *(["-F", "-m", "0"] if kind == "ext4" else []), image)
        if made.returncode != 0:
            self.skipTest(f"mkfs.{kind}: {made.stdout.strip()}")
        self.mount("-o", options, image)

    def reply_to(self, server, name, recipients=(BOB,)):
        try:
            with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=60) as smtp:
                smtp.sendmail("me@example.org", [recipient[0] for recipient in recipients], body_of(name))
            return 250
        except smtplib.SMTPRecipientsRefused as error:
            return next(iter(error.recipients.values()))[0]
        except smtplib.SMTPResponseException as error:
            return error.smtp_code

    def names(self, server, account=BOB, folder="INBOX"):
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=60) as imap:
            imap.login(*account)
            imap.select(folder)
            found = []
            for entry in imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]:
                if isinstance(entry, tuple):
                    name = entry[1].split(b"Subject: ", 1)[1].split(b"\r\n", 1)[0].decode()
                    self.assertTrue(entry[1].endswith(body_of(name)), name)
                    found.append(name)
            return sorted(found)

    def use(self):
        data = self.point / "data"
        server = Posthouse(directory=data).start()
        try:
            self.assertEqual(self.reply_to(server, "one"), 250)
            self.assertEqual(self.reply_to(server, "both", (ALICE, BOB)), 250)
            with imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=60) as imap:
                imap.login(*BOB)
                imap.select()
                self.assertEqual(imap.uid("COPY", "1:*", "Archive")[0], "OK")
                self.assertEqual(imap.append("Drafts", r"(\Flagged)", None, body_of("draft"))[0], "OK")
        finally:
            server.kill()
            server.errors.close()

        with Posthouse(directory=data) as server:
            self.assertEqual(self.names(server), ["both", "one"])
            self.assertEqual(self.names(server, ALICE), ["both"])
            self.assertEqual(self.names(server, folder="Archive"), ["both", "one"])
            self.assertEqual(self.names(server, folder="Drafts"), ["draft"])
            self.fill_and_free(server)

    def fill_and_free(self, server):
        filler = self.point / "filler"
        with open(filler, "ab", buffering=0) as file:
            for size in (1024 * 1024, 64 * 1024, 4096):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass
        time.sleep(1.1)  # what is free is looked at once a second
        self.assertEqual(self.reply_to(server, "full"), 452)
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=60) as imap:
            imap.login(*BOB)
            imap.select("Archive")
            replies = (imap.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")[0], imap.expunge()[0])
            self.assertEqual(replies, ("OK", "OK"))
            self.assertEqual(imap.uid("SEARCH", "ALL")[1], [b""])
        filler.unlink()
        run("sync", "-f", self.point)  # btrfs gives it back with its next commit, half a minute later
        wait_for(lambda: self.reply_to(server, "after") == 250, "mail again")
        self.assertIn("after", self.names(server))
        self.assertNotIn("full", self.names(server))

    def test_ext4(self):
        self.mount_image("ext4")
        self.use()

    def test_xfs(self):
        self.mount_image("xfs")
        self.use()

    def test_btrfs(self):
        """It writes over nothing in place, so it has no room even for what makes room but what was kept for that; and a
        page of a memory map that has no room is a SIGBUS, so SQLite must use none."""
        self.mount_image("btrfs")
        self.use()

    def test_tmpfs(self):
        self.mount("-t", "tmpfs", "-o", "size=64m", "tmpfs")
        self.use()

    def test_overlay(self):
        """Its upper directory lies on a file system of its own."""
        base = self.directory / "base"
        base.mkdir()
        if run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", base).returncode != 0:
            self.skipTest("no tmpfs can be mounted here")
        self.addCleanup(wait_for, lambda: run("umount", base).returncode == 0, "umount")
        for name in ("lower", "upper", "work"):
            (base / name).mkdir()
        self.mount("-t", "overlay", "-o", f"lowerdir={base}/lower,upperdir={base}/upper,workdir={base}/work", "overlay")
        self.use()

    def test_read_only_mount(self):
        """V43: nothing is acknowledged; once it can be written again, and after a restart, all goes on."""
        self.mount_image("ext4", "loop,errors=remount-ro")
        data = self.point / "data"
        server = Posthouse(directory=data).start()
        try:
            self.assertEqual(self.reply_to(server, "before"), 250)
            # As the system does when the disk fails.
            if run("mount", "-o", "remount,abort", self.point).returncode != 0:
                self.skipTest("a file system can't be made to fail here")
            self.assertIn(self.reply_to(server, "refused"), (421, 451, 452))
            self.assertEqual(self.names(server), ["before"])
        finally:
            server.kill()
            server.errors.close()
        wait_for(lambda: run("umount", self.point).returncode == 0, "umount")
        run("e2fsck", "-p", "-f", self.directory / "image")
        self.assertEqual(run("mount", "-o", "loop", self.directory / "image", self.point).returncode, 0)
        with Posthouse(directory=data) as server:
            self.assertEqual(self.reply_to(server, "after"), 250)
            self.assertEqual(self.names(server), ["after", "before"])


if __name__ == "__main__":
    main()
