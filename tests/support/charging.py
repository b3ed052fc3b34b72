"""A transaction of a scripted station, as the cases of tariffs, displays and V2X play it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.support.rig import Rig, ScriptedStation, now

_numbers = count(1)
PLAIN = {"kwh": "0.40", "currency": "EUR", "tax": "20"}


def fresh(name: str) -> str:
    """A name that no other test has."""
    return f"{name} {next(_numbers)}"


async def tariff(rig: Rig, **about: Any) -> dict[str, Any]:
    """A flat rate of a fresh name, for the scope given; how it stands in the register."""
    body = {"name": fresh("tariff"), **PLAIN, "scope": {}, **about}
    return dict(await rig.post("/tariffs/flat", body))


def meter(wh: float, context: str = "Sample.Periodic", at: str = "") -> list[dict[str, Any]]:
    value = {"value": wh, "measurand": "Energy.Active.Import.Register", "context": context}
    return [{"timestamp": at or now(), "sampledValue": [value]}]


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


class Charge:
    """A transaction of a scripted station."""

    def __init__(self, station: ScriptedStation, token: str) -> None:
        self.station = station
        self.token = {"idToken": token, "type": "ISO14443"}
        self.reference = f"TX-{next(_numbers):05}"
        self.numbers = count()

    async def event(self, kind: str, trigger: str, **more: Any) -> dict[str, Any]:
        info = {"transactionId": self.reference, **more.pop("info", {})}
        return await self.station.call(
            "TransactionEvent",
            {
                "eventType": kind,
                "timestamp": more.pop("at", now()),
                "triggerReason": trigger,
                "seqNo": next(self.numbers),
                "transactionInfo": info,
                **more,
            },
        )

    async def begin(self, wh: float = 1000.0, **more: Any) -> dict[str, Any]:
        at = more.pop("at", ago(minutes=60))
        return await self.event(
            "Started",
            "Authorized",
            idToken=self.token,
            evse={"id": 1, "connectorId": 1},
            meterValue=meter(wh, "Transaction.Begin", at),
            at=at,
            **{"info": {"chargingState": "Charging"}} | more,
        )

    async def sample(self, wh: float, **more: Any) -> dict[str, Any]:
        return await self.event("Updated", "MeterValuePeriodic", meterValue=meter(wh), **more)

    async def end(self, wh: float | None = None, **more: Any) -> dict[str, Any]:
        values = {} if wh is None else {"meterValue": meter(wh, "Transaction.End")}
        info = {"stoppedReason": "EVDisconnected", "chargingState": "Idle"} | more.pop("info", {})
        return await self.event("Ended", "EVCommunicationLost", info=info, **values, **more)


async def seen(rig: Rig, charge: Charge) -> dict[str, Any]:
    found = await rig.get("/transactions", search=charge.reference)
    return dict(found["items"][0])


async def able(rig: Rig, station: ScriptedStation, values: dict[tuple[str, str, str], str]) -> None:
    """Let the operator read these variables from the station."""

    def told(asked: dict[str, Any]) -> dict[str, Any]:
        results = []
        for data in asked["getVariableData"]:
            variable = data["variable"]
            key = (data["component"]["name"], variable["name"], variable.get("instance", ""))
            results.append({**data, "attributeStatus": "Accepted", "attributeValue": values[key]})
        return {"getVariableResult": results}

    station.answers("GetVariables", told)
    names = [
        {"component": c, "variable": v, **({"instance": i} if i else {})} for c, v, i in values
    ]
    await rig.post(f"/stations/{station.id}/variables/read", {"names": names})
