"""screenshots.py DIRECTORY [STYLE|LANGUAGE…]: runs the window with mail that looks real, and takes a picture of every view and dialog;
for the style "published" the three of data/screenshots.  The window moves nothing in them: build-aux/with-display asks for reduced motion.

Below build-aux/with-display; build-aux/screenshots does that.
"""

import email.message
import email.utils
import imaplib
import pathlib
import poplib
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import time

from translated import LANGUAGES, LocalWindow, TranslatedWindow
from window import BUTTON, LABEL, TAB, LargeWindow, Window

PASSWORD = "a password for pictures"
PEOPLE = {
    "anna.lindqvist@harbour.example": "Anna Lindqvist",
    "bruno@harbour.example": "Bruno Carvalho",
    "chen.wei@harbour.example": "Chen Wei",
    "printer@harbour.example": "Printer on the second floor",
}
MAIL = [
    ("orders@timber-and-sail.example", "Timber & Sail", "Your order 20417 has left the yard",
     "Hello,\n\n12 m of spruce, planed, and two tins of varnish left our yard this morning.\nThe lorry is with you on Thursday between 8 and 10.\n"),
    ("maria.soto@northpier.example", "María Soto", "Berth plan for Thursday",
     "Morning Bruno,\n\nthe ferry keeps berth 2 until noon, so the dredger has to wait outside.\nCould your crew take its lines at 12:30?\n\nMaría\n"),
    ("lists@openwater.example", "Openwater", "[openwater] Tide tables for the spring, corrected",
     "Dear all,\n\nthe tables that we sent in February were an hour off after the clocks change.\nThe corrected ones are attached; please burn the old ones.\n\n"
     "High water at the north pier:\n\n  Mon 23  05:41  18:02\n  Tue 24  06:20  18:44\n  Wed 25  07:04  19:31\n"),
    ("no-reply@ticketing.example", "Vargö Ferries", "Receipt: two tickets, ferry to Vargö",
     "Thank you. Two adults, Saturday 09:15, deck B.\nShow this message when you board.\n"),
    ("maria.soto@northpier.example", "María Soto", "Re: Berth plan for Thursday",
     "12:45 is fine, too. I have told the harbour master.\n\nMaría\n"),
    ("harald@lighthouse.example", "Harald Brekke", "Photos from the open day",
     "Hi Anna,\n\n214 people climbed the stairs, and nobody fell down them.\nThe best pictures are in the shared folder.\n\nHarald\n"),
]
TABLES = "Mon 23;05:41;18:02\nTue 24;06:20;18:44\nWed 25;07:04;19:31\n"
DARK = {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"}
STYLES = {"light": {}, "dark": DARK, "contrast": {"ADW_DEBUG_HIGH_CONTRAST": "1"}}
RIGHT_TO_LEFT = ("ar", "ar_EG")  # GTK's own Arabic turns the window; Posthouse speaks English in it, for those who look at the pictures
PORTS = {"smtp": 2525, "submission": 2587, "submissions": 2465, "imap": 2143, "imaps": 2993, "pop3": 2110, "pop3s": 2995}


class MirroredWindow(LocalWindow):
    is_mirrored = True


def message(sender, to, subject, text="See you on Thursday.\n", name=""):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = email.utils.formataddr((name, sender)), to, subject
    mail["Date"], mail["Message-ID"] = email.utils.formatdate(), email.utils.make_msgid(domain=sender.split("@")[1])
    mail.set_content(text)
    if "attached" in text:
        mail.add_attachment(TABLES.encode(), "text", "csv", filename="tide-tables.csv")
    return mail


def receive(window):
    """Mail from elsewhere, over two connections."""
    to = list(PEOPLE)
    for part in (MAIL[:3], MAIL[3:]):
        with smtplib.SMTP("127.0.0.1", window.ports["smtp"], local_hostname=f"mx.{part[0][0].split('@')[1]}") as smtp:
            for i, (sender, name, subject, text) in enumerate(part):
                smtp.send_message(message(sender, to[i % 2], subject, text, name), sender, [to[i % 2]])


def read(window):
    with imaplib.IMAP4("127.0.0.1", window.ports["imap"]) as imap:
        imap.login("bruno@harbour.example", PASSWORD)
        imap.select("INBOX")
        imap.search(None, "UNSEEN")
        imap.fetch("1:*", "(UID FLAGS ENVELOPE)")
        imap.store("1", "+FLAGS", r"(\Seen)")
    pop3 = poplib.POP3("127.0.0.1", window.ports["pop3"])
    pop3.user("printer@harbour.example")
    pop3.pass_(PASSWORD)
    pop3.stat()
    pop3.quit()


def fail(window):
    """A client that guesses, one that goes in mid-sentence, and one that asks for what is not here."""
    with smtplib.SMTP("127.0.0.1", window.ports["submission"], local_hostname="old-scanner") as smtp:
        try:
            smtp.login("printer@harbour.example", "1234")
        except smtplib.SMTPException:
            pass
    with smtplib.SMTP("127.0.0.1", window.ports["smtp"], local_hostname="mail.spam.example") as smtp:
        smtp.ehlo()
        smtp.mail("win@prize.example")
        smtp.rcpt("nobody@harbour.example")
        smtp.rcpt("someone@elsewhere.example")
    with socket.create_connection(("127.0.0.1", window.ports["smtp"])) as line:
        line.recv(100)
        line.sendall(b"EHLO flaky.example\r\nMAIL FROM:<a@flaky.example>\r\nRCPT TO:<bruno@harbour.example>\r\nDATA\r\nSubject: cut")
        time.sleep(0.3)


def submit(window):
    with smtplib.SMTP("127.0.0.1", window.ports["submission"], local_hostname="annas-laptop") as smtp:
        smtp.starttls(context=ssl._create_unverified_context())
        smtp.login("anna.lindqvist@harbour.example", PASSWORD)
        for to, subject in (("maria.soto@northpier.example", "Re: Berth plan for Thursday"),
                            ("crew@northpier.example", "Who takes the early watch?"),
                            ("accounts@timber-and-sail.example", "Invoice 20417")):
            smtp.send_message(message("anna.lindqvist@harbour.example", to, subject))


class Photographer:
    narrow = None  # width and height of dialogs, where they are to be as on a telephone

    def __init__(self, window, directory, suffix):
        self.window, self.directory, self.suffix = window, directory, suffix

    def take(self, name, title="Posthouse", settle=0.7, popover=False):
        """With `popover` as it is on the screen, where what pops up is a window of its own."""
        number = self.window.focus(title)
        if self.narrow and title != "Posthouse":
            self.resize(*self.narrow, title)
        time.sleep(settle)
        self.window.point_away()
        time.sleep(0.2)
        target = str(self.directory / f"{name}{self.suffix}.png")
        if popover:
            place = dict(re.findall(r"^(\w+)=(-?\d+)$", subprocess.run(["xdotool", "getwindowgeometry", "--shell", number], capture_output=True, text=True).stdout, re.M))
            subprocess.run(["import", "-window", "root", "-strip", "-crop", "{WIDTH}x{HEIGHT}+{X}+{Y}".format(**place), "+repage", target], check=True)
        else:
            subprocess.run(["import", "-window", number, "-strip", target], check=True)

    def take_below(self, name, pages, title="Posthouse"):
        """What comes into sight as the wheel is turned: name-2, name-3…"""
        for page in range(2, pages + 1):
            self.turn(5, title)
            self.take(f"{name}-{page}", title)
        self.turn(-5 * pages, title)

    def turn(self, clicks, title="Posthouse"):
        """The wheel, in the middle; downwards, or upwards where it is less than 0."""
        number = self.window.focus(title)
        size = dict(re.findall(r"^(\w+)=(-?\d+)$", subprocess.run(["xdotool", "getwindowgeometry", "--shell", number], capture_output=True, text=True).stdout, re.M))
        middle = [str(int(size["WIDTH"]) // 2), str(int(size["HEIGHT"]) // 2)]
        subprocess.run(["xdotool", "mousemove", "--window", number, *middle, "click", "--repeat", str(abs(clicks)), "--delay", "20", "5" if clicks > 0 else "4"], check=True)

    def resize(self, width, height, title="Posthouse"):
        number = self.window.focus(title)
        subprocess.run(["xdotool", "windowsize", "--sync", number, str(width), str(height)], check=True)
        time.sleep(0.5)

    def unfold(self, back):
        """To the list, where it and what it leads to take turns."""
        button = self.window.look(BUTTON, back)
        if button is not None and button.place()[2] > 0:
            button.press()
            time.sleep(0.5)

    def dialog(self, name, title, key="Escape", pages=1):
        self.window.dialog(title)
        self.take(name, title)
        self.take_below(name, pages, title)
        self.window.key(key, title=title)
        self.window.gone(title)


def views(photographer):
    window = photographer.window
    for view in ("Overview", "Accounts", "Queue"):
        window.show(view)
        photographer.take(view.lower())
        if view == "Overview":
            photographer.take_below("overview", 4)
    window.show("Sessions")
    window.press(BUTTON, "All Sessions")
    photographer.take("sessions-all")
    photographer.unfold("Back to the sessions")
    window.click(window.find_row("Sessions", "anna.lindqvist"), title="Posthouse")
    photographer.take("sessions")
    lines = window.wait(lambda: [row for row in window.row_nodes("Transcript") if row.place()[2] > 0], "lines in sight")
    window.click(lines[len(lines) // 2], title="Posthouse")
    photographer.take("sessions-line")
    window.press(BUTTON, "Hex")
    window.press(BUTTON, "Time since the line before")
    photographer.take("sessions-hex")
    window.press(BUTTON, "Hex")
    window.press(BUTTON, "Time since the line before")
    photographer.unfold("Back to the sessions")
    window.click(window.find_row("Sessions", "flaky"), title="Posthouse")
    photographer.take("sessions-failed")
    photographer.unfold("Back to the sessions")
    refusals(photographer)
    window.show("Mail")
    photographer.unfold("Back to the messages")
    window.click(window.find_row("Messages", "Tide tables"), title="Posthouse")
    window.find("label", lambda name: name.startswith(window.say("From") + " Openwater"))
    photographer.take("mail")
    for page in ("Envelope", "Parts", "Source"):
        window.press(TAB, page)
        photographer.take(f"mail-{page.lower()}")
    window.press(TAB, "Message")


def refusals(photographer):
    """How TLS begins, and why a recipient was refused."""
    window = photographer.window
    window.click(window.find_row("Sessions", "annas-laptop"), title="Posthouse")
    window.click(window.find("list", "Transcript"), title="Posthouse")
    window.key("Home", title="Posthouse")
    photographer.take("sessions-tls")
    photographer.unfold("Back to the sessions")
    window.click(window.find_row("Sessions", "mail.spam.example"), title="Posthouse")
    window.click(window.find_row("Transcript", "550 5.1.1"), title="Posthouse")
    photographer.take("sessions-why")
    photographer.unfold("Back to the sessions")


def preferences(photographer):
    window = photographer.window
    window.key("ctrl+comma", title="Posthouse")
    for page in ("Services", "Mail", "Relay", "Certificate", "General"):
        dialog = window.dialog("Preferences")
        window.press("page tab", page, dialog)
        photographer.take(f"preferences-{page.lower()}", "Preferences")
        photographer.take_below(f"preferences-{page.lower()}", 2 if page == "Mail" else 3, "Preferences")
        unfolded = {"Services": "IMAP", "Mail": "harbour.example", "Certificate": "Thunderbird"}.get(page)
        if unfolded:
            window.click(window.find("list item", unfolded, dialog), title="Preferences")
            photographer.take(f"preferences-{page.lower()}-row", "Preferences")
            photographer.take_below(f"preferences-{page.lower()}-row", 2, "Preferences")
        if page == "Services":
            row = window.find("list item", unfolded, dialog).parent
            while row.role != "list item":
                row = row.parent
            window.press(BUTTON, "Test", row)
            window.find(LABEL, lambda name: "IMAP4rev2" in name, row)
            photographer.take_below("preferences-services-test", 2, "Preferences")
            window.click(window.find("list item", "From one account", dialog), title="Preferences")
            photographer.take("preferences-services-limits", "Preferences")
        if page == "Mail":
            window.click(window.find("list item", "Folders of a new account", dialog), title="Preferences")
            photographer.take_below("preferences-mail-folders", 3, "Preferences")
        if page == "Certificate":
            window.press(BUTTON, lambda name: window.say("Choose a certificate of your own") in name, dialog)
            photographer.dialog("certificate", "Your Own Certificate")
    window.key("Escape", title="Preferences")
    window.gone("Preferences")


def dialogs(photographer):
    window = photographer.window
    window.key("ctrl+n", title="Posthouse")
    dialog = window.dialog("Add Account")
    window.type("Address", "dora@harbour.example", dialog)
    window.type("Name", "Dora Nilsen", dialog)
    window.type("Password", "tern over grey water", dialog)
    photographer.take("add-account", "Add Account")
    window.type("Address", "bruno@harbour.example", dialog)
    photographer.dialog("add-account-problem", "Add Account")
    for what, title, name, pages in (("Connect a Mail App…", "Connect a Mail App", "connect", 4), ("Change Password…", "Change Password", "change-password", 1),
                                     ("Delete…", "Delete This Account?", "delete-account", 1)):
        window.press(BUTTON, "Actions for bruno@harbour.example")
        window.press("menu item", what)
        photographer.dialog(name, title, pages=pages)
    window.click(window.find_row("Accounts", "bruno@"), title="Posthouse")
    window.find("label", "App Passwords")
    photographer.take("account")
    photographer.take_below("account", 6)
    photographer.turn(10)
    window.press(BUTTON, lambda name: name.startswith(window.say("Choose a day: %s").split("%s")[0]))
    photographer.take("account-calendar", popover=True)
    # Not by Escape, which leaves the page where the popover has not the keyboard.
    window.press(BUTTON, lambda name: name.startswith(window.say("Choose a day: %s").split("%s")[0]))
    window.press(BUTTON, "New App Password…")
    photographer.dialog("app-password", "New App Password")
    window.press(BUTTON, "Back to all accounts")
    window.press(BUTTON, lambda name: name.startswith(window.say("How far mail may go: %s").split("%s")[0]))
    photographer.take("guard", popover=True)
    window.key("Escape", title="Posthouse")
    window.show("Sessions")
    photographer.unfold("Back to the sessions")
    window.press(BUTTON, "SMTP")  # or the row is below the end of large text
    window.click(window.find_row("Sessions", "mx.ticketing"), title="Posthouse")
    window.press(BUTTON, "What became of its messages")
    photographer.dialog("life", "Life of a Message")
    window.press(BUTTON, "SMTP")
    window.show("Mail")
    window.press(BUTTON, "New Message")
    photographer.dialog("mail-compose", "New Test Message")
    window.show("Queue")
    window.click(window.find_row("Waiting messages", "crew@"), title="Posthouse")
    photographer.take("queue-chosen")
    window.key("Return", title="Posthouse")
    photographer.dialog("queue-message", "Queued Message")
    preferences(photographer)
    window.press(BUTTON, "Main menu")
    window.press("menu item", "About Posthouse")
    photographer.dialog("about", "About")


def fill(window):
    receive(window)
    read(window)
    submit(window)
    fail(window)
    window.wait(lambda: True, "mail")
    time.sleep(1)


def publish(directory, start):
    """At most 1000 × 700, as Flathub asks."""
    with start({}) as window:
        fill(window)
        photographer = Photographer(window, directory, "")
        photographer.resize(1000, 700)
        photographer.take("overview")
        window.show("Sessions")
        window.click(window.find_row("Sessions", "anna.lindqvist"), title="Posthouse")
        photographer.take("sessions")
    with start(DARK) as window:
        fill(window)
        photographer = Photographer(window, directory, "")
        photographer.resize(1000, 700)
        window.show("Sessions")
        window.press(BUTTON, "All Sessions")
        photographer.take("dark")


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    accounts = {address: PASSWORD for address in PEOPLE}
    ini = "[General]\nHostName=mail.harbour.example\n"
    first = sys.argv[2:] or ["first-run", "light", "dark", "contrast", "large", "rtl", "de"]
    if "first-run" in first:
        with Window(ini=ini, options=()) as window:
            photographer = Photographer(window, directory, "-empty")
            photographer.take("first-run")
            for view in ("Overview", "Sessions", "Mail", "Queue"):
                window.show(view)
                photographer.take(view.lower())
    if "published" in first:
        publish(directory, lambda environment: Window(accounts, ini, environment=environment, names=PEOPLE, ports=PORTS))
    pictures = {style: lambda environment=environment: Window(accounts, ini, environment=environment, names=PEOPLE, ports=PORTS)
                for style, environment in STYLES.items()}
    pictures["large"] = lambda: LargeWindow(accounts, ini, names=PEOPLE, ports=PORTS)
    pictures["rtl"] = lambda: MirroredWindow(*RIGHT_TO_LEFT, accounts, ini, names=PEOPLE, ports=PORTS)
    pictures |= {language: lambda language=language: TranslatedWindow(language, accounts, ini, names=PEOPLE, ports=PORTS) for language in LANGUAGES}
    for style, start in pictures.items():
        if style in first:
            with start() as window:
                fill(window)
                photographer = Photographer(window, directory, f"-{style}")
                photographer.resize(1180, 1000 if style == "large" else 760)  # or the sessions that are looked for are below the end
                views(photographer)
                if style != "contrast":
                    dialogs(photographer)
                if style not in ("contrast", "dark"):
                    sizes(photographer, f"-{style}" if style != "light" else "")


def sizes(photographer, suffix):
    photographer.suffix = f"{suffix}-wide"
    photographer.resize(1590, 900)
    views(photographer)
    photographer.suffix = f"{suffix}-360"
    photographer.resize(360, 720)
    narrow(photographer)
    photographer.narrow = (360, 640)
    dialogs(photographer)


def narrow(photographer):
    window = photographer.window
    for view in ("Overview", "Accounts", "Queue", "Sessions"):
        window.show(view)
        photographer.take(view.lower())
    window.press(BUTTON, "All Sessions")
    photographer.take("sessions-all")
    photographer.unfold("Back to the sessions")
    refusals(photographer)
    window.show("Mail")
    photographer.take("mail-folders")
    window.click(window.find_row("Accounts and folders", "Inbox"), title="Posthouse")
    photographer.take("mail-messages")
    window.click(window.find_row("Messages", "Tide tables"), title="Posthouse")
    photographer.take("mail")


if __name__ == "__main__":
    main()
