"""Time-based one-time passwords in the address of a dynamic QR code (2.1 C25, "TOTP algorithm, version 1")."""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256

VERSION = "v1"
BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
AS_PRINTED = BASE62.replace("o", "")
"""The specification calls its alphabet base62 and prints 61 characters, without the small o. Stations exist, or will,
that took it letter by letter; so a password of either alphabet is good."""
_NEIGHBOURS = (0, -1, 1)


def totp(secret: str, interval: int, length: int, alphabet: str = BASE62) -> str:
    """The password of an interval: HMAC-SHA256 over its number, big endian, read from an offset that the hash gives."""
    digest = hmac.new(secret.encode(), interval.to_bytes(8, "big"), sha256).digest()
    offset = digest[-1] & 0x0F
    return "".join(
        alphabet[digest[(offset + place) % len(digest)] % len(alphabet)] for place in range(length)
    )


def interval_at(at: datetime, validity_s: int) -> int:
    """The number of the interval that a time is in."""
    return int(at.timestamp()) // validity_s


def valid(presented: str, secret: str, at: datetime, validity_s: int, length: int) -> bool:
    """Whether a password is that of the interval of `at`, or of the one before or after it (C25.FR.07).

    All candidates are compared, each in constant time.
    """
    now = interval_at(at, validity_s)
    given = presented.encode()
    matched = False
    for step in _NEIGHBOURS:
        for alphabet in (BASE62, AS_PRINTED):
            matched |= hmac.compare_digest(
                totp(secret, now + step, length, alphabet).encode(), given
            )
    return matched
