"""What a 2.0.1 and a 2.1 station do when they are asked."""

import pytest

from releve.simulator import ManualClock
from tests.unit.simulator.conftest import V2
from tests.unit.simulator.csms import CallError

pytestmark = pytest.mark.parametrize("version", V2)
TOKEN = {"idToken": "APP-1", "type": "Central"}


def profile(limit, purpose="TxDefaultProfile", **more):
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "startSchedule": "2020-01-01T00:00:00Z",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
        **more,
    }


async def test_remote_start_and_stop(csms, switch_on, version):
    station = await switch_on(csms, version)
    station.plug_in()
    start = {"evseId": 1, "idToken": TOKEN, "remoteStartId": 42}
    assert await csms.call("RequestStartTransaction", start) == {"status": "Accepted"}
    await station.wait_for("transaction-started")
    await csms.wait_for("TransactionEvent")
    begun = csms.sent("TransactionEvent")[0]
    assert begun["triggerReason"] == "RemoteStart"
    assert begun["transactionInfo"]["remoteStartId"] == 42
    assert begun["idToken"] == TOKEN

    key = begun["transactionInfo"]["transactionId"]
    assert (await csms.call("RequestStartTransaction", start))["status"] == "Rejected"
    unknown = await csms.call("RequestStopTransaction", {"transactionId": "nope"})
    assert unknown["statusInfo"]["reasonCode"] == "TxNotFound"
    assert await csms.call("RequestStopTransaction", {"transactionId": key}) == {
        "status": "Accepted"
    }
    await station.delivered()
    ended = csms.sent("TransactionEvent")[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == (
        "RemoteStop",
        "Remote",
    )


async def test_remote_start_of_a_transaction_that_the_cable_began(csms, switch_on, version):
    station = await switch_on(csms, version)
    points = [{"name": "TxStartPoint", "value": "EVConnected"}]
    await set_variables(csms, "TxCtrlr", points)
    station.plug_in()
    key = station.evse().transaction.key
    start = {"evseId": 1, "idToken": TOKEN, "remoteStartId": 42}
    answer = await csms.call("RequestStartTransaction", start)
    assert answer == {"status": "Accepted", "transactionId": key}  # F02.FR.01


async def set_variables(csms, component, pairs):
    wanted = [
        {
            "component": {"name": component},
            "variable": {"name": each["name"]},
            "attributeValue": each["value"],
        }
        for each in pairs
    ]
    answer = await csms.call("SetVariables", {"setVariableData": wanted})
    return [each["attributeStatus"] for each in answer["setVariableResult"]]


async def get_variable(csms, component, variable, **more):
    wanted = {"component": {"name": component}, "variable": {"name": variable}, **more}
    answer = await csms.call("GetVariables", {"getVariableData": [wanted]})
    result = answer["getVariableResult"][0]
    return result["attributeStatus"], result.get("attributeValue")


async def test_variables_are_read_and_written(csms, switch_on, version):
    station = await switch_on(csms, version)
    pairs = [
        {"name": "txupdatedinterval", "value": "15"},
        {"name": "TxUpdatedInterval", "value": "often"},
        {"name": "Available", "value": "false"},
        {"name": "Nonsense", "value": "1"},
    ]
    statuses = await set_variables(csms, "SampledDataCtrlr", pairs)
    assert statuses == ["Accepted", "Rejected", "Rejected", "UnknownVariable"]
    assert station.station.behaviour.sample_interval_s == 15
    assert await set_variables(csms, "Toaster", pairs[:1]) == ["UnknownComponent"]

    assert await get_variable(csms, "SampledDataCtrlr", "TxUpdatedInterval") == ("Accepted", "15")
    assert await get_variable(csms, "Toaster", "Heat") == ("UnknownComponent", None)
    assert await get_variable(csms, "TxCtrlr", "Heat") == ("UnknownVariable", None)
    target = await get_variable(csms, "TxCtrlr", "TxStartPoint", attributeType="Target")
    assert target == ("NotSupportedAttributeType", None)
    password = [{"name": "BasicAuthPassword", "value": "0123456789abcdef"}]
    assert await set_variables(csms, "SecurityCtrlr", password) == ["Accepted"]
    assert await get_variable(csms, "SecurityCtrlr", "BasicAuthPassword") == ("Rejected", None)
    assert station.station.password == b"0123456789abcdef"


async def test_a_base_report_comes_in_parts(csms, switch_on, version):
    station = await switch_on(csms, version)
    wanted = {"requestId": 5, "reportBase": "FullInventory"}
    assert await csms.call("GetBaseReport", wanted) == {"status": "Accepted"}
    while not (csms.sent("NotifyReport") and not csms.sent("NotifyReport")[-1].get("tbc", False)):
        await csms.wait_for("NotifyReport", len(csms.sent("NotifyReport")) + 1)

    parts = csms.sent("NotifyReport")
    assert [each["seqNo"] for each in parts] == list(range(len(parts)))
    assert {each["requestId"] for each in parts} == {5}
    assert len(parts) > 2
    reported = {
        (
            data["component"]["name"],
            data["component"].get("evse", {}).get("id"),
            data["variable"]["name"],
        )
        for part in parts
        for data in part["reportData"]
    }
    assert ("EVSE", 2, "Power") in reported
    assert ("Connector", 1, "ConnectorType") in reported
    assert ("TxCtrlr", None, "TxStopPoint") in reported
    assert station.happenings


async def test_a_report_of_what_is_asked_for(csms, switch_on, version):
    await switch_on(csms, version)
    wanted = {"component": {"name": "evse", "evse": {"id": 2}}, "variable": {"name": "power"}}
    ask = {"requestId": 6, "componentVariable": [wanted]}
    assert await csms.call("GetReport", ask) == {"status": "Accepted"}
    report = await csms.wait_for("NotifyReport")
    assert len(report["reportData"]) == 1
    ask["componentVariable"] = [{"component": {"name": "Toaster"}}]
    assert await csms.call("GetReport", ask) == {"status": "EmptyResultSet"}


async def test_profiles_are_obeyed_reported_and_cleared(csms, switch_on, version):
    station = await switch_on(csms, version)
    transaction = await station.start()
    wanted = {"evseId": 0, "chargingProfile": profile(8)}
    assert await csms.call("SetChargingProfile", wanted) == {"status": "Accepted"}
    assert station.evse().meter.flow.current_a == 8
    tx = profile(7, "TxProfile", id=2, transactionId=transaction.key)
    wanted = {"evseId": 1, "chargingProfile": tx}
    assert await csms.call("SetChargingProfile", wanted) == {"status": "Accepted"}
    assert station.evse().meter.flow.current_a == 7

    ask = {"requestId": 3, "chargingProfile": {}}
    assert await csms.call("GetChargingProfiles", ask) == {"status": "Accepted"}
    await csms.wait_for("ReportChargingProfiles", 2)
    reports = csms.sent("ReportChargingProfiles")
    assert [each.get("tbc", False) for each in reports] == [True, False]
    assert {each["chargingProfile"][0]["id"] for each in reports} == {1, 2}

    composite = {"evseId": 1, "duration": 600, "chargingRateUnit": "A"}
    answer = await csms.call("GetCompositeSchedule", composite)
    assert answer["schedule"]["chargingSchedulePeriod"][0]["limit"] == 7
    answer = await csms.call("GetCompositeSchedule", {**composite, "chargingRateUnit": "W"})
    assert answer["statusInfo"]["reasonCode"] == "UnsupportedRateUnit"  # K08.FR.07
    answer = await csms.call("GetCompositeSchedule", {**composite, "evseId": 9})
    assert answer["status"] == "Rejected"

    await station.stop()
    criteria = {"chargingProfileCriteria": {"chargingProfilePurpose": "TxDefaultProfile"}}
    assert await csms.call("ClearChargingProfile", criteria) == {"status": "Accepted"}
    assert await csms.call("GetChargingProfiles", ask) == {"status": "NoProfiles"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"chargingProfilePurpose": "ChargingStationExternalConstraints"}, "UnsupportedPurpose"),
        ({"chargingProfilePurpose": "TxProfile", "transactionId": "nope"}, "TxNotFound"),
        ({"stackLevel": 99}, "InvalidStackLevel"),
        ({"chargingProfileKind": "Recurring"}, "InvalidSchedule"),
    ],
)
async def test_what_cannot_be_obeyed_is_refused_with_its_reason(
    csms, switch_on, version, change, reason
):
    await switch_on(csms, version)
    wanted = {"evseId": 1, "chargingProfile": {**profile(9), **change}}
    answer = await csms.call("SetChargingProfile", wanted)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)


