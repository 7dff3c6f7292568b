"""The window in another language, pressed and read by its English words."""

import gettext
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/data"))

import catalog  # noqa: E402
from window import PROGRAM, Window  # noqa: E402

LANGUAGES = {"de": "de_DE", "es": "es_ES", "fr": "fr_FR", "pt_BR": "pt_BR", "ru": "ru_RU", "zh_CN": "zh_CN"}


class Words:
    """What the window says in that language for what it says in English; without mnemonics."""

    def __init__(self, language):
        messages = [message for message in catalog.read(ROOT / f"po/{language}.po")[1:] if message.plural is None]
        self.words = {message.msgid.replace("_", ""): message.texts[0].replace("_", "") for message in messages}
        self.adwaita = gettext.translation("libadwaita", "/usr/share/locale", [language], fallback=True)
        self.patterns = [(re.compile(re.escape(text).replace("%s", "(.+)")), translated) for text, translated in self.words.items()
                         if text.count("%s") == 1 and len(text) > 4]

    def __call__(self, text):
        if text in self.words:
            return self.words[text]
        return next((translated.replace("%s", match[1]) for pattern, translated in self.patterns if (match := pattern.fullmatch(text))), self.adwaita.gettext(text))


class LocalWindow(Window):
    """The window where the desktop speaks that language: `with LocalWindow("ar", "ar_EG", accounts) as window:`. The locale is made
    for it, since few machines have it."""

    def __init__(self, language, place, *arguments, **options):
        self.locales = tempfile.TemporaryDirectory()
        locale = f"{place}.UTF-8"
        subprocess.run(["localedef", "-i", place, "-f", "UTF-8", f"{self.locales.name}/{locale}"], check=True, capture_output=True)
        environment = {"LOCPATH": self.locales.name, "LC_ALL": locale, "LANGUAGE": language,
                       "TEXTDOMAINDIR": os.environ.get("TEXTDOMAINDIR", str(pathlib.Path(PROGRAM).parents[2] / "po"))}
        if not (ROOT / f"po/{language}.po").exists():
            environment["TEXTDOMAINDIR"] = self.make_empty(language)
        super().__init__(*arguments, environment=environment, **options)

    def make_empty(self, language):
        """A folder with a translation of nothing: GLib leaves GTK in English, too, where the program has none."""
        folder = pathlib.Path(self.locales.name, "po", language, "LC_MESSAGES")
        folder.mkdir(parents=True)
        header = f'msgid ""\nmsgstr "Language: {language}\\nContent-Type: text/plain; charset=UTF-8\\n"\n'
        subprocess.run(["msgfmt", "-o", folder / "posthouse.mo", "-"], input=header.encode(), check=True)
        return str(folder.parents[1])

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self.locales.cleanup()


class TranslatedWindow(LocalWindow):
    """`with TranslatedWindow("de", accounts) as window: window.show("Overview")`."""

    def __init__(self, language, *arguments, **options):
        self.say = Words(language)
        super().__init__(language, LANGUAGES[language], *arguments, **options)

    def is_named(self, node, name):
        return super().is_named(node, name if callable(name) else self.say(name))

    def dialog(self, name):
        return super().dialog(self.say(name))

    def gone(self, name):
        super().gone(self.say(name))

    def type(self, name, *arguments, **options):
        return super().type(self.say(name), *arguments, **options)

    def find_row(self, list_name, text):
        return super().find_row(list_name, self.say(text))

    def focus(self, title=None):
        return super().focus(self.say(title) if title else None)
