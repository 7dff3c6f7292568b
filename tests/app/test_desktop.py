"""posthouse and its desktop: options, D-Bus, activation. Run it in build-aux/with-display, where the session bus and the usual folders are its own."""

import ast
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "end-to-end"))

from gi.repository import Gio
from posthouse import SECONDS, free_port, listens, main, wait_for

PROGRAM = os.environ["POSTHOUSE"]
DESKTOP_FILE = pathlib.Path(os.environ["DESKTOP_FILE"])
PORTAL = pathlib.Path(__file__).with_name("portal.py")
NAME = "org.posthouse.Posthouse"
SERVICES = ("smtp", "submission", "submissions", "pop3", "pop3s", "imap", "imaps")
called = set()  # methods of the interface
USE_PORTAL = {"GTK_USE_PORTAL": "1", "GIO_USE_PORTALS": "1"}  # to GLib of Debian 12, and of 13


def run(*command, input=None, status=0):
    result = subprocess.run(command, input=input, capture_output=True, text=True, timeout=SECONDS)
    if status is not None and result.returncode != status:
        raise AssertionError(f"{command} ended with {result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout


def posthouse(*words, **rest):
    return run(PROGRAM, *words, **rest)


def call(method, *arguments):
    called.add(method)
    return run("gdbus", "call", "--session", "--dest", NAME, "--object-path", "/org/posthouse/Posthouse", "--method", f"{NAME}.{method}", *arguments)


def list_methods():
    """All of the interface, as the program says on the bus."""
    xml = run("gdbus", "introspect", "--xml", "--session", "--dest", NAME, "--object-path", "/org/posthouse/Posthouse")
    return {method.name for method in Gio.DBusNodeInfo.new_for_xml(xml).lookup_interface(NAME).methods}


def has_window(title="Posthouse"):
    return run("xdotool", "search", "--onlyvisible", "--name", title, status=None) != ""


def count_windows(title):
    return len(run("xdotool", "search", "--onlyvisible", "--name", title, status=None).split())


def list_names():
    return run("gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method", "org.freedesktop.DBus.ListNames")


def is_on_bus():
    return NAME in list_names()


def is_process():
    """Also one that is not on the bus yet, or no more.  Others test theirs meanwhile, each with a folder of its own."""
    found = run("pgrep", "--full", "--exact", f"{re.escape(PROGRAM)}( .*)?", status=None)
    return any(f"XDG_RUNTIME_DIR={os.environ['XDG_RUNTIME_DIR']}" in read_environment(process) for process in found.split())


def read_environment(process):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path("/proc", process, "environ").read_text().split("\0")
    return []


class Desktop(unittest.TestCase):
    def setUp(self):
        self.ports = {name: free_port() for name in SERVICES}
        folder = pathlib.Path(os.environ["XDG_CONFIG_HOME"], "posthouse")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "posthouse.ini").write_text("".join(f"[Service {name}]\nPort={port}\n" for name, port in self.ports.items()))
        self.process = None

    def tearDown(self):
        wait_for(self.has_ended, "the end")
        if self.process is not None:
            self.process.wait(SECONDS)

    @staticmethod
    def has_ended():
        """Tells it to end, if it runs: again and again, as one that still opens its mail does not listen yet."""
        if is_process():
            posthouse("quit", status=None)
        return not is_process()

    def start(self, *options, **environment):
        self.process = subprocess.Popen([PROGRAM, *options], env={**os.environ, **environment})
        wait_for(is_on_bus, "the name on the bus")
        wait_for(lambda: listens(self.ports["imap"]), "the start of the services")

    def test_composing_is_not_lost_in_the_background(self):
        self.start("--background", "--compose")
        wait_for(lambda: has_window("New Test Message"), "the composer")
        wait_for(self.has_ended, "the end")

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
        """The whole interface is on the session bus as well: each of its methods is called."""
        self.start("--background")
        methods = list_methods()
        self.assertIn(f"('imap', '127.0.0.1', {self.ports['imap']}, 'starttls', 'running', '')",
                      call("ListServices").replace("uint16 ", ""))
        call("Start")
        self.assertRegex(call("TestService", "imap"), r"^\('answered', int64 \d+, 'TLS1.3', 'good', int64 \d+, 'IMAP4rev1, .*', ''\)")
        with self.assertRaisesRegex(AssertionError, "Error.Refused"):
            call("TestService", "gopher")
        self.call_for_accounts()
        self.call_for_transfers()
        self.call_for_queue()
        with self.assertRaisesRegex(AssertionError, "Error.Refused"):
            call("CheckDomain", "elsewhere.test")
        call("DeleteAccount", "bob@demo.test", "false")
        with self.assertRaisesRegex(AssertionError, "Error.Refused"):
            call("DeleteAccount", "bob@demo.test", "false")
        call("Stop")
        self.assertEqual(self.process.wait(SECONDS), 0)
        self.start("--start")
        call("Quit")
        self.assertEqual(self.process.wait(SECONDS), 0)
        self.assertEqual(methods - called, set())

    def call_for_accounts(self):
        call("AddAccount", "bob@demo.test", "Bob", "secret")
        self.assertIn("'bob@demo.test', 'Bob', true", call("ListAccounts"))
        self.assertIn("bob@demo.test", posthouse("account", "list"))
        call("SetPassword", "bob@demo.test", "another")
        password = ast.literal_eval(call("AddAppPassword", "bob@demo.test", "phone"))[0]
        self.assertGreater(len(password), 12)
        [identifier] = re.findall(r"\[\('(\S+)', 'phone'", call("ListAppPasswords", "bob@demo.test"))
        call("RevokeAppPassword", "bob@demo.test", identifier)
        self.assertNotIn("phone", call("ListAppPasswords", "bob@demo.test"))
        call("SetOldPrograms", "bob@demo.test", "another")
        call("SetOldPrograms", "bob@demo.test", "")
        call("SetSearchIndex", "bob@demo.test", "false")
        call("SetProtocols", "bob@demo.test", "['imap', 'submission']")
        self.assertIn("['imap', 'submission']", call("GetProtocols", "bob@demo.test"))
        call("SetAutomaticReply", "bob@demo.test", "true", "Away", "Back soon", "2026-12-24", "", "3")
        self.assertIn("(true, 'Away', 'Back soon', '2026-12-24', '', uint32 3)", call("GetAutomaticReply", "bob@demo.test"))
        call("SetAutomaticReply", "bob@demo.test", "false", "", "", "", "", "7")

    def call_for_transfers(self):
        self.assertIn("Delivered to 1 mailbox", call("Send", "bob@demo.test", "['bob@demo.test']", "b'Subject: Bus\\n\\nHello\\n'"))
        with tempfile.TemporaryDirectory() as directory:
            self.assertIn("(uint64 1, ", call("Export", "bob@demo.test", "", "mbox", f"{directory}/mail"))
            self.assertIn("(uint64 1, ", call("Import", "bob@demo.test", "Again", "auto", f"['{directory}/mail']"))
            self.assertIn("(uint64 2, ", call("Backup", f"{directory}/backup"))
        call("CancelTransfer")

    def call_for_queue(self):
        def find(state, recipient="someone@example.org"):
            def attempt():
                return re.findall(rf"\('(\S+)', 'bob@demo.test', \['{recipient}'\], 'Out', '{state}'", call("ListQueue"))
            return wait_for(attempt, f"a message to {recipient} that is {state}")[0]

        self.assertEqual(call("ListQueue").strip(), "(@a(ssassstxusb) [],)")
        call("Send", "bob@demo.test", "['someone@example.org']", "b'Subject: Out\\n\\nHello\\n'")
        identifier = find("guarded")
        self.assertIn("Address=someone@example.org", call("ShowQueued", identifier))
        for action, state in (("hold", "held"), ("release", "guarded"), ("retry", "guarded"), ("bounce", "failed"), ("requeue", "guarded"), ("bounce", "failed")):
            call("ActOnQueue", identifier, action)
            identifier = find(state)
        call("RequeueTo", identifier, "other@example.org")
        identifier = find("guarded", "other@example.org")
        for server in ("127.0.0.1:2526", ""):
            call("RerouteQueued", identifier, server)
            wait_for(lambda: ("127.0.0.1:2526" in call("ShowQueued", identifier)) == (server != ""), f"the way by “{server}”")
        call("ActOnQueue", identifier, "delete")
        wait_for(lambda: call("ListQueue").strip() == "(@a(ssassstxusb) [],)", "an empty queue")

    def let_bus_activate(self):
        folder = pathlib.Path(os.environ["XDG_DATA_HOME"], "dbus-1", "services")
        folder.mkdir(parents=True, exist_ok=True)
        self.addCleanup(shutil.rmtree, folder)
        (folder / f"{NAME}.service").write_text(f"[D-BUS Service]\nName={NAME}\nExec={PROGRAM} --gapplication-service\n")
        run("gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method", "org.freedesktop.DBus.ReloadConfig")

    def test_activation(self):
        """The bus starts it, and the first call is answered; it serves on without a window."""
        self.let_bus_activate()
        self.assertIn("'starttls', 'stopped', ''", call("ListServices"))
        run("gapplication", "action", NAME, "start")
        wait_for(lambda: listens(self.ports["imap"]), "the start of the services")
        self.assertFalse(has_window())
        run("gapplication", "launch", NAME)
        wait_for(has_window, "the window")

    def check_actions(self, application):
        """What a desktop does when somebody chooses the actions of its menu, from a Posthouse that does not run."""
        self.assertEqual(application.list_actions(), ["start", "stop", "compose"])
        for action in application.list_actions():
            self.assertNotIn(application.get_action_name(action), (None, ""))
        application.launch_action("start", None)
        wait_for(lambda: all(listens(port) for port in self.ports.values()), "the start of the services")
        wait_for(is_on_bus, "the name on the bus")
        application.launch_action("compose", None)
        wait_for(lambda: has_window("New Test Message"), "the composer")
        application.launch_action("compose", None)
        wait_for(lambda: count_windows("New Test Message") == 2, "another composer, from under the first")
        application.launch_action("stop", None)
        wait_for(lambda: not any(listens(port) for port in self.ports.values()), "the end of the services")
        self.assertTrue(is_on_bus(), "it ended under its window")
        wait_for(self.has_ended, "the end")
        # And first of all.
        application.launch_action("compose", None)
        wait_for(lambda: has_window("New Test Message"), "the composer")
        wait_for(self.has_ended, "the end")
        application.launch_action("stop", None)
        wait_for(lambda: not is_on_bus(), "the end: there was nothing to stop")

    def test_actions_over_the_bus(self):
        self.let_bus_activate()
        # GIO wants the file where it would be installed.
        folder = pathlib.Path(os.environ["XDG_DATA_HOME"], "applications")
        folder.mkdir(parents=True, exist_ok=True)
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(DESKTOP_FILE, folder)
        # Nor does it take a program that is not there.
        programs = pathlib.Path(os.environ["XDG_RUNTIME_DIR"], "bin")
        programs.mkdir()
        (programs / "posthouse").symlink_to(PROGRAM)
        os.environ["PATH"] += f":{programs}"
        self.check_actions(Gio.DesktopAppInfo.new_from_filename(str(folder / DESKTOP_FILE.name)))

    def test_actions_by_command_lines(self):
        """As a desktop does it that knows nothing of D-Bus activation."""
        file = pathlib.Path(os.environ["XDG_RUNTIME_DIR"], DESKTOP_FILE.name)
        file.write_text(DESKTOP_FILE.read_text().replace("DBusActivatable=true", "DBusActivatable=false").replace("Exec=posthouse", f"Exec={PROGRAM}"))
        self.check_actions(Gio.DesktopAppInfo.new_from_filename(str(file)))

    @contextlib.contextmanager
    def portal(self, *words):
        """Gives a function for the calls that the portal has had so far."""
        with tempfile.NamedTemporaryFile("r") as log:
            process = subprocess.Popen([sys.executable, PORTAL, log.name, *words])
            try:
                wait_for(lambda: "org.freedesktop.portal.Desktop" in list_names(), "the portal")
                yield lambda method: [call[1:] for call in map(json.loads, pathlib.Path(log.name).read_text().splitlines()) if call[0] == method]
            finally:
                process.terminate()
                process.wait(SECONDS)

    def test_background_portal(self):
        """In a sandbox the desktop is asked, and told what goes on."""
        with self.portal() as calls:
            self.start("--background", GIO_USE_PORTALS="1")
            wait_for(lambda: calls("SetStatus"), "the status")
            [[parent, options]] = calls("RequestBackground")
            self.assertEqual(parent, "")
            self.assertIn("mail server", options["reason"])
            self.assertEqual((options["autostart"], options["commandline"]), (False, ["posthouse", "--background"]))
            self.assertIn("mail server", calls("SetStatus")[0][0]["message"])
            self.assertEqual(calls("AddNotification"), [])

    def test_background_portal_refuses(self):
        """It serves on as long as it is let, and says what the person can do."""
        with self.portal("refuse") as calls:
            self.start("--background", **USE_PORTAL)
            wait_for(lambda: calls("AddNotification"), "a notification")
            [[_, notification]] = calls("AddNotification")
            self.assertIn("ended soon", notification["title"])
            self.assertEqual(notification["default-action"], "app.activate")
            self.assertEqual(calls("SetStatus"), [])
            self.assertEqual(posthouse("status").count("\trunning\t"), 7)
            posthouse("--background")
            run("gapplication", "launch", NAME)
            wait_for(lambda: calls("RemoveNotification"), "the end of the notification")
            wait_for(has_window, "the window")

    def test_what_fails_in_the_background_is_told(self):
        """Who has no window to look at hears of a service that could not start."""
        with socket.create_server(("127.0.0.1", 0)) as other, self.portal() as calls:
            file = pathlib.Path(os.environ["XDG_CONFIG_HOME"], "posthouse", "posthouse.ini")
            file.write_text(file.read_text().replace(f"Port={self.ports['pop3']}\n", f"Port={other.getsockname()[1]}\n"))
            self.start("--background", **USE_PORTAL)
            wait_for(lambda: calls("AddNotification"), "a notification")
            [[_, notification]] = calls("AddNotification")
            self.assertEqual(notification["title"], "POP3 could not start")
            self.assertIn("already listens", notification["body"])
            self.assertEqual(calls("RemoveNotification"), [])
            other.close()
            posthouse("start")
            wait_for(lambda: calls("RemoveNotification"), "the end of the notification")

    def test_mail_in_the_background_is_told(self):
        """The first mail of a new account, and mail that can't be delivered."""
        with self.portal() as calls:
            self.start("--background", **USE_PORTAL)

            def titles():
                return [notification["title"] for _, notification in calls("AddNotification")]

            posthouse("account", "add", "--generate", "dora@example.org")
            for subject in ("first", "second"):
                run("swaks", "--server", "127.0.0.1", "--port", str(self.ports["smtp"]), "--from", "ann@example.net", "--to", "dora@example.org",
                    "--header", f"Subject: {subject}", "--body", "Hello")
            wait_for(lambda: titles() == ["Mail has come"], "the first mail")
            self.assertEqual(calls("AddNotification")[0][1]["body"], "dora@example.org has its first mail")
            posthouse("send", "--from", "dora@example.org", "--subject", "Nobody", "someone@example.net", input="Hello")
            [queued] = [line.split("\t")[0] for line in posthouse("queue", "list").splitlines()]
            posthouse("queue", "bounce", queued)
            wait_for(lambda: titles() == ["Mail has come", "Mail could not be delivered"], "the failure")
            self.assertIn("someone@example.net", calls("AddNotification")[1][1]["body"])
            posthouse("account", "delete", "dora@example.org", status=None)

    def test_what_need_not_be_told_is_not(self):
        with self.portal() as calls:
            with open(os.path.join(os.environ["XDG_CONFIG_HOME"], "posthouse", "posthouse.ini"), "a") as file:
                file.write("[Notifications]\nMail=false\n")
            self.start("--background", **USE_PORTAL)
            posthouse("account", "add", "--generate", "dora@example.org")
            run("swaks", "--server", "127.0.0.1", "--port", str(self.ports["smtp"]), "--from", "ann@example.net", "--to", "dora@example.org", "--body", "Hello")
            posthouse("send", "--from", "dora@example.org", "--subject", "Nobody", "someone@example.net", input="Hello")
            for line in posthouse("queue", "list").splitlines():
                posthouse("queue", "bounce", line.split("\t")[0], status=None)  # what other tests have left may be out of it
            wait_for(lambda: calls("AddNotification"), "the failure")
            self.assertEqual({notification["title"] for _, notification in calls("AddNotification")}, {"Mail could not be delivered"})
            posthouse("account", "delete", "dora@example.org", status=None)

    def test_no_portal(self):
        """A desktop without one lets it be."""
        self.start("--background", **USE_PORTAL)
        self.assertEqual(posthouse("status").count("\trunning\t"), 7)

    def test_command_line(self):
        self.assertRegex(posthouse("--version"), r"^posthouse \d+\.\d+")
        for words in (["frobnicate"], ["--frobnicate"], ["--start", "more"], ["--data"]):
            with self.subTest(words):
                posthouse(*words, status=2)
        text = posthouse("--help")
        self.assertIn("account add ADDRESS", text)
        self.assertIn("  posthouse [OPTION", text)

    def test_no_display(self):
        """What needs no window works; what does says what works without one."""
        environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
        for words, status, error in (
            (["account", "list"], 0, ""),
            (["status"], 3, "No Posthouse runs on "),
            (["--stop"], 3, "No Posthouse runs on "),
            ([], 1, "posthouse: There is no display to open a window on; posthoused serves without one\n"),
            (["--background"], 1, "There is no display"),
        ):
            with self.subTest(words):
                result = subprocess.run([PROGRAM, *words], env=environment, capture_output=True, text=True, timeout=SECONDS)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertIn(error, result.stderr)
                self.assertNotIn("WARNING", result.stderr)


if __name__ == "__main__":
    main()
