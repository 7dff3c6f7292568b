"""Mail servers that we did not write, each with its own configuration, on free ports of loopback."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from posthouse import SECONDS, free_port, listens, wait_for

MASTER = """
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {directory}/mail.log
maillog_file_prefixes = {directory}
myhostname = peer.test
myorigin = peer.test
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
smtputf8_enable = yes
alias_maps =
alias_database =
local_recipient_maps =
smtp_tls_security_level = {tls}
smtp_tls_loglevel = 1
minimal_backoff_time = 5s
queue_run_delay = 5s
"""


class Peer:
    """A mail server for the time of a `with`: run() starts it, on `port`, with all that it has in `directory`; what it says
    goes to `output` there. Ended by its process id. lacks() says why it can't run here; None if it can."""

    def __init__(self, prefix):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
        self.port = free_port()
        self.output = open(self.directory / "output", "w+b")

    def __enter__(self):
        self.process = self.run()
        try:
            wait_for(lambda: self.process.poll() is not None or listens(self.port), type(self).__name__, seconds=120)  # Postfix checks a lot on a busy machine
            if self.process.poll() is not None:
                raise RuntimeError(self.read_log())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def read_log(self):
        return "".join(path.read_text(errors="replace") for path in self.directory.iterdir() if path.name == "output" or path.suffix == ".log")


class Postfix(Peer):
    """A Postfix of its own, by default one that sends all it gets to `target`; ended by its process id.
    `main` and `master` are further lines of its files."""

    def __init__(self, target=None, tls="none", main="", master=""):
        super().__init__("ph-postfix-")
        self.directory.chmod(0o755)
        (self.directory / "main.cf").write_text(MAIN.format(directory=self.directory, tls=tls) + (f"relayhost = [127.0.0.1]:{target}\n" if target else "") + main)
        (self.directory / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{self.port}") + master)
        (self.directory / "queue").mkdir()
        (self.directory / "data").mkdir()
        shutil.chown(self.directory / "data", "postfix")
        self.environment = {**os.environ, "MAIL_CONFIG": str(self.directory)}

    @staticmethod
    def lacks():
        if os.geteuid() != 0:
            return "only root starts Postfix"
        try:
            pwd.getpwnam("postfix")
        except KeyError:
            return "Postfix has no user here"
        return None if shutil.which("postfix") else "Postfix is not installed"

    def run(self):
        return subprocess.Popen(["postfix", "-c", self.directory, "start-fg"], stdout=self.output, stderr=subprocess.STDOUT, env=self.environment)

    def __exit__(self, *_):
        """What start-fg runs is a shell: its end is not that of the master, which leads a session of its own."""
        try:
            os.kill(int((self.directory / "queue" / "pid" / "master.pid").read_text()), signal.SIGTERM)
            self.process.wait(SECONDS)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            pass
        super().__exit__()

    def is_empty(self):
        """Nothing waits in its queue."""
        return "Mail queue is empty" in subprocess.run(["postqueue", "-c", self.directory, "-p"], capture_output=True, text=True, env=self.environment).stdout


class ReceivingPostfix(Postfix):
    """One that keeps what comes for peer.test in `maildir`; with STARTTLS where `certificate` is the folder of cert.pem and key.pem."""

    def __init__(self, maildir, certificate=None, main="", master=""):
        tls = f"smtpd_tls_cert_file = {certificate}/cert.pem\nsmtpd_tls_key_file = {certificate}/key.pem\nsmtpd_tls_security_level = may\nsmtpd_tls_loglevel = 1\n" if certificate else ""
        super().__init__(main=f"{tls}virtual_mailbox_domains = peer.test\nvirtual_mailbox_base = {maildir.parent}\nvirtual_mailbox_maps = static:{maildir.name}/\n"
                              f"virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\nvirtual_minimum_uid = 100\nvirtual_mailbox_limit = 0\n{main}",
                         master=f"virtual unix - n n - - virtual\n{master}")
