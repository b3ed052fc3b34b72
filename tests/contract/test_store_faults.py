"""Disks that are full, servers that go away: nothing is acknowledged that is not kept, and the store comes back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys

import asyncpg
import pytest

from releve import storage
from releve.domain.token import IdToken
from releve.services.ports import StoreFailed
from releve.storage import sqlite
from tests.support.stores import NOW, ONE, Heard, changed, opened, sample, station, token


async def add(store, *stations, announce=()):
    """One unit that adds stations."""
    async with store.work(ONE) as work:
        for one in stations:
            work.stations.add(one)
        for event in announce:
            work.announce(event)


@pytest.fixture
def full_disk(monkeypatch):
    """Call to let the disk be full for every new connection: no page more than there are."""
    whole = sqlite.connect

    def small(path):
        connection = whole(path)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    return lambda: monkeypatch.setattr(sqlite, "connect", small)


async def test_a_full_disk_fails_the_batch_and_is_told(sqlite_url, full_disk, monkeypatch):
    heard = Heard()
    full_disk()
    async with opened(sqlite_url, bus=heard) as store:
        large = [station(f"s{n}", name="x" * 10_000) for n in range(30)]
        found = await asyncio.gather(
            *(add(store, one, announce=[changed(one)]) for one in large), return_exceptions=True
        )
        assert any(isinstance(fate, StoreFailed) for fate in found)
        assert "full" in str(found[-1])
        kept = [one.id for one, fate in zip(large, found, strict=True) if fate is None]
        assert [each.event.station for each in heard.announced] == kept
        async with store.work(ONE) as work:
            for one, fate in zip(large, found, strict=True):
                assert (await work.stations.get(one.id) is None) == (fate is not None)
        monkeypatch.undo()
        await add(store, station("after"))
        assert await store.healthy() is None
        assert store.stats.failed_batches >= 1


async def test_a_full_disk_shows_in_healthy(sqlite_url, full_disk):
    full_disk()
    async with opened(sqlite_url) as store:
        with contextlib.suppress(StoreFailed):
            for n in range(100):
                await add(store, station(f"s{n}", name="x" * 10_000))
        reason = await store.healthy()
        assert reason is None or "full" in reason  # a mark may still fit into the last page
        with pytest.raises(StoreFailed):
            await add(store, station("more", name="x" * 100_000))


async def test_a_failed_commit_is_not_tried_again(sqlite_url, monkeypatch):
    """Its outcome is not known: repeating it could write twice, and believing it could lose."""
    async with opened(sqlite_url) as store:
        await add(store, station("before"))
        tried = []

        def broken(self, connection, step):
            if step is sqlite.Step.COMMIT:
                tried.append(step)
                raise sqlite3.OperationalError("disk I/O error")
            return whole(self, connection, step)

        whole = sqlite.SqliteBackend._step
        monkeypatch.setattr(sqlite.SqliteBackend, "_step", broken)
        with pytest.raises(StoreFailed, match="disk I/O error"):
            await add(store, station("lost"))
        assert len(tried) == 1
        assert "disk I/O error" in await store.healthy()
        monkeypatch.undo()
        await add(store, station("lost"))  # not there, so the identity is free
        assert await store.healthy() is None


async def test_a_mistake_of_ours_does_not_end_the_committer(sqlite_url, monkeypatch):
    async with opened(sqlite_url) as store:
        monkeypatch.setattr(sqlite, "apply", lambda *_: 1 / 0)
        with pytest.raises(StoreFailed):
            await add(store, station("one"))
        monkeypatch.undo()
        await add(store, station("one"))


async def test_a_listener_that_fails_does_not_end_the_committer(sqlite_url):
    class Broken:
        def publish(self, announced):
            raise RuntimeError("no")

        def listened(self, operator):
            return True

    async with opened(sqlite_url, bus=Broken()) as store:
        one = station()
        await add(store, one, announce=[changed(one)])
        await add(store, station("two"))


async def test_a_database_that_was_never_migrated_is_refused(tmp_path):
    (tmp_path / "empty.db").touch()
    for name in ("empty.db", "absent.db"):
        with pytest.raises(storage.StoreUnavailable):
            async with opened(f"sqlite:///{tmp_path}/{name}"):
                pass


async def test_what_was_acknowledged_survives_kill_9(sqlite_url):
    """A process writes and says what came to disk; it is killed in the middle."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.store_writer",
        sqlite_url,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    told = [int(await child.stdout.readline()) for _ in range(300)]
    child.send_signal(signal.SIGKILL)
    told += [int(line) for line in (await child.stdout.read()).splitlines()[:-1]]
    await child.wait()
    async with opened(sqlite_url) as store, store.work(ONE) as work:
        missing = [n for n in told if await work.tokens.find(IdToken(f"T{n}")) is None]
    assert missing == []
    assert len(told) >= 300


