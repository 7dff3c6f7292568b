"""getmail6, delivering to a Maildir of its own: it refuses to do that as root, then it runs as nobody."""

import os
import re
import shutil

TRIES = 4

# It asks to hear of its child's end only after it has forked: it misses that of a quick one, and waits in vain, or is not ready for it.
RACE = r"waiting child pid|_ForkingBase__"


class Getmail:
    def __init__(self, case, retriever, read_all):
        """`retriever`: the lines of its section, of the server and the account."""
        case.need("getmail")
        self.case, self.home = case, case.scratch / "getmail"
        self.as_nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups") if os.geteuid() == 0 else ()
        case.scratch.chmod(0o711)
        for part in ("new", "cur", "tmp"):
            (self.home / "mail" / part).mkdir(parents=True, exist_ok=True)
        settings = self.home / "getmailrc"
        settings.write_text(f"[retriever]\nserver = 127.0.0.1\ntimeout = 10\n{retriever}\n[destination]\ntype = Maildir\npath = {self.home}/mail/\n"
                            f"[options]\nread_all = {str(read_all).lower()}\ndelete = false\n")
        settings.chmod(0o600)
        self.own(self.home)

    def own(self, top):
        if self.as_nobody:
            for path in (top, *top.rglob("*")):
                os.chown(path, 65534, 65534)

    def messages(self):
        return [path.read_bytes() for path in (self.home / "mail" / "new").iterdir()]

    def run(self):
        """Where it lost its own race it goes back to where it was, and tries again."""
        before = self.home.with_name("getmail-before")
        shutil.copytree(self.home, before)
        for left in reversed(range(TRIES)):
            result = self.case.run_program(*self.as_nobody, "getmail", "--getmaildir", self.home, check=False, env={"HOME": str(self.home)})
            if re.search(RACE, result) is None or left == 0:
                break
            shutil.rmtree(self.home)
            shutil.copytree(before, self.home)
            self.own(self.home)
        shutil.rmtree(before)
        self.case.assertRegex(result, r"(?m)^  [0-9]+ messages? ")
        self.case.assertNotIn("error", result.lower())
