#!/usr/bin/python3
"""bench-soak MINUTES [POSTHOUSED]: whether a server that works for hours stays as it is (T18).

Five messages a second come in over connections of their own, by SMTP and by submission with TLS; 200 IMAP sessions, half with TLS,
wait in IDLE, fetch, flag and copy what comes, and come back now and then; POP3 takes some away, and what is left is expunged, so
that mailboxes keep their size.  Each minute a row: memory, descriptors, threads, CPU, and what went wrong.  At the end the slope of
the memory over the second half, when the log of the sessions is as full as it gets, in KiB an hour.
"""

import asyncio
import base64
import os
import pathlib
import random
import ssl
import sys
import time

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "end-to-end"))
if len(sys.argv) > 2:
    os.environ["POSTHOUSED"] = sys.argv[2]

import posthouse  # noqa: E402

ACCOUNTS = [(f"user{i}@demo.test", "secret") for i in range(10)]
SESSIONS = 200
RATE = 5
KEPT = 300  # messages in each INBOX
PATIENCE = 60

done = {"sent": 0, "fetched": 0, "expunged": 0, "popped": 0, "logins": 0}
errors = []


def any_certificate():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return tls


class Talk:
    """A connection on which one waits for lines."""

    async def open(self, port, tls=None):
        address = f"127.0.{random.randint(1, 9)}.{random.randint(1, 250)}"
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), ssl=tls, limit=1 << 20)
        return await self.line()

    async def line(self, seconds=PATIENCE):
        async with asyncio.timeout(seconds):
            data = await self.reader.readline()
        if not data:
            raise ConnectionError("the server hung up")
        return data

    def say(self, text):
        self.writer.write(text.encode() + b"\r\n")

    async def smtp(self, text, wanted):
        if text:
            self.say(text)
        while (answer := await self.line())[3:4] == b"-":
            pass
        if not answer.startswith(wanted.encode()):
            raise ValueError(f"{text[:40]!r}: {answer!r}")

    async def imap(self, text):
        """The untagged lines; a literal is among them as lines."""
        self.say("t1 " + text)
        lines = []
        while not (line := await self.line()).startswith(b"t1 "):
            lines.append(line)
        if not line.startswith(b"t1 OK"):
            raise ValueError(f"{text[:40]!r}: {line!r}")
        return lines

    async def pop(self, text, many=False):
        self.say(text)
        first = await self.line()
        if not first.startswith(b"+OK"):
            raise ValueError(f"{text[:40]!r}: {first!r}")
        lines = []
        while many and (line := await self.line()) != b".\r\n":
            lines.append(line)
        return lines

    def close(self):
        self.writer.close()


