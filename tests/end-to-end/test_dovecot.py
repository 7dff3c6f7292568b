"""Hand-over: Dovecot serves a copy of the directories with the same UIDs, flags and keywords,
so that no client downloads a message twice; and Posthouse takes them back."""

import configparser
import imaplib
import os
import pathlib
import poplib
import re
import shutil
import subprocess
import tempfile
import unittest

from posthouse import BOB, PROGRAM, Posthouse, free_port, listens, main, program

DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {top}/run
state_dir = {top}/state
log_path = {top}/dovecot.log
ssl = no
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""

# What has other names in the two.
DOVECOT_2_3 = """
disable_plaintext_auth = no
mail_location = maildir:{top}/mail/%d/%n
passdb {{
  driver = passwd-file
  args = {top}/passwd
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={top}/home
}}
"""

DOVECOT_2_4 = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {top}/mail/%{{user|domain}}/%{{user|username}}
passdb passwd-file {{
  passwd_file_path = {top}/passwd
}}
userdb static {{
  fields {{
    uid = nobody
    gid = nogroup
    home = {top}/home
  }}
}}
"""

MBSYNC = """
IMAPAccount there
Host 127.0.0.1
Port {port}
User {user}
Pass "{password}"
SSLType None
AuthMechs LOGIN

IMAPStore far
Account there

