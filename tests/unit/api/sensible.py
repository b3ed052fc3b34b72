"""Bodies that an operator might send, for routes that made-up or empty ones hardly ever get through to."""

from __future__ import annotations

from typing import Any

from tests.support.furnished import OTHERS, REVOKED, SUB_CA

PROFILE = {"purpose": "TxDefaultProfile", "schedules": [{"periods": [{"limit": 16}]}]}
NETWORK = {"url": "wss://csms.example/ocpp", "security_profile": 2}
BODIES: dict[str, dict[str, Any]] = {
    "changeToken": {"label": "Ada"},
    "addRevocationList": {"list": REVOKED},
    "addTariff": {"name": "2", "currency": "EUR", "fixed_fee": {"prices": [{"price": "1"}]}},
    "addTrustedAuthority": {"certificate": OTHERS.anchor, "uses": ["V2GRootCertificate"]},
    "addV2gAuthority": SUB_CA,
    "addPayment": {"station": "CP-1", "psp_ref": "kiosk", "evse": 1},
    "beginRollout": {"image": "1", "stations": ["CP-1"]},
    "changeAvailability": {"operative": False},
    "changeSecurityProfile": {"security_profile": 2},
    "changeTariff": {"name": "1", "currency": "EUR", "fixed_fee": {"prices": [{"price": "1"}]}},
    "changeTransactionTariff": {"tariff": "1"},
    "changeTransactionTransfer": {"modes": ["DC"]},
    "clearDerControls": {"is_default": True},
    "clearDisplayMessage": {"id": 1},
    "clearMonitors": {"ids": [1]},
    "configureLocalList": {"automatic": True},
    "configureWebPayments": {},
    "importTokens": {"csv": "value,type\nEVE,Central\n"},
    "installCertificate": {"use": "CSMSRootCertificate", "authority": "1"},
    "messageDriver": {"content": "Hello"},
    "migrateStation": {"slot": 1, "profile": NETWORK, "confirm": "1"},
    "publishFirmware": {"image": "1"},
    "referToFirmware": {"url": "https://x.example/other.bin"},
    "renegotiateSchedule": {"evse": 1},
    "renewStationCertificate": {},
    "requestBatterySwap": {"token": "ADA"},
    "reserve": {"token": "ADA", "expires_at": "2027-03-02T12:00:00Z"},
    "sendAfrrSignal": {"signal": 1, "at": "2027-03-01T12:00:00Z"},
    "setChargingLimit": {"limit": 16},
    "setChargingProfile": {"evse": 1, "profile": PROFILE},
    "setDefaultTariff": {"tariff": "1"},
    "setDerControl": {
        "control_id": "1",
        "is_default": True,
        "type": "LimitMaxDischarge",
        "limit_max_discharge": {"pct_max_discharge_power": 60},
    },
    "setMonitoringBase": {"base": "All"},
    "setMonitoringLevel": {"severity": 5},
    "setMonitors": {
        "monitors": [{"watched": {"component": "A", "variable": "B"}, "type": "Delta", "value": 1}]
    },
    "setNetworkPriority": {"slots": [1]},
    "setNetworkProfile": NETWORK,
    "showDisplayMessage": {"text": {"content": "Hello"}},
    "showDisplayMessageAtMany": {
        "stations": ["CP-1"],
        "message": {"id": 1, "text": {"content": "Hello"}},
    },
    "signFirmware": {"key": "1"},
    "setLimits": {"ItemsPerMessageSetVariables": 3},
    "switchQuirks": {"max_periods": 1},
    "topUpToken": {"amount": "5"},
    "transferData": {"vendor": "A"},
    "triggerMessage": {"message": "Heartbeat"},
    "unlockConnector": {"evse": 1},
    "unpublishFirmware": {"checksum": "0" * 32},
    "updateFirmware": {"image": "1"},
    "usePriorityCharging": {"transaction": "1", "activate": True},
    "writeVariables": {"values": [{"variable": "A", "value": "1"}]},
}
"""What routes need to be understood at all, so that it is the missing thing that they refuse."""
CONTENTS = {"uploadFirmware": b"firmware of another day"}
"""The same for routes that take a file."""
