"""A text for the driver that goes out with the answer to a transaction's next event (updatedPersonalMessage)."""

from __future__ import annotations

import msgspec

FORMATS = ("UTF8", "ASCII", "HTML", "URI", "QRCODE")
"""2.1 MessageFormatEnumType; 2.0.1 has no QRCODE."""


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the station's display shall say. others: the same in further languages, at most four (2.1)."""

    content: str
    format: str = "UTF8"
    language: str | None = None
    others: tuple[tuple[str, str], ...] = ()
    """Language and content of each."""
    told_in: int | None = None
    """Number of the event whose answer carried it; gone once a later event shows that the answer arrived."""
