"""Handlers' reads share their way to the database; each gets its own rows, and fails alone."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from releve.domain.ids import StationId, TransactionId
from releve.domain.token import IdToken
from releve.services.ports import StoreFailed
from releve.storage.grouped import grouped
from releve.storage.queries import POSTGRES, once
from tests.contract.test_store_plans import queries
from tests.support.stores import ONE, TWO, fact, station, token, transaction

MANY = 40


async def fill(store):
    made = [station(f"S{n}") for n in range(MANY)]
    async with store.work(ONE) as work:
        for n, one in enumerate(made):
            work.stations.add(one)
            work.tokens.add(token(f"T{n}"))
    runs = {one.id: [transaction(one.id, f"r{n}") for n in range(3)] for one in made}
    async with store.work(ONE) as work:
        for one in made:
            for n, run in enumerate(runs[one.id]):
                work.transactions.add(run)
                for seq in range(n):
                    work.transactions.add_fact(fact(run, seq, f"d{seq}"))
    return made, runs


async def test_many_at_once_find_what_each_finds_alone(store):
    made, runs = await fill(store)

    async def one_by_one(station_id):
        async with store.work(ONE) as work:
            live = await work.transactions.live(station_id)
            facts = [await work.transactions.facts(run.id) for run in live]
            return await work.stations.get(station_id), live, facts

    alone = [await one_by_one(one.id) for one in made]
    together = await asyncio.gather(*(one_by_one(one.id) for one in made))
    assert together == alone
    for one, (got, live, facts) in zip(made, together, strict=True):
        assert got is not None
        assert got.id == one.id
        assert {run.id for run in live} == {run.id for run in runs[one.id]}
        assert sorted(map(len, facts)) == [0, 1, 2]
        assert all(f.transaction == run.id for run, of in zip(live, facts, strict=True) for f in of)


async def test_the_order_of_each_is_kept(store):
    made, runs = await fill(store)
    async with store.work(ONE) as work:
        lists = await asyncio.gather(*(work.transactions.live(one.id) for one in made))
    for one, found in zip(made, lists, strict=True):
        oldest_first = sorted(run.id for run in runs[one.id])
        assert [run.id for run in found] == oldest_first


async def test_operators_who_ask_together_see_their_own(store):
    await store.add_operator(TWO, "two")
    made, _ = await fill(store)

    async def get(operator, number):
        async with store.work(operator) as work:
            return await work.stations.get(number)

    ours = [get(ONE, one.id) for one in made]
    theirs = [get(TWO, one.id) for one in made]
    mixed = [each for pair in zip(ours, theirs, strict=True) for each in pair]
    found = await asyncio.gather(*mixed)
    assert [one.id for one in found[::2]] == [one.id for one in made]
    assert found[1::2] == [None] * MANY


async def test_a_key_that_no_row_can_have_finds_nothing(store):
    made, _ = await fill(store)
    async with store.work(ONE) as work:
        some = await asyncio.gather(
            work.transactions.get(TransactionId(-5)),
            work.stations.get(made[0].id),
            work.stations.get(StationId((1 << 63) - 1)),
            work.tokens.find(IdToken("nobody")),
            work.tokens.find(IdToken("t1")),
            work.tokens.find(IdToken("no \0 text")),
            work.stations.get(StationId(1 << 70)),
        )
    assert [one is not None for one in some] == [False, True, False, False, True, False, False]


async def test_who_stops_waiting_disturbs_nobody(store):
    made, _ = await fill(store)
    async with store.work(ONE) as work:
        asked = [asyncio.ensure_future(work.stations.get(one.id)) for one in made]
        await asyncio.sleep(0)
        for one in asked[::2]:
            one.cancel()
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in found[::2])
    assert [one.id for one in found[1::2]] == [one.id for one in made[1::2]]


async def test_a_closed_store_says_so(store):
    made, _ = await fill(store)
    work = store.work(ONE)
    await store.close()
    with pytest.raises(StoreFailed):
        await work.stations.get(made[0].id)


@pytest.mark.postgres
async def test_every_query_of_handlers_can_be_asked_for_many(server_url):
    found = {name: once(query.statement, POSTGRES)[0] for name, query in queries().items()}
    texts = [sql for name, sql in found.items() if "$" in sql and ".rollup." not in name]
    assert len(texts) > 20
    connection = await asyncpg.connect(server_url)
    try:
        for sql in texts:
            await connection.prepare(grouped(sql))
    finally:
        await connection.close()


def test_what_cannot_be_grouped_is_asked_alone():
    assert grouped("SELECT 1") is None
    assert grouped("SELECT $1") is None
    assert grouped("SELECT $1::BIGINT, $2::POINT") is None
    assert grouped("SELECT $1::BIGINT, $2::VARCHAR") is not None
