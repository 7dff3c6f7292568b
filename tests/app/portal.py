"""A desktop's portal for tests: background and notifications.

    portal.py LOG [refuse]

It answers on the session bus as xdg-desktop-portal would, and writes each call to LOG: a line of JSON with the method and its arguments.
Written for want of a desktop where tests run; like the real one it answers a request by a signal to the sender alone.
"""

import json
import sys

from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
INTERFACES = """<node>
  <interface name="org.freedesktop.portal.Background">
    <method name="RequestBackground"><arg type="s"/><arg type="a{sv}"/><arg type="o" direction="out"/></method>
    <method name="SetStatus"><arg type="a{sv}"/></method>
    <property name="version" type="u" access="read"/>
  </interface>
  <interface name="org.freedesktop.portal.Notification">
    <method name="AddNotification"><arg type="s"/><arg type="a{sv}"/></method>
    <method name="RemoveNotification"><arg type="s"/></method>
    <property name="version" type="u" access="read"/>
  </interface>
</node>"""

log = open(sys.argv[1], "a", buffering=1)
allows = sys.argv[2:] != ["refuse"]


def called(bus, sender, _path, _interface, method, arguments, invocation):
    words = arguments.unpack()
    log.write(json.dumps([method, *words], default=str) + "\n")
    if method != "RequestBackground":
        invocation.return_value(None)
        return

    request = f"{PATH}/request/{sender[1:].replace('.', '_')}/{words[1]['handle_token']}"
    answer = GLib.Variant("(ua{sv})", (0, {"background": GLib.Variant("b", allows), "autostart": GLib.Variant("b", False)}))
    # The answer before the reply: it happens, and must not be missed.
    bus.emit_signal(sender, request, "org.freedesktop.portal.Request", "Response", answer)
    invocation.return_value(GLib.Variant("(o)", (request,)))


def acquired(bus, _name):
    for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces:
        bus.register_object(PATH, interface, called, lambda *_: GLib.Variant("u", 2), None)


Gio.bus_own_name(Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, acquired, None, lambda *_: sys.exit("the name is taken"))
GLib.MainLoop().run()
