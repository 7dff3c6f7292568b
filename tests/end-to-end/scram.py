"""A client of SCRAM-SHA-256 and -PLUS (RFC 5802, 7677) that does as it is told, also wrongly."""

import base64
import hashlib
import hmac
import os


class Scram:
    """`header` is the gs2-header that is sent; `binding` what it is said to bind to."""

    def __init__(self, name, password, header="n,,", binding=b""):
        self.password = password.encode()
        self.header = header
        self.cbind = base64.b64encode(header.encode() + binding).decode()
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.bare = f"n={name.replace('=', '=3D').replace(',', '=2C')},r={self.nonce}"

    def first(self):
        return (self.header + self.bare).encode()

    def final(self, challenge):
        server_first = challenge.decode()
        parts = dict(part.split("=", 1) for part in server_first.split(","))
        if not parts["r"].startswith(self.nonce):
            raise ValueError("not our nonce")
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(parts["s"]), int(parts["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = f"c={self.cbind},r={parts['r']}"
        message = f"{self.bare},{server_first},{without_proof}".encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature))).decode()
        self.expected = b"v=" + base64.b64encode(hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256"))
        return f"{without_proof},p={proof}".encode()

    def take(self, challenge):
        """For imaplib's and smtplib's authenticate(): the answer to each challenge."""
        if not challenge:
            return self.first()
        if challenge.startswith(b"r="):
            return self.final(challenge)
        if challenge != self.expected:
            raise ValueError("the server does not know the password")
        return b""
