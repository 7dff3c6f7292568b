"""kill -9 while mail comes in: what got its 250 is there once, whole, with a UID."""

import hashlib
import imaplib
import random
import re
import shutil
import smtplib
import tempfile
import threading
import time
import unittest

from posthouse import BOB, Posthouse, main

SENDERS = 20
MESSAGES = 10  # of each: 200 deliveries under way or done when the server dies
CYCLES = 5


def send(port, cycle, sender, acknowledged, lock):
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
            for number in range(MESSAGES):
                name = f"{cycle}-{sender}-{number}"
                body = f"Message-ID: <{name}@crash.test>\r\nSubject: {name}\r\n\r\n" + (hashlib.sha256(name.encode()).hexdigest() + "\r\n") * 20
                smtp.sendmail("me@example.org", [BOB[0]], body.encode())
                with lock:
                    acknowledged.append(name)
    except (OSError, smtplib.SMTPException):
        pass  # the server is gone


class Crash(unittest.TestCase):
    def test_kill_while_200_deliveries_run(self):
        directory = tempfile.mkdtemp(prefix="ph-crash-")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        acknowledged, lock = [], threading.Lock()

        for cycle in range(CYCLES):
            server = Posthouse(directory=directory).start()
            threads = [threading.Thread(target=send, args=(server.ports["smtp"], cycle, sender, acknowledged, lock)) for sender in range(SENDERS)]
            for thread in threads:
                thread.start()
            time.sleep(random.uniform(0.02, 0.4))
            server.kill()
            for thread in threads:
                thread.join()
            server.errors.close()

        with Posthouse(directory=directory) as server, imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as imap:
            imap.login(*BOB)
            imap.select()
            uids = imap.uid("SEARCH", "ALL")[1][0].split()
            self.assertEqual(len(set(uids)), len(uids))
            found = {}
            for uid, message in zip(uids, self.read_all(imap)):
                name = re.search(rb"Subject: (\S+)", message).group(1).decode()
                self.assertEqual(message.count(hashlib.sha256(name.encode()).hexdigest().encode() + b"\r\n"), 20, name)
                found.setdefault(name, []).append(uid)
        self.assertGreater(len(acknowledged), 0)
        self.assertEqual([name for name in acknowledged if name not in found], [], "acknowledged but lost")
        self.assertEqual([name for name in acknowledged if len(found[name]) > 1], [], "acknowledged but there twice")

    def read_all(self, imap):
        return [entry[1] for entry in imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1] if isinstance(entry, tuple)]


if __name__ == "__main__":
    main()
