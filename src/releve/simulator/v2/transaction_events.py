"""TransactionEvent: what is told of a transaction, and when (block E)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from releve.ocpp.messages import v21
from releve.ocpp.messages.base import Request, Response
from releve.simulator import limits, sampling, sessions
from releve.simulator.meter import Context, Sample
from releve.simulator.outbox import Entry
from releve.simulator.tokens import Token
from releve.simulator.transaction import ChargingState, Transaction, Trigger
from releve.simulator.v2 import wire

if TYPE_CHECKING:
    from releve.simulator.station import Station

Event = v21.TransactionEventEnum


def started(station: "Station", transaction: Transaction, trigger: Trigger) -> None:
    """The first event, with the readings configured for it (E01.FR.09)."""
    evse = station.evses[transaction.evse]
    sample = sampling.take(station, evse, Context.BEGIN, station.behaviour.started)
    at = transaction.began_at
    _queue(station, transaction, Event.STARTED, trigger, at, [sample], transaction.token)


def updated(
    station: "Station", transaction: Transaction, trigger: Trigger, sample: Sample | None = None
) -> None:
    """Something changed, or was measured."""
    token = None if transaction.token_reported else transaction.token
    if trigger is Trigger.STOP_AUTHORIZED:
        token = transaction.stop_token
    samples = [] if sample is None else [sample]
    at = station.now() if sample is None else sample.at
    _queue(station, transaction, Event.UPDATED, trigger, at, samples, token)


def ended(station: "Station", transaction: Transaction) -> None:
    """The last event, with all readings kept for it (E06.FR.11)."""
    station.side.forget_transaction(transaction.key)
    at = transaction.ended_at or station.now()
    trigger = transaction.stop_trigger or Trigger.ABNORMAL_CONDITION
    token = transaction.stop_token if trigger is Trigger.STOP_AUTHORIZED else None
    _queue(station, transaction, Event.ENDED, trigger, at, transaction.samples, token)


def _queue(
    station: "Station",
    transaction: Transaction,
    event: v21.TransactionEventEnum,
    trigger: Trigger,
    at: datetime,
    samples: Sequence[Sample],
    token: Token | None,
) -> None:
    """Settle everything about the event now; only whether it went out offline is known later."""
    if token is not None and token is transaction.token:
        transaction.token_reported = True  # once is enough (E01.FR.10)
    request = v21.TransactionEventRequest(
        event_type=event,
        meter_value=[wire.meter_value(sample) for sample in samples if sample.readings],
        timestamp=at,
        trigger_reason=v21.TriggerReasonEnum(trigger.value),
        seq_no=transaction.next_sequence(),
        number_of_phases_used=_phases(station, transaction),
        reservation_id=transaction.reservation if event is Event.STARTED else None,
        transaction_info=_info(transaction, event, trigger),
        evse=_evse(station, transaction),
        id_token=None if token is None else wire.id_token(token),
    )
    station.queue(_entry(station, transaction, request, trigger))


def event_ended(request: v21.TransactionEventRequest) -> bool:
    """Whether it is the last event of its transaction."""
    return request.event_type is Event.ENDED


def _entry(
    station: "Station",
    transaction: Transaction,
    request: v21.TransactionEventRequest,
    trigger: Trigger,
) -> Entry:
    def build(offline: bool) -> Request[Response]:
        return _as_offline(request) if offline else request  # E04.FR.03

    def answered(response: Response) -> None:
        if not isinstance(response, v21.TransactionEventResponse):
            return
        judged, limit = response.id_token_info, response.transaction_limit
        if judged and request.id_token is not None:
            sessions.judged(station, transaction, wire.token_info(judged))
        if limit is not None:
            limits.take(
                station,
                transaction,
                energy_wh=limit.max_energy,
                time_s=limit.max_time,
                soc_pct=limit.max_soc,
            )
        if response.total_cost is not None and event_ended(request):
            text = f"the display shows the cost: {response.total_cost:.2f}"
            station.note("cost", text, transaction.evse, cost=response.total_cost)  # I03.FR.03
        if response.updated_personal_message is not None:
            text = f"the display shows: {response.updated_personal_message.content}"
            station.note("message", text, transaction.evse)

    return Entry(
        "TransactionEvent",
        transaction,
        build,
        answered,
        begins=request.event_type is Event.STARTED,
        may_be_thinned=trigger in (Trigger.METER_VALUE_PERIODIC, Trigger.METER_VALUE_CLOCK),
    )


def _as_offline(request: v21.TransactionEventRequest) -> v21.TransactionEventRequest:
    return replace(request, offline=True)


def _info(
    transaction: Transaction, event: v21.TransactionEventEnum, trigger: Trigger
) -> v21.Transaction:
    reason = transaction.reason if event is Event.ENDED else None
    changed = trigger is Trigger.OPERATION_MODE_CHANGED  # K01.FR.110
    return v21.Transaction(
        transaction_id=transaction.key,
        charging_state=v21.ChargingStateEnum(transaction.state.value),
        stopped_reason=None if reason is None else wire.reason(reason),
        remote_start_id=transaction.remote_start_id,
        operation_mode=v21.OperationModeEnum(transaction.mode.value) if changed else None,
        transaction_limit=_limit(transaction) if trigger is Trigger.LIMIT_SET else None,
    )


def _limit(transaction: Transaction) -> v21.TransactionLimit:
    """The limits that are kept, as confirmation (E16.FR.03)."""
    limits = transaction.limits
    return v21.TransactionLimit(
        max_energy=limits.energy_wh,
        max_time=None if limits.time_s is None else int(limits.time_s),
        max_soc=None if limits.soc_pct is None else int(limits.soc_pct),
    )


def _evse(station: "Station", transaction: Transaction) -> v21.EVSE | None:
    """Once, in the first event after the car is connected (E01.FR.16)."""
    evse = station.evses[transaction.evse]
    if transaction.evse_reported or not evse.plugged:
        return None if transaction.evse_reported else v21.EVSE(id=transaction.evse)
    transaction.evse_reported = True
    return wire.evse(evse)


def _phases(station: "Station", transaction: Transaction) -> int | None:
    """The number of phases in use, when it is new (E02.FR.18, E02.FR.19)."""
    evse = station.evses[transaction.evse]
    phases = evse.meter.flow.phases
    if evse.supply.direct or transaction.state is not ChargingState.CHARGING:
        return None
    if phases in (0, transaction.phases_reported):
        return None
    transaction.phases_reported = phases
    return phases
