"""A running posthoused for end-to-end tests, and the real programs beside it.

Everything listens on free ports of loopback, lives in a temporary directory, and is
ended by its process id.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.environ.get("POSTHOUSED", "posthoused")
ALICE = ("alice@demo.test", "alice's secret")
BOB = ("bob@demo.test", "bob secret")
SECONDS = 30  # for whatever should take less than one


class Posthouse:
    """`with Posthouse() as server:` a demonstration server with two accounts; with `config`
    (the text of an ini file) the server that it describes."""

    def __init__(self, config=None, directory=None, accounts=(ALICE, BOB), keep_mode=False, data=None):
        """`data`: the folder of the mail, where it is not beside the settings."""
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="ph-e2e-"))
        self.data = pathlib.Path(data or self.directory)
        self.owns_directory = directory is None
        self.accounts = accounts
        self.keep_mode = keep_mode
        self.config = config
        self.process = None
        self.ports = {}
        self.errors = tempfile.TemporaryFile()

    def start(self):
        self.directory.mkdir(mode=0o700, exist_ok=True)
        if not self.keep_mode:
            os.chmod(self.directory, 0o700)
        settings = self.directory / "posthouse.ini"
        if self.config is not None:
            settings.write_text(self.config)
            settings.chmod(0o600)
        command = [PROGRAM, "--data", str(self.data), "--config", str(settings), "--free-ports", "--json", "--demo"]
        for address, password in self.accounts:
            command.append(f"--account={address}:{password}")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"posthoused did not start: {self.read_errors()}")
        self.info = json.loads(line)
        self.ports = {service["service"]: service["port"] for service in self.info["services"]}
        return self

    def read_errors(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def stop(self):
        """SIGTERM; returns the exit status."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
            self.process = None

    def find_env(self, recipient, text="Tries=1", folder="relay"):
        """The envelope of a message in the queue (or "bad") that names the recipient and has the text; or None."""
        for path in (self.data / folder).glob("*.env"):
            with contextlib.suppress(FileNotFoundError):  # sent meanwhile
                env = path.read_text()
                if recipient in env and text in env:
                    return env
        return None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        try:
            status = self.stop()
            if status not in (0, None):
                raise AssertionError(f"posthoused ended with {status}: {self.read_errors()}")
        finally:
            self.errors.close()
            if self.owns_directory:
                shutil.rmtree(self.directory, ignore_errors=True)


class Case(unittest.TestCase):
    """A test with a server of its own class, and a scratch directory."""

    config = None

    @classmethod
    def setUpClass(cls):
        cls.server = Posthouse(config=cls.config)
        cls.server.start()
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="ph-scratch-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.scratch, ignore_errors=True)
        cls.server.__exit__()

    def run_program(self, *command, input=None, check=True, env=None):
        """Runs a client; its output as text. Fails with all of it where the status is not 0."""
        result = subprocess.run(
            [str(word) for word in command], input=input, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=SECONDS, env={**os.environ, "HOME": str(self.scratch), "LC_ALL": "C.UTF-8", **(env or {})}, errors="replace")
        if check:
            self.assertEqual(result.returncode, 0, f"{command}\n{result.stdout}\n{self.server.read_errors()}")
        return result.stdout

    def write_secret(self, name, text):
        path = self.scratch / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def need(self, program):
        if shutil.which(program) is None:
            self.skipTest(f"{program} is not installed")


def is_sanitized():
    """Whether the program holds on to what it has freed, so that the size of its memory says nothing."""
    return b"__asan_init" in pathlib.Path(shutil.which(PROGRAM)).read_bytes()


def any_certificate():
    """A TLS context that takes the self-made certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def wait_for(condition, what, seconds=SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def program(*command, ready=None):
    """A helper server for the time of a `with`; `ready` is called until it is true."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        if ready is not None:
            wait_for(lambda: process.poll() is not None or ready(), f"{command[0]}")
        if process.poll() is not None:
            raise RuntimeError(f"{command}: {process.stderr.read().decode(errors='replace')}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stderr.close()


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Line:
    """A bare connection that speaks in lines, for what no client would say."""

    def __init__(self, port, tls=False):
        self.socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        if tls:
            self.socket = any_certificate().wrap_socket(self.socket)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def read(self):
        """A line without its end; "" at the end of the connection."""
        return self.file.readline().decode(errors="replace").rstrip("\r\n")

    def ask(self, line):
        self.send(line + "\r\n")
        return self.read()

    def read_all(self):
        try:
            return self.file.read()
        except ConnectionError:
            return b""

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    from tap.runner import TAPTestRunner

    runner = TAPTestRunner()
    runner.set_stream(True)
    unittest.main(module="__main__", testRunner=runner)
