"""Named ways in which stations of the field bend the rules, to be switched on per group of a scenario.

Each is seen in public issue trackers. Those that change what a message looks like are in `BENDERS`; the
others change what the station does, and are asked for where it does it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

LOCAL_OFFSET = timedelta(hours=2)
"""How far the `local-time` quirks are off: Central European summer time."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Quirk(StrEnum):
    """The names that scenario files use."""

    LOCAL_TIME = "local-time-with-z"
    NO_ZONE = "time-without-zone"
    COMMA_DECIMALS = "comma-decimals"
    NAN_VALUES = "nan-values"
    EXTRA_FIELDS = "extra-fields"
    NULL_FIELDS = "null-fields"
    LONG_SERIAL = "long-serial"
    EMPTY_VENDOR = "empty-vendor"
    METER_VALUE_OBJECT = "meter-value-object"
    REGISTER_RESTARTS = "register-restarts"
    CLOCK_1970 = "clock-1970"
    REPEATED_BOOTS = "repeated-boots"
    DUPLICATE_START = "duplicate-start"
    IDS_FROM_ONE = "ids-from-one"
    SAME_ID_RETRY = "same-id-on-retry"
    TRAILING_SLASH = "trailing-slash"
    NO_SUBPROTOCOL = "no-subprotocol"
    HEX_PASSWORD = "hex-password"  # noqa: S105 - the name of a quirk
    IGNORES_PROFILES = "ignores-profiles"
    LOSES_STOP = "loses-stop"
    STALE_READINGS = "stale-readings"
    OWN_MEASURANDS = "own-measurands"
    CONNECTOR_ZERO = "connector-zero"
    HEARTBEAT_IGNORED = "heartbeat-ignored"
    ONE_KEY = "one-key-at-a-time"
    AMPS_ONLY = "amps-only"
    STACK_LEVEL_ZERO = "stack-level-zero"
    FEW_PERIODS = "few-periods"


DESCRIPTIONS: dict[Quirk, str] = {
    Quirk.LOCAL_TIME: "sends local time and calls it UTC (Z)",
    Quirk.NO_ZONE: "sends timestamps without a zone",
    Quirk.COMMA_DECIMALS: "writes meter values with a decimal comma",
    Quirk.NAN_VALUES: "writes NaN where it could not read its meter (1.6 only: 2.x values are numbers)",
    Quirk.EXTRA_FIELDS: "adds members that the schema does not know",
    Quirk.NULL_FIELDS: "sends null instead of leaving a member out",
    Quirk.LONG_SERIAL: "has a serial number longer than the schema allows",
    Quirk.EMPTY_VENDOR: "leaves the vendor's name empty",
    Quirk.METER_VALUE_OBJECT: "sends meterValue as one object instead of a list",
    Quirk.REGISTER_RESTARTS: "starts its energy register at 0 in each transaction",
    Quirk.CLOCK_1970: "believes it is 1970 until the first answer to a boot notification",
    Quirk.REPEATED_BOOTS: "sends BootNotification at every reconnection",
    Quirk.DUPLICATE_START: "loses the first answer to a transaction's start and sends it again",
    Quirk.IDS_FROM_ONE: "numbers its messages from 1 at each connection",
    Quirk.SAME_ID_RETRY: "repeats a message with the id of the first attempt",
    Quirk.TRAILING_SLASH: "adds a slash to the connection URL",
    Quirk.NO_SUBPROTOCOL: "offers no WebSocket subprotocol",
    Quirk.HEX_PASSWORD: "sends the hexadecimal text of its AuthorizationKey instead of its bytes",
    Quirk.IGNORES_PROFILES: "accepts charging profiles and does not obey them",
    Quirk.LOSES_STOP: "loses every third StopTransaction for good, as after a power cut",
    Quirk.STALE_READINGS: "repeats the register of the beginning beside each new reading (1.6 only)",
    Quirk.OWN_MEASURANDS: "has a measurand of its own for power, and a senseless state of charge",
    Quirk.CONNECTOR_ZERO: "calls its only connector 0 (1.6 only)",
    Quirk.HEARTBEAT_IGNORED: "does not take its heartbeat interval from the answer to its boot",
    Quirk.ONE_KEY: "answers GetConfiguration for one key at a time only (1.6 only)",
    Quirk.AMPS_ONLY: "rejects charging profiles in watts",
    Quirk.STACK_LEVEL_ZERO: "rejects charging profiles of other stack levels than 0",
    Quirk.FEW_PERIODS: "rejects charging profiles of more than two periods",
}

Payload = dict[str, Any]
NOWHERE = 99
"""A connector that no station has."""
TIMES = frozenset(("timestamp", "currentTime", "expiryDate", "expiryDateTime"))


