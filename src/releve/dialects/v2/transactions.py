"""TransactionEvent of 2.x as a report to the ledger."""

from __future__ import annotations

from releve.dialects.v2.metering import samples
from releve.dialects.v2.wire import WireIdToken, WireTransactionEvent, WireTransactionStatus
from releve.domain.commands import Outcome, Result
from releve.domain.station import ChargingState
from releve.domain.token import IdToken
from releve.domain.transaction import EventKind
from releve.services.transaction_report import Report

_KINDS: dict[str, EventKind] = {str(kind): kind for kind in EventKind}
_CHARGING: dict[str | None, ChargingState] = {str(state): state for state in ChargingState}


def presented(token: WireIdToken) -> IdToken:
    """A token as presented; additionalInfo takes no part in its identity (2.1 2.61)."""
    return IdToken(token.id_token, str(token.type))


def report(event: WireTransactionEvent, *, answers_limits: bool = False) -> Report:
    """What an event says. An event of a type that nobody knows is an update: it is a fact all the same."""
    transaction = event.transaction_info
    evse = event.evse
    token = event.id_token
    stopped = transaction.stopped_reason
    return Report(
        kind=_KINDS.get(event.event_type, EventKind.UPDATED),
        reference=transaction.transaction_id,
        seq_no=event.seq_no,
        at=event.timestamp,
        trigger=str(event.trigger_reason),
        offline=event.offline,
        evse=evse.id if evse is not None else None,
        connector=(evse.connector_id or None) if evse is not None else None,  # 0 in the field
        token=presented(token) if token is not None else None,
        charging=_CHARGING.get(transaction.charging_state),
        stop_reason=str(stopped) if stopped is not None else None,
        remote_start_id=transaction.remote_start_id,
        reservation_id=event.reservation_id,
        samples=samples(event.meter_value) if event.meter_value else (),
        answers_limits=answers_limits,
    )


def status_told(response: WireTransactionStatus) -> Outcome:
    """What a station said of a transaction, for `services.gaps`."""
    return Outcome(
        result=Result.ANSWERED,
        accepted=True,
        details={"ongoing": response.ongoing_indicator, "queued": response.messages_in_queue},
    )
