"""The real window for end-to-end tests: pressed, typed into and read over AT-SPI.

Run below build-aux/with-display, which gives each test file its own screen and buses.
"""

import base64
import hashlib
import hmac
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "end-to-end"))

import screen_reader  # noqa: E402
from gi.repository import GLib  # noqa: E402
from posthouse import Line, free_port, main, program, wait_for  # noqa: E402,F401

PROGRAM = os.environ.get("POSTHOUSE", "posthouse")
SECONDS = int(os.environ.get("PH_SECONDS", "30"))  # for whatever should take less than one
SERVICES = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s")
SETTLE = 0.3  # what GTK needs to make a window known, or to forget it
IS_NEWER = subprocess.run(["pkg-config", "--atleast-version=4.16", "gtk4"]).returncode == 0
BUTTON, CHECK, ENTRY, ITEM, LABEL, LIST, TAB = "push button", "check box", "text", "list item", "label", "list", "page tab"


def credential(password, iterations=4096):
    """What posthouse.ini keeps of a password (RFC 5803)."""
    salt = b"salt of the tests"
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)

    def key(name):
        return hmac.digest(salted, name, "sha256")

    def text(data):
        return base64.b64encode(data).decode()

    return f"SCRAM-SHA-256${iterations}:{text(salt)}${text(hashlib.sha256(key(b'Client Key')).digest())}:{text(key(b'Server Key'))}"


def listens(port):
    """Whether a program listens on that port; without a connection, which would be a session in the window."""
    with open("/proc/net/tcp") as table:
        return any(fields[1].endswith(f":{port:04X}") and fields[3] == "0A" for fields in map(str.split, table))