def bend(quirks: frozenset[Quirk], action: str, payload: bytes) -> bytes:
    """The payload as a station with `quirks` would write it."""
    benders = [bender for quirk, bender in BENDERS.items() if quirk in quirks]
    if not benders:
        return payload
    content: Payload = msgspec.json.decode(payload)
    for bender in benders:
        bender(action, content)
    return msgspec.json.encode(content)


def heard(quirks: frozenset[Quirk], request: Any) -> Any:
    """A request as a station with `quirks` understands it: one that calls its connector 0 has none that is called 1."""
    connector = getattr(request, "connector_id", None)
    if Quirk.CONNECTOR_ZERO not in quirks or connector not in (0, 1):
        return request
    return msgspec.structs.replace(request, connector_id=1 if connector == 0 else NOWHERE)


def _shift(text: str, zone: str) -> str:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00")) + LOCAL_OFFSET
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + zone


def _rewrite(node: Any, keys: Iterable[str], change: Callable[[Any], Any]) -> None:
    """Apply `change` to the values of `keys`, at any depth."""
    if isinstance(node, list):
        for item in node:
            _rewrite(item, keys, change)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in keys:
                node[key] = change(value)
            else:
                _rewrite(value, keys, change)


def _local_time(_action: str, content: Payload) -> None:
    _rewrite(content, TIMES, lambda text: _shift(text, "Z"))


def _no_zone(_action: str, content: Payload) -> None:
    _rewrite(content, TIMES, lambda text: text.removesuffix("Z"))


def _comma(_action: str, content: Payload) -> None:
    _rewrite(content, ("value",), lambda v: v.replace(".", ",") if isinstance(v, str) else v)


def _nan(action: str, content: Payload) -> None:
    if action == "MeterValues":
        _rewrite(content, ("value",), lambda v: "NaN" if isinstance(v, str) else v)


def _extra(_action: str, content: Payload) -> None:
    content["x-firmwareBuild"] = "r7"


def _nulls(_action: str, content: Payload) -> None:
    content.setdefault("customInfo", None)
    if _action == "StatusNotification":
        content.setdefault("vendorErrorCode", None)


def _identity(content: Payload) -> Payload:
    station = content.get("chargingStation")
    return station if isinstance(station, dict) else content


def _long_serial(action: str, content: Payload) -> None:
    if action == "BootNotification":
        target = _identity(content)
        key = "serialNumber" if "model" in target else "chargePointSerialNumber"
        target[key] = str(target.get(key, "SN")).ljust(34, "0")


def _empty_vendor(action: str, content: Payload) -> None:
    if action == "BootNotification":
        target = _identity(content)
        target["vendorName" if "model" in target else "chargePointVendor"] = ""


def _meter_value_object(action: str, content: Payload) -> None:
    if action == "MeterValues" and content.get("meterValue"):
        content["meterValue"] = content["meterValue"][0]


def _sampled(content: Payload) -> list[list[Payload]]:
    """The lists of sampled values of a message."""
    values = content.get("meterValue") or content.get("transactionData") or []
    return [each["sampledValue"] for each in values if isinstance(each, dict)]


def _stale(action: str, content: Payload) -> None:
    if action != "MeterValues":
        return
    for sampled in _sampled(content):
        sampled += [
            {**reading, "value": "0", "context": "Transaction.Begin"}
            for reading in sampled
            if "measurand" not in reading or reading["measurand"].startswith("Energy.")
        ]


def _own_measurands(_action: str, content: Payload) -> None:
    for sampled in _sampled(content):
        for reading in sampled:
            if reading.get("measurand") == "Power.Active.Import":
                reading["measurand"] = "Power"
            elif reading.get("measurand") == "SoC":
                reading["value"] = "255" if isinstance(reading["value"], str) else 255


def _connector_zero(_action: str, content: Payload) -> None:
    if "connectorId" in content and content["connectorId"] == 1:
        content["connectorId"] = 0


BENDERS: dict[Quirk, Callable[[str, Payload], None]] = {
    Quirk.LOCAL_TIME: _local_time,
    Quirk.NO_ZONE: _no_zone,
    Quirk.COMMA_DECIMALS: _comma,
    Quirk.NAN_VALUES: _nan,
    Quirk.EXTRA_FIELDS: _extra,
    Quirk.NULL_FIELDS: _nulls,
    Quirk.LONG_SERIAL: _long_serial,
    Quirk.EMPTY_VENDOR: _empty_vendor,
    Quirk.STALE_READINGS: _stale,
    Quirk.OWN_MEASURANDS: _own_measurands,
    Quirk.CONNECTOR_ZERO: _connector_zero,
    Quirk.METER_VALUE_OBJECT: _meter_value_object,
}
