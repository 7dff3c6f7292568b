"""AT-SPI as a screen reader speaks it, over D-Bus: the tree of a window is asked for level by level, all of a level at once.

Not with pyatspi: it asks for each thing by itself, and GTK 4.8 keeps no cache for it, so that one look at a window takes seconds.
"""

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

ACCESSIBLE, ACTION, TEXT = "org.a11y.atspi.Accessible", "org.a11y.atspi.Action", "org.a11y.atspi.Text"
EDITABLE, COMPONENT = "org.a11y.atspi.EditableText", "org.a11y.atspi.Component"
CHECKED, FOCUSED, PRESSED, SELECTED, SENSITIVE = 4, 12, 20, 23, 24  # AtspiStateType
LABELLED_BY = 2  # AtspiRelationType
# AtspiRole; GTK's own names of them differ from release to release, and a toggle button (62) is a push button to GTK 4.8.
ROLES = {7: "check box", 16: "dialog", 20: "filler", 23: "frame", 26: "icon", 27: "image", 29: "label", 31: "list", 32: "list item", 33: "menu",
         35: "menu item", 37: "page tab", 38: "page tab list", 39: "panel", 43: "push button", 44: "radio button", 48: "scroll bar",
         50: "separator", 52: "spin button", 61: "text", 62: "push button", 79: "entry", 116: "static"}
LEAVES = ("label", "image", "scroll bar", "separator", "page tab")  # nothing below them says more
MILLISECONDS = 30000


def connect():
    session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, GLib.VariantType("(s)"),
                                Gio.DBusCallFlags.NONE, MILLISECONDS, None).unpack()[0]
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


class Node:
    """A widget as it was when it was looked at; its methods ask again."""

    def __init__(self, bus, owner, path, parent=None):
        self.bus, self.owner, self.path, self.parent = bus, owner, path, parent
        self.role, self.name, self.children = "", "", []

    def __repr__(self):
        return f"{self.role} “{self.name}”"

    def call(self, interface, method, arguments=None, result=None):
        return self.bus.call_sync(self.owner, self.path, interface, method, arguments, GLib.VariantType(result) if result else None,
                                  Gio.DBusCallFlags.NONE, MILLISECONDS, None).unpack()

    def get(self, interface, name):
        return self.call("org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name)))[0]

    def load(self):
        """Role, name and children of all below; self."""
        level = [self]
        while level:
            self.ask(level)
            level = [child for node in level for child in node.children]
        return self

    def ask(self, nodes):
        pending = [0]

        def start(node, interface, method, arguments, take):
            def done(bus, result):
                pending[0] -= 1
                try:
                    take(node, bus.call_finish(result).unpack()[0])
                except GLib.Error:
                    pass  # it has gone meanwhile

            pending[0] += 1
            self.bus.call(node.owner, node.path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, MILLISECONDS, None, done)

        for node in nodes:
            start(node, ACCESSIBLE, "GetRole", None, Node.take_role)
            start(node, "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (ACCESSIBLE, "Name")), Node.take_name)
        self.run(pending)
        for node in nodes:
            if node.role not in LEAVES:
                start(node, ACCESSIBLE, "GetChildren", None, Node.take_children)
        self.run(pending)

    @staticmethod
    def run(pending):
        while pending[0] > 0:
            GLib.MainContext.default().iteration(True)

    def take_role(self, role):
        self.role = ROLES.get(role, "")

    def take_name(self, name):
        self.name = name

    def take_children(self, children):
        self.children = [Node(self.bus, owner, path, self) for owner, path in children]

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    # What it is, and what can be done

    def interfaces(self):
        return self.call(ACCESSIBLE, "GetInterfaces", None, "(as)")[0]

    def has_state(self, state):
        bits = self.call(ACCESSIBLE, "GetState", None, "(au)")[0]
        return bool(bits[state // 32] >> state % 32 & 1)

    def can_be_pressed(self):
        return self.has_state(SENSITIVE) and len(self.call(ACTION, "GetActions")[0]) > 0

    def press(self):
        return self.call(ACTION, "DoAction", GLib.Variant("(i)", (0,)))[0]

    def has_text(self):
        return TEXT in self.interfaces()

    def text(self):
        # GetText (0, -1) gives nothing on GTK 4.8.
        return self.call(TEXT, "GetText", GLib.Variant("(ii)", (0, self.get(TEXT, "CharacterCount"))))[0]

    def set_text(self, text):
        return self.call(EDITABLE, "SetTextContents", GLib.Variant("(s)", (text,)))[0]

    def labels(self):
        """What it is labelled by, each named by its text."""
        labels = [Node(self.bus, owner, path) for kind, targets in self.call(ACCESSIBLE, "GetRelationSet")[0] if kind == LABELLED_BY for owner, path in targets]
        for label in labels:
            label.name = label.text()
        return labels

    def place(self):
        """x, y, width, height within its window."""
        return self.call(COMPONENT, "GetExtents", GLib.Variant("(u)", (1,)))[0]


class Application:
    """The program with that process id, once it has made itself known."""

    def __init__(self, bus, owner):
        self.root = Node(bus, owner, "/org/a11y/atspi/accessible/root")

    @staticmethod
    def find(bus, pid):
        registry = Node(bus, "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
        for owner, _ in registry.call(ACCESSIBLE, "GetChildren")[0]:
            daemon = Node(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus")
            if daemon.call("org.freedesktop.DBus", "GetConnectionUnixProcessID", GLib.Variant("(s)", (owner,)))[0] == pid:
                return Application(bus, owner)
        return None

    def windows(self):
        nodes = [Node(self.root.bus, owner, path) for owner, path in self.root.call(ACCESSIBLE, "GetChildren")[0]]
        for node in nodes:
            node.name = node.get(ACCESSIBLE, "Name")
        return nodes