MaildirStore near
Path {top}/near/
Inbox {top}/near/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState *
"""


class HandOver(unittest.TestCase):
    def setUp(self):
        for name in ("dovecot", "mbsync"):
            if shutil.which(name) is None and not os.path.exists(f"/usr/sbin/{name}"):
                self.skipTest(f"{name} is not installed")
        if os.geteuid() != 0:
            self.skipTest("Dovecot starts as root")
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="ph-dovecot-"))
        self.top.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        (self.top / "near").mkdir()

    def sync(self, port):
        """The names of the files that mbsync has; their letters are flags."""
        config = self.top / "mbsyncrc"
        config.write_text(MBSYNC.format(port=port, user=BOB[0], password=BOB[1], top=self.top))
        config.chmod(0o600)
        result = subprocess.run(["mbsync", "-c", str(config), "-a"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stdout)
        return sorted(str(path.relative_to(self.top / "near")) for path in (self.top / "near").rglob("*") if path.parent.name in ("cur", "new"))

    def state(self, port):
        """Each folder's UIDVALIDITY, and its messages by UID."""
        found = {}
        with imaplib.IMAP4("127.0.0.1", port, timeout=30) as imap:
            imap.login(*BOB)
            for folder in ("INBOX", "Archive", '"Work/2026"'):
                self.assertEqual(imap.select(folder, readonly=True)[0], "OK", folder)
                validity = imap.response("UIDVALIDITY")[1][0]
                messages = {}
                for entry in imap.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])")[1]:
                    if isinstance(entry, tuple):
                        flags = re.search(rb"FLAGS \(([^)]*)\)", entry[0]).group(1).split()
                        messages[int(re.search(rb"UID (\d+)", entry[0]).group(1))] = (sorted(flag for flag in flags if flag != rb"\Recent"), entry[1])
                found[folder] = (validity, messages)
        return found

    def fill(self, server):
        with imaplib.IMAP4("127.0.0.1", server.ports["imap"], timeout=30) as imap:
            imap.login(*BOB)
            imap.create('"Work/2026"')
            for number in range(30):
                flags = ("", r"\Seen", r"\Flagged $Forwarded", "Blue")[number % 4]
                imap.append("INBOX", f"({flags})", None, f"Subject: number {number}\r\n\r\nbody {number}\r\n".encode())
            imap.select()
            imap.uid("COPY", "3:9", "Archive")
            imap.uid("MOVE", "10:12", '"Work/2026"')
            imap.uid("STORE", "1,30", "+FLAGS.SILENT", r"(\Deleted)")
            imap.expunge()
            # There and back: for POP3 it is who it was (P02).
            imap.uid("MOVE", "13", "Archive")
            imap.select("Archive")
            imap.uid("MOVE", "8", "INBOX")

    def names(self, server):
        """What POP3 knows the messages by."""
        pop = poplib.POP3("127.0.0.1", server.ports["pop3"], timeout=30)
        pop.user(BOB[0])
        pop.pass_(BOB[1])
        names = [line.split()[1].decode() for line in pop.uidl()[1]]
        pop.quit()
        return names

    def names_at_dovecot(self, config, validity):
        """The same by what Dovecot has kept, and pop3_uidl_format = %v.%u for the others."""
        text = subprocess.run(["doveadm", "-c", config, "fetch", "-u", BOB[0], "uid pop3.uidl", "mailbox", "INBOX"], check=True, capture_output=True, text=True).stdout
        return [kept or f"{validity}.{uid}" for uid, kept in re.findall(r"uid: (\d+)\npop3.uidl: ?(\S*)", text)]

    def hand_over(self, directory):
        """By a backup, with everybody's password."""
        subprocess.run([PROGRAM, "--data", str(directory), "--config", str(directory / "posthouse.ini"), "backup", str(self.top / "copy")], check=True, stdout=subprocess.DEVNULL)

    def copy_for_dovecot(self):
        shutil.copytree(self.top / "copy/mail", self.top / "mail", symlinks=True)
        for path in self.top.joinpath("mail").rglob("index.db*"):
            path.unlink()
        (self.top / "home").mkdir()
        for path in [self.top / "mail", self.top / "home", *self.top.joinpath("mail").rglob("*")]:
            shutil.chown(path, "nobody", "nogroup")
        shutil.copy(self.top / "copy/dovecot-passwd", self.top / "passwd")
        (self.top / "passwd").chmod(0o644)

    def test_and_back(self):
        directory = self.top / "posthouse"
        with Posthouse(directory=directory) as server:
            self.fill(server)
            ours = self.state(server.ports["imap"])
            here = self.sync(server.ports["imap"])
            names = self.names(server)
            self.hand_over(directory)
        self.assertEqual([len(messages) for _, messages in ours.values()], [25, 7, 3])
        self.assertEqual(len(here), 35)

        self.copy_for_dovecot()
        port = free_port()
        config = self.top / "dovecot.conf"
        version = subprocess.run(["/usr/sbin/dovecot", "--version"], capture_output=True, text=True).stdout
        template = (DOVECOT_2_3 if version.startswith("2.3") else DOVECOT_2_4) + DOVECOT
        config.write_text(template.format(top=self.top, port=port))
        with program("/usr/sbin/dovecot", "-F", "-c", config, ready=lambda: listens(port)):
            self.assertEqual(self.state(port), ours)
            validity = ours["INBOX"][0].decode()
            self.assertEqual(self.names_at_dovecot(config, validity), names)
            self.assertIn(f"{validity}.13", names)
            self.assertNotIn(13, ours["INBOX"][1])
            self.assertEqual(self.sync(port), here, "something was transferred")
            with imaplib.IMAP4("127.0.0.1", port, timeout=30) as imap:
                imap.login(*BOB)
                imap.append("INBOX", r"(\Flagged Blue)", None, b"Subject: at Dovecot\r\n\r\nnew\r\n")
                imap.select()
                imap.uid("STORE", "2", "+FLAGS.SILENT", r"(\Answered)")
            theirs = self.state(port)
            there = self.sync(port)

        for path in self.top.joinpath("mail").rglob("*"):
            shutil.chown(path, os.geteuid(), os.getegid())
        back = self.top / "back"
        back.mkdir(mode=0o700)
        shutil.copytree(self.top / "mail", back / "mail", symlinks=True)
        (back / "mail").chmod(0o700)
        with Posthouse(directory=back) as server:
            self.assertEqual(self.state(server.ports["imap"]), theirs)
            self.assertEqual(self.names(server)[:25], names)
            self.assertEqual(self.sync(server.ports["imap"]), there, "something was transferred")


if __name__ == "__main__":
    main()
