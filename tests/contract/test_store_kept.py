"""A transaction's save writes only what moved, and everything when it cannot be sure of the rest."""

from __future__ import annotations

import sqlite3

import msgspec
import pytest

from releve.domain.token import IdToken
from releve.services.ports import Conflict, StoreFailed
from releve.storage import sqlite
from tests.support.stores import ONE, opened, station, transaction


async def saved_twice(store):
    """A transaction that the store knows to be on disk as it is."""
    one = station()
    tx = transaction(one.id, token="ADA")
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(tx)
    for _ in range(2):
        async with store.work(ONE) as work:
            work.transactions.save(tx)
    assert tx.id in store.backend.kept._known, "the next save would be a short one"
    return tx


async def is_saved_whole(store, tx):
    """Save it once more; everything must be as it says."""
    async with store.work(ONE) as work:
        work.transactions.save(tx)
    async with store.work(ONE) as work:
        assert await work.transactions.get(tx.id) == tx
        assert await work.transactions.active_with(IdToken("ADA")) == [tx]


async def test_a_save_is_whole_after_another_process_wrote(sqlite_url, tmp_path):
    """On one SQLite sqlite_url, whoever it was."""
    async with opened(sqlite_url) as store:
        tx = await saved_twice(store)
        other = sqlite3.connect(tmp_path / "releve.db")
        with other:
            other.execute("UPDATE transactions SET token = 'BOB', token_key = 'bob'")
        other.close()
        await is_saved_whole(store, tx)


@pytest.mark.postgres
async def test_a_save_is_whole_after_another_node_had_the_station(server_url):
    """Whoever takes a station over reads its transactions first."""
    async with opened(server_url) as store, opened(server_url) as other:
        tx = await saved_twice(store)
        async with other.work(ONE) as work:
            work.transactions.save(msgspec.structs.replace(tx, token="BOB"))
        async with store.work(ONE) as work:
            assert [one.token for one in await work.transactions.live(tx.station)] == ["BOB"]
        await is_saved_whole(store, tx)


async def test_a_save_is_whole_after_a_failed_commit(sqlite_url, monkeypatch):
    """What the failed one left on disk is not known."""
    async with opened(sqlite_url) as store:
        tx = await saved_twice(store)

        def broken(self, connection, step):
            result = whole(self, connection, step)
            if step is sqlite.Step.COMMIT:
                raise sqlite3.OperationalError("the answer was lost")
            return result

        whole = sqlite.SqliteBackend._step
        monkeypatch.setattr(sqlite.SqliteBackend, "_step", broken)
        with pytest.raises(StoreFailed):
            async with store.work(ONE) as work:
                work.transactions.save(msgspec.structs.replace(tx, token="BOB"))
        monkeypatch.undo()
        await is_saved_whole(store, tx)


async def test_a_save_is_whole_after_a_refused_unit(sqlite_url):
    async with opened(sqlite_url) as store:
        tx = await saved_twice(store)

        async def refused():
            async with store.work(ONE) as work:
                work.transactions.save(msgspec.structs.replace(tx, token="BOB"))
                work.stations.add(station("CP-1"))

        with pytest.raises(Conflict):
            await refused()
        await is_saved_whole(store, tx)
