"""What a 1.6 station does when it is asked."""

import pytest
from cryptography import x509

from releve.simulator import ManualClock
from tests.unit.simulator.csms import CallError

SLOW = {"duration": 600, "chargingRateUnit": "A"}


def tx_default(limit, **more):
    schedule = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    return {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
        **more,
    }


async def test_remote_start_authorises_begins_and_remote_stop_ends(csms, switch_on):
    station = await switch_on(csms)
    station.plug_in(2)
    answer = await csms.call("RemoteStartTransaction", {"connectorId": 2, "idTag": "APP-1"})
    assert answer == {"status": "Accepted"}
    await station.wait_for("transaction-started")
    await csms.wait_for("StartTransaction")
    assert csms.sent("Authorize") == [{"idTag": "APP-1"}]
    assert csms.sent("StartTransaction")[0]["connectorId"] == 2

    await station.delivered()
    assert await csms.call("RemoteStopTransaction", {"transactionId": 99}) == {"status": "Rejected"}
    assert await csms.call("RemoteStopTransaction", {"transactionId": 1}) == {"status": "Accepted"}
    await csms.wait_for("StopTransaction")
    assert csms.sent("StopTransaction")[0]["reason"] == "Remote"


async def test_remote_start_without_a_connector_takes_the_one_with_a_car(csms, switch_on):
    station = await switch_on(csms)
    station.plug_in(2)
    await csms.call("RemoteStartTransaction", {"idTag": "APP-1"})
    assert (await station.wait_for("transaction-started")).evse == 2


async def test_remote_start_on_a_busy_connector_is_rejected(csms, switch_on):
    station = await switch_on(csms)
    await station.start()
    answer = await csms.call("RemoteStartTransaction", {"connectorId": 1, "idTag": "APP-1"})
    assert answer == {"status": "Rejected"}


async def test_remote_start_may_bring_a_profile(csms, switch_on):
    station = await switch_on(csms)
    station.plug_in()
    start = {
        "connectorId": 1,
        "idTag": "APP-1",
        "chargingProfile": tx_default(8.0, chargingProfilePurpose="TxProfile"),
    }
    await csms.call("RemoteStartTransaction", start)
    await station.wait_for("transaction-started")
    assert station.evse().meter.flow.current_a == 8.0

    await station.stop(token="APP-1")
    assert len(station.station.profiles) == 0


async def test_a_profile_is_obeyed_at_once_and_shown_in_the_composite(csms, switch_on):
    station = await switch_on(csms)
    await station.start()
    assert station.evse().meter.flow.current_a == 16
    request = {"connectorId": 0, "csChargingProfiles": tx_default(8.1)}
    assert await csms.call("SetChargingProfile", request) == {"status": "Accepted"}
    assert station.evse().meter.flow.current_a == 8.1

    answer = await csms.call("GetCompositeSchedule", {"connectorId": 1, **SLOW})
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 8.1, "numberPhases": 3}
    ]
    assert "scheduleStart" in answer

    clear = {"chargingProfilePurpose": "TxDefaultProfile"}
    assert await csms.call("ClearChargingProfile", clear) == {"status": "Accepted"}
    assert await csms.call("ClearChargingProfile", clear) == {"status": "Unknown"}
    assert station.evse().meter.flow.current_a == 16


async def test_below_six_amperes_the_evse_suspends(csms, switch_on):
    station = await switch_on(csms)
    await station.start()
    await csms.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": tx_default(5.0)})
    await station.wait_for("status", lambda h: h.data["status"] == "SuspendedEVSE")
    assert station.evse().meter.flow.power_w == 0


async def test_the_station_limit_is_shared_by_those_who_charge(csms, switch_on):
    station = await switch_on(csms)
    await station.start(1)
    await station.start(2, token="BOB")
    cap = tx_default(20.0, chargingProfilePurpose="ChargePointMaxProfile")
    await csms.call("SetChargingProfile", {"connectorId": 0, "csChargingProfiles": cap})
    assert [station.evse(n).meter.flow.current_a for n in (1, 2)] == [10, 10]

    station.unplug(2)
    assert station.evse(1).meter.flow.current_a == 16


async def test_a_schedule_takes_effect_when_its_time_comes(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, clock=clock)
    await station.start()
    periods = [{"startPeriod": 0, "limit": 12.0}, {"startPeriod": 100, "limit": 7.0}]
    wanted = tx_default(0, chargingProfilePurpose="TxProfile", chargingProfileKind="Relative")
    wanted["chargingSchedule"] = {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}
    await csms.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": wanted})
    assert station.evse().meter.flow.current_a == 12
    await clock.advance(101)
    assert station.evse().meter.flow.current_a == 7


