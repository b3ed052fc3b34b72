"""Old meter samples become quarters of an hour: what is shown, what stays, and that nothing is lost on the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, select

from releve.domain.ledger import Point, reckon
from releve.domain.meter import ENERGY_IMPORT, MeterSample, Reading
from releve.domain.transaction import TransactionState
from releve.services.ports import StoreFailed
from releve.storage import rollup
from releve.storage.queries import Query
from releve.storage.tables import rolled_samples, samples
from tests.support.stores import NOW, ONE, opened, sample, station, transaction

OLD = NOW - timedelta(days=100)
MINUTE = timedelta(minutes=1)
RAW_DAYS = 90
COUNT_RAW = Query(select(func.count()).select_from(samples))
COUNT_ROLLED = Query(select(func.count()).select_from(rolled_samples))


def begun(at, state=TransactionState.ENDED, **about):
    ended = NOW if state is TransactionState.ENDED else None
    return transaction(at, state=state, ended_at=ended, **about)


async def charge(store, run, *points, first=OLD):
    """One sample a minute with these registers, for a transaction that is there."""
    async with store.work(ONE) as work:
        for n, energy in enumerate(points):
            at = first + n * MINUTE
            work.samples.add(run.station, 1, run.id, sample(at, energy, 1000.0 * n), at, n)


@pytest.fixture
async def run(store):
    """A transaction that ended, without samples."""
    one = station()
    made = begun(one.id)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(made)
    return made


async def counted(store):
    """Samples as they came, and parts of quarters."""
    ((raw,),) = await store.backend.fetch(COUNT_RAW)
    ((rolled,),) = await store.backend.fetch(COUNT_ROLLED)
    return raw, rolled


async def roll(store, days=RAW_DAYS):
    return await store.roll_up(raw_days=days, pause_s=0)


async def registers(store, run):
    async with store.work(ONE) as work:
        return await work.samples.registers(run.id)


async def test_a_quarter_is_shown_as_one_point(store, run):
    await charge(store, run, *(100.0 * n for n in range(30)))
    done = await roll(store)
    assert (done.read, done.removed, done.written) == (30, 30, 2)
    assert await counted(store) == (0, 2)
    first, second = await store.catalogue.series(ONE, str(run.id))
    assert (first.at, first.energy_wh, first.rolled) == (OLD + 14 * MINUTE, 1400.0, True)
    assert (first.power_w, first.power_max_w) == (7000.0, 14_000.0)
    assert (second.at, second.energy_wh) == (OLD + 29 * MINUTE, 2900.0)
    same = await store.catalogue.station_series(
        ONE, str(run.station), since=OLD - MINUTE, until=NOW
    )
    assert same == [first, second]
    assert await store.catalogue.series(ONE, str(run.id), readings=True) == [first, second]


async def test_new_samples_stay_beside_old_ones(store, run):
    await charge(store, run, 1.0, 2.0)
    await charge(store, run, 3.0, 4.0, first=NOW - timedelta(days=89))
    await roll(store)
    shown = await store.catalogue.series(ONE, str(run.id))
    assert [(point.energy_wh, point.rolled) for point in shown] == [
        (2.0, True),
        (3.0, False),
        (4.0, False),
    ]
    assert (shown[1].power_max_w, shown[1].power_w) == (None, 0.0)


@pytest.mark.parametrize(
    "points",
    [
        [0.0, 100.0, 200.0, 250.0],
        [0.0, 100.0, 20.0, 30.0],
        [0.0, None, 900_000.0, 900_001.0, 5.0],
        [5.0],
    ],
)
async def test_the_total_is_reckoned_the_same(store, run, points):
    await charge(store, run, *points)
    before = await registers(store, run)
    await roll(store)
    after = await registers(store, run)
    assert after == sorted(after)
    for start, stop in ((None, None), (0.0, None), (None, 300.0), (0.0, 300.0)):
        assert reckon(start, stop, after) == reckon(start, stop, before)


async def test_a_transaction_that_goes_on_keeps_its_samples(store, run):
    going = begun(run.station, TransactionState.ACTIVE, reference="going")
    async with store.work(ONE) as work:
        work.transactions.add(going)
    await charge(store, going, 1.0, 2.0)
    await charge(store, run, 1.0, 2.0, first=OLD + timedelta(seconds=1))
    await roll(store)
    assert await counted(store) == (2, 1)
    assert await registers(store, going) == [Point(OLD, 1.0), Point(OLD + MINUTE, 2.0)]


async def test_signed_readings_stay_as_they_came(store, run):
    signed = Reading(ENERGY_IMPORT, 5.0, "Wh", text="OCMF|{...}|{...}")
    async with store.work(ONE) as work:
        kept = MeterSample(OLD, (signed,), energy_wh=5.0)
        work.samples.add(run.station, 1, run.id, kept, OLD, 7)
    await charge(store, run, 6.0, first=OLD + MINUTE)
    await roll(store)
    assert await counted(store) == (1, 1)
    one, two = await store.catalogue.series(ONE, str(run.id), readings=True)
    assert one.readings[0]["text"] == "OCMF|{...}|{...}"
    assert (two.energy_wh, two.rolled) == (6.0, True)


async def test_samples_without_a_transaction_are_rolled_up_too(store, run):
    async with store.work(ONE) as work:
        for n in range(3):
            at = OLD + n * MINUTE
            work.samples.add(run.station, 0, None, sample(at, float(n)), at, n)
    await roll(store)
    (point,) = await store.catalogue.station_series(ONE, str(run.station), since=OLD - MINUTE)
    assert (point.evse, point.energy_wh, point.rolled) == (0, 2.0, True)


async def test_many_in_one_quarter_go_in_steps(store, run):
    others = [station(f"other-{n}") for n in range(3)]
    async with store.work(ONE) as work:
        for one in others:
            work.stations.add(one)
    async with store.work(ONE) as work:
        for one in others:
            for n in range(rollup.STEP // 2 + 1):
                at = OLD + n * timedelta(seconds=1)
                work.samples.add(one.id, 1, None, sample(at, float(n)), at, n)
    done = await roll(store)
    assert done.read == done.removed == 3 * (rollup.STEP // 2 + 1) > rollup.STEP
    assert await counted(store) == (0, 3), "a station that two steps shared has one point"
    for one in others:
        (point,) = await store.catalogue.station_series(ONE, str(one.id), since=OLD - MINUTE)
        assert point.energy_wh == rollup.STEP // 2


async def test_a_replayed_sample_joins_its_quarter(store, store_url, run):
    await charge(store, run, 1.0, 2.0, 3.0)
    await roll(store)
    before = await registers(store, run)
    await charge(store, run, 1.0, 2.0, 3.0)
    await roll(store)
    assert await counted(store) == (3, 1), "the sweep has passed that quarter"
    async with opened(store_url) as again:
        await again.roll_up(raw_days=RAW_DAYS, pause_s=0)
        assert (await counted(again))[0] == 0
        after = await registers(again, run)
    assert reckon(None, None, after) == reckon(None, None, before)


async def test_a_step_that_fails_loses_nothing(store, run, monkeypatch):
    await charge(store, run, *(float(n) for n in range(20)))
    before = await registers(store, run)
    submit, steps = store._rollup._submit, []

    async def failing(unit):
        steps.append(unit)
        if len(steps) == 2:
            raise StoreFailed("the disk is full")
        await submit(unit)

    monkeypatch.setattr(store._rollup, "_submit", failing)
    with pytest.raises(StoreFailed):
        await roll(store)
    assert await counted(store) == (5, 1)
    half = await registers(store, run)
    assert reckon(None, None, half) == reckon(None, None, before)
    await roll(store)
    assert await counted(store) == (0, 2)
    assert reckon(None, None, await registers(store, run)) == reckon(None, None, before)


async def test_a_unit_is_whole_or_nothing(store, run):
    """Quarters that the database refuses do not take samples with them."""
    await charge(store, run, 1.0, 2.0)
    ((bucket,),) = await store.backend.fetch(rollup.NEXT_BUCKET, after=0, before=1 << 60)
    from_the_first = dict.fromkeys(("station", "evse", "at_after", "digest_after"), -1)
    rows = await store.backend.fetch(rollup.SAMPLES, bucket=bucket, **from_the_first)
    unit = rollup.unit_of(bucket, rows, [])
    write, key, row = unit.items[-1]
    unit.items[-1] = (write, key, (*row[:-1], "no number, but a word"))
    if store.backend.name == "sqlite":
        unit.items[-1] = (write, key, (*row[:4], None, *row[5:]))  # SQLite takes words for numbers
    with pytest.raises(StoreFailed):
        await store._commit(unit)
    assert await counted(store) == (2, 0)


async def test_writers_go_on_meanwhile(store, run):
    await charge(store, run, *(float(n) for n in range(200)))
    sweep = asyncio.create_task(store.roll_up(raw_days=RAW_DAYS, pause_s=0.001))
    written = 0
    while not sweep.done():
        await charge(store, run, float(written), first=NOW + written * MINUTE)
        written += 1
    assert (await sweep).removed == 200
    assert written > 3
    assert await counted(store) == (written, 200 // 15 + 1)


async def test_transactions_and_facts_are_left_alone(store, run):
    await charge(store, run, 1.0, 2.0)
    before = await store.catalogue.transaction(ONE, str(run.id))
    await roll(store)
    assert await store.catalogue.transaction(ONE, str(run.id)) == before
    assert msgspec.json.encode(before)
