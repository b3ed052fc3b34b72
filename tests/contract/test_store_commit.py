"""The group commit: many units in one transaction, each with a fate of its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from releve.domain.token import IdToken
from releve.services.ports import Conflict, StoreFailed
from tests.support.stores import (
    NOW,
    ONE,
    Heard,
    changed,
    exchange,
    is_postgres,
    opened,
    sample,
    sampled,
    station,
    token,
    transaction,
)


async def write(store, *things, announce=()):
    """One unit that adds stations and tokens."""
    async with store.work(ONE) as work:
        for thing in things:
            (work.stations if hasattr(thing, "identity") else work.tokens).add(thing)
        for event in announce:
            work.announce(event)


async def fates(*works):
    """What became of units at the same time: None or the exception."""
    return await asyncio.gather(*works, return_exceptions=True)


async def test_units_at_the_same_time_share_a_transaction(store, store_url):
    one = station()
    await write(store, one)
    begun = store.stats.batches

    async def add(n):
        async with store.work(ONE) as work:
            work.samples.add(one.id, 1, None, sample(NOW + timedelta(seconds=n)), NOW, n)

    await asyncio.gather(*(add(n) for n in range(200)))
    assert store.stats.batches - begun <= 3, "one that was under way, and one with the rest"
    assert store.stats.units == 201
    if is_postgres(store_url):
        connection = await asyncpg.connect(store_url)
        transactions = await connection.fetchval("SELECT count(DISTINCT xmin::text) FROM samples")
        await connection.close()
        assert transactions <= 3
    since = NOW - timedelta(hours=1)
    found = await store.catalogue.station_series(
        ONE, str(one.id), since=since, until=NOW + timedelta(hours=1)
    )
    assert len(found) == 200


async def test_a_conflict_fails_alone(store, heard):
    await write(store, station("taken"))
    names = [f"s{n}" for n in range(30)]
    names[11] = names[23] = "taken"
    stations = [station(name) for name in names]
    found = await fates(*(write(store, one, announce=[changed(one)]) for one in stations))
    assert [type(fate) for n, fate in enumerate(found) if n in (11, 23)] == [Conflict, Conflict]
    assert [fate for n, fate in enumerate(found) if n not in (11, 23)] == [None] * 28
    announced = [one.event.station for one in heard.announced]
    assert announced == [one.id for one in stations if one.identity != "taken"]
    async with store.work(ONE) as work:
        for n, one in enumerate(stations):
            assert (await work.stations.get(one.id) is None) == (n in (11, 23))


async def test_what_no_column_can_hold_fails_alone(store):
    """A unit that can never be written must not stop everybody else's for ever."""
    too_large = station("large", heartbeat_s=1 << 70)
    stations = [station(f"s{n}") for n in range(8)]
    found = await fates(*(write(store, one) for one in [*stations[:4], too_large, *stations[4:]]))
    assert isinstance(found[4], StoreFailed)
    assert found[:4] + found[5:] == [None] * 8
    assert await store.healthy() is None


async def test_one_unit_is_all_or_nothing(store):
    await write(store, station("taken"))
    with pytest.raises(Conflict):
        await write(store, token("new"), station("free"), station("taken"))
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("new")) is None
        assert await work.stations.find("free") is None


async def test_two_units_race_for_one_key(store):
    found = await fates(*(write(store, station("same")) for _ in range(10)))
    assert sum(fate is None for fate in found) == 1
    assert sum(isinstance(fate, Conflict) for fate in found) == 9


async def test_a_key_freed_and_taken_in_one_batch(store):
    old = token("A")
    await write(store, token("Z"), old)

    async def remove():
        async with store.work(ONE) as work:
            work.tokens.remove(old.id)

    assert await fates(write(store, token("B")), remove(), write(store, token("a"))) == [None] * 3


async def test_the_last_save_in_a_batch_counts(store):
    one = station()
    tx = transaction(one.id)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(tx)

    async def save(energy_wh):
        async with store.work(ONE) as work:
            work.transactions.save(msgspec.structs.replace(tx, energy_wh=energy_wh))

    await asyncio.gather(*(save(float(n)) for n in range(50)))
    async with store.work(ONE) as work:
        assert (await work.transactions.get(tx.id)).energy_wh == 49.0


async def test_events_are_announced_in_the_order_of_their_commits(store, heard):
    one = station()
    await write(store, one)

    async def announce(n):
        async with store.work(ONE) as work:
            work.announce(changed(one, f"{n}"))
            work.announce(sampled(one))

    for _ in range(3):
        await asyncio.gather(*(announce(n) for n in range(40)))
    durable = [place for place in heard.ids if place is not None]
    assert durable == list(range(durable[0], durable[0] + 120))
    assert heard.ids[1::2] == [None] * 120, "each sample behind the event of its own unit"
    kept = await store.catalogue.announced(ONE, after=0)
    assert kept == [each for each in heard.announced if each.id is not None]
    assert await store.catalogue.last_announced(ONE) == durable[-1]


async def test_events_that_are_not_durable_need_no_commit(store, heard):
    one = station()
    async with store.work(ONE) as work:
        work.announce(sampled(one))
    assert heard.ids == [None]
    assert store.stats.batches == 0


