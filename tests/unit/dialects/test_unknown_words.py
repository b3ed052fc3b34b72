"""A word that this version has not, where something hangs on it: the message is unreadable, not a failure of ours."""

from __future__ import annotations

import pytest

from releve.dialects.registry import Unreadable
from releve.ocpp.version import Version
from tests.unit.dialects.kit import NOW, answer, noting_services

AT = NOW.isoformat()
HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "0a",
    "issuerKeyHash": "0b",
    "serialNumber": "1",
}
SCHEDULE = {
    "id": 1,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}],
}
PROFILE = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Recurring",
    "recurrencyKind": "Yearly",
    "chargingSchedule": [SCHEDULE],
}
REPORT = {
    "requestId": 1,
    "chargingLimitSource": "CSO",
    "evseId": 1,
    "chargingProfile": [PROFILE],
}
SWAP = {
    "eventType": "BatteryEaten",
    "requestId": 1,
    "idToken": {"idToken": "ADA", "type": "ISO14443"},
    "batteryData": [{"evseId": 1, "serialNumber": "B", "soC": 50.0, "soH": 90.0}],
}
CASES = [
    (Version.V201, "ReportChargingProfiles", REPORT),
    (Version.V21, "ReportChargingProfiles", REPORT),
    (Version.V21, "BatterySwap", SWAP),
    (Version.V21, "NotifyDERAlarm", {"controlType": "Wind", "timestamp": AT}),
    (
        Version.V201,
        "GetCertificateStatus",
        {"ocspRequestData": {**HASH, "hashAlgorithm": "MD5", "responderURL": "http://o"}},
    ),
]


@pytest.mark.parametrize(("version", "action", "payload"), CASES)
async def test_an_unknown_word_is_unreadable(version: Version, action: str, payload: dict) -> None:
    with pytest.raises(Unreadable):
        await answer(version, action, payload, noting_services())
