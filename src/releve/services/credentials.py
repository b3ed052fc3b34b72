"""Basic passwords of stations: made by us, kept as salted and peppered HMAC-SHA256, checked in every form seen.

Not Argon2: a generated password of 20 random characters needs no slow hash, and 100,000 stations that return after an
outage would need hours of it. People's passwords are another matter (`services.access`).
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

from releve.services.errors import Invalid
from releve.services.ports import Ids

LENGTH = 20
"""1.6 AuthorizationKey: 16 to 20 bytes. 2.x BasicAuthPassword: 16 to 40 characters. 20 serves both."""
_SCHEME = "hmac-sha256"
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){16,20}\Z")


class Credentials:
    """pepper: a secret of this install, kept outside the database."""

    def __init__(self, pepper: bytes, ids: Ids) -> None:
        self._pepper = pepper
        self._ids = ids

    @property
    def secret(self) -> bytes:
        """The same secret, for keys of other purposes to be derived from."""
        return self._pepper

    def generate(self) -> str:
        """A new password, letters and digits only: survives every keypad, URL and configuration file."""
        return self._ids.secret(LENGTH)

    def verifier(self, password: str) -> str:
        """What is stored for a password; Invalid when it is too short or too long for the standard."""
        raw = password.encode()
        if not 16 <= len(raw) <= 40:
            raise Invalid("A station's password has 16 to 40 characters.", field="password")
        salt = self._ids.secret(16)
        return f"{_SCHEME}${salt}${self._digest(salt, raw)}"

    def verify(self, verifier: str, presented: bytes) -> bool:
        """Compare in constant time: the password as sent, and the other 1.6 form (raw bytes for hexadecimal, or back).

        A 1.6 AuthorizationKey is set as hexadecimal and presented as the bytes it stands for; some stations present
        the hexadecimal text itself.
        """
        scheme, _, rest = verifier.partition("$")
        salt, _, digest = rest.partition("$")
        if scheme != _SCHEME:
            return False
        forms = [presented, presented.hex().encode(), presented.hex().upper().encode()]
        if _HEX.match(presented):
            forms.append(bytes.fromhex(presented.decode()))
        matched = False
        for form in forms:
            matched |= hmac.compare_digest(self._digest(salt, form), digest)
        return matched

    def _digest(self, salt: str, password: bytes) -> str:
        return hmac.new(self._pepper + salt.encode(), password, sha256).hexdigest()