async def test_a_tx_profile_needs_its_transaction(csms, switch_on):
    station = await switch_on(csms)
    wanted = {
        "connectorId": 1,
        "csChargingProfiles": tx_default(9.0, chargingProfilePurpose="TxProfile"),
    }
    assert await csms.call("SetChargingProfile", wanted) == {"status": "Rejected"}
    await station.start()
    await station.delivered()
    assert await csms.call("SetChargingProfile", wanted) == {"status": "Accepted"}
    wanted["csChargingProfiles"]["transactionId"] = 77
    assert await csms.call("SetChargingProfile", wanted) == {"status": "Rejected"}


async def test_configuration_is_read_and_written(csms, switch_on):
    station = await switch_on(csms, password="a-password-of-16")
    everything = await csms.call("GetConfiguration", {})
    values = {each["key"]: each.get("value") for each in everything["configurationKey"]}
    assert values["NumberOfConnectors"] == "2"
    assert values["ChargingScheduleAllowedChargingRateUnit"] == "Current"
    assert values["VN.LedColor"] == "green"
    assert values["AuthorizationKey"] is None  # write-only

    async def change(key, value):
        return (await csms.call("ChangeConfiguration", {"key": key, "value": value}))["status"]

    assert await change("metervaluesampleinterval", "15") == "Accepted"
    assert station.station.behaviour.sample_interval_s == 15
    assert await change("MeterValueSampleInterval", "often") == "Rejected"
    assert await change("MeterValueSampleInterval", "-1") == "Rejected"
    assert await change("NumberOfConnectors", "9") == "Rejected"
    assert await change("Nonsense", "1") == "NotSupported"
    assert await change("VN.LedColor", "blue") == "Accepted"
    assert await change("MeterValuesSampledData", "Voltage,RPM") == "Rejected"
    assert await change("MeterValuesSampledData", "Voltage.L1,SoC") == "Accepted"
    assert await change("AuthorizationKey", "too-short") == "Rejected"
    assert await change("AuthorizationKey", "00112233445566778899aabbccddeeff") == "Accepted"
    again = await csms.call("GetConfiguration", {"key": ["VN.LedColor", "Nonsense"]})
    assert again == {
        "configurationKey": [{"key": "VN.LedColor", "readonly": False, "value": "blue"}],
        "unknownKey": ["Nonsense"],
    }


async def test_a_new_authorization_key_is_used_at_the_next_connection(csms, switch_on):
    station = await switch_on(csms, password="a-password-of-16")
    key = "00112233445566778899aabbccddeeff"
    await csms.call("ChangeConfiguration", {"key": "AuthorizationKey", "value": key})
    await station.kill_socket()
    await station.come_back()
    assert csms.headers[0]["Authorization"] != csms.headers[1]["Authorization"]


async def test_triggered_messages_follow_the_answer(csms, switch_on):
    station = await switch_on(csms)
    await csms.wait_for("StatusNotification", 3)

    async def trigger(message, **more):
        wanted = {"requestedMessage": message, **more}
        return (await csms.call("TriggerMessage", wanted))["status"]

    assert await trigger("Heartbeat") == "Accepted"
    await csms.wait_for("Heartbeat")
    assert await trigger("StatusNotification") == "Accepted"
    await csms.wait_for("StatusNotification", 6)
    assert await trigger("StatusNotification", connectorId=2) == "Accepted"
    assert (await csms.wait_for("StatusNotification", 7))["connectorId"] == 2
    assert await trigger("StatusNotification", connectorId=9) == "Rejected"
    assert await trigger("MeterValues", connectorId=1) == "Accepted"
    values = (await csms.wait_for("MeterValues"))["meterValue"][0]["sampledValue"]
    assert {each["context"] for each in values} == {"Trigger"}
    assert await trigger("DiagnosticsStatusNotification") == "Accepted"
    assert await csms.wait_for("DiagnosticsStatusNotification") == {"status": "Idle"}
    assert await trigger("FirmwareStatusNotification") == "Accepted"
    assert await csms.wait_for("FirmwareStatusNotification") == {"status": "Idle"}
    wanted = {"requestedMessage": "LogStatusNotification"}
    assert (await csms.call("ExtendedTriggerMessage", wanted))["status"] == "Accepted"
    assert await csms.wait_for("LogStatusNotification") == {"status": "Idle"}
    wanted = {"requestedMessage": "SignChargePointCertificate"}
    assert (await csms.call("ExtendedTriggerMessage", wanted))["status"] == "Accepted"
    asked = await csms.wait_for("SignCertificate")
    assert x509.load_pem_x509_csr(asked["csr"].encode()).is_signature_valid
    assert station.station.outbox.discarded == 0


