"""1.6: its words become those of 2.1 on the way in, and come back on the way out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from releve.domain.station import BootDecision, ChargingState, ConnectorStatus
from releve.domain.token import IdToken, Judgement, Verdict
from releve.ocpp.version import Version
from releve.services.data_transfer import TransferAnswer
from releve.services.provisioning import BootAnswer
from tests.unit.dialects.kit import NOW, answer, noting_services

V16 = Version.V16
AT = NOW.isoformat()


def argument(method):
    """What the only call of a service was given, after the inbound message."""
    method.assert_awaited_once()
    return method.await_args.args[1]


async def test_a_boot_tells_maker_model_serial_and_the_rest():
    services = noting_services()

    response = await answer(
        V16,
        "BootNotification",
        {
            "chargePointVendor": "Acme",
            "chargePointModel": "One",
            "chargeBoxSerialNumber": "B-1",
            "firmwareVersion": "1.0",
            "iccid": "",
            "meterType": "X",
        },
        services,
    )

    booted = argument(services.provisioning.boot)
    assert (booted.vendor, booted.model, booted.serial) == ("Acme", "One", "B-1")
    assert (booted.firmware, booted.reason) == ("1.0", "")
    assert booted.details == {"chargeBoxSerialNumber": "B-1", "meterType": "X"}
    assert response == {
        "status": "Accepted",
        "currentTime": "2026-03-01T12:00:00.000Z",
        "interval": 300,
    }


@pytest.mark.parametrize("decision", BootDecision)
async def test_every_boot_decision_has_its_word(decision):
    services = noting_services()
    services.provisioning.boot.return_value = BootAnswer(decision=decision, at=NOW, interval_s=60)

    response = await answer(
        V16, "BootNotification", {"chargePointVendor": "A", "chargePointModel": "B"}, services
    )

    assert (response["status"], response["interval"]) == (decision.value, 60)


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (Verdict.ACCEPTED, "Accepted"),
        (Verdict.BLOCKED, "Blocked"),
        (Verdict.EXPIRED, "Expired"),
        (Verdict.INVALID, "Invalid"),
        (Verdict.UNKNOWN, "Invalid"),
        (Verdict.CONCURRENT_TX, "ConcurrentTx"),
    ],
)
async def test_every_verdict_has_its_word(verdict, word):
    services = noting_services(Judgement(verdict))

    response = await answer(V16, "Authorize", {"idTag": "ADA"}, services)

    assert response == {"idTagInfo": {"status": word}}
    assert argument(services.authorization.authorize) == IdToken("ADA", "")


async def test_expiry_and_parent_are_told():
    services = noting_services(Judgement(Verdict.ACCEPTED, "FAMILY", NOW + timedelta(days=1)))

    response = await answer(V16, "Authorize", {"idTag": "ADA"}, services)

    assert response["idTagInfo"] == {
        "expiryDate": "2026-03-02T12:00:00.000Z",
        "parentIdTag": "FAMILY",
        "status": "Accepted",
    }


async def test_a_parent_too_long_for_16_is_left_out_not_cut():
    services = noting_services(Judgement(Verdict.ACCEPTED, "F" * 21))

    response = await answer(V16, "Authorize", {"idTag": "ADA"}, services)

    assert response["idTagInfo"] == {"status": "Accepted"}


@pytest.mark.parametrize(
    ("word", "status", "charging"),
    [
        ("Available", ConnectorStatus.AVAILABLE, None),
        ("Preparing", ConnectorStatus.OCCUPIED, ChargingState.EV_CONNECTED),
        ("Charging", ConnectorStatus.OCCUPIED, ChargingState.CHARGING),
        ("SuspendedEV", ConnectorStatus.OCCUPIED, ChargingState.SUSPENDED_EV),
        ("SuspendedEVSE", ConnectorStatus.OCCUPIED, ChargingState.SUSPENDED_EVSE),
        ("Finishing", ConnectorStatus.OCCUPIED, ChargingState.IDLE),
        ("Reserved", ConnectorStatus.RESERVED, None),
        ("Unavailable", ConnectorStatus.UNAVAILABLE, None),
        ("Faulted", ConnectorStatus.FAULTED, None),
        ("Occupied", ConnectorStatus.OCCUPIED, None),
        ("Dreaming", ConnectorStatus.UNKNOWN, None),
    ],
)
async def test_every_status_has_its_meaning_and_keeps_its_word(word, status, charging):
    services = noting_services()

    await answer(
        V16,
        "StatusNotification",
        {"connectorId": 2, "errorCode": "NoError", "status": word, "timestamp": AT},
        services,
    )

    evse = argument(services.availability.changed)
    assert (evse.evse, evse.connector) == (2, 1)
    assert (evse.status, evse.charging, evse.reported) == (status, charging, word)
    assert (evse.error, evse.reported_at) == ("", NOW)


async def test_connector_zero_is_the_station_and_errors_are_told():
    services = noting_services()

    await answer(
        V16,
        "StatusNotification",
        {
            "connectorId": 0,
            "errorCode": "GroundFailure",
            "status": "Faulted",
            "info": "wet",
            "vendorErrorCode": "E7",
        },
        services,
    )

    evse = argument(services.availability.changed)
    assert (evse.evse, evse.connector, evse.reported_at) == (0, 0, None)
    assert (evse.error, evse.info, evse.vendor_error) == ("GroundFailure", "wet", "E7")


START = {"connectorId": 2, "idTag": "ADA", "meterStart": 1500, "timestamp": AT}


async def test_a_start_is_answered_with_number_and_verdict():
    services = noting_services(Judgement(Verdict.BLOCKED))

    response = await answer(V16, "StartTransaction", {**START, "reservationId": 3}, services)

    begin = argument(services.transactions.begin)
    assert (begin.evse, begin.connector, begin.token) == (2, 1, IdToken("ADA", ""))
    assert (begin.meter_wh, begin.at, begin.reservation_id) == (1500, NOW, 3)
    assert response == {"idTagInfo": {"status": "Blocked"}, "transactionId": 4711}


@pytest.mark.parametrize("nothing", [0, -1])
async def test_a_reservation_of_zero_or_minus_one_is_none(nothing):
    services = noting_services()

    await answer(V16, "StartTransaction", {**START, "reservationId": nothing}, services)

    assert argument(services.transactions.begin).reservation_id is None


STOP = {"meterStop": 2500, "timestamp": AT, "transactionId": 4711}


async def test_a_stop_carries_reason_and_data_and_may_lack_a_token():
    services = noting_services()
    data = [{"timestamp": AT, "sampledValue": [{"value": "2500", "context": "Transaction.End"}]}]

    response = await answer(
        V16,
        "StopTransaction",
        {**STOP, "reason": "EVDisconnected", "transactionData": data},
        services,
    )

    finish = argument(services.transactions.finish)
    assert (finish.reference, finish.claimed, finish.token) == (4711, "4711", None)
    assert (finish.meter_wh, finish.at, finish.reason) == (2500, NOW, "EVDisconnected")
    assert [sample.energy_wh for sample in finish.samples] == [2500.0]
    assert response == {}


async def test_a_stop_without_reason_is_local_and_its_token_is_judged():
    services = noting_services(Judgement(Verdict.UNKNOWN))

    response = await answer(V16, "StopTransaction", {**STOP, "idTag": "BOB"}, services)

    finish = argument(services.transactions.finish)
    assert (finish.reason, finish.token) == ("Local", IdToken("BOB", ""))
    assert response == {"idTagInfo": {"status": "Invalid"}}


@pytest.mark.parametrize("claimed", [-1, 0, -77, None])
async def test_an_id_that_the_station_never_learnt_is_none(claimed):
    services = noting_services()

    await answer(V16, "StopTransaction", {**STOP, "transactionId": claimed}, services)

    finish = argument(services.transactions.finish)
    assert finish.reference is None
    assert finish.claimed == str(-1 if claimed is None else claimed)


@pytest.mark.parametrize(
    ("number", "reference"), [(4711, "4711"), (0, None), (-1, None), (None, None)]
)
async def test_meter_values_name_their_transaction_or_none(number, reference):
    services = noting_services()
    payload = {
        "connectorId": 1,
        "transactionId": number,
        "meterValue": [{"timestamp": AT, "sampledValue": [{"value": "7"}]}],
    }

    assert await answer(V16, "MeterValues", payload, services) == {}

    _, evse, named, samples = services.metering.sampled.await_args.args
    assert (evse, named) == (1, reference)
    assert [sample.energy_wh for sample in samples] == [7.0]


@pytest.mark.parametrize(
    ("data", "text"), [(None, None), ("x", "x"), ({"a": [1]}, '{"a":[1]}'), (5, "5")]
)
async def test_data_is_text_in_16(data, text):
    services = noting_services()
    services.data_transfer.received.return_value = TransferAnswer(status="Accepted", data=data)

    response = await answer(
        V16, "DataTransfer", {"vendorId": "V", "messageId": "M", "data": "D"}, services
    )

    transfer = argument(services.data_transfer.received)
    assert (transfer.vendor, transfer.message, transfer.data) == ("V", "M", "D")
    assert response == {"status": "Accepted", **({"data": text} if text is not None else {})}


async def test_a_vendor_handler_with_a_word_of_its_own_rejects():
    services = noting_services()
    services.data_transfer.received.return_value = TransferAnswer(status="Sure")

    assert await answer(V16, "DataTransfer", {"vendorId": "V"}, services) == {"status": "Rejected"}


async def test_a_security_event_is_told():
    services = noting_services()
    payload = {"type": "TamperDetectionActivated", "timestamp": AT, "techInfo": "lid"}

    assert await answer(V16, "SecurityEventNotification", payload, services) == {}

    _, kind, at, info = services.security.events.told.await_args.args
    assert (kind, at.isoformat(), info) == (
        "TamperDetectionActivated",
        "2026-03-01T12:00:00+00:00",
        "lid",
    )
