"""What a disk would hold after a power loss, from the journal of what a process did to its files.

A page (4 KiB) that was written and not flushed since is kept, lost, or torn at a sector (512 bytes), each by chance. A
flush that failed leaves its pages in the cache, clean: they are never written unless something touches them again
(which is what Linux does, and what made PostgreSQL stop trusting fsync). A file's creation, renaming or removal is
certain only once its directory was flushed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

PAGE = 4096
SECTOR = 512
_RECORD = struct.Struct("=IIqq")
MOODS = (0.0, 0.5, 0.9)
"""How likely an unflushed page is to have reached the disk; each loss has one."""
TORN = 0.2


@dataclass(eq=False, slots=True)
class File:
    """One inode: as the process sees it, and as the disk has it."""

    cache: bytearray = field(default_factory=bytearray)
    disk: bytearray = field(default_factory=bytearray)
    dirty: set[int] = field(default_factory=set)

    def write(self, offset: int, data: bytes) -> None:
        """Bytes into the cache; their pages are dirty."""
        end = offset + len(data)
        if len(self.cache) < end:
            self.cache.extend(bytes(end - len(self.cache)))
        self.cache[offset:end] = data
        self.dirty.update(range(offset // PAGE, (end + PAGE - 1) // PAGE))

    def resize(self, size: int) -> None:
        """Cut, or lengthen with zeros."""
        if size < len(self.cache):
            del self.cache[size:]
        else:
            self.cache.extend(bytes(size - len(self.cache)))
        self.dirty.add(size // PAGE)

    def flush(self) -> None:
        """What was dirty is on disk."""
        size = len(self.cache)
        del self.disk[size:]
        self.disk.extend(bytes(size - len(self.disk)))
        for page in self.dirty:
            span = slice(page * PAGE, min((page + 1) * PAGE, size))
            self.disk[span] = self.cache[span]
        self.dirty.clear()

    def lose(self, random: Random, mood: float) -> bool:
        """Power is lost: what is on the disk is all there is. Returns whether any page was lost."""
        found = bytearray(self.disk)
        lost = False
        if len(self.cache) < len(found) and random.random() < mood:
            del found[len(self.cache) :]
        for page in sorted(self.dirty):
            span = (page * PAGE, min((page + 1) * PAGE, len(self.cache)))
            for start, end in _kept(random, mood, *span):
                if len(found) < end:
                    found.extend(bytes(end - len(found)))
                found[start:end] = self.cache[start:end]
            lost |= bytes(found[slice(*span)]) != bytes(self.cache[slice(*span)])
        self.cache, self.disk = found, bytearray(found)
        self.dirty.clear()
        return lost


def _kept(random: Random, mood: float, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of an unflushed page that reached the disk."""
    if start >= end:
        return []
    if random.random() < TORN:
        sectors = range(start, end, SECTOR)
        return [(at, min(at + SECTOR, end)) for at in sectors if random.random() < 0.5]
    return [(start, end)] if random.random() < mood else []


class Disk:
    """A directory's files, replayed from a shim's journal."""

    def __init__(self, directory: Path, journal: Path) -> None:
        self._directory = directory
        self._journal = journal
        self._read = 0
        self.names: dict[str, File] = {}
        self._durable: dict[str, File] = {}
        self.lost_pages = 0
        """Power losses at which at least one page was lost."""

    def follow(self) -> None:
        """Take in what the journal says since the last time."""
        with self._journal.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        place = 0
        while place < len(data):
            code, name_length, offset, length = _RECORD.unpack_from(data, place)
            place += _RECORD.size
            name = data[place : place + name_length].decode()
            place += name_length
            operation = chr(code)
            more = data[place : place + length] if operation in "WR" else b""
            place += len(more)
            self._do(operation, name, offset, more)
        self._read += place

    def _do(self, operation: str, name: str, offset: int, data: bytes) -> None:
        match operation:
            case "C":
                self.names[name] = File()
            case "W":
                self._file(name).write(offset, data)
            case "T":
                self._file(name).resize(offset)
            case "S" if name:
                self._file(name).flush()
            case "S":
                self._durable = dict(self.names)
            case "E" if name:
                self._file(name).dirty.clear()
            case "U":
                self.names.pop(name, None)
            case "R":
                self.names[data.decode()] = self.names.pop(name)

    def _file(self, name: str) -> File:
        """A file; a kill may have come between its creation and the record of it."""
        return self.names.setdefault(name, File())

    def adopt(self) -> None:
        """Take in what a killed process wrote without a record: its last operation. No process may run."""
        self.follow()
        for path in self._directory.iterdir():
            if path.name.endswith("-shm"):
                continue
            data, file = path.read_bytes(), self._file(path.name)
            for start in range(0, len(data), PAGE):
                page = data[start : start + PAGE]
                if file.cache[start : start + PAGE] != page:
                    file.write(start, page)
            if len(file.cache) > len(data):
                file.resize(len(data))

    def lose_power(self, random: Random, mood: float | None = None) -> None:
        """Put into the directory what would be found there after a power loss now. No process may run.

        mood: how likely an unflushed page is to have reached the disk; by chance unless told.
        """
        self.follow()
        if mood is None:
            mood = random.choice(MOODS)
        found: dict[str, File] = {}
        for name in sorted(self.names.keys() | self._durable.keys()):
            views = [self.names.get(name), self._durable.get(name)]
            file = views[0] if views[0] is views[1] else random.choice(views)
            if file is not None:
                found[name] = file
        losses = [file.lose(random, mood) for file in dict.fromkeys(found.values())]
        self.lost_pages += any(losses)
        for path in self._directory.iterdir():
            path.unlink()
        for name, file in found.items():
            (self._directory / name).write_bytes(file.cache)
        self.names, self._durable = found, dict(found)
