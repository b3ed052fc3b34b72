"""The table of quirks: read from the TOML files beside this module, and from the operator's own folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import msgspec

from releve.domain.quirks import Family, conditions
from releve.settings import SettingsError


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    family: list[Family]


def load_families(own: Path | None = None) -> list[Family]:
    """All families, those of `own` (a folder of TOML files) last: later ones win. Raises SettingsError."""
    shipped = sorted(files("releve.app").joinpath("quirks").iterdir(), key=lambda f: f.name)
    texts = [(f.name, f.read_text("utf-8")) for f in shipped if f.name.endswith(".toml")]
    if own is not None:
        try:
            texts += [(str(path), path.read_text("utf-8")) for path in sorted(own.glob("*.toml"))]
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"The quirks in {own} cannot be read: {error}") from error
    return list(_families(texts))


def _families(texts: Iterable[tuple[str, str]]) -> Iterable[Family]:
    for name, text in texts:
        try:
            found = msgspec.convert(tomllib.loads(text), _File).family
            for family in found:
                _check(family)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
            raise SettingsError(f"The quirks in {name} cannot be used: {error}") from error
        yield from found


def _check(family: Family) -> None:
    """Patterns and versions that say nothing are found now, not when such a station connects."""
    for pattern in (family.vendor, family.model):
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{family.id}: {pattern!r} is no pattern: {error}") from error
    if family.firmware and not family.firmware.startswith("~"):
        conditions(family.firmware)
