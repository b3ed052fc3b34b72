"""Remote start and stop, unlock, trigger."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.authorization import id_tag
from releve.dialects.v16.availability import connector_id
from releve.dialects.v16.smart_charging import wire_profile
from releve.dialects.v16.version import v16
from releve.domain.commands import (
    Outcome,
    RequestStart,
    RequestStop,
    TriggerMessage,
    UnlockConnector,
)
from releve.ocpp.messages.v16 import (
    ExtendedTriggerMessageRequest,
    ExtendedTriggerMessageResponse,
    MessageTrigger,
    MessageTriggerEnum,
    RemoteStartTransactionRequest,
    RemoteStartTransactionResponse,
    RemoteStopTransactionRequest,
    RemoteStopTransactionResponse,
    TriggerMessageRequest,
    TriggerMessageResponse,
    UnlockConnectorRequest,
    UnlockConnectorResponse,
)
from releve.services.live import LiveStation

# MessageTriggerEnumType of 2.1 -> MessageTrigger (1.6 7.31), and what only the security extension can trigger.
_TRIGGERS = {
    **{str(trigger): trigger for trigger in MessageTrigger},
    "LogStatusNotification": MessageTrigger.DIAGNOSTICS_STATUS_NOTIFICATION,
}
_EXTENDED = {
    **{str(trigger): trigger for trigger in MessageTriggerEnum},
    "SignChargingStationCertificate": MessageTriggerEnum.SIGN_CHARGE_POINT_CERTIFICATE,
}


@v16.asks
def remote_start(command: RequestStart, station: LiveStation) -> RemoteStartTransactionRequest:
    return RemoteStartTransactionRequest(
        id_tag=id_tag(command.token),
        connector_id=connector_id(command.evse) or None,
        charging_profile=None if command.profile is None else wire_profile(command.profile),
    )


@v16.hears
def remote_started(command: RequestStart, response: RemoteStartTransactionResponse) -> Outcome:
    return outcome(response.status)


@v16.asks
def remote_stop(command: RequestStop, station: LiveStation) -> RemoteStopTransactionRequest:
    if not command.reference.isdecimal():
        raise Unsupported("a transaction of OCPP 1.6 is named by a number")
    return RemoteStopTransactionRequest(transaction_id=int(command.reference))


@v16.hears
def remote_stopped(command: RequestStop, response: RemoteStopTransactionResponse) -> Outcome:
    return outcome(response.status)


@v16.asks
def unlock(command: UnlockConnector, station: LiveStation) -> UnlockConnectorRequest:
    if command.evse < 1:
        raise Unsupported("only a connector can be unlocked, not the station")
    return UnlockConnectorRequest(connector_id=connector_id(command.evse, command.connector))


@v16.hears
def unlocked(command: UnlockConnector, response: UnlockConnectorResponse) -> Outcome:
    return outcome(response.status)


@v16.asks
def trigger(
    command: TriggerMessage, station: LiveStation
) -> TriggerMessageRequest | ExtendedTriggerMessageRequest:
    where = connector_id(command.evse, command.connector) or None
    if command.custom is not None:
        raise Unsupported("OCPP 1.6 has no custom triggers")
    wanted = _TRIGGERS.get(command.message)
    if wanted is not None and not command.extended:
        return TriggerMessageRequest(requested_message=wanted, connector_id=where)
    if (extended := _EXTENDED.get(command.message)) is not None:
        return ExtendedTriggerMessageRequest(requested_message=extended, connector_id=where)
    raise Unsupported(f"OCPP 1.6 cannot trigger {command.message}")


@v16.hears
def triggered(
    command: TriggerMessage, response: TriggerMessageResponse | ExtendedTriggerMessageResponse
) -> Outcome:
    return outcome(response.status)
