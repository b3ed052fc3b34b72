"""The read side: lists that page without gap or double, filters, series, sums."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest

from releve.domain.anomaly import AnomalyKind
from releve.domain.station import ChargingState, ConnectorStatus, Evse
from releve.domain.transaction import TransactionState
from releve.services.views import StationFilter, Summary, TransactionFilter
from tests.support.stores import (
    NOW,
    ONE,
    anomaly,
    exchange,
    sample,
    station,
    token,
    transaction,
)

HOUR = timedelta(hours=1)
ALL = StationFilter(quarantined=None)


async def everything(read, **options):
    """All items of a list, page by page."""
    items, place = [], None
    while True:
        page = await read(after=place, **options)
        items += page.items
        if (place := page.next) is None:
            return items


async def add(store, *stations, transactions=(), evses=(), tokens=(), anomalies=()):
    """One unit that adds rows."""
    async with store.work(ONE) as work:
        for one in stations:
            work.stations.add(one)
        for at, evse in evses:
            work.stations.save_evse(at, evse)
        for one in transactions:
            work.transactions.add(one)
        for one in tokens:
            work.tokens.add(one)
        for one in anomalies:
            work.anomalies.add(one)


async def test_stations_are_listed_by_identity_whatever_the_case(store):
    names = ["b", "A", "c-10", "C-2", "Ä", "_x", "a1", "~"]
    await add(store, *(station(name) for name in names))
    listed = await everything(lambda **o: store.catalogue.stations(ONE, ALL, limit=3, **o))
    assert [view.identity for view in listed] == sorted(names, key=str.casefold)


async def test_pages_are_stable_while_rows_are_added(store):
    names = [f"s{n:02}" for n in range(0, 40, 2)]
    await add(store, *(station(name) for name in names))
    seen, place = [], None
    for n in range(1, 99):
        page = await store.catalogue.stations(ONE, ALL, after=place, limit=4)
        seen += [view.identity for view in page.items]
        place = page.next
        if place is None:
            break
        await add(store, station(f"r{n}"), station(f"s{n * 8 + 1:02}"))
    assert [name for name in seen if name in names] == names
    assert len(seen) == len(set(seen))


async def test_stations_are_searched_and_filtered(store):
    north = station("N-1", name="Gare du Nord", vendor="Élec", site="Paris 100%")
    south = station("S-1", model="Wall_Box", serial="X9")
    waiting = station("Q-1", quarantined=True)
    await add(
        store,
        north,
        south,
        waiting,
        evses=[
            (north.id, Evse(evse=1, status=ConnectorStatus.FAULTED)),
            (south.id, Evse(evse=1, charging=ChargingState.CHARGING)),
        ],
    )
    async with store.work(ONE) as work:
        work.stations.connected(south.id, 1, NOW, "", "ocpp1.6")

    async def found(**filters):
        page = await store.catalogue.stations(ONE, StationFilter(**filters))
        return [view.identity for view in page.items]

    assert await found() == ["N-1", "S-1"]
    assert await found(quarantined=True) == ["Q-1"]
    assert await found(quarantined=None) == ["N-1", "Q-1", "S-1"]
    assert await found(search="gare DU") == ["N-1"]
    assert await found(search=" éLEC ") == ["N-1"]
    assert await found(search="100%") == ["N-1"]
    assert await found(search="%") == ["N-1"], "no wildcard, a character"
    assert await found(search="_box") == ["S-1"]
    assert await found(search="x9") == ["S-1"]
    assert await found(search="'; DROP TABLE stations; --") == []
    assert await found(connectivity="online") == ["S-1"]
    assert await found(connectivity="unknown") == ["N-1"]
    assert await found(status="Faulted") == ["N-1"]
    assert await found(status="Charging") == ["S-1"]


async def test_a_station_shows_its_evses_with_what_they_charge(store):
    one = station("1")  # an identity that could be a row id
    going = transaction(one.id, "a", evse=1, connector=1, token="ADA", energy_wh=5.0, power_w=2.0)
    other = transaction(one.id, "b", evse=2, soc_pct=50.0, started_at=None)
    over = transaction(one.id, "c", evse=2, state=TransactionState.ENDED, ended_at=NOW)
    states = [
        Evse(evse=n, connector=c, reported_at=NOW) for n, c in ((1, 1), (1, 2), (2, 1), (2, 2))
    ]
    await add(
        store,
        one,
        evses=[(one.id, state) for state in states],
        transactions=[going, other, over],
        anomalies=[anomaly(one.id), anomaly(one.id), anomaly(one.id, resolved_at=NOW)],
    )
    view = await store.catalogue.station(ONE, "1")
    assert view == await store.catalogue.station(ONE, str(one.id))
    assert view.open_anomalies == 2
    shown = [(e.evse, e.connector, e.transaction, e.since) for e in view.evses]
    assert shown == [
        (1, 1, str(going.id), NOW),
        (1, 2, None, None),
        (2, 1, str(other.id), NOW),
        (2, 2, None, None),
    ]
    assert (view.evses[0].energy_wh, view.evses[0].token) == (5.0, "ADA")
    assert await store.catalogue.station(ONE, "nobody") is None
    assert await store.catalogue.station(ONE, "9" * 30) is None


async def test_transactions_newest_first_in_pages(store):
    one = station()
    made = [
        transaction(one.id, f"{n}", started_at=None if n % 5 == 0 else NOW + n % 7 * HOUR)
        for n in range(30)
    ]
    await add(store, one, transactions=made)
    listed = await everything(
        lambda **o: store.catalogue.transactions(ONE, TransactionFilter(), limit=7, **o)
    )
    wanted = sorted(made, key=lambda tx: (tx.started_at or tx.received_at, tx.id), reverse=True)
    assert [view.reference for view in listed] == [tx.reference for tx in wanted]


async def test_transactions_are_filtered(store):
    one, two = station("One", name="Nord"), station("Two")
    first = transaction(one.id, "ref-1", token="Ada", evse=1, held=True)
    second = transaction(two.id, "ref-2", token="BOB", evse=2, started_at=NOW + HOUR)
    third = transaction(two.id, "ref-3", state=TransactionState.ENDED, started_at=NOW + 2 * HOUR)
    card = token("ada", label="Ada's card")
    await add(store, one, two, transactions=[first, second, third], tokens=[card])

    async def found(**filters):
        page = await store.catalogue.transactions(ONE, TransactionFilter(**filters))
        return [view.reference for view in reversed(page.items)]

    assert await found() == ["ref-1", "ref-2", "ref-3"]
    assert await found(station=str(two.id)) == ["ref-2", "ref-3"]
    assert await found(station="no number") == []
    assert await found(evse=2) == ["ref-2"]
    assert await found(token="aDA") == ["ref-1"]
    assert await found(state="ended") == ["ref-3"]
    assert await found(held=True) == ["ref-1"]
    assert await found(held=False) == ["ref-2", "ref-3"]
    assert await found(since=NOW + HOUR) == ["ref-2", "ref-3"]
    assert await found(until=NOW + HOUR) == ["ref-1"]
    assert await found(search="REF-3") == ["ref-3"]
    assert await found(search="bob") == ["ref-2"]
    assert await found(search="AD") == ["ref-1"], "a part, of a token that is registered"
    assert await found(search="tWo") == ["ref-2", "ref-3"]
    view = await store.catalogue.transaction(ONE, str(first.id))
    assert (view.identity, view.station_name, view.token_label) == ("One", "Nord", "Ada's card")
    assert (view.held, view.complete, view.offline) == (True, False, False)


async def test_a_series_is_thinned_evenly(store):
    one = station()
    tx = transaction(one.id)
    count = 1_000
    await add(store, one, transactions=[tx])
    async with store.work(ONE) as work:
        for n in range(count):
            at = NOW + timedelta(minutes=n)
            work.samples.add(one.id, 1, tx.id, sample(at, float(n)), NOW, n)
    whole = await store.catalogue.series(ONE, str(tx.id))
    assert [point.energy_wh for point in whole] == [float(n) for n in range(count)]
    for limit in (2, 3, 10, 999):
        thin = await store.catalogue.series(ONE, str(tx.id), limit=limit)
        assert len(thin) == limit
        assert (thin[0].energy_wh, thin[-1].energy_wh) == (0.0, count - 1.0)
        gaps = [b.energy_wh - a.energy_wh for a, b in pairwise(thin)]
        assert max(gaps) - min(gaps) <= 1
    same = await store.catalogue.station_series(
        ONE, str(one.id), since=NOW - HOUR, until=NOW + 24 * HOUR, limit=10
    )
    assert same == await store.catalogue.series(ONE, str(tx.id), limit=10)


async def test_a_series_has_readings_only_when_asked(store):
    one = station()
    tx = transaction(one.id)
    await add(store, one, transactions=[tx])
    async with store.work(ONE) as work:
        work.samples.add(one.id, 1, tx.id, sample(), NOW, 1)
    (bare,) = await store.catalogue.series(ONE, str(tx.id))
    assert bare.readings == []
    (full,) = await store.catalogue.series(ONE, str(tx.id), readings=True)
    assert [reading["measurand"] for reading in full.readings] == [
        "Power.Active.Import",
        "Energy.Active.Import.Register",
    ]
    assert (full.energy_wh, full.power_w, full.received_at) == (1000.0, 7000.0, NOW)


async def test_a_stations_series_keeps_to_its_time(store, clock):
    one, other = station("1"), station("2")
    await add(store, one, other)
    times = [NOW + n * HOUR / 4 for n in range(-8, 9)]
    async with store.work(ONE) as work:
        for at in times:
            work.samples.add(one.id, 1, None, sample(at), at, 1)
            work.samples.add(other.id, 1, None, sample(at), at, 1)

    async def found(**span):
        return [p.at for p in await store.catalogue.station_series(ONE, str(one.id), **span)]

    assert await found(since=NOW - HOUR, until=NOW + HOUR) == times[4:13]
    assert await found(since=NOW - HOUR / 8) == times[8:9], "until now"
    assert await found(since=NOW + HOUR, until=NOW) == []
    long_ago = NOW.replace(year=1)
    assert await found(since=long_ago, until=NOW + 9 * HOUR) == times
    assert await found(since=NOW, until=NOW.replace(year=9999)) == times[8:]


async def test_the_summary(store, clock):
    busy, broken, absent = station("a"), station("b"), station("c")
    waiting = station("q", quarantined=True)
    ended = {"state": TransactionState.ENDED, "energy_wh": 100.0}
    await add(
        store,
        busy,
        broken,
        absent,
        waiting,
        evses=[
            (broken.id, Evse(evse=1, status=ConnectorStatus.FAULTED)),
            (broken.id, Evse(evse=2, status=ConnectorStatus.FAULTED)),
        ],
        transactions=[
            transaction(busy.id, "1", power_w=7000.0, energy_wh=10.0),
            transaction(busy.id, "2", started_at=NOW - 30 * HOUR, power_w=500.0),
            transaction(busy.id, "3", ended_at=NOW, **ended),
            transaction(busy.id, "4", ended_at=NOW, held=True, **ended),
            transaction(
                busy.id, "5", ended_at=NOW - 13 * HOUR, started_at=NOW - 30 * HOUR, **ended
            ),
        ],
        anomalies=[anomaly(busy.id), anomaly(busy.id, resolved_at=NOW)],
    )
    async with store.work(ONE) as work:
        work.stations.connected(busy.id, 1, NOW, "", "ocpp1.6")
        work.stations.connected(broken.id, 1, NOW, "", "ocpp1.6")
    async with store.work(ONE) as work:
        work.stations.disconnected(broken.id, 1, NOW)
    assert await store.catalogue.summary(ONE) == Summary(
        stations=3,
        online=1,
        offline=1,
        unknown=1,
        quarantined=1,
        faulted=1,
        charging=2,
        power_w=7500.0,
        energy_today_wh=110.0,
        transactions_today=3,
        open_anomalies=1,
    )


async def test_tokens_in_pages_and_by_search(store):
    values = ["b", "A", "c", "D"]
    await add(store, tokens=[token(v, label=f"label {v}", group="fleet") for v in values])
    listed = await everything(lambda **o: store.catalogue.tokens(ONE, limit=1, **o))
    assert [view.value for view in listed] == ["A", "b", "c", "D"]
    found = await store.catalogue.tokens(ONE, search="LABEL d")
    assert [view.value for view in found.items] == ["D"]
    assert len((await store.catalogue.tokens(ONE, search="fleet")).items) == 4
    assert await store.catalogue.token(ONE, listed[0].id) == listed[0]


async def test_anomalies_are_filtered(store):
    one, two = station("1"), station("2")
    tx = transaction(one.id)
    first = anomaly(one.id, transaction=tx.id, detail={"a": [1]})
    second = anomaly(two.id, kind=AnomalyKind.FLAPPING)
    third = anomaly(two.id, resolved_at=NOW, resolved_by="ada", note="n")
    await add(store, one, two, transactions=[tx], anomalies=[first, second, third])

    async def found(**filters):
        page = await store.catalogue.anomalies(ONE, **filters)
        return [view.id for view in page.items]

    ids = [str(each.id) for each in (first, second, third)]
    assert await found() == [ids[1], ids[0]]
    assert await found(resolved=True) == [ids[2]]
    assert await found(resolved=None, station=str(two.id)) == [ids[2], ids[1]]
    assert await found(transaction=str(tx.id)) == [ids[0]]
    assert await found(kind="flapping") == [ids[1]]
    listed = await everything(
        lambda **o: store.catalogue.anomalies(ONE, resolved=None, limit=1, **o)
    )
    assert [view.id for view in listed] == ids[::-1]
    assert listed[2].detail == {"a": [1]}
    assert (listed[0].identity, listed[0].resolved_by, listed[0].note) == ("2", "ada", "n")


async def test_messages_over_many_days(store):
    one, other = station("1"), station("2")
    await add(store, one, other)
    times = [NOW - timedelta(days=d, minutes=m) for d in (0, 1, 3, 9, 40) for m in (0, 1, 50)]
    for n, at in enumerate(times):
        about = {
            "action": "Boot" if n % 2 else "Heartbeat",
            "outcome": "error" if n == 4 else "answered",
        }
        store.log(
            exchange(one.id, at=at, message_id=f"{n}", request=f'{{"Serial":"N{n}"}}', **about)
        )
        store.log(exchange(other.id, at=at, message_id="other"))
    async with store.work(ONE) as work:
        work.tokens.add(token())

    async def found(**filters):
        lines = await everything(
            lambda **o: store.catalogue.messages(ONE, str(one.id), limit=4, **filters, **o)
        )
        return [int(line.message_id) for line in lines]

    assert await found() == list(range(15))
    assert await found(action="Boot") == list(range(1, 15, 2))
    assert await found(outcome="error") == [4]
    assert await found(search='serial":"n7') == [7]
    assert await found(since=times[8], until=times[4]) == [5, 6, 7, 8]
    (line,) = (await store.catalogue.messages(ONE, str(one.id), search="N14")).items
    assert await store.catalogue.message(ONE, line.id) == line
    assert (line.identity, line.at, line.inbound) == ("1", times[14], True)


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "bm90IGpzb24", "W10", "WzFd", "W3RydWUsMV0", "WzFlOTks" * 9]
)
async def test_a_cursor_that_is_none_is_a_value_error(store, cursor):
    catalogue = store.catalogue
    for read in (
        lambda: catalogue.stations(ONE, ALL, after=cursor),
        lambda: catalogue.transactions(ONE, TransactionFilter(), after=cursor),
        lambda: catalogue.tokens(ONE, after=cursor),
        lambda: catalogue.messages(ONE, "1", after=cursor),
    ):
        with pytest.raises(ValueError, match="cursor"):
            await read()


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_limits_are_kept(store, limit):
    with pytest.raises(ValueError, match="limit"):
        await store.catalogue.tokens(ONE, limit=limit)


async def test_a_list_does_not_ask_per_row(store, monkeypatch):
    stations = [station(f"s{n}") for n in range(100)]
    await add(store, *stations, evses=[(one.id, Evse(evse=1)) for one in stations])
    asked = []
    select = store.backend.select

    async def counted(statement):
        asked.append(statement)
        return await select(statement)

    monkeypatch.setattr(store.backend, "select", counted)
    page = await store.catalogue.stations(ONE, ALL, limit=100)
    assert len(page.items) == 100
    assert len(asked) == 4
    assert msgspec.json.encode(page)
