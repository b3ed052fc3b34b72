"""One way to say the same thing in every version, for scenarios that must come out alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from releve.ocpp.version import Version
from tests.support.ledger import Bench, Wire

Card = Callable[..., str]
"""Registers a token with these properties; its value."""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minutes(number: float) -> str:
    """So many minutes after noon of the bench's day, as stations write it."""
    return (NOON + timedelta(minutes=number)).isoformat()


class Talk:
    """A station's messages. Statuses are given back in 2.1 words where 1.6 has another."""

    def __init__(self, bench: Bench, version: Version) -> None:
        self.version = version
        self.wire: Wire = bench.station(version)
        self._names = count(1)
        self._seq: dict[Any, int] = {}

    @property
    def old(self) -> bool:
        return self.version is Version.V16

    def boot(self) -> dict[str, Any]:
        if self.old:
            about: dict[str, Any] = {"chargePointModel": "M", "chargePointVendor": "V"}
        else:
            about = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
        return self.wire.call("BootNotification", about)

    def authorize(self, token: str) -> dict[str, Any]:
        if self.old:
            return self.wire.call("Authorize", {"idTag": token})["idTagInfo"]
        return self.wire.call("Authorize", {"idToken": _token(token)})["idTokenInfo"]

    def start_payload(
        self, token: str, wh: int, minute: float, evse: int = 1, name: str = ""
    ) -> dict[str, Any]:
        """The payload that begins a transaction; sent again it is a replay."""
        if self.old:
            return {
                "connectorId": evse,
                "idTag": token,
                "meterStart": wh,
                "timestamp": minutes(minute),
            }
        name = name or f"tx-{next(self._names)}"
        self._seq[name] = 0
        return {
            "eventType": "Started",
            "timestamp": minutes(minute),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": name},
            "evse": {"id": evse, "connectorId": 1},
            "idToken": _token(token),
            "meterValue": [_sample(wh, minute, "Transaction.Begin")],
        }

    def start(self, payload: dict[str, Any]) -> tuple[Any, str]:
        """Begin; the transaction's reference and the verdict."""
        if self.old:
            answer = self.wire.call("StartTransaction", payload)
            return answer["transactionId"], answer["idTagInfo"]["status"]
        answer = self.wire.call("TransactionEvent", payload)
        return payload["transactionInfo"]["transactionId"], answer["idTokenInfo"]["status"]

    def begin(self, token: str = "ADA", wh: int = 1000, minute: float = 0, evse: int = 1) -> Any:
        return self.start(self.start_payload(token, wh, minute, evse))

    def meter(self, reference: Any, wh: float | str, minute: float, evse: int = 1) -> None:
        if self.old:
            sample = {"timestamp": minutes(minute), "sampledValue": [{"value": str(wh)}]}
            self.wire.call(
                "MeterValues",
                {"connectorId": evse, "transactionId": reference, "meterValue": [sample]},
            )
            return
        self._seq[reference] += 1
        self.wire.call(
            "TransactionEvent",
            {
                "eventType": "Updated",
                "timestamp": minutes(minute),
                "triggerReason": "MeterValuePeriodic",
                "seqNo": self._seq[reference],
                "transactionInfo": {"transactionId": reference},
                "meterValue": [_sample(wh, minute, "Sample.Periodic")],
            },
        )

    def end_payload(
        self, reference: Any, wh: int, minute: float, token: str | None = None
    ) -> dict[str, Any]:
        if self.old:
            payload: dict[str, Any] = {
                "transactionId": reference,
                "meterStop": wh,
                "timestamp": minutes(minute),
            }
            return payload | ({"idTag": token} if token else {})
        self._seq[reference] = self._seq.get(reference, 0) + 1
        payload = {
            "eventType": "Ended",
            "timestamp": minutes(minute),
            "triggerReason": "StopAuthorized" if token else "EVDeparted",
            "seqNo": self._seq[reference],
            "transactionInfo": {"transactionId": reference, "stoppedReason": "Local"},
            "meterValue": [_sample(wh, minute, "Transaction.End")],
        }
        return payload | ({"idToken": _token(token)} if token else {})

    def finish(self, payload: dict[str, Any]) -> str | None:
        """End; the verdict on the stopping token, None when none was shown."""
        action = "StopTransaction" if self.old else "TransactionEvent"
        answer = self.wire.call(action, payload)
        info = answer.get("idTagInfo" if self.old else "idTokenInfo")
        return info["status"] if info else None

    def end(self, reference: Any, wh: int, minute: float, token: str | None = None) -> str | None:
        return self.finish(self.end_payload(reference, wh, minute, token))

    def row(self, reference: Any) -> Any:
        return self.wire.transactions()[str(reference)]


def _token(value: str) -> dict[str, str]:
    return {"idToken": value, "type": "ISO14443"}


def _sample(wh: float | str, minute: float, context: str) -> dict[str, Any]:
    return {
        "timestamp": minutes(minute),
        "sampledValue": [{"value": wh, "context": context}],
    }