async def test_a_limit_from_outside_is_notified_and_holds(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start()
    await station.limit_from_outside(10)
    notified = await csms.wait_for("NotifyChargingLimit")
    assert notified["chargingLimit"]["chargingLimitSource"] == "SO"
    assert station.evse().meter.flow.current_a == 10
    clear = await csms.call("ClearChargingProfile", {"chargingProfileId": -1})
    assert clear == {"status": "Unknown"}
    await station.lift_limit()
    await csms.wait_for("ClearedChargingLimit")
    assert station.evse().meter.flow.current_a == 16


async def test_triggered_messages_follow_the_answer(csms, switch_on, version):
    station = await switch_on(csms, version)
    await csms.wait_for("StatusNotification", 2)

    async def trigger(message, **evse):
        wanted = {"requestedMessage": message, **({"evse": evse} if evse else {})}
        return (await csms.call("TriggerMessage", wanted))["status"]

    assert await trigger("StatusNotification", id=2, connectorId=1) == "Accepted"
    assert (await csms.wait_for("StatusNotification", 3))["evseId"] == 2
    assert await trigger("StatusNotification") == "Rejected"  # F06.FR.12
    assert await trigger("TransactionEvent") == "Rejected"
    assert await trigger("PublishFirmwareStatusNotification") == "NotImplemented"
    assert await trigger("SignChargingStationCertificate") == "Accepted"
    asked = await csms.wait_for("SignCertificate")
    assert asked["certificateType"] == "ChargingStationCertificate"
    assert await trigger("LogStatusNotification") == "Accepted"
    assert await csms.wait_for("LogStatusNotification") == {"status": "Idle"}
    assert await trigger("FirmwareStatusNotification") == "Accepted"
    assert await csms.wait_for("FirmwareStatusNotification") == {"status": "Idle"}
    assert await trigger("MeterValues", id=1) == "Accepted"
    assert (await csms.wait_for("MeterValues"))["evseId"] == 1
    assert await trigger("Heartbeat") == "Accepted"
    await csms.wait_for("Heartbeat")
    await station.start()
    assert await trigger("TransactionEvent") == "Accepted"
    await station.delivered()
    assert "Trigger" in [each["triggerReason"] for each in csms.sent("TransactionEvent")]


async def test_unlocking(csms, switch_on, version):
    station = await switch_on(csms, version)
    where = {"evseId": 1, "connectorId": 1}
    assert await csms.call("UnlockConnector", where) == {"status": "Unlocked"}
    await station.start()
    answer = await csms.call("UnlockConnector", where)
    assert answer == {"status": "OngoingAuthorizedTransaction"}
    answer = await csms.call("UnlockConnector", {"evseId": 1, "connectorId": 5})
    assert answer == {"status": "UnknownConnector"}


async def test_availability_and_reservations(csms, switch_on, version):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock)
    off = {"evse": {"id": 2}, "operationalStatus": "Inoperative"}
    assert await csms.call("ChangeAvailability", off) == {"status": "Accepted"}
    reserve = {
        "id": 3,
        "expiryDateTime": "2026-01-01T12:05:00Z",
        "idToken": TOKEN,
        "groupIdToken": {"idToken": "G", "type": "Central"},
    }
    assert await csms.call("ReserveNow", {**reserve, "evseId": 2}) == {"status": "Unavailable"}
    assert await csms.call("ReserveNow", {**reserve, "evseId": 1}) == {"status": "Accepted"}
    await clock.advance(301)
    update = await csms.wait_for("ReservationStatusUpdate")
    assert update == {"reservationId": 3, "reservationUpdateStatus": "Expired"}
    assert await csms.call("CancelReservation", {"reservationId": 3}) == {"status": "Rejected"}
    assert station.status(1) == "Available"


