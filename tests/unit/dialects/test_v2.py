"""2.0.1 and 2.1: one meaning, two sets of types."""

from __future__ import annotations

from datetime import timedelta

import pytest

from releve.domain.commands import VariableName
from releve.domain.station import BootDecision, ChargingState, ConnectorStatus
from releve.domain.token import IdToken, Judgement, Verdict
from releve.domain.transaction import EventKind
from releve.ocpp.version import Version
from releve.services.data_transfer import TransferAnswer
from releve.services.provisioning import BootAnswer
from tests.unit.dialects.kit import NOW, TWO, answer, noting_services

AT = NOW.isoformat()
pytestmark = pytest.mark.parametrize("version", TWO)

EVENT = {
    "eventType": "Started",
    "timestamp": AT,
    "triggerReason": "Authorized",
    "seqNo": 0,
    "transactionInfo": {"transactionId": "T-1"},
}
TOKEN = {"idToken": "ADA", "type": "ISO14443"}


def argument(method):
    method.assert_awaited_once()
    return method.await_args.args[1]


@pytest.mark.parametrize("decision", BootDecision)
async def test_a_boot_tells_what_booted_and_why(version, decision):
    services = noting_services()
    services.provisioning.boot.return_value = BootAnswer(decision=decision, at=NOW, interval_s=60)
    payload = {
        "reason": "PowerUp",
        "chargingStation": {
            "vendorName": "Acme",
            "model": "Two",
            "serialNumber": "S-2",
            "firmwareVersion": "2.0",
            "modem": {"iccid": "89", "imsi": ""},
        },
    }

    response = await answer(version, "BootNotification", payload, services)

    booted = argument(services.provisioning.boot)
    assert (booted.vendor, booted.model, booted.serial) == ("Acme", "Two", "S-2")
    assert (booted.firmware, booted.reason, booted.details) == ("2.0", "PowerUp", {"iccid": "89"})
    assert response["status"] == decision.value
    assert response["interval"] == 60


async def test_the_time_is_told(version):
    response = await answer(version, "Heartbeat", {}, noting_services())
    assert response == {"currentTime": "2026-03-01T12:00:00.000Z"}


@pytest.mark.parametrize("verdict", Verdict)
async def test_every_verdict_keeps_its_word(version, verdict):
    services = noting_services(Judgement(verdict))

    response = await answer(version, "Authorize", {"idToken": TOKEN}, services)

    assert response == {"idTokenInfo": {"status": verdict.value}}
    assert argument(services.authorization.authorize) == IdToken("ADA", "ISO14443")


async def test_expiry_and_group_are_told(version):
    services = noting_services(Judgement(Verdict.ACCEPTED, "FAMILY", NOW + timedelta(days=1)))

    response = await answer(version, "Authorize", {"idToken": TOKEN}, services)

    assert response["idTokenInfo"] == {
        "status": "Accepted",
        "cacheExpiryDateTime": "2026-03-02T12:00:00.000Z",
        "groupIdToken": {"idToken": "FAMILY", "type": "Central"},
    }


async def test_a_group_too_long_for_the_version_is_left_out_not_cut(version):
    longest = {Version.V201: 36, Version.V21: 255}[version]
    for length, told in ((longest, True), (longest + 1, False)):
        services = noting_services(Judgement(Verdict.ACCEPTED, "F" * length))
        response = await answer(version, "Authorize", {"idToken": TOKEN}, services)
        assert ("groupIdToken" in response["idTokenInfo"]) is told


async def test_a_contract_certificate_that_nothing_verifies_is_not_accepted(version):
    hashes = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "a",
        "issuerKeyHash": "b",
        "serialNumber": "1",
        "responderURL": "http://ocsp.example",
    }
    for proof in ({"certificate": "PEM"}, {"iso15118CertificateHashData": [hashes]}):
        services = noting_services()
        token = {"idToken": "DE-8AA-1A2B3C", "type": "eMAID"}
        response = await answer(version, "Authorize", {"idToken": token, **proof}, services)
        assert response == {
            "idTokenInfo": {"status": "Invalid"},
            "certificateStatus": "CertChainError",
        }
        services.authorization.authorize.assert_not_awaited()


async def test_an_event_with_everything(version):
    services = noting_services(Judgement(Verdict.CONCURRENT_TX))
    payload = {
        **EVENT,
        "eventType": "Ended",
        "triggerReason": "StopAuthorized",
        "seqNo": 9,
        "offline": True,
        "reservationId": 3,
        "transactionInfo": {
            "transactionId": "T-1",
            "chargingState": "SuspendedEV",
            "stoppedReason": "Local",
            "remoteStartId": 5,
        },
        "evse": {"id": 2, "connectorId": 1},
        "idToken": TOKEN,
        "meterValue": [{"timestamp": AT, "sampledValue": [{"value": 10}]}],
    }

    response = await answer(version, "TransactionEvent", payload, services)

    report = argument(services.transactions.report)
    assert (report.kind, report.reference, report.seq_no) == (EventKind.ENDED, "T-1", 9)
    assert (report.at, report.trigger, report.offline) == (NOW, "StopAuthorized", True)
    assert (report.evse, report.connector) == (2, 1)
    assert report.token == IdToken("ADA", "ISO14443")
    assert (report.charging, report.stop_reason) == (ChargingState.SUSPENDED_EV, "Local")
    assert (report.remote_start_id, report.reservation_id) == (5, 3)
    assert [sample.energy_wh for sample in report.samples] == [10.0]
    assert response == {"idTokenInfo": {"status": "ConcurrentTx"}}


