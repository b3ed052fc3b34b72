"""Where files lie, what is known of them, and who may hand them in or fetch them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

import msgspec

from releve.domain.file import FileId, Pass, PassId, StoredFile
from releve.domain.ids import StationId


class TooLarge(Exception):
    """More was sent than is taken. `most`: the limit, bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most} bytes")
        self.most = most


class NoSpace(Exception):
    """The disk takes no more."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: its place, its size in bytes, its checksums in hexadecimal."""

    place: str
    size: int
    sha256: str
    md5: str


class FileBox(Protocol):
    """Content of files on disk."""

    async def receive(self, pieces: AsyncIterator[bytes], most: int) -> Received:
        """Write what comes, and have it on disk. Raises TooLarge beyond `most` bytes, NoSpace; then nothing stays."""

    def read(self, place: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`. FileNotFoundError at the first piece when it is gone."""

    async def remove(self, place: str) -> None:
        """Remove one; nothing happens when it is gone already."""

    async def sweep(self, older_than_s: float) -> int:
        """Remove pieces of uploads that a crash left behind; how many."""


class Files(Protocol):
    """Rows of files and passes."""

    async def get(self, file: FileId) -> StoredFile | None: ...
    async def of_operation(self, operation: int) -> list[StoredFile]: ...  # newest first
    async def older(self, kind: str, before: datetime) -> list[StoredFile]: ...  # at most 200
    async def total(self) -> int: ...  # bytes of all files of the operator
    def add(self, file: StoredFile) -> None: ...
    def remove(self, file: FileId) -> None: ...
    async def find_pass(self, number: PassId) -> Pass | None: ...  # any operator: it names its own
    def add_pass(self, leave: Pass) -> None: ...
    def use_pass(self, leave: Pass, at: datetime) -> None: ...
    def end_passes(self, station: StationId, operation: int) -> None: ...
