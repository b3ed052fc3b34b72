"""Stations that bend the rules bend exactly the one they are told to."""

import json

import pytest

from releve.simulator import ManualClock, Quirk
from releve.simulator.quirks import BENDERS, DESCRIPTIONS, bend


def bent(quirk, action, payload):
    return json.loads(bend(frozenset([quirk]), action, json.dumps(payload).encode()))


STATUS = {"connectorId": 1, "status": "Available", "timestamp": "2026-06-01T10:00:00.500Z"}
METER = {
    "connectorId": 1,
    "meterValue": [{"timestamp": "2026-06-01T10:00:00Z", "sampledValue": [{"value": "12.5"}]}],
}
BOOT_16 = {"chargePointVendor": "V", "chargePointModel": "M", "chargePointSerialNumber": "S"}
BOOT_2 = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}


def test_every_quirk_is_described():
    assert set(DESCRIPTIONS) == set(Quirk)


def test_without_quirks_not_a_byte_changes():
    odd = b'{ "spaced":1}'
    assert bend(frozenset(), "Heartbeat", odd) is odd


@pytest.mark.parametrize(
    ("quirk", "action", "payload", "expected"),
    [
        (
            Quirk.LOCAL_TIME,
            "StatusNotification",
            STATUS,
            {**STATUS, "timestamp": "2026-06-01T12:00:00Z"},
        ),
        (
            Quirk.NO_ZONE,
            "StatusNotification",
            STATUS,
            {**STATUS, "timestamp": "2026-06-01T10:00:00.500"},
        ),
        (Quirk.EXTRA_FIELDS, "Heartbeat", {}, {"x-firmwareBuild": "r7"}),
        (Quirk.NULL_FIELDS, "Heartbeat", {}, {"customInfo": None}),
        (Quirk.EMPTY_VENDOR, "BootNotification", BOOT_16, {**BOOT_16, "chargePointVendor": ""}),
        (
            Quirk.EMPTY_VENDOR,
            "BootNotification",
            BOOT_2,
            {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": ""}},
        ),
        (
            Quirk.LONG_SERIAL,
            "BootNotification",
            BOOT_16,
            {**BOOT_16, "chargePointSerialNumber": "S".ljust(34, "0")},
        ),
        (
            Quirk.METER_VALUE_OBJECT,
            "MeterValues",
            METER,
            {**METER, "meterValue": METER["meterValue"][0]},
        ),
    ],
)
def test_how_messages_are_bent(quirk, action, payload, expected):
    assert bent(quirk, action, payload) == expected


@pytest.mark.parametrize(
    ("quirk", "value"), [(Quirk.COMMA_DECIMALS, "12,5"), (Quirk.NAN_VALUES, "NaN")]
)
def test_how_values_are_bent(quirk, value):
    found = bent(quirk, "MeterValues", METER)
    assert found["meterValue"][0]["sampledValue"][0]["value"] == value


def test_a_bender_leaves_other_messages_alone():
    for quirk in (
        Quirk.EMPTY_VENDOR,
        Quirk.LONG_SERIAL,
        Quirk.METER_VALUE_OBJECT,
        Quirk.NAN_VALUES,
    ):
        assert quirk in BENDERS
        assert bent(quirk, "StatusNotification", STATUS) == STATUS


async def test_the_register_restarts(csms, switch_on):
    station = await switch_on(csms, quirks=[Quirk.REGISTER_RESTARTS], register_wh=7000.0)
    await station.start()
    await station.delivered()
    assert csms.sent("StartTransaction")[0]["meterStart"] == 0


async def test_boots_at_every_reconnection(csms, switch_on):
    station = await switch_on(csms, quirks=[Quirk.REPEATED_BOOTS])
    await station.kill_socket()
    await station.come_back()
    assert len(csms.sent("BootNotification")) == 2


async def test_ids_start_from_one_at_each_connection(csms, switch_on):
    station = await switch_on(csms, quirks=[Quirk.IDS_FROM_ONE, Quirk.REPEATED_BOOTS])
    await csms.wait_for("StatusNotification", 3)
    await station.kill_socket()
    await station.come_back()
    boots = [
        key for key, name in zip(csms.ids, csms.actions, strict=True) if name == "BootNotification"
    ]
    assert boots == ["1", "1"]


async def test_a_trailing_slash(csms, switch_on):
    await switch_on(csms, quirks=[Quirk.TRAILING_SLASH])
    assert csms.paths == ["/ocpp/CP-1/"]


async def test_no_subprotocol_is_offered(csms, switch_on):
    await switch_on(csms, quirks=[Quirk.NO_SUBPROTOCOL])
    assert "Sec-WebSocket-Protocol" not in csms.headers[0]


async def test_profiles_are_accepted_and_ignored(csms, switch_on):
    station = await switch_on(csms, quirks=[Quirk.IGNORES_PROFILES])
    await station.start()
    wanted = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
        },
    }
    request = {"connectorId": 0, "csChargingProfiles": wanted}
    assert await csms.call("SetChargingProfile", request) == {"status": "Accepted"}
    assert station.evse().meter.flow.current_a == 16


async def test_every_third_stop_is_lost(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, clock=clock, quirks=[Quirk.LOSES_STOP])
    for _ in range(3):
        await station.start()
        await station.stop()
        station.unplug()
    await station.delivered()
    assert len(csms.sent("StartTransaction")) == 3
    assert len(csms.sent("StopTransaction")) == 2
