"""What scripted stations say of transactions and connectors: 2.x `Charge`, 1.6 `start16` and `stop16`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

_numbers = count(1)
BEGAN = "Transaction.Begin"
ENDED = "Transaction.End"
PERIODIC = "Sample.Periodic"
CLOCK = "Sample.Clock"


def now(seconds: float = 0.0) -> str:
    """The time, `seconds` from now, as stations write it."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def energy(wh: float, context: str = PERIODIC, **more: Any) -> dict[str, Any]:
    """A MeterValue of 2.x with an energy register."""
    value = {"value": wh, "context": context, "measurand": "Energy.Active.Import.Register", **more}
    return {"timestamp": now(), "sampledValue": [value]}


def signed(wh: float, context: str, data: str) -> dict[str, Any]:
    """The same with a signature beside it."""
    signature = {
        "signedMeterData": data,
        "signingMethod": "ECDSA-secp256r1-SHA256",
        "encodingMethod": "OCMF",
        "publicKey": "oca:base16:asn1:3059301306072A8648CE3D020106082A8648CE3D03010703420004",
    }
    return energy(wh, context, signedMeterValue=signature)


class Charge:
    """A transaction of a 2.x station, told event by event."""

    def __init__(
        self,
        station: Any,
        token: str | None = None,
        *,
        evse: int = 1,
        token_type: str = "ISO14443",
    ) -> None:
        self.station = station
        self.evse = evse
        self.id = f"TX-{next(_numbers):06d}-{station.id}"[:36]
        self.seq = 0
        self.id_token = None if token is None else {"idToken": token, "type": token_type}

    async def event(
        self,
        kind: str,
        trigger: str,
        state: str | None = None,
        *,
        token: bool = False,
        place: bool = False,
        seq: int | None = None,
        info: dict[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Send a TransactionEvent; the answer. token: with the token. place: with EVSE and connector."""
        # Some seconds apart, shortly ago: else energy would flow faster than any car takes it.
        at = now(-280 + 15 * self.seq)
        for value in more.get("meterValue", ()):
            value["timestamp"] = at
        payload: dict[str, Any] = {
            "eventType": kind,
            "timestamp": at,
            "triggerReason": trigger,
            "seqNo": self.seq if seq is None else seq,
            "transactionInfo": {"transactionId": self.id, **(info or {})},
            **more,
        }
        if state is not None:
            payload["transactionInfo"]["chargingState"] = state
        if token and self.id_token is not None:
            payload["idToken"] = self.id_token
        if place:
            payload["evse"] = {"id": self.evse, "connectorId": 1}
        self.seq = max(self.seq, payload["seqNo"] + 1)
        answer: dict[str, Any] = await self.station.call("TransactionEvent", payload)
        answer.pop("totalCost", None)  # what it costs is block I's matter, and depends on tariffs
        return answer

    async def begin(
        self, trigger: str = "Authorized", state: str = "EVConnected", **more: Any
    ) -> dict[str, Any]:
        """Started, with token, place and a register of 1000 Wh."""
        more.setdefault("meterValue", [energy(1000, BEGAN)])
        return await self.event("Started", trigger, state, token=True, place=True, **more)

    async def charging(self, **more: Any) -> dict[str, Any]:
        """Energy flows."""
        return await self.event("Updated", "ChargingStateChanged", "Charging", **more)

    async def metered(self, wh: float, **more: Any) -> dict[str, Any]:
        """A periodic reading."""
        return await self.event(
            "Updated", "MeterValuePeriodic", "Charging", meterValue=[energy(wh)], **more
        )

    async def end(
        self, trigger: str = "StopAuthorized", reason: str = "Local", wh: float = 2000, **more: Any
    ) -> dict[str, Any]:
        """Ended, with the register at the end."""
        info = {"stoppedReason": reason, **more.pop("info", {})}
        more.setdefault("meterValue", [energy(wh, ENDED)])
        return await self.event(
            "Ended", trigger, more.pop("state", "EVConnected"), info=info, **more
        )

    async def row(self, rig: Any) -> dict[str, Any]:
        """The transaction as the API shows it."""
        return await transaction(rig, self.station, self.id)


async def transaction(rig: Any, station: Any, reference: str) -> dict[str, Any]:
    """The transaction of this name at this station, as the API shows it."""
    found = await rig.get("/transactions", station=station.id, search=reference)
    (row,) = [row for row in found["items"] if row["reference"] == reference]
    return dict(row)


async def connector(
    station: Any, status: str, *, evse: int = 1, notify_event: bool = False
) -> dict[str, Any]:
    """The state of a connector, by StatusNotification or by NotifyEvent (2.x lets a station choose)."""
    if not notify_event:
        return dict(
            await station.call(
                "StatusNotification",
                {"timestamp": now(), "connectorStatus": status, "evseId": evse, "connectorId": 1},
            )
        )
    event = {
        "eventId": next(_numbers),
        "timestamp": now(),
        "trigger": "Delta",
        "actualValue": status,
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "Connector", "evse": {"id": evse, "connectorId": 1}},
        "variable": {"name": "AvailabilityState"},
    }
    return dict(
        await station.call("NotifyEvent", {"generatedAt": now(), "seqNo": 0, "eventData": [event]})
    )


async def authorize(station: Any, token: str, kind: str = "ISO14443") -> str:
    """The status that Authorize answers for a token (2.x)."""
    answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": kind}})
    return str(answer["idTokenInfo"]["status"])


# --- 1.6 --------------------------------------------------------------------------------------------------------


async def status16(
    station: Any, status: str, connector_id: int = 1, error: str = "NoError"
) -> None:
    """A StatusNotification of 1.6."""
    answer = await station.call(
        "StatusNotification",
        {
            "connectorId": connector_id,
            "status": status,
            "errorCode": error,
            "timestamp": now(),
        },
    )
    assert answer == {}


async def start16(
    station: Any, tag: str, *, connector_id: int = 1, wh: int = 1000, **more: Any
) -> dict[str, Any]:
    """A StartTransaction of 1.6; the answer."""
    payload = {
        "connectorId": connector_id,
        "idTag": tag,
        "meterStart": wh,
        "timestamp": more.pop("timestamp", now()),
        **more,
    }
    return dict(await station.call("StartTransaction", payload))


async def stop16(
    station: Any, number: int, *, wh: int = 2000, reason: str = "Local", **more: Any
) -> dict[str, Any]:
    """A StopTransaction of 1.6; the answer."""
    payload = {
        "transactionId": number,
        "meterStop": wh,
        "timestamp": more.pop("timestamp", now()),
        "reason": reason,
        **more,
    }
    return dict(await station.call("StopTransaction", payload))
