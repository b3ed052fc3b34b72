"""The disk that the power loss tests believe in: it keeps what was flushed and promises nothing about the rest."""

from __future__ import annotations

import struct
from pathlib import Path
from random import Random

import pytest

from tests.torture.disk.model import PAGE, Disk

LOSE, KEEP = 0.0, 1.0


class Made:
    """A directory, its journal, and the model that follows it."""

    def __init__(self, root: Path) -> None:
        self.directory = root / "data"
        self.directory.mkdir()
        self.journal = root / "journal"
        self.journal.touch()
        self.disk = Disk(self.directory, self.journal)

    def note(self, operation: str, name: str, data: bytes = b"", offset: int = 0) -> None:
        record = struct.pack("=IIqq", ord(operation), len(name), offset, len(data))
        with self.journal.open("ab") as file:
            file.write(record + name.encode() + data)

    def after_loss(self, mood: float, seed: int = 1) -> dict[str, bytes]:
        self.disk.lose_power(Random(seed), mood)
        return {path.name: path.read_bytes() for path in self.directory.iterdir()}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    made.note("C", "db")
    made.note("W", "db", b"old" * PAGE)
    made.note("S", "db")
    made.note("S", "")
    return made


def test_what_was_flushed_stays(made: Made) -> None:
    assert made.after_loss(LOSE) == {"db": b"old" * PAGE}


def test_what_was_not_flushed_may_go_page_by_page_and_torn(made: Made) -> None:
    made.note("W", "db", b"new" * PAGE)
    seen = {Made.after_loss(_again(made, seed), 0.5, seed)["db"] for seed in range(40)}
    assert len(seen) > 2
    assert all(len(data) == 3 * PAGE for data in seen)


def _again(made: Made, seed: int) -> Made:
    """The same history once more, in a directory of its own."""
    root = made.directory.parent / str(seed)
    root.mkdir()
    copy = Made(root)
    copy.journal.write_bytes(made.journal.read_bytes())
    return copy


def test_a_failed_flush_leaves_pages_that_no_later_flush_writes(made: Made) -> None:
    made.note("W", "db", b"new" * PAGE)
    made.note("E", "db")
    made.note("W", "db", b"more", offset=3 * PAGE)
    made.note("S", "db")
    assert made.after_loss(LOSE)["db"] == b"old" * PAGE + b"more"


def test_a_page_that_is_touched_again_is_written_whole(made: Made) -> None:
    made.note("W", "db", b"new" * PAGE)
    made.note("E", "db")
    made.note("W", "db", b"!", offset=0)
    made.note("S", "db")
    found = made.after_loss(LOSE)["db"]
    assert found[:PAGE] == b"!" + (b"new" * PAGE)[1:PAGE]
    assert found[PAGE:] == (b"old" * PAGE)[PAGE:]


def test_a_new_file_is_certain_only_with_its_directory(made: Made) -> None:
    made.note("C", "log")
    made.note("S", "log")
    assert {"log" in _again(made, seed).after_loss(LOSE, seed) for seed in range(20)} == {
        True,
        False,
    }
    made.note("S", "")
    assert all("log" in _again(made, seed).after_loss(LOSE, seed) for seed in range(20, 40))


def test_a_removed_file_may_come_back(made: Made) -> None:
    made.note("U", "db")
    found = [_again(made, seed).after_loss(LOSE, seed) for seed in range(20)]
    assert {} in found
    assert {"db": b"old" * PAGE} in found


def test_what_a_killed_process_did_last_is_taken_in(made: Made) -> None:
    made.disk.follow()
    (made.directory / "db").write_bytes(b"old" * PAGE + b"unrecorded")
    (made.directory / "db-shm").write_bytes(b"memory")
    made.disk.adopt()
    assert bytes(made.disk.names["db"].cache).endswith(b"unrecorded")
    assert "db-shm" not in made.disk.names
    assert made.after_loss(LOSE, seed=3)["db"][: 3 * PAGE] == b"old" * PAGE
