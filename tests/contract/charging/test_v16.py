"""What only a 1.6 station can do to the ledger."""

from __future__ import annotations

from releve.ocpp.version import Version
from tests.support.ledger import Bench
from tests.support.talk import Card, Talk, minutes


def test_libocpp_495_a_stop_with_id_minus_one_ends_the_only_one_that_fits(
    old: Talk, card: Card
) -> None:
    mine = card()
    reference, _ = old.begin(mine, 1000, 0)
    stop = old.end_payload(-1, 4000, 20, mine)
    assert old.finish(stop) == "Accepted"
    assert old.finish(stop) == "Accepted"
    row = old.row(reference)
    assert (row.state, row.energy_wh) == ("ended", 3000)
    assert len(old.wire.transactions()) == 1
    assert "stop-without-id" in old.wire.anomalies()


def test_ocpp_core_34_a_stop_with_id_minus_one_never_ends_one_of_two(old: Talk, card: Card) -> None:
    one, _ = old.begin(card(), 1000, 0, evse=1)
    two, _ = old.begin(card(), 1000, 1, evse=2)
    old.end(-1, 4000, 20)
    assert {old.row(one).state, old.row(two).state} == {"active"}
    (orphan,) = [r for r in old.wire.transactions().values() if r.state == "ended"]
    assert (orphan.meter_stop_wh, orphan.energy_wh, orphan.held) == (4000, None, True)
    assert "stop-unmatched" in old.wire.anomalies()


def test_steve_a_stop_of_an_unknown_id_is_answered_and_kept(old: Talk) -> None:
    stop = old.end_payload(4711, 4000, 20)
    assert old.finish(stop) is None
    assert old.finish(stop) is None
    (row,) = old.wire.transactions().values()
    assert (row.reference, row.state, row.held) == ("4711", "ended", True)
    assert "stop-without-start" in old.wire.anomalies()


def test_another_station_s_transaction_is_not_touched(old: Talk, bench: Bench, card: Card) -> None:
    mine, _ = old.begin(card(), 1000, 0)
    other = Talk(bench, Version.V16)
    other.end(mine, 9000, 10)
    other.meter(mine + 1, 9000, 10)
    assert old.row(mine).state == "active"
    assert "foreign-transaction" in other.wire.anomalies()


def test_a_second_stop_that_differs_changes_nothing(old: Talk, card: Card) -> None:
    reference, _ = old.begin(card(), 1000, 0)
    old.end(reference, 4000, 20)
    old.end(reference, 9999, 21)
    assert old.row(reference).energy_wh == 3000
    assert "replay-differs" in old.wire.anomalies()
    assert len(old.wire.facts(old.row(reference).id)) == 3


def test_a_dead_clock_does_not_merge_two_transactions(old: Talk, card: Card) -> None:
    payload = old.start_payload(card(), 0, 0) | {"timestamp": "1970-01-01T00:00:00Z"}
    first, _ = old.start(payload)
    old.end(first, 500, 10)
    second, _ = old.start(payload)
    assert second != first


def test_a_start_on_connector_0_is_answered(old: Talk, card: Card) -> None:
    payload = old.start_payload(card(), 1000, 0, evse=0)
    reference, status = old.start(payload)
    assert reference > 0
    assert status == "Accepted"


def test_stop_with_transaction_data_keeps_its_samples(old: Talk, card: Card) -> None:
    reference, _ = old.begin(card(), 1000, 0)
    stop = old.end_payload(reference, 4000, 20)
    stop["transactionData"] = [
        {"timestamp": minutes(10), "sampledValue": [{"value": "2.5", "unit": "kWh"}]}
    ]
    old.finish(stop)
    row = old.row(reference)
    assert [p.energy_wh for p in old.wire.series(row.id)] == [2500]
    assert row.energy_wh == 3000


def test_ids_are_positive_31_bit_numbers(old: Talk, card: Card) -> None:
    seen = {old.begin(card(), 1000, n, evse=n)[0] for n in range(1, 30)}
    assert len(seen) == 29
    assert all(0 < number < 2**31 for number in seen)