async def test_lists_costs_customers_and_transaction_status(csms, switch_on, version):
    station = await switch_on(csms, version)
    entry = {"idToken": TOKEN, "idTokenInfo": {"status": "Accepted"}}
    update = {"versionNumber": 2, "updateType": "Full", "localAuthorizationList": [entry]}
    assert await csms.call("SendLocalList", update) == {"status": "Accepted"}
    assert await csms.call("GetLocalListVersion", {}) == {"versionNumber": 2}
    await station.go_offline()
    station.plug_in()
    assert await station.present_token("APP-1", type_="Central")
    key = station.evse().transaction.key
    await station.come_back()
    await station.delivered()

    cost = {"totalCost": 1.5, "transactionId": key}
    assert await csms.call("CostUpdated", cost) == {}
    status = await csms.call("GetTransactionStatus", {"transactionId": key})
    assert status == {"ongoingIndicator": True, "messagesInQueue": False}
    assert await csms.call("GetTransactionStatus", {}) == {"messagesInQueue": False}
    ask = {"requestId": 1, "report": True, "clear": False, "idToken": TOKEN}
    assert await csms.call("CustomerInformation", ask) == {"status": "Accepted"}
    assert "APP-1: Accepted" in (await csms.wait_for("NotifyCustomerInformation"))["data"]
    assert await csms.call("ClearCache", {}) == {"status": "Accepted"}
    empty = await csms.call("GetInstalledCertificateIds", {})
    assert empty == {"status": "NotFound"}


