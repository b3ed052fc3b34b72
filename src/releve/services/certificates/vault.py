"""Private keys at rest: sealed with a key that is derived from the node's secret, which is not in the database."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unsealable(Exception):
    """A sealed text cannot be opened: another secret, or somebody changed it."""


class Vault:
    """Authenticated encryption. A text opens only under the label it was sealed under: rows cannot be swapped."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, plain: bytes, label: str) -> str:
        """Printable text that only this node's secret opens."""
        return self._cipher(label).encrypt(plain).decode()

    def open(self, sealed: str, label: str) -> bytes:
        """What was sealed under this label; Unsealable otherwise."""
        try:
            return self._cipher(label).decrypt(sealed)
        except InvalidToken as error:
            raise Unsealable(
                "A private key cannot be opened: the secret file is another one than when it was made."
            ) from error

    def _cipher(self, label: str) -> Fernet:
        about = b"releve private key: " + label.encode()
        key = HKDF(SHA256(), 32, salt=None, info=about).derive(self._secret)
        return Fernet(base64.urlsafe_b64encode(key))
