"""What cases about money need: sessions with registers, pages as drivers see them, a price."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.contract.certification.test_c_authorization import Session
from tests.support.rig import Rig, ScriptedStation, now

AN_HOUR_AGO = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def metered(session: Session, kind: str, trigger: str, wh: float, **more: Any) -> Any:
    """An event with a register."""
    station = session.station
    reading = {"value": wh, "measurand": "Energy.Active.Import.Register"}
    token = more.pop("token", None)
    at = more.pop("at", None) or now()
    event: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at,
        "triggerReason": trigger,
        "seqNo": session.seq_no,
        "transactionInfo": {"transactionId": session.key, **more},
        "meterValue": [{"timestamp": at, "sampledValue": [reading]}],
    }
    if session.seq_no == 0:
        event["evse"] = {"id": session.evse, "connectorId": 1}
    if token is not None:
        event["idToken"] = token
    session.seq_no += 1
    return await station.call("TransactionEvent", event)


async def limited(rig: Rig, limits: str = "maxCost,maxEnergy,maxTime") -> ScriptedStation:
    """A 2.1 station that keeps limits (TxCtrlr.SupportedLimits)."""
    station = await rig.station("2.1")
    report = {
        "requestId": 1,
        "generatedAt": now(),
        "seqNo": 0,
        "reportData": [
            {
                "component": {"name": "TxCtrlr"},
                "variable": {"name": "SupportedLimits"},
                "variableAttribute": [{"value": limits, "mutability": "ReadOnly"}],
                "variableCharacteristics": {"dataType": "MemberList", "supportsMonitoring": False},
            }
        ],
    }
    await station.call("NotifyReport", report)
    return station


async def opened(rig: Rig, url: str, **options: Any) -> httpx.Response:
    """A page as a driver's telephone sees it: without any key."""
    path = re.sub(r"^https?://[^/]+", "", url)
    base = str(rig.running.client.base_url)
    async with httpx.AsyncClient(base_url=base) as client:
        method = options.pop("method", "GET")
        headers = {"origin": base} if method == "POST" else {}
        return await client.request(method, path, headers=headers, **options)


async def paid(rig: Rig, reference: str, state: str = "settled") -> dict[str, Any]:
    async def look() -> Any:
        found = await rig.get("/payments")
        return next((p for p in found["items"] if p["psp_ref"] == reference), None)

    return await rig.eventually(look, lambda p: p is not None and p["state"] == state)


async def half_a_euro(rig: Rig) -> None:
    """A tariff of 0.50 for a kWh, for all of the node."""
    await rig.post("/tariffs/flat", {"name": "Street", "currency": "EUR", "kwh": "0.50"})