async def terminate(url):
    """Kill every other connection to the database, as a restart of the server would."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


@pytest.mark.postgres
async def test_a_killed_connection_fails_the_batch_and_the_next_one_goes_on(server_url):
    async with opened(server_url) as store:
        await add(store, station("before"))
        blocker = await asyncpg.connect(server_url)
        await blocker.execute("BEGIN; LOCK TABLE stations IN ACCESS EXCLUSIVE MODE")
        first = asyncio.create_task(add(store, station("first")))
        await until_blocked(blocker)
        second = asyncio.create_task(add(store, station("second")))
        await blocker.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        with pytest.raises(StoreFailed):
            await first
        await blocker.close()
        await second
        assert await store.healthy() is None
        assert await store.locate(None, "first") is None
        assert await store.locate(None, "second") is not None


async def until_blocked(connection):
    """Wait until somebody waits for this connection's locks."""
    async with asyncio.timeout(10):
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        ):
            pass  # each question is a round trip, the only way to see another session wait


@pytest.mark.postgres
async def test_readers_survive_a_restart_of_the_server(server_url):
    async with opened(server_url) as store:
        assert await store.locate(None, "x") is None
        await terminate(server_url)
        assert await store.locate(None, "x") is None


@pytest.mark.postgres
async def test_a_server_that_is_not_there_is_told(unused_tcp_port):
    with pytest.raises(storage.StoreUnavailable):
        async with opened(f"postgresql://x@127.0.0.1:{unused_tcp_port}/y"):
            pass
    with pytest.raises(storage.StoreUnavailable):
        await storage.migrate(f"postgresql://x@127.0.0.1:{unused_tcp_port}/y")


@pytest.mark.postgres
async def test_a_deadlock_with_another_process_is_tried_again(server_url):
    async with opened(server_url) as store:
        one, card = station("one"), token("A")
        async with store.work(ONE) as work:
            work.stations.add(one)
            work.tokens.add(card)
        other = await asyncpg.connect(server_url)
        await other.execute("BEGIN; UPDATE tokens SET label = 'theirs'")

        async def both():
            async with store.work(ONE) as work:
                work.stations.heard([(one.id, NOW)])
                work.tokens.save(card)

        ours = asyncio.create_task(both())
        await until_blocked(other)
        # Now each waits for the other. The server ends one of the two; ours must come through all the same.
        with contextlib.suppress(asyncpg.DeadlockDetectedError):
            await other.execute("UPDATE stations SET peer = 'theirs'")
        await other.execute("ROLLBACK")
        await ours
        assert (await store.catalogue.station(ONE, "one")).last_heard_at == NOW
        await other.close()


@pytest.mark.postgres
async def test_two_processes_give_places_that_a_reader_never_misses(server_url):
    """A place that becomes visible after a greater one would be skipped by whoever reads on from the greater."""
    async with opened(server_url) as first, opened(server_url) as second:
        one = station()
        await add(first, one)
        read: list[int] = []
        total = 400

        async def announce(store):
            await add(store, announce=[changed(one)])

        async def follow():
            while len(read) < total:
                read.extend(
                    each.id
                    for each in await first.catalogue.announced(ONE, after=read[-1] if read else 0)
                )

        async with asyncio.timeout(60):
            await asyncio.gather(
                follow(),
                *(announce(store) for _ in range(total // 2) for store in (first, second)),
            )
    assert read == sorted(set(read))
    assert len(read) == total


@pytest.mark.postgres
async def test_samples_of_two_processes_meet_without_conflict(server_url):
    async with opened(server_url) as first, opened(server_url) as second:
        one = station()
        await add(first, one)

        async def write(store):
            for n in range(20):
                async with store.work(ONE) as work:
                    work.samples.add(one.id, 1, None, sample(energy_wh=float(n)), NOW, n)

        await asyncio.gather(write(first), write(second))
        assert (
            len(await first.catalogue.station_series(ONE, str(one.id), since=NOW, until=NOW)) == 20
        )
