"""posthouse and its desktop: options, D-Bus, activation. Run it in build-aux/with-display, where the session bus and the usual folders are its own."""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "end-to-end"))

from posthouse import SECONDS, free_port, listens, main, wait_for

PROGRAM = os.environ["POSTHOUSE"]
NAME = "org.posthouse.Posthouse"
SERVICES = ("smtp", "submission", "submissions", "pop3", "pop3s", "imap", "imaps")


def run(*command, input=None, status=0):
    result = subprocess.run(command, input=input, capture_output=True, text=True, timeout=SECONDS)
    if status is not None and result.returncode != status:
        raise AssertionError(f"{command} ended with {result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout


def posthouse(*words, **rest):
    return run(PROGRAM, *words, **rest)


def call(method, *arguments):
    return run("gdbus", "call", "--session", "--dest", NAME, "--object-path", "/org/posthouse/Posthouse", "--method", f"{NAME}.{method}", *arguments)


def has_window():
    return run("xdotool", "search", "--onlyvisible", "--name", "Posthouse", status=None) != ""


def is_on_bus():
    return NAME in run("gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method", "org.freedesktop.DBus.ListNames")


class Desktop(unittest.TestCase):
    def setUp(self):
        self.ports = {name: free_port() for name in SERVICES}
        folder = pathlib.Path(os.environ["XDG_CONFIG_HOME"], "posthouse")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "posthouse.ini").write_text("".join(f"[Service {name}]\nPort={port}\n" for name, port in self.ports.items()))
        self.process = None

    def tearDown(self):
        posthouse("quit", status=None)
        if self.process is not None:
            self.process.wait(SECONDS)
        wait_for(lambda: not is_on_bus(), "the end")

    def start(self, *options):
        self.process = subprocess.Popen([PROGRAM, *options])
        wait_for(is_on_bus, "the name on the bus")
        wait_for(lambda: listens(self.ports["imap"]), "the start of the services")

    def test_background(self):
        """No window; ends when its services are stopped."""
        self.start("--background")
        self.assertFalse(has_window())
        self.assertEqual(posthouse("status").count("\trunning\t"), 7)
        run("gapplication", "action", NAME, "stop")
        self.assertEqual(self.process.wait(SECONDS), 0)
        posthouse("status", status=3)

    def test_window(self):
        self.start("--start")
        wait_for(has_window, "the window")
        posthouse("--background")
        posthouse("--stop")
        self.assertNotIn("\trunning\t", posthouse("status", status=3))
        posthouse("--start")
        wait_for(lambda: listens(self.ports["imap"]), "the start of the services")
        posthouse("quit")
        self.assertEqual(self.process.wait(SECONDS), 0)

    def test_bus(self):
        """The whole interface is on the session bus as well."""
        self.start("--background")
        self.assertIn(f"('imap', '127.0.0.1', {self.ports['imap']}, 'starttls', 'running', '')",
                      call("ListServices").replace("uint16 ", ""))
        call("AddAccount", "bob@demo.test", "Bob", "secret")
        self.assertIn("'bob@demo.test', 'Bob', true", call("ListAccounts"))
        self.assertIn("bob@demo.test", posthouse("account", "list"))
        call("SetPassword", "bob@demo.test", "another")
        self.assertIn("Delivered to 1 mailbox", call("Send", "bob@demo.test", "['bob@demo.test']", "b'Subject: Bus\\n\\nHello\\n'"))
        self.assertEqual(call("ListQueue").strip(), "(@a(ssassstxusb) [],)")
        call("DeleteAccount", "bob@demo.test", "false")
        with self.assertRaisesRegex(AssertionError, "Error.Refused"):
            call("DeleteAccount", "bob@demo.test", "false")
        call("Stop")
        self.assertEqual(self.process.wait(SECONDS), 0)

    def test_activation(self):
        """The bus starts it, and the first call is answered; it serves on without a window."""
        folder = pathlib.Path(os.environ["XDG_DATA_HOME"], "dbus-1", "services")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{NAME}.service").write_text(f"[D-BUS Service]\nName={NAME}\nExec={PROGRAM} --gapplication-service\n")
        run("gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method", "org.freedesktop.DBus.ReloadConfig")
        self.assertIn("'starttls', 'stopped', ''", call("ListServices"))
        run("gapplication", "action", NAME, "start")
        wait_for(lambda: listens(self.ports["imap"]), "the start of the services")
        self.assertFalse(has_window())
        run("gapplication", "launch", NAME)
        wait_for(has_window, "the window")

    def test_command_line(self):
        self.assertRegex(posthouse("--version"), r"^posthouse \d+\.\d+")
        posthouse("frobnicate", status=2)
        posthouse("--frobnicate", status=1)
        self.assertIn("account add ADDRESS", posthouse("--help"))


if __name__ == "__main__":
    main()
