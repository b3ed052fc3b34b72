"""Files that stations hand in and fetch: logs, firmware. The content is on disk; this is what is known of it."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from releve.domain.ids import OperatorId, StationId

FileId = NewType("FileId", int)
PassId = NewType("PassId", int)

LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^A-Za-z0-9._ ()+@=-]+")
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)


class FileKind(StrEnum):
    FIRMWARE = "firmware"
    """Uploaded by a person, fetched by stations."""
    LOG = "log"
    """Handed in by a station: diagnostics, security log, data collector log."""


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is whole and on disk. place: its name in the files' directory, made by us."""

    id: FileId
    operator: OperatorId
    station: StationId | None = None
    kind: FileKind
    name: str
    """As it is shown and downloaded; made safe by `safe_name`."""
    size: int
    """Bytes."""
    sha256: str
    md5: str
    """Hexadecimal, as PublishFirmware wants it (L03.FR.02)."""
    place: str
    operation: int | None = None
    """The operation that it came with."""
    by: str = ""
    created_at: datetime


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """Leave for one station to hand in one file, or to fetch one. `digest`: SHA-256 of its secret, hex."""

    id: PassId
    operator: OperatorId
    station: StationId | None = None
    digest: str
    kind: FileKind
    file: int | None = None
    """What it fetches; None: it hands in."""
    operation: int | None = None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    """When a file was handed in with it: it serves no second time."""

    @property
    def uploads(self) -> bool:
        return self.file is None


def safe_name(name: str, fallback: str) -> str:
    """The last part of `name` with what every file system and header can carry; `fallback` when nothing is left.

    It is for showing only: on disk a file has a name of ours.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = _UNSAFE.sub("_", last).strip(" .")
    if len(clean) > LONGEST_NAME:
        stem, dot, ending = clean.rpartition(".")
        ending = (dot + ending)[:16] if stem else ""
        clean = clean[: LONGEST_NAME - len(ending)] + ending
    if not clean or clean.split(".", 1)[0].casefold() in _DEVICES:
        return fallback
    return clean
