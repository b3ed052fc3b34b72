"""One rule, written once: each scenario comes out alike in every version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.ocpp.version import Version
from tests.support.ledger import Bench, opened
from tests.support.talk import NOON, Talk, minutes


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made, end = opened(tmp_path_factory.mktemp("charging"))
    yield made
    end()


@pytest.fixture(params=list(Version), ids=lambda version: version.label)
def station(request: pytest.FixtureRequest, bench: Bench) -> Talk:
    bench.clock.at = NOON + timedelta(hours=1)
    return Talk(bench, request.param)


@pytest.fixture
def old(bench: Bench) -> Talk:
    bench.clock.at = NOON + timedelta(hours=1)
    return Talk(bench, Version.V16)


@pytest.fixture(params=[Version.V201, Version.V21], ids=lambda version: version.label)
def new(request: pytest.FixtureRequest, bench: Bench) -> Talk:
    bench.clock.at = NOON + timedelta(hours=1)
    return Talk(bench, request.param)


def token(bench: Bench, value: str, **about: Any) -> str:
    bench.run(bench.services.tokens.add(DEFAULT_OPERATOR, value, **about))
    return value


numbers = iter(range(1, 10_000))


def fresh(bench: Bench, **about: Any) -> str:
    """A token that no other test uses."""
    return token(bench, f"CARD{next(numbers):04}", **about)


def test_a_boot_is_accepted_with_time_and_interval(station: Talk) -> None:
    answer = station.boot()
    assert answer["status"] == "Accepted"
    assert answer["interval"] == 300
    assert answer["currentTime"].endswith("Z")


def test_a_known_token_may_charge_whatever_its_case(station: Talk, bench: Bench) -> None:
    card = fresh(bench)
    assert station.authorize(card.lower())["status"] == "Accepted"


def test_a_blocked_token_is_refused(station: Talk, bench: Bench) -> None:
    card = fresh(bench, blocked=True)
    assert station.authorize(card)["status"] == "Blocked"
    assert station.begin(card)[1] == "Blocked"


def test_an_expired_token_is_refused(station: Talk, bench: Bench) -> None:
    card = fresh(bench, expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert station.authorize(card)["status"] == "Expired"


def test_an_unknown_token_is_refused(station: Talk) -> None:
    assert station.authorize("NOBODY")["status"] == ("Invalid" if station.old else "Unknown")


def test_the_group_is_told(station: Talk, bench: Bench) -> None:
    info = station.authorize(fresh(bench, group="FLEET"))
    if station.old:
        assert info["parentIdTag"] == "FLEET"
    else:
        assert info["groupIdToken"]["idToken"] == "FLEET"


def test_a_token_charges_once_at_a_time(station: Talk, bench: Bench) -> None:
    card = fresh(bench)
    assert station.begin(card, evse=1)[1] == "Accepted"
    assert station.begin(card, evse=2, minute=1)[1] == "ConcurrentTx"


def test_a_card_shown_to_stop_is_no_concurrent_use(station: Talk, bench: Bench) -> None:
    card = fresh(bench)
    reference, _ = station.begin(card)
    assert station.authorize(card)["status"] == "Accepted"
    assert station.end(reference, 2000, 30, card) == "Accepted"


def test_a_master_pass_stops_and_does_not_start(station: Talk, bench: Bench) -> None:
    master, card = fresh(bench, master=True), fresh(bench)
    assert station.begin(master)[1] == "Invalid"
    assert station.authorize(master)["status"] == "Accepted"
    reference, _ = station.begin(card, minute=1, evse=2)
    assert station.end(reference, 2000, 30, master) == "Accepted"
    assert station.row(reference).stop_token == master


def test_microocpp_237_a_repeated_start_is_not_concurrent_with_itself(
    station: Talk, bench: Bench
) -> None:
    payload = station.start_payload(fresh(bench), 1000, 0)
    first = station.start(payload)
    station.wire.reconnect()
    assert station.start(payload) == first
    assert first[1] == "Accepted"
    assert len(station.wire.transactions()) == 1


def test_a_transaction_from_start_to_end(station: Talk, bench: Bench) -> None:
    card = fresh(bench)
    reference, _ = station.begin(card, 1000)
    station.meter(reference, 2500, 10)
    assert station.row(reference).energy_wh == 1500
    station.end(reference, 6000, 30)
    row = station.row(reference)
    assert (row.state, row.energy_wh, row.held, row.complete) == ("ended", 5000, False, True)
    assert row.started_at == NOON
    assert row.ended_at == NOON + timedelta(minutes=30)
    assert row.token == card


def test_a_refused_token_s_energy_is_kept_and_held(station: Talk, bench: Bench) -> None:
    reference, status = station.begin(fresh(bench, blocked=True), 1000)
    assert status == "Blocked"
    station.end(reference, 3000, 5)
    row = station.row(reference)
    assert (row.energy_wh, row.held) == (2000, True)
    assert "unauthorized-energy" in station.wire.anomalies()


def test_a_meter_that_goes_back_is_held_and_not_guessed(station: Talk, bench: Bench) -> None:
    reference, _ = station.begin(fresh(bench), 5000)
    station.meter(reference, 7000, 10)
    station.end(reference, 4000, 20)
    row = station.row(reference)
    assert (row.energy_wh, row.held, row.meter_stop_wh) == (None, True, 4000)
    assert "meter-went-back" in station.wire.anomalies()


def test_a_meter_that_leaps_is_held(station: Talk, bench: Bench) -> None:
    reference, _ = station.begin(fresh(bench), 1000)
    station.meter(reference, 2000, 1)
    station.meter(reference, 900_000_000, 2)
    station.end(reference, 900_000_100, 3)
    assert station.row(reference).held
    assert "meter-jump" in station.wire.anomalies()


def test_two_starts_without_a_stop(station: Talk, bench: Bench) -> None:
    first, _ = station.begin(fresh(bench), 1000, 0)
    second, _ = station.begin(fresh(bench), 3000, 20)
    assert station.row(first).state == "presumed-ended"
    assert station.row(second).state == "active"
    assert "start-while-open" in station.wire.anomalies()
    station.end(first, 3000, 15)
    row = station.row(first)
    assert (row.state, row.energy_wh) == ("ended", 2000)
    assert station.row(second).state == "active"


def test_a_gap_to_the_last_stop_is_shown(station: Talk, bench: Bench) -> None:
    first, _ = station.begin(fresh(bench), 1000, 0)
    station.end(first, 2000, 10)
    second, _ = station.begin(fresh(bench), 2600, 20)
    station.end(second, 3000, 30)
    assert "meter-gap" in station.wire.anomalies()
    assert not station.row(second).held


def test_a_clock_of_1970_is_shown_and_the_time_of_receipt_counts(
    station: Talk, bench: Bench
) -> None:
    payload = station.start_payload(fresh(bench), 1000, 0)
    payload["timestamp"] = "1970-01-01T00:00:05Z"
    reference, status = station.start(payload)
    assert status == "Accepted"
    row = station.row(reference)
    assert abs((row.started_at - row.received_at).total_seconds()) < 1
    assert "clock-implausible" in station.wire.anomalies()
    facts = station.wire.facts(row.id)
    assert facts[0].at.year == 1970  # the raw fact is kept


def test_a_late_sample_belongs_to_its_ended_transaction(station: Talk, bench: Bench) -> None:
    reference, _ = station.begin(fresh(bench), 1000, 0)
    if not station.old:
        station._seq[reference] = 1
    station.end(reference, 5000, 30)
    station._seq[reference] = 0  # made before the end, it comes after it
    station.meter(reference, 3000, 15)
    row = station.row(reference)
    assert 3000 in [p.energy_wh for p in station.wire.series(row.id)]
    assert row.energy_wh == 4000


def test_a_transaction_survives_a_restart(station: Talk, bench: Bench) -> None:
    reference, _ = station.begin(fresh(bench), 1000, 0)
    station.wire.reconnect()
    station.meter(reference, 2000, 10)
    station.wire.reconnect()
    station.end(reference, 3000, 20)
    row = station.row(reference)
    assert (row.energy_wh, row.complete) == (2000, True)


def test_a_boot_does_not_end_transactions(station: Talk, bench: Bench) -> None:
    reference, _ = station.begin(fresh(bench))
    station.boot()
    assert station.row(reference).state == "active"


def test_a_resolved_anomaly_releases_the_bill(station: Talk, bench: Bench) -> None:
    reference, _ = station.begin(fresh(bench, blocked=True), 1000)
    station.end(reference, 3000, 5)
    row = station.row(reference)
    page = bench.run(bench.store.catalogue.anomalies(DEFAULT_OPERATOR, transaction=row.id))
    for anomaly in page.items:
        bench.run(
            bench.services.anomalies.resolve(DEFAULT_OPERATOR, int(anomaly.id), by="test")  # type: ignore[arg-type]
        )
    assert not station.row(reference).held


# --- 1.6 alone ------------------------------------------------------------------------------------


def test_libocpp_495_a_stop_with_id_minus_one_ends_the_only_one_that_fits(
    old: Talk, bench: Bench
) -> None:
    card = fresh(bench)
    reference, _ = old.begin(card, 1000, 0)
    stop = old.end_payload(-1, 4000, 20, card)
    assert old.finish(stop) == "Accepted"
    assert old.finish(stop) == "Accepted"
    row = old.row(reference)
    assert (row.state, row.energy_wh) == ("ended", 3000)
    assert len(old.wire.transactions()) == 1
    assert "stop-without-id" in old.wire.anomalies()


def test_ocpp_core_34_a_stop_with_id_minus_one_never_ends_one_of_two(
    old: Talk, bench: Bench
) -> None:
    one, _ = old.begin(fresh(bench), 1000, 0, evse=1)
    two, _ = old.begin(fresh(bench), 1000, 1, evse=2)
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


def test_another_station_s_transaction_is_not_touched(old: Talk, bench: Bench) -> None:
    mine, _ = old.begin(fresh(bench), 1000, 0)
    other = Talk(bench, Version.V16)
    other.end(mine, 9000, 10)
    other.meter(mine + 1, 9000, 10)
    assert old.row(mine).state == "active"
    assert "foreign-transaction" in other.wire.anomalies()


def test_a_second_stop_that_differs_changes_nothing(old: Talk, bench: Bench) -> None:
    reference, _ = old.begin(fresh(bench), 1000, 0)
    old.end(reference, 4000, 20)
    old.end(reference, 9999, 21)
    assert old.row(reference).energy_wh == 3000
    assert "replay-differs" in old.wire.anomalies()
    assert len(old.wire.facts(old.row(reference).id)) == 3


def test_a_dead_clock_does_not_merge_two_transactions(old: Talk, bench: Bench) -> None:
    payload = old.start_payload(fresh(bench), 0, 0) | {"timestamp": "1970-01-01T00:00:00Z"}
    first, _ = old.start(payload)
    old.end(first, 500, 10)
    second, _ = old.start(payload)
    assert second != first


def test_a_start_on_connector_0_is_answered(old: Talk, bench: Bench) -> None:
    payload = old.start_payload(fresh(bench), 1000, 0, evse=0)
    reference, status = old.start(payload)
    assert reference > 0
    assert status == "Accepted"


def test_stop_with_transaction_data_keeps_its_samples(old: Talk, bench: Bench) -> None:
    reference, _ = old.begin(fresh(bench), 1000, 0)
    stop = old.end_payload(reference, 4000, 20)
    stop["transactionData"] = [
        {"timestamp": minutes(10), "sampledValue": [{"value": "2.5", "unit": "kWh"}]}
    ]
    old.finish(stop)
    row = old.row(reference)
    assert [p.energy_wh for p in old.wire.series(row.id)] == [2500]
    assert row.energy_wh == 3000


def test_ids_are_positive_31_bit_numbers(old: Talk, bench: Bench) -> None:
    seen = {old.begin(fresh(bench), 1000, n, evse=n)[0] for n in range(1, 30)}
    assert len(seen) == 29
    assert all(0 < number < 2**31 for number in seen)


# --- 2.x alone ------------------------------------------------------------------------------------


def test_tc_e_29_an_end_before_an_update(new: Talk, bench: Bench) -> None:
    reference, _ = new.begin(fresh(bench), 1000, 0)
    new._seq[reference] = 1
    new.end(reference, 5000, 30)
    assert not new.row(reference).complete
    new._seq[reference] = 0
    new.meter(reference, 3000, 15)
    row = new.row(reference)
    assert (row.state, row.complete, row.energy_wh) == ("ended", True, 4000)


def test_an_end_may_be_the_first_event_seen(new: Talk) -> None:
    new.end("lost-start", 5000, 30)
    row = new.row("lost-start")
    assert (row.state, row.energy_wh, row.held, row.complete) == ("ended", None, True, False)


def test_what_comes_in_later_events_is_merged_not_overwritten(new: Talk, bench: Bench) -> None:
    card = fresh(bench)
    payload = new.start_payload(card, 1000, 0)
    token_later = payload.pop("idToken")
    evse_later = payload.pop("evse")
    new.wire.call("TransactionEvent", payload)
    update = {
        "eventType": "Updated",
        "timestamp": minutes(1),
        "triggerReason": "Authorized",
        "seqNo": 1,
        "transactionInfo": {"transactionId": "tx-1", "chargingState": "Charging"},
        "evse": evse_later,
        "idToken": token_later,
    }
    answer = new.wire.call("TransactionEvent", update)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    new._seq["tx-1"] = 1
    new.meter("tx-1", 2000, 5)
    row = new.row("tx-1")
    assert (row.evse, row.token, row.charging) == (1, card, "Charging")


def test_the_same_number_with_other_content_changes_nothing(new: Talk, bench: Bench) -> None:
    reference, _ = new.begin(fresh(bench), 1000, 0)
    new.meter(reference, 2000, 5)
    new._seq[reference] = 0
    new.meter(reference, 9000, 5)
    assert new.row(reference).energy_wh == 1000
    assert "replay-differs" in new.wire.anomalies()


def test_missing_events_are_flagged_after_a_while(new: Talk, bench: Bench) -> None:
    reference, _ = new.begin(fresh(bench), 1000, 0)
    new._seq[reference] = 3
    new.end(reference, 5000, 30)
    later = NOON + timedelta(hours=3)
    settle = bench.services.transactions.settle
    bench.run(settle(DEFAULT_OPERATOR, later, patience=timedelta(minutes=10)))
    assert "events-missing" in new.wire.anomalies()
    assert bench.run(settle(DEFAULT_OPERATOR, later, patience=timedelta(minutes=10))) == 0


def test_no_authorization_needs_none(new: Talk) -> None:
    payload = new.start_payload("", 1000, 0)
    payload["idToken"] = {"idToken": "", "type": "NoAuthorization"}
    assert new.start(payload)[1] == "Accepted"


def test_a_remote_start_s_own_token_is_accepted(new: Talk, bench: Bench) -> None:
    outcome, number = bench.run(
        bench.services.commands.start(DEFAULT_OPERATOR, StationId(new.wire.station), evse=1)
    )
    assert outcome.result == "offline"
    assert 0 < number < 2**31
