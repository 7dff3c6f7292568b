#!/usr/bin/python3
"""Messages a second from a full queue into Postfix's smtp-sink, beside Postfix in the same run.

    tests/bench/bench-relay.py POSTHOUSED [MESSAGES]

Both queues are filled first and let go then, to one destination and to twenty; the time is from letting go
until the queue is empty.  Posthouse's includes its start and reading its queue.  Needs root (for Postfix).
"""

import concurrent.futures
import os
import pathlib
import resource
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "end-to-end"))
import posthouse  # noqa: E402

BODY = "From: alice@demo.test\r\nSubject: bench\r\n\r\n" + ("x" * 70 + "\r\n") * 14


def empty(directory, pattern):
    return not any(directory.glob(pattern))


def wait_empty(condition):
    start = time.monotonic()
    posthouse.wait_for(condition, "an empty queue", seconds=600)
    return time.monotonic() - start


def fill(port, recipients, login):
    """Ten at a time, as smtp-source -s 10."""
    def send(part):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            if login:
                smtp.login(*login)
            for recipient in part:
                smtp.sendmail("alice@demo.test", [recipient], BODY)
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(send, [recipients[i::10] for i in range(10)]))


def config(dns_port, sink_port, guard):
    return f"[Relay]\nGuard={guard}\nDnsServer=127.0.0.1@{dns_port}\nRemotePort={sink_port}\nAllowLoopback=true\n"


def run_posthouse(recipients, dns_port, sink_port):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-bench-"))
    try:
        with posthouse.Posthouse(config=config(dns_port, sink_port, "local"), directory=directory) as server:
            fill(server.ports["submission"], recipients, posthouse.ALICE)
        server = posthouse.Posthouse(config=config(dns_port, sink_port, "anywhere"), directory=directory)
        start = time.monotonic()
        server.start()
        wait_empty(lambda: empty(directory / "relay", "*.env"))
        seconds = time.monotonic() - start
        fields = (pathlib.Path("/proc") / str(server.process.pid) / "stat").read_text().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        server.stop()
        return seconds, cpu
    finally:
        shutil.rmtree(directory, ignore_errors=True)


POSTFIX = """compatibility_level = 3.6
queue_directory = {0}/spool
data_directory = {0}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = bench.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_tls_security_level = none
smtpd_tls_security_level = none
transport_maps = static:smtp:[127.0.0.1]:{1}
defer_transports = {2}
maillog_file = {0}/log
maillog_file_prefixes = {0}
alias_maps =
alias_database =
"""


def start_postfix(directory, sink_port, port):
    for name, owner in (("etc", 0), ("spool", 0), ("data", shutil._get_uid("postfix"))):
        (directory / name).mkdir()
        os.chown(directory / name, owner, 0)
    (directory / "etc" / "main.cf").write_text(POSTFIX.format(directory, sink_port, "smtp"))
    master = []
    for line in pathlib.Path("/usr/share/postfix/master.cf.dist").read_text().splitlines():
        words = line.split()
        if words[:2] == ["smtp", "inet"]:
            words[0] = f"127.0.0.1:{port}"
        if len(words) >= 8 and not line.startswith((" ", "#")):
            words[4] = "n"
            line = " ".join(words)
        master.append(line)
    (directory / "etc" / "master.cf").write_text("\n".join(master) + "\n")
    directory.chmod(0o755)
    subprocess.run(["postfix", "-c", directory / "etc", "start"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_postfix(recipients, sink_port):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ph-bench-"))
    port = posthouse.free_port()
    start_postfix(directory, sink_port, port)
    try:
        posthouse.wait_for(lambda: posthouse.listens(port), "Postfix")
        fill(port, recipients, None)
        posthouse.wait_for(lambda: empty(directory / "spool", "incoming/*") and empty(directory / "spool", "active/*"), "a filled queue", seconds=120)
        (directory / "etc" / "main.cf").write_text(POSTFIX.format(directory, sink_port, ""))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        for command in (["postfix", "-c", directory / "etc", "reload"], ["postqueue", "-c", directory / "etc", "-f"]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        posthouse.wait_for(lambda: not any(path.is_file() for part in ("incoming", "active", "deferred") for path in (directory / "spool" / part).rglob("*")), "an empty queue", seconds=600)
        return time.monotonic() - start, before
    finally:
        subprocess.run(["postfix", "-c", directory / "etc", "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(directory, ignore_errors=True)


def main():
    posthouse.PROGRAM = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    dns_port, sink_port = posthouse.free_port(), posthouse.free_port()
    dns = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1",
           f"--port={dns_port}", "--user=root", "--pid-file=", "--local=/test/", "--local-ttl=3600", *[f"--host-record=d{number}.test,127.0.0.1" for number in range(20)]]
    with posthouse.program(*dns, ready=lambda: posthouse.listens(dns_port)), \
            posthouse.program("smtp-sink", "-u", "root", f"127.0.0.1:{sink_port}", "200", ready=lambda: posthouse.listens(sink_port)):
        print("| destinations | Posthouse: messages/s; CPU s for 1,000 | Postfix: messages/s | ratio |\n|---|---|---|---|")
        for destinations in (1, 20):
            recipients = [f"user@d{number % destinations}.test" for number in range(count)]
            seconds, cpu = run_posthouse(recipients, dns_port, sink_port)
            theirs = run_postfix(recipients, sink_port)[0] if shutil.which("postfix") else float("nan")
            print(f"| {destinations} | {count / seconds:.0f}; {cpu / count * 1000:.2f} | {count / theirs:.0f} | {theirs / seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