class Window:
    """`with Window(accounts={address: password}) as window:` the program with free ports and a data folder of its own.
    `ini` is added to the settings file; `options` to the command line."""

    say = str  # what the window says for an English word
    is_mirrored = False  # from right to left

    def __init__(self, accounts=None, ini="", options=("--start",), environment=None, names=None, directory=None, ports=None, says_data=True):
        self.owns_directory = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="ph-window-"))
        self.ports = ports or {service: free_port() for service in SERVICES}
        self.accounts = accounts or {}
        self.settings = self.directory / "posthouse.ini"
        self.options = options
        self.environment = environment or {}
        self.says_data = says_data  # or the settings name the data folder
        self.process = None
        self.errors = tempfile.TemporaryFile()
        # Words of warnings that are to be expected: nothing shows notifications here, and the message dialog of libadwaita 1.7 measures its own heading too narrow.
        self.may_complain = ("org.freedesktop.Notifications", *(("Trying to measure GtkLabel",) if IS_NEWER else ()))
        if self.owns_directory:
            text = ini
            for service, port in self.ports.items():
                text += f"\n[Service {service}]\nEnabled=true\nAddress=127.0.0.1\nPort={port}\n"
            for address, password in self.accounts.items():
                text += f"\n[Account {address}]\nName={(names or {}).get(address, '')}\nCredential={credential(password)}\n"
            self.settings.write_text(text)
            self.settings.chmod(0o600)

    # Its life

    def start(self):
        environment = {**os.environ, "GTK_A11Y": "atspi", "G_DEBUG": "", "NO_AT_BRIDGE": "0", **self.environment}
        data = ("--data", str(self.directory / "data")) if self.says_data else ()
        command = [PROGRAM, *data, "--config", str(self.settings), *self.options]
        self.process = subprocess.Popen(command, stdout=self.errors, stderr=self.errors, env=environment)
        self.find_application()
        self.wait(self.titles, "its frame on the screen")
        time.sleep(SETTLE)
        if "--start" in self.options:
            self.wait(lambda: all(listens(port) for port in self.ports.values()), "all services")
        return self

    def stop(self):
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        try:
            status = self.stop()
            errors = self.read_errors()
            if status not in (0, None):
                raise AssertionError(f"posthouse ended with {status}: {errors}")
            if [line for line in errors.splitlines() if ("CRITICAL" in line or "WARNING" in line) and not any(w in line for w in self.may_complain)]:
                raise AssertionError(f"posthouse complained: {errors}")
        finally:
            self.errors.close()
            if self.owns_directory:
                shutil.rmtree(self.directory, ignore_errors=True)

    def read_errors(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def pick(self, title, path, response):
        """Types a path into a file dialog."""
        chooser = self.dialog(title)
        self.key("slash", title=title)
        self.wait(lambda: next((node for node in self.walk(chooser) if node.role in ("text", "entry")), None), "where to type").set_text(str(path))
        self.press(BUTTON, response, chooser)
        self.gone(title)

    def wait(self, condition, what, seconds=SECONDS):
        """The first true value; what goes away while it is looked at is looked at again."""

        def attempt():
            try:
                return condition()
            except GLib.Error:  # it has gone meanwhile
                return None

        def describe():
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"posthouse has ended with {self.process.returncode}: {self.read_errors()}")
            return attempt()

        return wait_for(describe, what, seconds)

    # Looking

    def find_application(self):
        bus = screen_reader.connect()
        self.application = self.wait(lambda: screen_reader.Application.find(bus, self.process.pid), "the program")

    def walk(self, root=None):
        """Every node below `root`, parents first, as they are now; without one, of the first window."""
        yield from (root or self.windows()[0]).load().walk()

    @staticmethod
    def is_named(node, name):
        if callable(name):
            return name(node.name)
        # GTK 4.8 calls a button with a mnemonic "_Add Account… Add Account…", and one with a label of its own both.
        return node.name == name or node.name.endswith(" " + name) or node.name.startswith(name + " " + name)

    def is_called(self, node, name):
        """Or labelled so: GTK 4.18 has no other name for a menu item, and a screen reader looks there."""
        return self.is_named(node, name) or node.role == "menu item" and not node.name and any(self.is_named(label, name) for label in node.labels())

    def look(self, role, name, root=None):
        """The first node of that role and name, or None; `name` may be a function."""
        return next((node for node in self.walk(root) if node.role == role and self.is_named(node, name)), None)

    def find(self, role, name, root=None, seconds=SECONDS):
        return self.wait(lambda: self.look(role, name, root), f"{role} “{name if not callable(name) else '…'}”", seconds)

    def dialog(self, name):
        """The window with that title, other than the first."""

        self.wait(lambda: name in self.titles(), f"the dialog “{name}” on the screen")
        time.sleep(SETTLE)
        return self.wait(lambda: next((w for w in self.windows() if w.name == name), None), f"the dialog “{name}”")

    def gone(self, name):
        self.wait(lambda: name not in self.titles(), f"the end of “{name}”")
        time.sleep(SETTLE)

    def titles(self):
        """Of the windows on the screen, as the X server knows them."""
        numbers = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "."], capture_output=True, text=True).stdout.split()
        names = [subprocess.run(["xdotool", "getwindowname", number], capture_output=True, text=True).stdout.strip() for number in numbers]
        return [name for name in names if name]

    def windows(self):
        """As a screen reader knows them; titles() tells when none comes or goes."""
        return self.application.windows()

    def row_nodes(self, list_name, root=None):
        """The rows of a list that are made; none while there is no such list."""
        parent = self.look(LIST, list_name, root)
        return parent.children if parent is not None else []

    def rows(self, list_name):
        """The texts of the rows of a list that are made: one string each."""
        rows = []
        for row in self.row_nodes(list_name):
            texts = [node.name if node.role == LABEL else node.text() for node in row.walk()
                     if node.role == LABEL or (node.role in ("static", "filler", "text") and node.has_text())]
            rows.append("\n".join(text for text in texts if text))
        return rows

    def find_row(self, list_name, text, root=None):
        """The row of a list that has the text in one of its labels."""
        return self.wait(lambda: next((row for row in self.row_nodes(list_name, root) if any(text in node.name for node in row.walk())), None),
                         f"a row with “{text}”")

    def wait_toast(self, text):
        return self.wait(lambda: self.look(LABEL, lambda name: text in name), f"a toast “{text}”")

    # Doing

    def press(self, role, name, root=None):
        """Presses once the control is there and may be pressed."""

        # A menu button can't be pressed itself, but the button in it, which has its name (or none, in GTK 4.18).
        node = self.wait(lambda: next((part for node in self.walk(root) if node.role == role and self.is_called(node, name)
                                       for part in node.walk() if part.role == role and part.can_be_pressed()), None),
                         f"a {role} “{name}” to press")
        assert node.press(), f"{role} “{name}” can't be pressed"
        return node

    def type(self, name, text, root=None, role=ENTRY):
        """Replaces what an entry holds; `name` is what a screen reader says."""
        entry = self.find(role, lambda found: found.startswith(name), root)
        assert entry.set_text(text)
        return entry

    def show(self, view):
        """By the switcher that is seen: the other of bar and bottom does nothing before it once was."""
        tabs = self.wait(lambda: [node for node in self.walk() if node.role == TAB and self.is_named(node, view)], f"a switcher to {view}")
        assert next((tab for tab in tabs if tab.place()[2] > 0), tabs[0]).press(), f"{view} can't be shown"

    # The keyboard, and the pointer

    def focus(self, title=None):
        """Gives a window the keyboard, since no window manager does; its X number. The one opened last, or the one with that title."""

        def attempt():
            command = ["xdotool", "search", "--onlyvisible", "--name", f"^{re.escape(title)}$" if title else "."]
            numbers = subprocess.run(command, capture_output=True, text=True).stdout.split()
            return numbers[-1] if numbers else None

        number = self.wait(attempt, f"the window {title or ''} on the screen")
        subprocess.run(["xdotool", "windowfocus", "--sync", number], check=True)
        return number

    def key(self, *keys, title=None):
        self.focus(title)
        subprocess.run(["xdotool", "key", "--delay", "30", *keys], check=True)

    def write(self, text):
        subprocess.run(["xdotool", "type", "--delay", "10", text], check=True)

    def click(self, node, title=None, button=1):
        """With the pointer, in the middle of what must lie on the screen, but at the beginning of what is wide: a toast may lie over its middle."""
        frame = node
        while frame.parent is not None:
            frame = frame.parent
        number = self.focus(title or frame.name)

        def place():
            box = node.place()
            return box if box[2] > 0 and box[3] > 0 else None

        left, top, width, height = self.wait(place, f"“{node.name}” on the screen")
        left, top, width, height = self.scroll_to(number, place, top + height, 64 if title == "Preferences" else 8) or (left, top, width, height)
        # GTK counts from inside the frame that it draws itself where no window manager does.
        begin = min(width // 2, 40)
        x, y = left + (width - begin if self.is_mirrored else begin) + 4, top + height // 2 + 4
        subprocess.run(["xdotool", "mousemove", "--window", number, str(x), str(y)], check=True)
        time.sleep(0.1)
        subprocess.run(["xdotool", "click", str(button)], check=True)

    def scroll_to(self, number, place, bottom, margin):
        """Turns the wheel over the window until what lies below its end lies in it, and clear of a switcher there; where it lies then."""
        geometry = subprocess.run(["xdotool", "getwindowgeometry", "--shell", number], capture_output=True, text=True).stdout
        width, height = (int(re.search(rf"^{name}=(\d+)", geometry, re.M)[1]) for name in ("WIDTH", "HEIGHT"))
        for _ in range(40):
            if bottom + margin <= height:
                break
            subprocess.run(["xdotool", "mousemove", "--window", number, str(width // 2), str(height // 2), "click", "5"], check=True)
            time.sleep(0.1)
            box = place()
            bottom = box[1] + box[3] if box else bottom
        return place()

    def point_away(self):
        subprocess.run(["xdotool", "mousemove", "1270", "890"], check=True)

    def fill(self, entry, text, title=None):
        """Clicks into an entry and types with the keyboard."""
        self.click(entry, title)
        subprocess.run(["xdotool", "key", "--delay", "30", "ctrl+a", "BackSpace"], check=True)
        self.write(text)

    def enter(self):
        subprocess.run(["xdotool", "key", "Return"], check=True)


class LargeWindow(Window):
    """Where the desktop has text of twice the size."""

    def start(self):
        self.set_resources("Xft.dpi:\t192\n")
        return super().start()

    def stop(self):
        self.set_resources("")
        return super().stop()

    @staticmethod
    def set_resources(text):
        subprocess.run(["xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", text], check=True)


class Case(unittest.TestCase):
    """A test with one window for all of its methods, in the order of their names."""

    accounts = {}
    options = ("--start",)
    ini = ""
    environment = {}
    names = {}

    @classmethod
    def setUpClass(cls):
        cls.window = Window(cls.accounts, cls.ini, cls.options, cls.environment, cls.names).start()

    @classmethod
    def tearDownClass(cls):
        cls.window.__exit__()

    def run_program(self, *command, check=True, **options):
        result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                timeout=SECONDS, errors="replace", **options)
        if check:
            self.assertEqual(result.returncode, 0, f"{command}\n{result.stdout}\n{self.window.read_errors()}")
        return result.stdout

    def send(self, to, subject="Hello", sender="ann@example.org", body="Hello"):
        """A message by swaks, through SMTP."""
        return self.run_program("swaks", "--server", "127.0.0.1", "--port", self.window.ports["smtp"], "--from", sender, "--to", to,
                                "--header", f"Subject: {subject}", "--body", body)
