"""Digests by which a replay is told from something new."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

_pack = msgspec.msgpack.Encoder().encode


def digest(*content: Any) -> str:
    """A stable digest of a message's content; what may differ between a message and its replay is left out of it."""
    return blake2b(_pack(content), digest_size=16).hexdigest()


def digest_63(content: Any) -> int:
    """The same as a positive 63-bit number, for keys of rows that are written often."""
    return int.from_bytes(blake2b(_pack(content), digest_size=8).digest(), "big") >> 1