async def test_vendor_data(csms, switch_on, version):
    await switch_on(csms, version)
    assert await csms.call("DataTransfer", {"vendorId": "X"}) == {"status": "UnknownVendorId"}
    echo = {"vendorId": "voltanova", "messageId": "Echo", "data": {"a": [1]}}
    assert await csms.call("DataTransfer", echo) == {"status": "Accepted", "data": {"a": [1]}}


async def test_what_is_not_supported_is_refused(csms, switch_on, version):
    await switch_on(csms, version)
    for action, payload, code in (
        ("Frobnicate", {}, "NotImplemented"),
        ("Heartbeat", {}, "NotSupported"),
        ("Reset", {}, "OccurrenceConstraintViolation"),
        ("Reset", {"type": "Sideways"}, "PropertyConstraintViolation"),
    ):
        with pytest.raises(CallError) as refused:
            await csms.call(action, payload)
        assert refused.value.code == code


async def test_network_profiles_are_stored_and_put_in_order(csms, switch_on, version):
    await switch_on(csms, version)

    async def store(slot, security_profile=1):
        profile = {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": "wss://other.example/ocpp",
            "messageTimeout": 30,
            "securityProfile": security_profile,
            "ocppInterface": "Wired0",
        }
        request = {"configurationSlot": slot, "connectionData": profile}
        return (await csms.call("SetNetworkProfile", request))["status"]

    async def order(slots):
        pairs = [{"name": "NetworkConfigurationPriority", "value": slots}]
        return await set_variables(csms, "OCPPCommCtrlr", pairs)

    assert await order("2,1") == ["Rejected"]
    assert (await store(2), await store(9)) == ("Accepted", "Rejected")
    assert await order("2,1") == ["Accepted"]
