"""One rule, written once: each scenario comes out alike in every version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from releve.domain.ids import DEFAULT_OPERATOR
from tests.support.ledger import Bench
from tests.support.talk import NOON, Card, Talk


def test_a_boot_is_accepted_with_time_and_interval(station: Talk) -> None:
    answer = station.boot()
    assert answer["status"] == "Accepted"
    assert 270 <= answer["interval"] <= 330, "each station a little different"
    assert answer["currentTime"].endswith("Z")


def test_a_known_token_may_charge_whatever_its_case(station: Talk, card: Card) -> None:
    mine = card()
    assert station.authorize(mine.lower())["status"] == "Accepted"


def test_a_blocked_token_is_refused(station: Talk, card: Card) -> None:
    mine = card(blocked=True)
    assert station.authorize(mine)["status"] == "Blocked"
    assert station.begin(mine)[1] == "Blocked"


def test_an_expired_token_is_refused(station: Talk, card: Card) -> None:
    mine = card(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert station.authorize(mine)["status"] == "Expired"


def test_an_unknown_token_is_refused(station: Talk) -> None:
    assert station.authorize("NOBODY")["status"] == ("Invalid" if station.old else "Unknown")


def test_the_group_is_told(station: Talk, card: Card) -> None:
    info = station.authorize(card(group="FLEET"))
    if station.old:
        assert info["parentIdTag"] == "FLEET"
    else:
        assert info["groupIdToken"]["idToken"] == "FLEET"


def test_a_token_charges_once_at_a_time(station: Talk, card: Card) -> None:
    mine = card()
    assert station.begin(mine, evse=1)[1] == "Accepted"
    assert station.begin(mine, evse=2, minute=1)[1] == "ConcurrentTx"


def test_a_card_shown_to_stop_is_no_concurrent_use(station: Talk, card: Card) -> None:
    mine = card()
    reference, _ = station.begin(mine)
    assert station.authorize(mine)["status"] == "Accepted"
    assert station.end(reference, 2000, 30, mine) == "Accepted"


def test_a_master_pass_stops_and_does_not_start(station: Talk, card: Card) -> None:
    master, mine = card(master=True), card()
    assert station.begin(master)[1] == "Invalid"
    assert station.authorize(master)["status"] == "Accepted"
    reference, _ = station.begin(mine, minute=1, evse=2)
    assert station.end(reference, 2000, 30, master) == "Accepted"
    assert station.row(reference).stop_token == master


def test_microocpp_237_a_repeated_start_is_not_concurrent_with_itself(
    station: Talk, card: Card
) -> None:
    payload = station.start_payload(card(), 1000, 0)
    first = station.start(payload)
    station.wire.reconnect()
    assert station.start(payload) == first
    assert first[1] == "Accepted"
    assert len(station.wire.transactions()) == 1


def test_a_transaction_from_start_to_end(station: Talk, card: Card) -> None:
    mine = card()
    reference, _ = station.begin(mine, 1000)
    station.meter(reference, 2500, 10)
    assert station.row(reference).energy_wh == 1500
    station.end(reference, 6000, 30)
    row = station.row(reference)
    assert (row.state, row.energy_wh, row.held, row.complete) == ("ended", 5000, False, True)
    assert row.started_at == NOON
    assert row.ended_at == NOON + timedelta(minutes=30)
    assert row.token == mine


def test_a_refused_token_s_energy_is_kept_and_held(station: Talk, card: Card) -> None:
    reference, status = station.begin(card(blocked=True), 1000)
    assert status == "Blocked"
    station.end(reference, 3000, 5)
    row = station.row(reference)
    assert (row.energy_wh, row.held) == (2000, True)
    assert "unauthorized-energy" in station.wire.anomalies()


def test_a_meter_that_goes_back_is_held_and_not_guessed(station: Talk, card: Card) -> None:
    reference, _ = station.begin(card(), 5000)
    station.meter(reference, 7000, 10)
    station.end(reference, 4000, 20)
    row = station.row(reference)
    assert (row.energy_wh, row.held, row.meter_stop_wh) == (None, True, 4000)
    assert "meter-went-back" in station.wire.anomalies()


def test_a_meter_that_leaps_is_held(station: Talk, card: Card) -> None:
    reference, _ = station.begin(card(), 1000)
    station.meter(reference, 2000, 1)
    station.meter(reference, 900_000_000, 2)
    station.end(reference, 900_000_100, 3)
    assert station.row(reference).held
    assert "meter-jump" in station.wire.anomalies()


def test_two_starts_without_a_stop(station: Talk, card: Card) -> None:
    first, _ = station.begin(card(), 1000, 0)
    second, _ = station.begin(card(), 3000, 20)
    assert station.row(first).state == "presumed-ended"
    assert station.row(second).state == "active"
    assert "start-while-open" in station.wire.anomalies()
    station.end(first, 3000, 15)
    row = station.row(first)
    assert (row.state, row.energy_wh) == ("ended", 2000)
    assert station.row(second).state == "active"


def test_a_gap_to_the_last_stop_is_shown(station: Talk, card: Card) -> None:
    first, _ = station.begin(card(), 1000, 0)
    station.end(first, 2000, 10)
    second, _ = station.begin(card(), 2600, 20)
    station.end(second, 3000, 30)
    assert "meter-gap" in station.wire.anomalies()
    assert not station.row(second).held


def test_a_clock_of_1970_is_shown_and_the_time_of_receipt_counts(station: Talk, card: Card) -> None:
    payload = station.start_payload(card(), 1000, 0)
    payload["timestamp"] = "1970-01-01T00:00:05Z"
    reference, status = station.start(payload)
    assert status == "Accepted"
    row = station.row(reference)
    assert abs((row.started_at - row.received_at).total_seconds()) < 1
    assert "clock-implausible" in station.wire.anomalies()
    facts = station.wire.facts(row.id)
    assert facts[0].at.year == 1970  # the raw fact is kept


def test_a_late_sample_belongs_to_its_ended_transaction(station: Talk, card: Card) -> None:
    reference, _ = station.begin(card(), 1000, 0)
    if not station.old:
        station._seq[reference] = 1
    station.end(reference, 5000, 30)
    station._seq[reference] = 0  # made before the end, it comes after it
    station.meter(reference, 3000, 15)
    row = station.row(reference)
    assert 3000 in [p.energy_wh for p in station.wire.series(row.id)]
    assert row.energy_wh == 4000


def test_a_transaction_survives_a_restart(station: Talk, card: Card) -> None:
    reference, _ = station.begin(card(), 1000, 0)
    station.wire.reconnect()
    station.meter(reference, 2000, 10)
    station.wire.reconnect()
    station.end(reference, 3000, 20)
    row = station.row(reference)
    assert (row.energy_wh, row.complete) == (2000, True)


def test_a_boot_does_not_end_transactions(station: Talk, card: Card) -> None:
    reference, _ = station.begin(card())
    station.boot()
    assert station.row(reference).state == "active"


def test_a_resolved_anomaly_releases_the_bill(station: Talk, bench: Bench, card: Card) -> None:
    reference, _ = station.begin(card(blocked=True), 1000)
    station.end(reference, 3000, 5)
    row = station.row(reference)
    page = bench.run(bench.store.catalogue.anomalies(DEFAULT_OPERATOR, transaction=row.id))
    for anomaly in page.items:
        bench.run(
            bench.services.anomalies.resolve(DEFAULT_OPERATOR, int(anomaly.id), by="test")  # type: ignore[arg-type]
        )
    assert not station.row(reference).held


def test_a_transaction_found_in_the_store_by_its_meter_values_is_complete(
    station: Talk, card: Card
) -> None:
    """A commit whose outcome was unknown may show its row only after the live state was loaded."""
    reference, _ = station.begin(card(), 1000, 0)
    station.wire.live.transactions.clear()
    station.meter(reference, 2000, 10)
    station.end(reference, 3000, 20)
    assert station.row(reference).complete
