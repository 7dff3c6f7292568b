#!/usr/bin/python3
"""Sessions in IDLE: memory for each, and how long an active session waits beside them.

    tests/bench/bench-imap-idle.py [--sessions N] [--posthoused PATH]
"""

import argparse
import json
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

USER, PASSWORD = "bench@demo.test", "secret"
NOOPS = 200


def read_to(connection, end):
    data = b""
    while end not in data:
        piece = connection.recv(65536)
        if not piece:
            raise SystemExit(f"the server hung up: {data!r}")
        data += piece
    return data


def connect(port, tls, n):
    """From addresses of their own: one address has a limit."""
    connection = socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.{1 + n // 200}.{1 + n % 200}", 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is not None:
        connection = tls.wrap_socket(connection)
    read_to(connection, b"\r\n")
    connection.sendall(f'a LOGIN {USER} "{PASSWORD}"\r\n'.encode())
    read_to(connection, b"a OK")
    connection.sendall(b"b SELECT INBOX\r\n")
    read_to(connection, b"b OK")
    return connection


def measure(port, tls, pid, n):
    def kilobytes():
        return next(int(line.split()[1]) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))

    connect(port, tls, 0)
    before = kilobytes()
    idle = []
    for i in range(n):
        idle.append(connect(port, tls, i))
        idle[-1].sendall(b"c IDLE\r\n")
        read_to(idle[-1], b"+ ")
    after = kilobytes()
    active = connect(port, tls, n)
    times = []
    for _ in range(NOOPS):
        start = time.perf_counter()
        active.sendall(b"d NOOP\r\n")
        read_to(active, b"d OK")
        times.append((time.perf_counter() - start) * 1000)
    message = b"Subject: x\r\n\r\nx\r\n"
    start = time.perf_counter()
    active.sendall(b"e APPEND INBOX {%d+}\r\n%s\r\n" % (len(message), message))
    for connection in idle:
        read_to(connection, b"EXISTS")
    heard = (time.perf_counter() - start) * 1000
    times.sort()
    print(f"{'TLS' if tls else 'plain'}: {n} in IDLE, {(after - before) / n:.1f} kB each; NOOP of an active one {times[NOOPS // 2]:.2f} ms, slowest {times[-1]:.1f} ms; all heard of a message after {heard:.0f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--posthoused", default=str(pathlib.Path(__file__).parents[2] / "build/src/daemon/posthoused"))
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * arguments.sessions), hard))
    directory = tempfile.mkdtemp(prefix="bench-idle-")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    try:
        for context in (None, tls):
            server = subprocess.Popen([arguments.posthoused, "--demo", "--data", f"{directory}/{'tls' if context else 'plain'}", "--free-ports", "--json", "--account", f"{USER}:{PASSWORD}"], stdout=subprocess.PIPE, text=True)
            ports = {service["service"]: service["port"] for service in json.loads(server.stdout.readline())["services"]}
            try:
                measure(ports["imaps" if context else "imap"], context, server.pid, arguments.sessions)
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
