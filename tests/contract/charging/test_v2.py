"""What only TransactionEvent can do to the ledger."""

from __future__ import annotations

from datetime import timedelta

from releve.domain.ids import DEFAULT_OPERATOR, StationId
from tests.support.ledger import Bench
from tests.support.talk import NOON, Card, Talk, minutes


def test_tc_e_29_an_end_before_an_update(new: Talk, card: Card) -> None:
    reference, _ = new.begin(card(), 1000, 0)
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


def test_what_comes_in_later_events_is_merged_not_overwritten(new: Talk, card: Card) -> None:
    mine = card()
    payload = new.start_payload(mine, 1000, 0)
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
    assert (row.evse, row.token, row.charging) == (1, mine, "Charging")


def test_the_same_number_with_other_content_changes_nothing(new: Talk, card: Card) -> None:
    reference, _ = new.begin(card(), 1000, 0)
    new.meter(reference, 2000, 5)
    new._seq[reference] = 0
    new.meter(reference, 9000, 5)
    assert new.row(reference).energy_wh == 1000
    assert "replay-differs" in new.wire.anomalies()


def test_missing_events_are_flagged_after_a_while(new: Talk, bench: Bench, card: Card) -> None:
    reference, _ = new.begin(card(), 1000, 0)
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
