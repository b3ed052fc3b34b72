"""Files on disk: written piece by piece, whole before they count, under names of ours."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from releve.services.ports.files import NoSpace, Received, TooLarge

T = TypeVar("T")
PIECE = 256 * 1024
"""Bytes that are gathered before a thread is asked to write them."""
_PARTIAL = ".part"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileBox:
    """Implements `services.ports.FileBox` in a directory. Places are 32 hexadecimal digits in 256 folders."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def receive(self, pieces: AsyncIterator[bytes], most: int) -> Received:
        """Write what comes; at most `most` bytes. Nothing stays when it is too much or the sender breaks off."""
        place = secrets.token_hex(16)
        path = self._path(place)
        partial = path.with_suffix(_PARTIAL)
        file = await _thread(lambda: _begin(partial))
        try:
            received = await _write(file, pieces, most, place)
            await _thread(lambda: _finish(file, partial, path))
        except BaseException as error:
            # Not awaited in a thread: a cancelled upload must not leave its pieces behind.
            file.close()
            partial.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in _NO_SPACE:
                raise NoSpace from error
            raise
        return received

    async def read(
        self, place: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, piece by piece. FileNotFoundError when it is gone."""
        file = await _thread(lambda: self._path(place).open("rb"))
        try:
            await _thread(lambda: file.seek(start))
            left = end - start if end is not None else None
            while left is None or left > 0:
                size = PIECE if left is None else min(PIECE, left)
                piece = await _thread(lambda size=size: file.read(size))  # type: ignore[misc]
                if not piece:
                    return
                if left is not None:
                    left -= len(piece)
                yield piece
        finally:
            file.close()

    async def remove(self, place: str) -> None:
        """Remove one; nothing happens when it is gone already."""
        await _thread(lambda: self._path(place).unlink(missing_ok=True))

    async def sweep(self, older_than_s: float) -> int:
        """Remove pieces of uploads that a crash left behind; number of them."""
        return await _thread(lambda: self._sweep(older_than_s))

    def _sweep(self, older_than_s: float) -> int:
        gone = 0
        for path in self._directory.glob(f"??/*{_PARTIAL}"):
            try:
                if time.time() - path.stat().st_mtime > older_than_s:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone

    def _path(self, place: str) -> Path:
        if len(place) != 32 or not set(place) <= set("0123456789abcdef"):
            raise ValueError(f"{place!r} is no place of ours")
        return self._directory / place[:2] / place


async def _write(file: BinaryIO, pieces: AsyncIterator[bytes], most: int, place: str) -> Received:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size, waiting = 0, bytearray()

    def flush(data: bytes) -> None:
        file.write(data)
        sha256.update(data)
        md5.update(data)

    async for piece in pieces:
        size += len(piece)
        if size > most:
            raise TooLarge(most)
        waiting += piece
        if len(waiting) >= PIECE:
            data = bytes(waiting)
            waiting.clear()
            await _thread(lambda data=data: flush(data))  # type: ignore[misc]
    await _thread(lambda: flush(bytes(waiting)))
    return Received(place=place, size=size, sha256=sha256.hexdigest(), md5=md5.hexdigest())


def _begin(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    return os.fdopen(handle, "wb")


def _finish(file: BinaryIO, partial: Path, path: Path) -> None:
    """On disk before it counts: content, then name."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
    partial.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, work)