async def test_an_event_with_the_least(version):
    services = noting_services()

    assert await answer(version, "TransactionEvent", EVENT, services) == {}

    report = argument(services.transactions.report)
    assert report.kind is EventKind.STARTED
    assert report.offline is False
    absent = (report.evse, report.connector, report.token, report.charging, report.stop_reason)
    assert absent == (None,) * 5
    assert (report.remote_start_id, report.reservation_id, report.samples) == (None, None, ())


@pytest.mark.parametrize("evse", [{"id": 2}, {"id": 2, "connectorId": 0}])
async def test_an_event_without_connector_has_none(version, evse):
    services = noting_services()

    await answer(version, "TransactionEvent", {**EVENT, "evse": evse}, services)

    report = argument(services.transactions.report)
    assert (report.evse, report.connector) == (2, None)


@pytest.mark.parametrize("word", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
async def test_a_status_keeps_its_word(version, word):
    services = noting_services()
    payload = {"timestamp": AT, "connectorStatus": word, "evseId": 2, "connectorId": 1}

    assert await answer(version, "StatusNotification", payload, services) == {}

    evse = argument(services.availability.changed)
    assert (evse.evse, evse.connector, evse.reported_at) == (2, 1, NOW)
    assert evse.status is ConnectorStatus(word)
    assert (evse.reported, evse.charging) == (word, None)


def monitored(component, value, variable="AvailabilityState", evse=None):
    return {
        "eventId": 1,
        "timestamp": AT,
        "trigger": "Delta",
        "actualValue": value,
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": component, **({"evse": evse} if evse else {})},
        "variable": {"name": variable},
    }


async def test_monitored_availability_is_a_status_too(version):
    services = noting_services()
    payload = {
        "generatedAt": AT,
        "seqNo": 0,
        "eventData": [
            monitored("Connector", "Occupied", evse={"id": 2, "connectorId": 1}),
            monitored("connector", "Odd", "availabilityState", {"id": 1, "connectorId": 2}),
            monitored("ChargingStation", "Unavailable"),
            monitored("EVSE", "Available", evse={"id": 1}),
            monitored("Connector", "Available", evse={"id": 1}),
            monitored("Connector", "true", "Problem", {"id": 1, "connectorId": 1}),
        ],
    }

    assert await answer(version, "NotifyEvent", payload, services) == {}

    states = [call.args[1] for call in services.availability.changed.await_args_list]
    assert [(s.evse, s.connector, s.status, s.reported) for s in states] == [
        (2, 1, ConnectorStatus.OCCUPIED, "Occupied"),
        (1, 2, ConnectorStatus.UNKNOWN, "Odd"),
        (0, 0, ConnectorStatus.UNAVAILABLE, "Unavailable"),
    ]
    _, told = services.station_events.told.await_args.args
    assert [one.spot.variable for one in told].count("Problem") == 1
    assert len(told) == 6


async def test_a_report_of_variables(version):
    services = noting_services()
    payload = {
        "requestId": 4,
        "generatedAt": AT,
        "seqNo": 1,
        "tbc": True,
        "reportData": [
            {
                "component": {"name": "EVSE", "instance": "a", "evse": {"id": 1, "connectorId": 2}},
                "variable": {"name": "Power", "instance": "b"},
                "variableAttribute": [
                    {"value": "22000", "mutability": "ReadOnly"},
                    {"type": "MaxSet", "mutability": "WriteOnly"},
                ],
                "variableCharacteristics": {
                    "dataType": "decimal",
                    "unit": "W",
                    "valuesList": "1,2",
                    "supportsMonitoring": False,
                },
            },
            {
                "component": {"name": "AlignedDataCtrlr"},
                "variable": {"name": "Interval"},
                "variableAttribute": [{"value": "900"}],
            },
        ],
    }

    assert await answer(version, "NotifyReport", payload, services) == {}

    told = services.device_model.reported.await_args
    variables = told.args[1]
    assert told.kwargs == {"request_id": 4, "seq_no": 1, "tbc": True}
    power, highest, interval = variables
    assert power.name == VariableName(
        component="EVSE",
        component_instance="a",
        evse=1,
        connector=2,
        variable="Power",
        instance="b",
    )
    assert (power.value, power.mutability, power.data_type) == ("22000", "ReadOnly", "decimal")
    assert (power.unit, power.values_list, power.reported_at) == ("W", "1,2", NOW)
    assert (highest.name.attribute, highest.value) == ("MaxSet", None)
    assert (power.min_limit, power.max_limit, power.constant) == (None, None, False)
    assert interval.name == VariableName(component="AlignedDataCtrlr", variable="Interval")
    assert (interval.mutability, interval.data_type) == ("ReadWrite", "")


@pytest.mark.parametrize("data", [None, "text", {"a": [1, None]}, [], 5, False])
async def test_data_is_any_json_value(version, data):
    services = noting_services()
    services.data_transfer.received.return_value = TransferAnswer(status="Accepted", data=data)

    response = await answer(version, "DataTransfer", {"vendorId": "V", "data": data}, services)

    transfer = argument(services.data_transfer.received)
    assert (transfer.vendor, transfer.message, transfer.data) == ("V", None, data)
    assert response == {"status": "Accepted", **({"data": data} if data is not None else {})}


async def test_a_schedule_of_the_car_is_taken_in(version):
    services = noting_services()
    schedule = {
        "id": 1,
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000.0}],
    }
    payload = {"timeBase": AT, "evseId": 1, "chargingSchedule": schedule}

    response = await answer(version, "NotifyEVChargingSchedule", payload, services)

    assert response == {"status": "Accepted"}
    told = services.charging_needs.planned.await_args.kwargs
    assert (told["evse"], told["plan"].periods[0].limit, told["selected"]) == (1, 11000, None)
