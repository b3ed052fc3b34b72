"""What a failed flush leaves behind in SQLite's write-ahead log, made durable before anybody builds on it.

When a flush fails, the system marks the pages as clean although they are not on the disk, and no later flush writes
them. If the process then ends, the next one finds in the log a commit that reads well, takes it for good, and appends
its own. Those are flushed; but when the power fails the log ends where the missing pages begin, and everything that was
acknowledged after them is gone. Writing the same bytes once more makes the pages dirty again, so that a flush counts.
"""

from __future__ import annotations

import os
from pathlib import Path

CHUNK = 1 << 20


def make_firm(path: Path) -> None:
    """Write the log of the database at `path` over itself and flush it. OSError: nothing may be built on it.

    The caller holds SQLite's write lock, so that the log does not change meanwhile.
    """
    log = Path(os.path.realpath(path) + "-wal")
    try:
        file = os.open(log, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        place = 0
        while data := os.pread(file, CHUNK, place):
            place += os.pwrite(file, data, place)
        if place:
            os.fsync(file)
    finally:
        os.close(file)