async def test_places_go_on_after_a_restart(store_url, clock):
    one = station()
    first, second = Heard(), Heard()
    async with opened(store_url, bus=first) as store:
        await write(store, one, announce=[changed(one), changed(one)])
    async with opened(store_url, bus=second) as store:
        await write(store, announce=[changed(one)])
        await store.prune(log_days=0, outbox_days=-1)
        await write(store, announce=[changed(one)])
    start = first.ids[0]
    assert (first.ids, second.ids) == ([start, start + 1], [start + 2, start + 3])


async def test_a_waiter_that_is_cancelled_takes_nobody_along(store):
    one, two = station("one"), station("two")
    tasks = [asyncio.create_task(write(store, each)) for each in (one, two)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert [type(fate) for fate in await fates(*tasks)] == [asyncio.CancelledError, type(None)]
    async with store.work(ONE) as work:
        assert await work.stations.find("two") == two


async def test_a_full_queue_refuses_at_once(store_url):
    async with opened(store_url, max_units=5) as store:
        found = await fates(*(write(store, station(f"s{n}")) for n in range(9)))
        assert [type(fate) for fate in found] == [type(None)] * 5 + [StoreFailed] * 4
        await write(store, station("again"))
    async with opened(store_url, max_bytes=1_000) as store:
        found = await fates(*(write(store, token(f"t{n}")) for n in range(9)))
        assert 0 < sum(isinstance(fate, StoreFailed) for fate in found) < 9
        assert store.stats.pending == store.stats.pending_bytes == 0


async def test_a_closed_store_refuses(store_url):
    async with opened(store_url) as store:
        late = asyncio.create_task(write(store, station("late")))
        await asyncio.sleep(0)
        await store.close()
        await late  # it was taken before the end, so it is kept
        with pytest.raises(StoreFailed):
            await write(store, station("later"))
        with pytest.raises(StoreFailed):
            await store.catalogue.summary(ONE)
    async with opened(store_url) as store:
        assert await store.locate(None, "late") is not None


async def test_handlers_run_without_a_task(store):
    """As the gateway drives them: who is awaited must be a future, and nothing may ask for the current task."""
    one = station()
    finished = asyncio.get_running_loop().create_future()

    async def handler():
        assert _task() is None
        async with store.work(ONE) as work:
            assert await work.stations.find("CP-1") is None
            assert await work.tokens.find(IdToken("A")) is None
            work.stations.add(one)
        async with store.work(ONE) as work:
            return await work.stations.get(one.id), await work.transactions.live(one.id)

    def step(coroutine, _=None):
        try:
            future = coroutine.send(None)
        except StopIteration as done:
            finished.set_result(done.value)
        except BaseException as error:
            finished.set_exception(error)
        else:
            assert future._asyncio_future_blocking
            future._asyncio_future_blocking = False
            future.add_done_callback(lambda _: step(coroutine))

    asyncio.get_running_loop().call_soon(step, handler())
    assert await finished == (one, [])


def _task():
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


async def test_log_lines_ride_along_or_come_by_themselves(store, monkeypatch):
    one = station()
    await write(store, one)
    begun = store.stats.batches
    for n in range(20):
        store.log(exchange(one.id, message_id=str(n), at=NOW + timedelta(seconds=n)))
    await write(store, token())
    assert store.stats.batches - begun <= 2
    landed = asyncio.Event()
    apply = store.backend.apply

    async def noticed(*batch):
        await apply(*batch)
        landed.set()

    monkeypatch.setattr(store.backend, "apply", noticed)
    store.log(exchange(one.id, message_id="lone", at=NOW + timedelta(minutes=1)))
    await asyncio.wait_for(landed.wait(), 5)
    page = await store.catalogue.messages(ONE, str(one.id))
    assert [line.message_id for line in page.items[:2]] == ["lone", "19"]
    assert len(page.items) == 21


async def test_a_log_line_that_cannot_be_kept_costs_nobody_else(store):
    one = station()
    await write(store, one)
    store.log(exchange(one.id, message_id="bad", operator=1 << 70))
    store.log(exchange(one.id, message_id="good", request='{"a":"\x00"}'))
    await write(store, token())
    assert (store.stats.logged, store.stats.log_dropped) == (1, 1)
    (line,) = (await store.catalogue.messages(ONE, str(one.id))).items
    assert line.message_id == "good"


async def test_close_writes_the_log(store_url):
    one = station()
    async with opened(store_url) as store:
        await write(store, one)
        store.log(exchange(one.id))
    async with opened(store_url) as store:
        assert len((await store.catalogue.messages(ONE, str(one.id))).items) == 1


async def test_health_is_proven_by_writing(store):
    assert store.stats.batches == 0
    assert await store.healthy() is None
    assert store.stats.batches == 1
    assert await store.healthy() is None
    assert store.stats.batches == 1, "a fresh commit is proof enough"


async def test_old_lines_and_events_are_pruned(store, clock, heard):
    one = station()
    await write(store, one, announce=[changed(one)])
    for n in range(1200):
        store.log(exchange(one.id, message_id=f"{n}"))
    await write(store, token(), announce=[changed(one)])
    clock.turn(8 * 86_400)
    store.log(exchange(one.id, message_id="new", at=clock.now()))
    await write(store, token("B"))
    gone = await store.prune(log_days=7, outbox_days=7)
    assert (gone.log, gone.outbox) == (1200, 1), "the newest event stays"
    assert [e.id for e in await store.catalogue.announced(ONE, after=0)] == heard.ids[-1:]
    (line,) = (await store.catalogue.messages(ONE, str(one.id))).items
    assert line.message_id == "new"
