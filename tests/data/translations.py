"""translations.py: a fresh template says what a translator needs to know, and each language of po/ has all of it, well formed."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import catalog

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%(?:\d+\$)?[-+ #0']*\d*(?:\.\d+)?(?:ll|[hlz])?[a-zA-Z]")
# What meson's preset "glib" tells xgettext, as far as it is used here.
XGETTEXT = ["xgettext", "--from-code=UTF-8", "--add-comments", "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2",
            "--flag=g_strdup_printf:1:c-format", "--flag=g_string_append_printf:2:c-format", "--flag=g_set_error:4:c-format"]


def read_languages():
    lines = (ROOT / "po/LINGUAS").read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def list_placeholders(text):
    """In the order of the arguments: a translation may say "%2$s" before "%1$s"."""
    found = [placeholder for placeholder in PLACEHOLDER.findall(text.replace("%%", ""))]
    return sorted((re.sub(r"%\d+\$", "%", place), int((re.match(r"%(\d+)\$", place) or [0, i + 1])[1])) for i, place in enumerate(found))


def ends(text):
    return text[:len(text) - len(text.lstrip())], text[len(text.rstrip()):]


class Translations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.template = pathlib.Path(cls.directory.name) / "posthouse.pot"
        subprocess.run([*XGETTEXT, f"--directory={ROOT}", f"--files-from={ROOT / 'po/POTFILES.in'}", f"--output={cls.template}"], check=True, capture_output=True)
        cls.messages = catalog.read(cls.template)[1:]

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def for_each(self, check):
        for language in read_languages():
            messages = catalog.read(ROOT / f"po/{language}.po")[1:]
            self.assertGreater(len(messages), 0)
            for message in messages:
                with self.subTest(language=language, msgid=message.msgid):
                    check(message, [(message.msgid if i == 0 or message.plural is None else message.plural, text) for i, text in enumerate(message.texts)])

    def test_that_placeholders_are_explained(self):
        for message in self.messages:
            if PLACEHOLDER.search(message.msgid.replace("%%", "")):
                with self.subTest(msgid=message.msgid, places=message.places):
                    self.assertTrue(any("Translators:" in comment for comment in message.comments), "no comment that begins with “Translators:” above it")

    def test_that_messages_are_well_formed(self):
        for language in read_languages():
            with self.subTest(language=language):
                run = subprocess.run(["msgfmt", "--check", "--output-file=/dev/null", ROOT / f"po/{language}.po"], capture_output=True, text=True)
                self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_that_languages_are_complete(self):
        for language in read_languages():
            with self.subTest(language=language):
                run = subprocess.run(["msgcmp", ROOT / f"po/{language}.po", self.template], capture_output=True, text=True)
                self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_that_placeholders_are_kept(self):
        def check(message, pairs):
            for original, text in pairs:
                # "%-d %b %Y" is a date, which each language writes in its way; "one minute" may say it without the number.
                if "-format" in "".join(message.flags) and message.plural is None:
                    self.assertEqual(list_placeholders(text), list_placeholders(original))
        self.for_each(check)

    def test_that_spaces_and_ellipses_are_kept(self):
        def check(message, pairs):
            for original, text in pairs:
                self.assertEqual(ends(text), ends(original))
                self.assertEqual(text.endswith("…"), original.endswith("…"))
                self.assertNotIn("...", text)
        self.for_each(check)

    def test_that_mnemonics_are_kept(self):
        def check(message, pairs):
            for original, text in pairs:
                self.assertEqual(len(re.findall(r"_\w", text)), len(re.findall(r"_\w", original)))
        self.for_each(check)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