async def test_availability_waits_for_the_transaction(csms, switch_on):
    station = await switch_on(csms)
    await station.start()
    off = {"connectorId": 1, "type": "Inoperative"}
    assert await csms.call("ChangeAvailability", off) == {"status": "Scheduled"}
    assert station.status() == "Charging"
    await station.stop()
    await station.wait_for("status", lambda h: h.data["status"] == "Unavailable")
    assert await csms.call("ChangeAvailability", off) == {"status": "Accepted"}
    assert not await station.present_token()
    on = {"connectorId": 0, "type": "Operative"}
    assert await csms.call("ChangeAvailability", on) == {"status": "Accepted"}
    assert await csms.call("ChangeAvailability", {**on, "connectorId": 9}) == {"status": "Rejected"}


async def test_a_reservation_keeps_others_away_and_ends_with_use(csms, switch_on):
    station = await switch_on(csms)
    reserve = {
        "connectorId": 1,
        "expiryDate": "2999-01-01T00:00:00Z",
        "idTag": "ADA",
        "reservationId": 7,
    }
    assert await csms.call("ReserveNow", reserve) == {"status": "Accepted"}
    await station.wait_for("status", lambda h: h.data["status"] == "Reserved")
    assert await csms.call("ReserveNow", {**reserve, "reservationId": 8}) == {"status": "Occupied"}
    station.plug_in()
    assert not await station.present_token("EVE")
    assert await station.present_token("ADA")
    await station.delivered()
    assert csms.sent("StartTransaction")[0]["reservationId"] == 7
    cancel = {"reservationId": 7}
    assert await csms.call("CancelReservation", cancel) == {"status": "Rejected"}


async def test_a_reservation_expires(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, clock=clock)
    reserve = {
        "connectorId": 0,
        "expiryDate": "2026-01-01T12:05:00Z",
        "idTag": "ADA",
        "reservationId": 7,
    }
    assert await csms.call("ReserveNow", reserve) == {"status": "Accepted"}
    await clock.advance(301)
    await station.wait_for("expired")
    assert station.status() == "Available"


async def test_the_local_list_is_kept_by_version(csms, switch_on):
    station = await switch_on(csms)
    accepted = {"idTag": "CARD", "idTagInfo": {"status": "Accepted"}}

    async def send(version, kind, entries):
        update = {"listVersion": version, "updateType": kind, "localAuthorizationList": entries}
        return (await csms.call("SendLocalList", update))["status"]

    assert await csms.call("GetLocalListVersion", {}) == {"listVersion": 0}
    assert await send(3, "Full", [accepted]) == "Accepted"
    assert await send(3, "Differential", [{"idTag": "CARD"}]) == "VersionMismatch"
    assert await send(0, "Full", [accepted]) == "Failed"
    assert await csms.call("GetLocalListVersion", {}) == {"listVersion": 3}
    await station.go_offline()
    station.plug_in()
    assert await station.present_token("card")
    await station.come_back()
    assert await send(4, "Differential", [{"idTag": "CARD"}]) == "Accepted"
    assert station.station.book.local == {}
    assert await csms.call("ClearCache", {}) == {"status": "Accepted"}


async def test_unlocking_finishes_the_transaction_and_fixed_cables_stay(csms, switch_on):
    station = await switch_on(csms)
    await station.start()
    assert await csms.call("UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
    await csms.wait_for("StopTransaction")
    assert csms.sent("StopTransaction")[0]["reason"] == "UnlockCommand"
    assert await csms.call("UnlockConnector", {"connectorId": 9}) == {"status": "NotSupported"}


async def test_vendor_data(csms, switch_on):
    await switch_on(csms)

    async def transfer(**data):
        return await csms.call("DataTransfer", data)

    assert await transfer(vendorId="Other") == {"status": "UnknownVendorId"}
    assert await transfer(vendorId="Voltanova") == {"status": "UnknownMessageId"}
    echo = await transfer(vendorId="Voltanova", messageId="Echo", data="hello")
    assert echo == {"status": "Accepted", "data": "hello"}


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Frobnicate", {}, "NotImplemented"),
        ("BootNotification", {}, "NotSupported"),
        ("Reset", {}, "OccurenceConstraintViolation"),
        ("Reset", {"type": "Sideways"}, "PropertyConstraintViolation"),
        ("UnlockConnector", {"connectorId": "one"}, "TypeConstraintViolation"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_right_code(
    csms, switch_on, action, payload, code
):
    await switch_on(csms)
    with pytest.raises(CallError) as refused:
        await csms.call(action, payload)
    assert refused.value.code == code


async def test_a_fault_ends_the_transaction_and_is_reported(csms, switch_on):
    station = await switch_on(csms)
    await station.start()
    station.fail(error="GroundFailure")
    await csms.wait_for("StopTransaction")
    await station.wait_for("status", lambda h: h.data["status"] == "Faulted")
    station.repair()
    await csms.wait_for("StatusNotification", 7)
    found = [(s["status"], s["errorCode"]) for s in csms.sent("StatusNotification")[-2:]]
    assert found == [("Faulted", "GroundFailure"), ("Finishing", "NoError")]
