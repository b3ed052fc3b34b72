"""Python names for wire names. Only one way: the wire name is always stored, never derived back."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Names:
    """The overlay's words and members, and the rule for the rest."""

    def __init__(self, words: Mapping[str, str], members: Mapping[str, str]) -> None:
        self._words = words
        self._members = members

    def attribute(self, wire: str) -> str:
        """`responderURL` -> `responder_url`."""
        for word, plain in self._words.items():
            wire = wire.replace(word, plain)
        name = re.sub(r"[^0-9A-Za-z]+", "_", _SEAM.sub("_", wire)).lower()
        name = re.sub(r"__+", "_", name)
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"no Python name for {wire!r}: add it to overlay.toml")
        return name

    def member(self, wire: str) -> str:
        """`Energy.Active.Import.Register` -> `ENERGY_ACTIVE_IMPORT_REGISTER`."""
        return self._members.get(wire) or self.attribute(wire).upper()
