"""IMAP with getmail, fetchmail, offlineimap, neomutt, and mutt with CONDSTORE and QRESYNC."""

import re

from getmail import Getmail
from posthouse import BOB, main
from test_imap import MESSAGE, ImapCase


class Clients(ImapCase):
    def test_getmail(self):
        """The second time it takes only what is new."""
        getmail = Getmail(self, f'type = SimpleIMAPRetriever\nport = {self.server.ports["imap"]}\nusername = {BOB[0]}\npassword = {BOB[1]}\nmailboxes = ("INBOX",)', read_all=False)
        for expected in (3, 4):
            getmail.run()
            self.assertEqual(len(getmail.messages()), expected)
            with self.login() as imap:
                imap.append("INBOX", None, None, MESSAGE.replace(b"one", b"four"))
        self.assertTrue(any(b"Subject: four" in message for message in getmail.messages()))

    def test_fetchmail(self):
        """In clear, STARTTLS and implicit TLS: the three messages, which are read then, and no more the second time."""
        self.need("fetchmail")
        out = self.scratch / "fetched"
        for name, ssl in (("imap", "options sslproto ''"), ("imap", "options sslproto 'tls1.2+' no sslcertck"), ("imaps", "options ssl no sslcertck")):
            with self.subTest(name=name, ssl=ssl):
                self.setUp()
                settings = self.write_secret("fetchmailrc", f'poll 127.0.0.1 protocol IMAP port {self.server.ports[name]} user "{BOB[0]}" password "{BOB[1]}" keep {ssl} mda "cat >> {out}"\n')
                out.write_text("")
                for status in (0, 1):  # 1: there was no mail
                    result = self.run_program("fetchmail", "-f", settings, "--nosyslog", "--pidfile", self.scratch / "fetchmail.pid", "--idfile", self.scratch / "ids", check=status == 0)
                    self.assertEqual(len(re.findall("(?m)^Subject: (one|two|three)", out.read_text())), 3, result)
                with self.login() as imap:
                    imap.select()
                    self.assertEqual(imap.search(None, "SEEN")[1], [b"1 2 3"])

    def test_offlineimap(self):
        """Both ways, twice: what is removed, flagged and added on either side."""
        self.need("offlineimap")
        mail = self.scratch / "offline"
        settings = self.write_secret("offlineimaprc", f"""[general]
accounts = a
metadata = {self.scratch}/offline-state
[Account a]
localrepository = l
remoterepository = r
[Repository l]
type = Maildir
localfolders = {mail}
[Repository r]
type = IMAP
remotehost = 127.0.0.1
remoteport = {self.server.ports['imap']}
remoteuser = {BOB[0]}
remotepass = {BOB[1]}
ssl = no
starttls = no
folderfilter = lambda name: name in ('INBOX', 'Sent')
""")

        def sync():
            self.run_program("offlineimap", "-c", settings, "-u", "quiet", "-o", "-1")

        def files():
            return [path for part in ("cur", "new") for path in (mail / "INBOX" / part).iterdir()]

        sync()
        self.assertEqual(sorted(re.search(rb"Subject: (\w+)", path.read_bytes())[1] for path in files()), [b"one", b"three", b"two"])
        with self.login() as imap:
            imap.select()
            imap.store("1", "+FLAGS", r"(\Deleted)")
            imap.expunge()
            imap.store("1", "+FLAGS", r"(\Flagged \Seen)")
        three = next(path for path in files() if b"Subject: three" in path.read_bytes())
        three.unlink()
        (mail / "INBOX" / "cur" / "1.2.host:2,S").write_bytes(MESSAGE.replace(b"one", b"local").replace(b"\r\n", b"\n"))
        sync()
        subjects = {re.search(rb"Subject: (\w+)", path.read_bytes())[1]: path.name for path in files()}
        self.assertEqual(sorted(subjects), [b"local", b"two"])
        self.assertRegex(subjects[b"two"], ":2,FS$")
        with self.login() as imap:
            self.assertEqual(imap.select()[1], [b"2"])
            self.assertEqual(len(imap.search(None, "SUBJECT", "local", "SEEN")[1][0].split()), 1)
            self.assertEqual(imap.search(None, "SUBJECT", "three")[1], [b""])

    def read_with(self, program, extra):
        """Twice, with a cache of headers: the second time it resynchronises what another client changed."""
        self.need(program)
        url = f"imap://127.0.0.1:{self.server.ports['imap']}/INBOX"
        out = self.scratch / f"{program}-copy"
        cache = self.scratch / f"{program}-cache"
        cache.mkdir()
        for expected in (["one", "two", "three"], ["two", "three", "four"]):
            out.unlink(missing_ok=True)
            settings = self.write_secret(f"{program}rc", f'set imap_user="{BOB[0]}"\nset imap_pass="{BOB[1]}"\nset ssl_starttls=no\nset ssl_force_tls=no\nset header_cache="{cache}"\n{extra}'
                                                         f'set folder="{url}"\nset spoolfile="{url}"\nset mbox_type=mbox\nset confirmappend=no\nset confirmcreate=no\nset copy=no\nset delete=no\nset quit=yes\nset wait_key=no\nset sort=mailbox-order\n'
                                                         f'push "<tag-pattern>~A<enter><tag-prefix><copy-message>{out}<enter><quit>"\n')
            self.run_program("script", "-qec", f"stty rows 24 cols 80; {program} -n -F {settings}", "/dev/null", env={"TERM": "xterm"}, check=False)
            self.assertEqual(re.findall(r"(?m)^Subject: (\w+)$", out.read_text()), expected)
            with self.login() as imap:
                imap.select()
                imap.store("1", "+FLAGS", r"(\Deleted)")
                imap.expunge()
                imap.append("INBOX", None, None, MESSAGE.replace(b"one", b"four"))

    def test_mutt_with_qresync(self):
        self.read_with("mutt", "set imap_condstore=yes\nset imap_qresync=yes\n")

    def test_neomutt_with_qresync(self):
        self.read_with("neomutt", "set imap_condstore=yes\nset imap_qresync=yes\n")


if __name__ == "__main__":
    main()
