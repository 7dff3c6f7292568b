#!/usr/bin/env python3
"""The house of CONTRIBUTING.md, as the compiler sees it: a folder of src/ reaches the
headers of the folders below it, and nothing else; GTK is in reach of src/app alone;
posthoused is linked with nothing of it.

    test_house.py SOURCE_ROOT BUILD_ROOT POSTHOUSED
"""

import json
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, POSTHOUSED = (pathlib.Path(word) for word in sys.argv[1:4])

# Lowest first, as in the README; none of a tuple knows another of it.
HOUSE = ["base", "mail", "journal", "net", "auth", "store", ("smtp", "pop3", "imap"), "policy", "relay", "server", "control", ("daemon", "app")]
LEVELS = {folder: level for level, names in enumerate(HOUSE) for folder in ([names] if isinstance(names, str) else names)}
# The window binds to what the server offers, and knows no protocol, socket or file.
HIDDEN_FROM_PROGRAMS = {"store", "smtp", "pop3", "imap", "policy", "relay"}
GTK = ["gtk/gtk.h", "gdk/gdk.h", "adwaita.h"]


COMMANDS = json.loads((BUILD / "compile_commands.json").read_text())


def headers_of(folder):
    return [path.name for path in sorted((SOURCE / "src" / folder).glob("*.h"))]


def preprocessor_of(folder):
    """The command that compiles the files of `folder`, without its file and output."""
    for entry in COMMANDS:
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.parent == (SOURCE / "src" / folder).resolve() and path.suffix == ".c":
            words = shlex.split(entry["command"])
            words = words[: words.index("-o")]
            return [word for word in words if word not in ("-MD", "-MQ", "-MF") and not word.endswith((".o", ".o.d"))], entry["directory"]
    return None, None


def visible_headers(folder, names):
    """Those of `names` that a file of `folder` can include."""
    command, directory = preprocessor_of(folder)
    with tempfile.NamedTemporaryFile("w", suffix=".c", prefix="ph-house-") as probe:
        for name in names:
            probe.write(f'#if __has_include("{name}")\nvisible {name}\n#endif\n')
        probe.flush()
        result = subprocess.run([*command, "-E", "-P", probe.name], cwd=directory, capture_output=True, text=True, check=True)
    return {line.split()[1] for line in result.stdout.splitlines() if line.startswith("visible ")}


def compiles(folder, text):
    command, directory = preprocessor_of(folder)
    with tempfile.NamedTemporaryFile("w", suffix=".c", prefix="ph-house-") as probe:
        probe.write(text)
        probe.flush()
        return subprocess.run([*command, "-fsyntax-only", probe.name], cwd=directory, capture_output=True).returncode == 0


class House(unittest.TestCase):
    def setUp(self):
        self.folders = [folder for folder in LEVELS if preprocessor_of(folder)[0] is not None]
        self.assertGreaterEqual(set(self.folders), {"base", "mail", "journal", "net", "auth", "store", "smtp", "pop3", "imap", "relay", "server", "control", "daemon", "app"})

    def test_every_folder_is_in_the_house(self):
        self.assertLessEqual({path.name for path in (SOURCE / "src").iterdir() if path.is_dir()}, set(LEVELS))

    def test_no_two_headers_of_one_name(self):
        """Else it depends on the folder what an #include means."""
        names = [path.name for folder in self.folders for path in (SOURCE / "src" / folder).glob("*.h")]
        self.assertEqual(sorted(names), sorted(set(names)))

    def test_no_header_from_above_or_beside(self):
        for folder in self.folders:
            hidden = [other for other in LEVELS if other != folder and LEVELS[other] >= LEVELS[folder]]
            if folder in ("app", "daemon"):
                hidden += HIDDEN_FROM_PROGRAMS
            with self.subTest(folder):
                self.assertEqual(visible_headers(folder, [name for other in hidden for name in headers_of(other)]), set())
                self.assertEqual(visible_headers(folder, headers_of(folder)), set(headers_of(folder)), "the probe sees nothing")

    def test_gtk_in_app_alone(self):
        for folder in self.folders:
            with self.subTest(folder):
                self.assertEqual(visible_headers(folder, GTK), set(GTK) if folder == "app" else set())

    def test_a_wrong_include_does_not_compile(self):
        """The same by the compiler's own word, once for each kind."""
        self.assertTrue(compiles("smtp", '#include "ph-connection.h"\n'))
        self.assertFalse(compiles("smtp", '#include "ph-server.h"\n'))
        self.assertFalse(compiles("smtp", '#include "ph-imap-session.h"\n'))
        self.assertFalse(compiles("server", "#include <gtk/gtk.h>\n"))
        self.assertFalse(compiles("daemon", "#include <adwaita.h>\n"))
        self.assertTrue(compiles("app", "#include <adwaita.h>\n"))

    def test_posthoused_links_no_gtk(self):
        """All that it loads, not only what it names."""
        for command in (["readelf", "-d", POSTHOUSED], ["ldd", POSTHOUSED]):
            loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            with self.subTest(command[0]):
                self.assertIn("libgnutls.so", loaded)
                self.assertNotRegex(loaded, r"lib(gtk|gdk|adwaita|gsk|pango|cairo|X11|wayland)")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