async def send(ports, n):
    talk = Talk()
    user, password = random.choice(ACCOUNTS)
    target = random.choice(ACCOUNTS)[0]
    submits = n % 3 == 0
    try:
        await talk.open(ports["submissions" if submits else "smtp"], any_certificate() if submits else None)
        await talk.smtp("EHLO soak.example", "250")
        if submits:
            await talk.smtp("AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode(), "235")
        await talk.smtp(f"MAIL FROM:<{user if submits else 'me@example.org'}>", "250")
        await talk.smtp(f"RCPT TO:<{target}>", "250")
        await talk.smtp("DATA", "354")
        body = "\r\n".join(["a line of the body, which says nothing at all"] * random.randint(1, 600))
        await talk.smtp(f"From: {user}\r\nTo: {target}\r\nSubject: soak {n}\r\nDate: Sat, 28 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{n}@soak>\r\n\r\n{body}\r\n.", "250")
        await talk.smtp("QUIT", "221")
        done["sent"] += 1
    finally:
        if hasattr(talk, "writer"):
            talk.close()


async def idle(talk):
    """TRUE once something came."""
    talk.say("t1 IDLE")
    news = False
    end = time.monotonic() + random.uniform(5, 60)
    while time.monotonic() < end and not news:
        try:
            news = b"EXISTS" in await talk.line(max(end - time.monotonic(), 0.01))
        except TimeoutError:
            break
    talk.say("DONE")
    while not (await talk.line()).startswith(b"t1 OK"):
        pass
    return news


async def read_mail(ports, n):
    """A session of one to five minutes."""
    talk = Talk()
    await talk.open(ports["imaps" if n % 2 else "imap"], any_certificate() if n % 2 else None)
    try:
        done["logins"] += 1
        user, password = ACCOUNTS[n % len(ACCOUNTS)]
        await talk.imap(f'LOGIN {user} "{password}"')
        await talk.imap("SELECT INBOX")
        end = time.monotonic() + random.uniform(60, 300)
        while time.monotonic() < end:
            if not await idle(talk) or n % 4:
                continue
            await talk.imap("FETCH * (UID FLAGS ENVELOPE BODY.PEEK[])")
            await talk.imap("STORE * +FLAGS (\\Seen)")
            done["fetched"] += 1
            if n % 20 == 0:
                await talk.imap("UID SEARCH TEXT nothing")
                await talk.imap("NOOP")
        await talk.imap("LOGOUT")
    finally:
        talk.close()


async def keep_small(ports, n):
    """Takes away what is too much, in turn by POP3 and by IMAP."""
    user, password = ACCOUNTS[n]
    while True:
        await asyncio.sleep(random.uniform(20, 40))
        talk = Talk()
        try:
            await talk.open(ports["pop3"])
            await talk.pop(f"USER {user}")
            await talk.pop(f"PASS {password}")
            count = len(await talk.pop("UIDL", many=True))
            for number in range(1, min(count - KEPT, 20) + 1):
                await talk.pop(f"RETR {number}", many=True)
                await talk.pop(f"DELE {number}")
                done["popped"] += 1
            await talk.pop("QUIT")
            talk.close()
            await talk.open(ports["imap"])
            await talk.imap(f'LOGIN {user} "{password}"')
            await talk.imap("SELECT INBOX")
            too_many = len(await talk.imap("FETCH 1:* FLAGS")) - KEPT
            if too_many > 0:
                await talk.imap(f"STORE 1:{too_many} +FLAGS.SILENT (\\Deleted)")
                await talk.imap("EXPUNGE")
                done["expunged"] += too_many
            await talk.imap("LOGOUT")
        except Exception as error:
            errors.append(f"keep_small: {error!r}")
        finally:
            if hasattr(talk, "writer"):
                talk.close()


async def again(what, ports, n):
    await asyncio.sleep(random.uniform(0, 60))
    while True:
        try:
            await what(ports, n)
        except Exception as error:
            errors.append(f"{what.__name__}: {error!r}")
            await asyncio.sleep(1)


async def send_one(ports, n):
    try:
        await send(ports, n)
    except Exception as error:
        errors.append(f"send: {error!r}")


async def send_all(ports):
    async with asyncio.TaskGroup() as group:
        for n in range(1 << 30):
            group.create_task(send_one(ports, n))
            await asyncio.sleep(1 / RATE)


def look(pid):
    """Resident and private memory in KiB, descriptors, threads, CPU seconds."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return int(status["VmRSS"].split()[0]), int(status["RssAnon"].split()[0]), len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]), cpu


def slope(points):
    """Of y over x, by least squares."""
    n = len(points)
    mean_x, mean_y = (sum(point[i] for point in points) / n for i in (0, 1))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


async def watch(pid, minutes):
    points, start = [], time.monotonic()
    print("minute  RSS KiB  private KiB  fds  threads  CPU s  done", flush=True)
    for minute in range(1, minutes + 1):
        for _ in range(6):
            await asyncio.sleep(10)
            points.append(((time.monotonic() - start) / 3600, look(pid)[1]))
        rss, private, fds, threads, cpu = look(pid)
        print(f"{minute:6}  {rss:7}  {private:11}  {fds:3}  {threads:7}  {cpu:5.0f}  {done} {len(errors)} errors {sorted(set(errors))[:3]}", flush=True)
    print(f"private memory over the second half: {slope(points[len(points) // 2:]):+.0f} KiB an hour")


async def soak(server, minutes):
    tasks = [asyncio.create_task(again(read_mail, server.ports, n)) for n in range(SESSIONS)]
    tasks += [asyncio.create_task(keep_small(server.ports, n)) for n in range(len(ACCOUNTS))]
    tasks.append(asyncio.create_task(send_all(server.ports)))
    await watch(server.process.pid, minutes)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main():
    with posthouse.Posthouse(accounts=ACCOUNTS) as server:
        asyncio.run(soak(server, int(sys.argv[1])))
        print(f"said by the server: {server.read_errors() or 'nothing'}")


if __name__ == "__main__":
    main()
