"""The write-ahead log is written over itself and flushed before anybody builds on it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from releve import storage
from releve.services.ports import StoreFailed
from releve.storage import firm
from tests.support.stores import ONE, opened, station


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """A database whose log holds a commit; the connection that keeps it there stays open."""
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (x)")
    yield path
    connection.close()


def test_every_byte_is_written_again_and_then_flushed(
    logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firm, "CHUNK", 1000)
    log = logged.with_name("a.db-wal")
    before = log.read_bytes()
    done: list[tuple[int, int] | str] = []
    pwrite, fsync = os.pwrite, os.fsync

    def writing(file: int, data: bytes, place: int) -> int:
        done.append((place, len(data)))
        return pwrite(file, data, place)

    def flushing(file: int) -> None:
        done.append("flush")
        fsync(file)

    monkeypatch.setattr(os, "pwrite", writing)
    monkeypatch.setattr(os, "fsync", flushing)
    firm.make_firm(logged)
    assert log.read_bytes() == before
    *writes, last = done
    assert last == "flush"
    place = 0
    for at, length in writes:
        assert at == place
        place += length
    assert place == len(before)


def test_a_link_leads_to_the_log_of_the_file_itself(
    logged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(logged)
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    firm.make_firm(link)
    assert len(flushed) == 1


def test_without_a_log_there_is_nothing_to_do(tmp_path: Path) -> None:
    firm.make_firm(tmp_path / "absent.db")


async def test_nothing_is_written_where_the_log_cannot_be_made_firm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/releve.db"
    await storage.migrate(url)

    def failing(_: Path) -> None:
        raise OSError(5, "Input/output error")

    async with opened(url) as store:
        monkeypatch.setattr(firm, "make_firm", failing)
        with pytest.raises(StoreFailed, match="Input/output error"):
            async with store.work(ONE) as work:
                work.stations.add(station("lost"))
        assert "Input/output error" in (await store.healthy() or "")
        monkeypatch.undo()
        async with store.work(ONE) as work:
            work.stations.add(station("kept"))
        assert await store.healthy() is None
