"""A signed zone on a real name server (nsd), for the time of a test, and the certificates that its TLSA records name."""

import contextlib
import pathlib
import shutil
import subprocess
import unittest

from posthouse import free_port, listens, program

NSD = "/usr/sbin/nsd"


def need_tools():
    for tool in (NSD, "ldns-keygen", "ldns-signzone", "openssl"):
        if shutil.which(tool) is None:
            raise unittest.SkipTest(f"{tool} is not installed")


def run(*command, directory, data=None):
    return subprocess.run([str(word) for word in command], cwd=directory, input=data, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Certificates:
    """An authority in `directory`, what it signs, and their digests."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self._make_key("ca")
        run("openssl", "req", "-x509", "-new", "-key", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Authority of a test",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign", directory=self.directory)
        self.authority = self.directory / "ca.pem"

    def _make_key(self, name):
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key", directory=self.directory)

    def make(self, name, hosts, days=30):
        """NAME.pem, with the authority's behind it, and NAME.key; their paths."""
        self._make_key(name)
        names = ",".join(f"DNS:{host}" for host in hosts)
        (self.directory / "extensions").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
        run("openssl", "req", "-new", "-key", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}", directory=self.directory)
        run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", days,
            "-extfile", "extensions", "-out", f"{name}.leaf", directory=self.directory)
        chain = self.directory / f"{name}.pem"
        chain.write_text((self.directory / f"{name}.leaf").read_text() + self.authority.read_text())
        return chain, self.directory / f"{name}.key"

    def digest(self, name, selector, method="sha256"):
        """Of NAME.leaf, or "ca": for a TLSA record."""
        source = self.authority if name == "ca" else self.directory / f"{name}.leaf"
        if selector == 0:
            data = run("openssl", "x509", "-in", source, "-outform", "DER", directory=self.directory)
        else:
            pem = run("openssl", "x509", "-in", source, "-pubkey", "-noout", directory=self.directory)
            data = run("openssl", "pkey", "-pubin", "-outform", "DER", directory=self.directory, data=pem)
        return run("openssl", "dgst", f"-{method}", "-r", directory=self.directory, data=data).split()[0].decode()


class Zone:
    """`with Zone(directory, "dane.test", records) as zone:` served on 127.0.0.1, zone.port, signed; zone.anchor is its key.
    `forge`: (old, new) pairs that are changed after it was signed.  `unsigned`: {name: records} of other zones, without signatures."""

    def __init__(self, directory, origin, records, forge=(), unsigned=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.port = free_port()
        self.files = {}
        self._write(origin, records)
        key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", origin, directory=self.directory).decode().strip()
        run("ldns-signzone", origin, key, directory=self.directory)
        text = (self.directory / f"{origin}.signed").read_text()
        for old, new in forge:
            assert old in text, f"{old} is not in the zone"
            text = text.replace(old, new)
        (self.directory / f"{origin}.signed").write_text(text)
        self.files[origin] = f"{origin}.signed"
        self.anchor = self.directory / f"{key}.key"
        for name, lines in (unsigned or {}).items():
            self._write(name, lines)
            self.files[name] = name
        self.stack = contextlib.ExitStack()

    def _write(self, origin, records):
        (self.directory / origin).write_text("\n".join([f"$ORIGIN {origin}.", "$TTL 60", f"@ IN SOA ns.{origin}. hostmaster.{origin}. 1 3600 600 86400 60",
                                                        f"@ IN NS ns.{origin}.", "ns IN A 127.0.0.1", *records, ""]))

    def __enter__(self):
        zones = "".join(f"zone:\n  name: {name}\n  zonefile: {self.directory}/{file}\n" for name, file in self.files.items())
        (self.directory / "nsd.conf").write_text(
            f"server:\n  ip-address: 127.0.0.1\n  port: {self.port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{self.directory}\"\n  database: \"\"\n"
            f"  pidfile: \"\"\n  xfrdfile: \"{self.directory}/xfrd\"\n  zonelistfile: \"{self.directory}/zones\"\n  logfile: \"{self.directory}/log\"\n"
            f"  server-count: 1\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: no\n{zones}")
        self.stack.enter_context(program(NSD, "-d", "-c", self.directory / "nsd.conf", ready=lambda: listens(self.port)))
        return self

    def __exit__(self, *_):
        self.stack.close()
