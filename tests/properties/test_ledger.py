"""Duplicates, reorderings, drops and reconnects in every version: the ledger equals a simple model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releve.ocpp.version import Version
from tests.support.ledger import Bench, Wire, opened

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
ADA = {"idToken": "ADA", "type": "ISO14443"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made, end = opened(tmp_path_factory.mktemp("ledger"))
    yield made
    end()


def at(minute: int) -> str:
    return (START + timedelta(minutes=minute)).isoformat()


class Plan:
    """What a station really did: transactions, one after the other on each EVSE, with rising registers."""

    def __init__(self, shapes: list[tuple[int, list[int]]]) -> None:
        self.transactions: list[tuple[int, int, list[int]]] = []
        """(EVSE, first minute, registers at start, between, and end)"""
        minute, registers = 0, {1: 1000, 2: 50_000}
        for evse, steps in shapes:
            values = [registers[evse]]
            for step in steps:
                values.append(values[-1] + step)
            registers[evse] = values[-1]
            self.transactions.append((evse, minute, values))
            minute += len(values) + 1


plans = st.lists(
    st.tuples(st.integers(1, 2), st.lists(st.integers(0, 5000), min_size=1, max_size=5)),
    min_size=1,
    max_size=3,
).map(Plan)


def event(version: Version, plan: Plan, number: int, seq: int) -> dict[str, Any]:
    evse, minute, values = plan.transactions[number]
    last = seq == len(values) - 1
    kind = "Started" if seq == 0 else "Ended" if last else "Updated"
    context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(
        kind, "Sample.Periodic"
    )
    return {
        "eventType": kind,
        "timestamp": at(minute + seq),
        "triggerReason": "Authorized" if seq == 0 else "MeterValuePeriodic",
        "seqNo": seq,
        "transactionInfo": {"transactionId": f"tx-{number}"},
        "evse": {"id": evse, "connectorId": 1},
        "meterValue": [
            {
                "timestamp": at(minute + seq),
                "sampledValue": [{"value": values[seq], "context": context}],
            }
        ],
        **({"idToken": ADA} if seq == 0 else {}),
    }


@pytest.mark.parametrize("version", [Version.V201, Version.V21])
@settings(max_examples=60)
@given(plan=plans, data=st.data())
def test_transaction_events_in_any_order(
    bench: Bench, version: Version, plan: Plan, data: st.DataObject
) -> None:
    sent = [
        (number, seq)
        for number, (_, _, values) in enumerate(plan.transactions)
        for seq in range(len(values))
    ]
    deliveries = data.draw(st.lists(st.sampled_from(sent), min_size=1, max_size=3 * len(sent)))
    reconnects = data.draw(st.sets(st.integers(0, len(deliveries)), max_size=4))
    wire = bench.station(version)
    for place, (number, seq) in enumerate(deliveries):
        if place in reconnects:
            wire.reconnect()
        payload = event(version, plan, number, seq)
        if data.draw(st.booleans()):
            payload["offline"] = True  # a queued event becomes an offline one; it is the same event
        answer = wire.call("TransactionEvent", payload)
        if seq == 0:
            assert answer["idTokenInfo"]["status"] == "Accepted"

    rows = wire.transactions()
    assert set(rows) == {f"tx-{number}" for number, _ in deliveries}
    for number, (evse, _, values) in enumerate(plan.transactions):
        seen = sorted({seq for n, seq in deliveries if n == number})
        if seen:
            check_events(wire, rows[f"tx-{number}"], evse, values, seen)
    assert "replay-differs" not in wire.anomalies()


def check_events(wire: Wire, row: Any, evse: int, values: list[int], seen: list[int]) -> None:
    ended, started = len(values) - 1 in seen, 0 in seen
    assert row.evse == evse
    assert len(wire.facts(row.id)) == len(seen)
    assert [p.energy_wh for p in wire.series(row.id)] == [values[seq] for seq in seen]
    assert (row.state == "ended") == ended
    assert row.complete == (started and ended and len(seen) == len(values))
    assert row.meter_start_wh == (values[0] if started else None)
    assert row.meter_last_wh == values[seen[-1]]
    if ended:
        known = len(seen) > 1  # one register alone tells no energy
        assert row.energy_wh == (values[-1] - values[seen[0]] if known else None)
        assert row.held == (not started)
    else:
        assert row.energy_wh == (values[seen[-1]] - values[0] if started else None)


class Station16:
    """A 1.6 station: in order, again and again until answered, and sometimes once more afterwards."""

    def __init__(self, wire: Wire, plan: Plan, data: st.DataObject) -> None:
        self.wire, self.plan, self.data = wire, plan, data
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.references: dict[int, int] = {}
        self.stopped: set[int] = set()

    def say(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = self.wire.call(action, payload)
        self.sent.append((action, payload))
        for _ in range(self.data.draw(st.integers(0, 2))):
            if self.data.draw(st.booleans()):
                self.wire.reconnect()
            again = self.data.draw(st.sampled_from([self.sent[-1], *self.sent]))
            repeated = self.wire.call(*again)
            if again == self.sent[-1]:
                assert repeated == answer  # the same complete answer
        return answer

    def charge(self, number: int) -> None:
        evse, minute, values = self.plan.transactions[number]
        begun = self.say(
            "StartTransaction",
            {
                "connectorId": evse,
                "idTag": "ADA",
                "meterStart": values[0],
                "timestamp": at(minute),
            },
        )
        assert begun["idTagInfo"]["status"] == "Accepted"
        self.references[number] = reference = begun["transactionId"]
        for seq in range(1, len(values) - 1):
            sample = {"timestamp": at(minute + seq), "sampledValue": [{"value": str(values[seq])}]}
            self.say(
                "MeterValues",
                {"connectorId": evse, "transactionId": reference, "meterValue": [sample]},
            )
        if self.data.draw(st.booleans()) or self.data.draw(st.booleans()):
            self.stopped.add(number)
            self.say(
                "StopTransaction",
                {
                    "transactionId": reference,
                    "meterStop": values[-1],
                    "timestamp": at(minute + len(values) - 1),
                },
            )


@settings(max_examples=60)
@given(plan=plans, data=st.data())
def test_start_and_stop_with_replays_and_lost_stops(
    bench: Bench, plan: Plan, data: st.DataObject
) -> None:
    station = Station16(bench.station(Version.V16), plan, data)
    for number in range(len(plan.transactions)):
        station.charge(number)
    rows = station.wire.transactions()
    assert set(rows) == {str(reference) for reference in station.references.values()}
    latest = {evse: n for n, (evse, _, _) in enumerate(plan.transactions)}
    for number, (evse, _, values) in enumerate(plan.transactions):
        row = rows[str(station.references[number])]
        assert row.meter_start_wh == values[0]
        assert [p.energy_wh for p in station.wire.series(row.id)] == values[1:-1]
        if number in station.stopped:
            assert (row.state, row.complete, row.held) == ("ended", True, False)
            assert row.energy_wh == values[-1] - values[0]
        else:
            assert row.state == ("active" if latest[evse] == number else "presumed-ended")
            assert row.energy_wh == (values[-2] - values[0] if len(values) > 2 else 0)
    assert "replay-differs" not in station.wire.anomalies()
