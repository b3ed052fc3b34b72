"""F: remote start and stop, unlock, trigger."""

from __future__ import annotations

import msgspec

from releve.dialects.registry import Unsupported
from releve.dialects.v2.outcome import heard
from releve.dialects.v2.smart_charging import built, plain
from releve.dialects.v201.authorization import group_token, wire_token
from releve.dialects.v201.availability import wire_evse
from releve.dialects.v201.version import v201
from releve.domain.commands import (
    Outcome,
    RequestStart,
    RequestStop,
    TriggerMessage,
    UnlockConnector,
)
from releve.ocpp.messages.v201 import (
    ChargingProfile,
    MessageTriggerEnum,
    RequestStartTransactionRequest,
    RequestStartTransactionResponse,
    RequestStopTransactionRequest,
    RequestStopTransactionResponse,
    TriggerMessageRequest,
    TriggerMessageResponse,
    UnlockConnectorRequest,
    UnlockConnectorResponse,
)
from releve.services.live import LiveStation

_TRIGGERS = {str(trigger): trigger for trigger in MessageTriggerEnum}


@v201.asks
def request_start(command: RequestStart, station: LiveStation) -> RequestStartTransactionRequest:
    return RequestStartTransactionRequest(
        id_token=wire_token(command.token),
        group_id_token=group_token(command.group),
        remote_start_id=command.remote_start_id,
        evse_id=command.evse or None,
        charging_profile=None
        if command.profile is None
        else built(plain(command.profile), ChargingProfile, v201.version.label),
    )


@v201.hears
def start_requested(command: RequestStart, response: RequestStartTransactionResponse) -> Outcome:
    """With the transaction that runs already, if the cable was there first (F01.FR.09, F02.FR.01)."""
    outcome = heard(response)
    if response.transaction_id is None:
        return outcome
    return msgspec.structs.replace(outcome, details={"transaction": response.transaction_id})


@v201.asks
def request_stop(command: RequestStop, station: LiveStation) -> RequestStopTransactionRequest:
    return RequestStopTransactionRequest(transaction_id=command.reference)


@v201.hears
def stop_requested(command: RequestStop, response: RequestStopTransactionResponse) -> Outcome:
    return heard(response)


@v201.asks
def unlock(command: UnlockConnector, station: LiveStation) -> UnlockConnectorRequest:
    if command.evse < 1 or command.connector < 1:
        raise Unsupported("only a connector can be unlocked, not the station or an EVSE")
    return UnlockConnectorRequest(evse_id=command.evse, connector_id=command.connector)


@v201.hears
def unlocked(command: UnlockConnector, response: UnlockConnectorResponse) -> Outcome:
    return heard(response)


@v201.asks
def trigger(command: TriggerMessage, station: LiveStation) -> TriggerMessageRequest:
    wanted = _TRIGGERS.get(command.message)
    if wanted is None or command.extended:
        raise Unsupported(f"OCPP 2.0.1 cannot trigger {command.message}")
    connector = command.connector
    if wanted is MessageTriggerEnum.STATUS_NOTIFICATION:
        if not command.evse:
            raise Unsupported("a station tells the status of connectors: name an EVSE")
        connector = connector or 1  # F06.FR.13
    return TriggerMessageRequest(requested_message=wanted, evse=wire_evse(command.evse, connector))


@v201.hears
def triggered(command: TriggerMessage, response: TriggerMessageResponse) -> Outcome:
    return heard(response)
