"""words.py: what the engine says to a person is marked for translators, so that the window shows it in its language."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Functions and variables whose words end in the window: the reasons of checks, notes, and errors.
CALLS = re.compile(r"(?:\*(?:why|problem) = |->(?:problem|warning) = [^;]*?)g_strdup(?:_printf)? \(|"
                   r"\b(?:g_set_error(?:_literal)?|g_error_new(?:_literal)?|g_task_return_new_error|ph_store_error_set_errno|ph_reason_set|"
                   r"ph_dkim_signature_refuse|ph_journal_session_note|ph_journal_session_add_finding|ph_smtp_client_fail|ph_smtp_client_lack_tls|"
                   r"ph_route_search_lead_nowhere|conclude|break_off_because|blame|reject_next|item_new_problem) \(")
REPLIES = re.compile(r"\b(?:ph_route_search_lead_nowhere|ph_smtp_client_fail|ph_smtp_client_lack_tls|ph_smtp_reply_new) \(")
STRING = r'"(?:[^"\\]|\\.)*"'
MARKED = re.compile(rf"\b(?:(?:N_|_|C_) \(|ngettext \({STRING},\s*){STRING}")

# Errors that no person reads in the window, each with who reads them instead.
LOG = "the log"
COMMAND = "who gave the command, in the terminal"
REPLY = "the peer, and a report: a reply is English"
CODE = "nobody: its code alone counts"
NAME = "everybody: a name, the same in each language"
ENGLISH = {
    "src/app/ph-autostart.c": {"the desktop does not let Posthouse run in the background": LOG},
    "src/app/ph-choose-file.c": {"No file was chosen": CODE},
    "src/control/ph-control-client.c": {"No Posthouse runs on %s": COMMAND},
    "src/control/ph-password-prompt.c": {"There is no password on standard input": COMMAND, "The password is too long": COMMAND, "The two passwords differ": COMMAND},
    "src/daemon/ph-daemon-options.c": {
        "“%s” is not understood; see --help": COMMAND, "--account takes ADDRESS:PASSWORD": COMMAND,
        "--stop goes with --config and --data only, and after them": COMMAND, "--account goes with --demo": COMMAND},
    "src/imap/ph-imap-url.c": {"There is no such message or part": CODE, "The message would be too large": CODE},
    "src/net/ph-dns-context.c": {"libunbound did not start": LOG, "DNS server %s: %s": LOG, "from ": LOG},
    "src/net/ph-resolver.c": {
        "“%s” is not a DNS server: write ADDRESS or ADDRESS@PORT.": LOG,
        "No trust anchor can be read from “%s”: write root, none, or a file of DS or DNSKEY records.": LOG},
    "src/policy/ph-dkim-signer.c": {"The message could not be read": LOG},
    "src/relay/ph-hand-over.c": {"The message could not be read": LOG, "The message is larger than %d MiB": REPLY},
    "src/relay/ph-outgoing-end.c": {"The message could not be read": LOG},
    "src/relay/ph-queue-files.c": {
        "%s goes in circles: it has been through %u servers": LOG,
        "Reading %s ended the program %d times: it is set aside as %s/%s.eml.poison": LOG},
    "src/server/ph-domain-records.c": {"posthouse._domainkey.": NAME},
    "src/server/ph-intake-relay.c": {"There is nobody named %s here": REPLY},
    "src/server/ph-server-submit.c": {
        "“%s” is not an address like name@example.org": COMMAND, "There is nobody named %s here": COMMAND, "The message is larger than %": COMMAND, " bytes": COMMAND},
    "src/server/ph-server-transfer.c": {"“%s” is no format that is known": COMMAND},
    "src/server/ph-settings-smarthosts.c": {"Domains": NAME, "Host": NAME},
    "src/store/ph-annotation.c": {"Too many annotations": CODE},
    "src/store/ph-append-job.c": {"The message has another UID now": CODE},
    "src/store/ph-backup-read.c": {"%s is not as it was written": COMMAND, "%s is no complete backup: it has no ": COMMAND, "%s is not empty": COMMAND},
}


def read_call(text, start):
    """The arguments of the call whose parenthesis is at `start`."""
    depth = 0
    for match in re.compile(STRING + "|[()]").finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return text[start + 1:match.start()]
    return ""


def list_unmarked(text):
    """What calls say with words that are not marked, with their lines."""
    for call in CALLS.finditer(text):
        if text[:call.start()].endswith("\n"):
            continue  # the function itself
        for literal in re.findall(STRING, MARKED.sub("", read_call(text, call.end() - 1))):
            if re.search(r"[a-z]{3}", re.sub(r"%[-\d.$]*[a-z]+", "", literal)):
                yield text.count("\n", 0, call.start()) + 1, literal[1:-1]


class Words(unittest.TestCase):
    def test_that_words_for_people_are_marked(self):
        unused = {(path, words) for path, texts in ENGLISH.items() for words in texts}
        for path in sorted((ROOT / "src").rglob("*.c")):
            name = str(path.relative_to(ROOT))
            for line, words in list_unmarked(path.read_text(encoding="utf-8")):
                unused.discard((name, words))
                with self.subTest(place=f"{name}:{line}"):
                    self.assertIn(words, ENGLISH.get(name, {}), "mark it with N_() or _(), or say in words.py who reads it")
        self.assertEqual(unused, set(), "is not said any more, or is marked now")

    def test_that_the_relay_says_nothing_that_the_window_does_not_know(self):
        """Replies in the place of a server's are English; src/mail/ph-own-reply.c knows them."""
        known = set(re.findall(r'N_ \("(.*?)"\),', (ROOT / "src/mail/ph-own-reply.c").read_text(encoding="utf-8")))
        said = set()
        for path in [*(ROOT / "src/relay").glob("*.c"), *(ROOT / "src/smtp").glob("ph-smtp-client*.c"), ROOT / "src/server/ph-intake-relay.c"]:
            text = path.read_text(encoding="utf-8")
            for call in REPLIES.finditer(text):
                said |= {literal[1:-1] for literal in re.findall(STRING, read_call(text, call.end() - 1)) if re.search(r"[a-z]{3}", literal)}
        said |= {words for texts in ENGLISH.values() for words, who in texts.items() if who == REPLY}
        self.assertGreater(len(said), 30)
        self.assertEqual(said - known, set(), "put it into src/mail/ph-own-reply.c")

    def test_that_what_is_not_marked_is_found(self):
        self.assertEqual(list(list_unmarked('void\nf (void)\n{\n  g_set_error (error, A, B, "It failed (%s)", _ ("why"));\n}\n')), [(4, "It failed (%s)")])
        self.assertEqual(list(list_unmarked('  ph_reason_set (&self, N_ ("“%s” is no name"), f ("x"));\n  ph_journal_session_note (self, "%s: %" G_GUINT64_FORMAT, a, b);\n')), [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
