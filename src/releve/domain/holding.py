"""What is kept as typed JSON without a table of its own.

A holding is something that a station has, as it last confirmed: a charging profile, a display message, a certificate, a
monitor. A document belongs to the operator: a tariff, a trust anchor. Both are found by kind and key, never searched by
what is in them; what grows without bound gets a table.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`kind` names the sort, `key` the one among the station's or operator's of that sort."""

    kind: ClassVar[str] = ""

    @property
    def key(self) -> str:
        """The one of its kind that it is; saving another under the same key replaces it."""
        raise TypeError(f"{type(self).__name__} does not say by which key it is kept")


class Holding(Kept, frozen=True, kw_only=True, omit_defaults=True):
    """Something that a station has."""


class Document(Kept, frozen=True, kw_only=True, omit_defaults=True):
    """Something that the operator has."""
