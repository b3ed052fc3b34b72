"""Examples for the OpenAPI document, by type. A test holds each against its type."""

from __future__ import annotations

from typing import Any

import msgspec

from releve.api.access import MadeApiKey, NewApiKey, NewUser
from releve.api.command_forms import (
    Availability,
    CommandResult,
    Reading,
    Start,
    StartResult,
    Transfer,
    Trigger,
    Unlock,
    Writing,
)
from releve.api.stations import NewStation, StationChanges
from releve.api.tokens import NewToken, TokenChanges
from releve.services.views import AnomalyView, EvseView, StationView, TokenView, TransactionView

_EVSE = {
    "evse": 1,
    "connector": 1,
    "status": "Occupied",
    "charging": "Charging",
    "reported": "Charging",
    "received_at": "2027-03-01T12:00:00Z",
    "transaction": "3765109248628838725",
    "token": "04A2BC7F",
    "energy_wh": 5310.0,
    "power_w": 11040.0,
    "since": "2027-03-01T11:31:12Z",
}
_RESULT = {
    "result": "answered",
    "status": "Accepted",
    "accepted": True,
    "payload": {"status": "Accepted"},
    "duration_ms": 84.2,
}
_HEARTBEAT = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}

EXAMPLES: dict[type[msgspec.Struct], dict[str, Any]] = {
    EvseView: _EVSE,
    StationView: {
        "id": "3765109248628838001",
        "identity": "YARD-01",
        "name": "Yard, left",
        "connectivity": "online",
        "connectivity_since": "2027-03-01T06:02:11Z",
        "boot": "Accepted",
        "registered": True,
        "version": "ocpp2.0.1",
        "vendor": "Acme",
        "model": "Pole 22",
        "evses": [_EVSE],
    },
    TransactionView: {
        "id": "3765109248628838725",
        "station": "3765109248628838001",
        "identity": "YARD-01",
        "reference": "b6c1f0de",
        "evse": 1,
        "token": "04A2BC7F",
        "state": "active",
        "charging": "Charging",
        "started_at": "2027-03-01T11:31:12Z",
        "meter_start_wh": 120400.0,
        "meter_last_wh": 125710.0,
        "energy_wh": 5310.0,
        "power_w": 11040.0,
    },
    TokenView: {"id": "3765109248628838555", "value": "04A2BC7F", "type": "ISO14443"},
    AnomalyView: {
        "id": "3765109248628838900",
        "station": "3765109248628838001",
        "identity": "YARD-01",
        "transaction": "3765109248628838725",
        "kind": "meter-went-back",
        "detail": {"before_wh": 125710, "after_wh": 120},
        "seen_at": "2027-03-01T12:00:00Z",
    },
    CommandResult: _RESULT,
    StartResult: {**_RESULT, "remote_start_id": 91823},
    NewStation: {"identity": "YARD-01", "name": "Yard, left", "password": ""},
    StationChanges: {"name": "Yard, right", "heartbeat_s": 600},
    NewToken: {"value": "04A2BC7F", "label": "Ada's card"},
    TokenChanges: {"blocked": True},
    Start: {"token": "04A2BC7F", "evse": 1},
    Unlock: {"evse": 1},
    Trigger: {"message": "StatusNotification", "evse": 1},
    Availability: {"operative": False, "evse": 1},
    Transfer: {"vendor": "com.acme", "message": "SetColour", "data": "#00ff00"},
    Reading: {"names": [_HEARTBEAT]},
    Writing: {"values": [{**_HEARTBEAT, "value": "600"}]},
    NewApiKey: {"name": "dashboard", "scopes": ["read"]},
    MadeApiKey: {
        "key": {
            "id": "3765109248628838777",
            "name": "dashboard",
            "hint": "rlv_Ab3d",
            "scopes": ["read"],
            "created_at": "2027-03-01T12:00:00Z",
        },
        "secret": "rlv_Ab3d…",
    },
    NewUser: {"name": "ada", "role": "operator"},
}
