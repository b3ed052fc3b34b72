"""What is written comes back the same, from either database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import VariableName
from releve.domain.ledger import Point
from releve.domain.station import BootDecision, ChargingState, ConnectorStatus, Evse
from releve.domain.token import IdToken, Verdict
from releve.domain.transaction import TransactionState
from releve.services.ports import Variable
from tests.support.stores import (
    NOW,
    ONE,
    anomaly,
    fact,
    sample,
    station,
    transaction,
)

LATER = NOW + timedelta(minutes=5)


async def test_a_station_comes_back_whole(store):
    full = station(
        "Élan/1",
        name="Gare",
        site="Lyon",
        boot=BootDecision.PENDING,
        quarantined=True,
        disabled=True,
        version="ocpp2.1",
        vendor="V",
        model="M",
        serial="S",
        firmware="F",
        security_profile=2,
        credential="hmac$x",
        booted_at=NOW,
        registered=True,
        heartbeat_s=60,
    )
    async with store.work(ONE) as work:
        work.stations.add(full)
    async with store.work(ONE) as work:
        assert await work.stations.get(full.id) == full
        changed = msgspec.structs.replace(full, name="Port", heartbeat_s=None, identity="Other")
        work.stations.save(changed)
    async with store.work(ONE) as work:
        assert await work.stations.get(full.id) == changed
        assert await work.stations.find("other") == changed
        assert await work.stations.find("Élan/1") is None


async def test_an_identity_is_found_exactly_and_else_by_its_only_likeness(store):
    lower, upper, lone = station("cp"), station("CP"), station("Lone")
    async with store.work(ONE) as work:
        for one in (lower, upper, lone):
            work.stations.add(one)
    async with store.work(ONE) as work:
        assert await work.stations.find("cp") == lower
        assert await work.stations.find("CP") == upper
        assert await work.stations.find("Cp") is None, "two are alike: neither is meant"
        assert await work.stations.find("LONE") == lone
    assert await store.locate(None, "lone") == lone
    assert await store.locate("default", "LONE") == lone
    assert await store.locate("nobody", "Lone") is None


async def test_a_removed_station_frees_its_identity_and_keeps_its_transactions(store):
    old = station("CP-1")
    kept = transaction(old.id, token="ADA")
    async with store.work(ONE) as work:
        work.stations.add(old)
        work.stations.save_evse(old.id, Evse(evse=1))
        work.transactions.add(kept)
    async with store.work(ONE) as work:
        work.stations.remove(old.id)
        new = station("CP-1")
        work.stations.add(new)
    async with store.work(ONE) as work:
        assert await work.stations.get(old.id) is None
        assert await work.stations.find("CP-1") == new
        assert await work.stations.evses(old.id) == []
        assert await work.transactions.get(kept.id) == kept
    assert (await store.catalogue.transaction(ONE, str(kept.id))).identity == "CP-1"


async def test_the_line_belongs_to_the_newest_connection(store):
    one = station()
    async with store.work(ONE) as work:
        work.stations.add(one)
    async with store.work(ONE) as work:
        work.stations.connected(one.id, 7, NOW, "10.0.0.1", "ocpp1.6")
    async with store.work(ONE) as work:
        work.stations.connected(one.id, 8, LATER, "10.0.0.2", "ocpp2.1")
    async with store.work(ONE) as work:
        work.stations.disconnected(one.id, 7, LATER)
    view = await store.catalogue.station(ONE, "CP-1")
    assert (view.connectivity, view.peer, view.version) == ("online", "10.0.0.2", "ocpp2.1")
    assert view.connectivity_since == LATER
    async with store.work(ONE) as work:
        work.stations.disconnected(one.id, 8, LATER + timedelta(seconds=1))
    view = await store.catalogue.station(ONE, str(one.id))
    assert view.connectivity == "offline"
    assert view.connectivity_since == LATER + timedelta(seconds=1)


async def test_heard_only_goes_forward(store):
    one, two = station("a"), station("b")
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.stations.add(two)
    async with store.work(ONE) as work:
        work.stations.heard([(one.id, LATER), (two.id, NOW)])
    async with store.work(ONE) as work:
        work.stations.heard([(one.id, NOW), (two.id, LATER)])
    for name in ("a", "b"):
        assert (await store.catalogue.station(ONE, name)).last_heard_at == LATER


async def test_at_start_who_was_online_is_unknown(store):
    on, off = station("on"), station("off")
    async with store.work(ONE) as work:
        work.stations.add(on)
        work.stations.add(off)
        work.stations.connected(on.id, 1, NOW, "", "ocpp1.6")
        work.stations.connected(off.id, 1, NOW, "", "ocpp1.6")
    async with store.work(ONE) as work:
        work.stations.disconnected(off.id, 1, NOW)
    assert await store.everyone_unknown(LATER) == 1
    assert (await store.catalogue.station(ONE, "on")).connectivity == "unknown"
    assert (await store.catalogue.station(ONE, "on")).connectivity_since == LATER
    assert (await store.catalogue.station(ONE, "off")).connectivity == "offline"


async def test_an_evse_state_is_replaced(store):
    one = station()
    first = Evse(evse=1, status=ConnectorStatus.AVAILABLE, reported="Available")
    second = Evse(
        evse=1,
        status=ConnectorStatus.OCCUPIED,
        charging=ChargingState.CHARGING,
        error="none",
        info="i\x00j",
        reported_at=NOW,
        received_at=LATER,
    )
    other = Evse(evse=2, connector=3)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.stations.save_evse(one.id, first)
        work.stations.save_evse(one.id, other)
    async with store.work(ONE) as work:
        work.stations.save_evse(one.id, second)
    async with store.work(ONE) as work:
        kept = msgspec.structs.replace(second, info="i\ufffdj")  # no database keeps NUL in text
        assert await work.stations.evses(one.id) == [kept, other]


async def test_a_transaction_comes_back_whole(store):
    one = station()
    whole = transaction(
        one.id,
        "tx-é",
        evse=1,
        connector=2,
        token="ADA",
        token_type="Central",
        token_group="G",
        verdict=Verdict.ACCEPTED,
        state=TransactionState.ENDED,
        charging=ChargingState.SUSPENDED_EV,
        offline=True,
        ended_at=LATER,
        start_key="k",
        remote_start_id=9,
        reservation_id=3,
        stop_reason="Local",
        stop_token="BOB",
        meter_start_wh=0.1,
        meter_last_wh=5.0,
        meter_last_at=LATER,
        meter_stop_wh=7.25,
        energy_wh=7.15,
        power_w=11_000.5,
        soc_pct=80.0,
        held=True,
        complete=True,
    )
    bare = transaction(one.id, "2", started_at=None)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(whole)
        work.transactions.add(bare)
    async with store.work(ONE) as work:
        assert await work.transactions.get(whole.id) == whole
        assert await work.transactions.get(bare.id) == bare
        assert await work.transactions.find(one.id, "tx-é") == whole
        assert await work.transactions.find_start(one.id, "k") == whole
        assert await work.transactions.last_ended(one.id, 1) == whole
        assert await work.transactions.live(one.id) == [whole, bare]


async def test_every_saved_column_arrives(store):
    """The light form of the update (SQLite) must not leave anything behind."""
    one = station()
    first = transaction(one.id, token="ADA")
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(first)
    steps = [
        {"meter_last_wh": 5.0, "charging": ChargingState.CHARGING},
        {"meter_last_wh": 6.0, "power_w": 1.0, "soc_pct": 2.0},
        {"token": "BOB", "meter_last_wh": 7.0},
        {"token": "ADA", "meter_last_wh": 8.0},
        {"state": TransactionState.ENDED, "ended_at": LATER},
        {"held": True, "stop_reason": "x", "energy_wh": 3.0},
        {"complete": True, "meter_stop_wh": 9.0},
    ]
    known = first
    for step in steps:
        known = msgspec.structs.replace(known, **step)
        async with store.work(ONE) as work:
            work.transactions.save(known)
        async with store.work(ONE) as work:
            assert await work.transactions.get(first.id) == known
    async with store.work(ONE) as work:
        assert await work.transactions.active_with(IdToken("ADA")) == []


async def test_transactions_that_live(store, clock):
    one = station()
    day = timedelta(days=1)
    active = transaction(one.id, "active", token="ADA", started_at=NOW - 3 * day)
    presumed = transaction(
        one.id, "presumed", state=TransactionState.PRESUMED_ENDED, started_at=NOW - 2 * day
    )
    ended = transaction(one.id, "ended", state=TransactionState.ENDED, ended_at=NOW - day / 2)
    old = transaction(one.id, "old", state=TransactionState.ENDED, ended_at=NOW - 2 * day)
    async with store.work(ONE) as work:
        work.stations.add(one)
        for each in (ended, old, presumed, active):
            work.transactions.add(each)
    async with store.work(ONE) as work:
        assert await work.transactions.live(one.id) == [active, presumed, ended]
        assert await work.transactions.active_with(IdToken("ada", "x")) == [active]
        assert await work.transactions.unfinished(NOW) == [old, ended]
        assert await work.transactions.unfinished(NOW - day) == [old]


async def test_facts_are_kept_once_and_in_order(store):
    one = station()
    tx = transaction(one.id)
    facts = [
        fact(tx, 2, "c", raw='{"n": 2}'),
        fact(tx, 0, "a", offline=True, trigger="CablePluggedIn", charging="Charging"),
        fact(tx, 1, "b", received_at=LATER),
        fact(tx, 1, "other", received_at=NOW),
        fact(tx, None, "x"),
    ]
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(tx)
        for each in facts:
            work.transactions.add_fact(each)
    async with store.work(ONE) as work:
        replay = msgspec.structs.replace(facts[0], received_at=LATER, raw="{}")
        work.transactions.add_fact(replay)
    async with store.work(ONE) as work:
        found = await work.transactions.facts(tx.id)
    assert found == [facts[4], facts[1], facts[3], facts[2], facts[0]]
    views = await store.catalogue.facts(ONE, str(tx.id))
    assert [view.seq_no for view in views] == [None, 0, 1, 1, 2]
    assert views[-1].payload == {"n": 2}


async def test_a_replayed_sample_is_ignored(store):
    one = station()
    tx = transaction(one.id)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(tx)
        work.samples.add(one.id, 1, tx.id, sample(NOW, 10.0), NOW, 5)
        work.samples.add(one.id, 1, tx.id, sample(NOW, 10.0), LATER, 5)
    async with store.work(ONE) as work:
        work.samples.add(one.id, 1, tx.id, sample(NOW, 10.0), LATER, 5)
        work.samples.add(one.id, 1, tx.id, sample(NOW, 11.0), LATER, 6)  # other content
        work.samples.add(one.id, 2, tx.id, sample(NOW, 12.0), LATER, 5)  # other EVSE
        work.samples.add(one.id, 1, None, sample(LATER, 13.0), LATER, 5)
        work.samples.add(one.id, 1, tx.id, sample(LATER, None), LATER, 7)
    async with store.work(ONE) as work:
        points = await work.samples.registers(tx.id)
    assert sorted(points) == [Point(NOW, 10.0), Point(NOW, 11.0), Point(NOW, 12.0)]


@pytest.mark.parametrize(
    "at",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 7, 20, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
    ids=str,
)
async def test_a_sample_of_an_odd_clock_is_found_in_its_transaction(store, at):
    one = station()
    tx = transaction(one.id)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(tx)
        work.samples.add(one.id, 1, tx.id, sample(at, 10.0), NOW, 1)
        work.samples.add(one.id, 1, tx.id, sample(NOW, 11.0), NOW, 1)
    async with store.work(ONE) as work:
        assert Point(at, 10.0) in await work.samples.registers(tx.id)
    assert len(await store.catalogue.series(ONE, str(tx.id))) == 2


async def test_anomalies(store):
    one = station()
    tx = transaction(one.id)
    general = anomaly(one.id, detail={"expected": 1, "came": [None, "x"]})
    about = anomaly(one.id, transaction=tx.id, kind=AnomalyKind.METER_JUMP)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.transactions.add(tx)
        work.anomalies.add(general)
        work.anomalies.add(about)
    async with store.work(ONE) as work:
        assert await work.anomalies.get(general.id) == general
        assert await work.anomalies.open(one.id, AnomalyKind.METER_GAP, None) == general
        assert await work.anomalies.open(one.id, AnomalyKind.METER_GAP, tx.id) is None
        assert await work.anomalies.open(one.id, AnomalyKind.METER_JUMP, tx.id) == about
        assert await work.anomalies.open_of(tx.id) == [about]
        resolved = msgspec.structs.replace(about, resolved_at=LATER, resolved_by="ada", note="ok")
        work.anomalies.save(resolved)
    async with store.work(ONE) as work:
        assert await work.anomalies.get(about.id) == resolved
        assert await work.anomalies.open_of(tx.id) == []


async def test_variables_are_replaced_by_name(store):
    one = station()
    plain = VariableName(variable="HeartbeatInterval")
    deep = VariableName(component="EVSE", variable="Power", instance="Max", evse=1, connector=0)
    first = Variable(name=plain, value="60", mutability="ReadWrite", reported_at=NOW)
    other = Variable(name=deep, unit="W", data_type="decimal", values_list="1,2", reported_at=NOW)
    async with store.work(ONE) as work:
        work.stations.add(one)
        work.variables.save(one.id, [first, other])
    second = msgspec.structs.replace(first, value=None, reported_at=LATER)
    async with store.work(ONE) as work:
        work.variables.save(one.id, [second])
    async with store.work(ONE) as work:
        assert await work.variables.all(one.id) == [second, other]
        unknown = VariableName(variable="HeartbeatInterval", evse=3)
        assert await work.variables.get(one.id, [deep, unknown, plain]) == [other, second]
    views = await store.catalogue.variables(ONE, str(one.id))
    assert [(view.variable, view.evse, view.connector) for view in views] == [
        ("HeartbeatInterval", None, None),
        ("Power", 1, 0),
    ]


async def test_an_exception_in_the_block_discards_its_writes(store, heard):
    one = station()

    async def fail():
        async with store.work(ONE) as work:
            work.stations.add(one)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.work(ONE) as work:
        assert await work.stations.get(one.id) is None
    assert heard.announced == []
