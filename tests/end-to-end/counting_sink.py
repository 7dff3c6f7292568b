"""A mail server that keeps a record of every message it took, and whether its client has gone on after the answer."""

import asyncio
import re
import threading


class CountingSink:
    """`with CountingSink(port) as sink:` sink.taken is a list of [subject, went_on]: `went_on` is true once the client has begun
    anything else after the answer to its dot, so that it must have read that answer, and written it down.  The others are the unanswered dots: what the client
    knows of them is lost with it."""

    def __init__(self, port, seconds=0.0):
        self.port = port
        self.seconds = seconds  # that an answer to a dot takes
        self.taken = []
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.ready.set()
        self.loop.run_forever()

    def __enter__(self):
        self.thread.start()
        self.ready.wait(30)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()

    async def _end(self):
        self.server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        last = None
        try:
            writer.write(b"220 sink ESMTP\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                if last is not None and verb != b"QUIT":
                    last[1] = True
                last = None
                if verb == b"EHLO":
                    writer.write(b"250-sink\r\n250 PIPELINING\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go\r\n")
                    text = await reader.readuntil(b"\r\n.\r\n")
                    last = [re.search(rb"^Subject: (\S+)", text, re.M)[1].decode(), False]
                    self.taken.append(last)
                    if self.seconds:
                        await asyncio.sleep(self.seconds)
                    writer.write(b"250 2.0.0 kept\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 2.0.0 fine\r\n")
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
