"""What is forgiven when stations write, one deviation at a time; and what is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from releve.ocpp import codec
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.messages import v16, v201
from releve.ocpp.version import Version

START: dict[str, Any] = {
    "connectorId": 1,
    "idTag": "ADA",
    "meterStart": 100,
    "timestamp": "2026-01-02T03:04:05Z",
}
STOP: dict[str, Any] = {"meterStop": 200, "timestamp": "2026-01-02T03:04:05Z", "transactionId": 7}
EVENT: dict[str, Any] = {
    "eventType": "Updated",
    "timestamp": "2026-01-02T03:04:05Z",
    "triggerReason": "MeterValuePeriodic",
    "seqNo": 3,
    "transactionInfo": {"transactionId": "t"},
}


def start(**changes: Any) -> codec.Decoded:
    return codec.decode_request_noted(Version.V16, "StartTransaction", json.dumps(START | changes))


def stop(**changes: Any) -> codec.Decoded:
    return codec.decode_request_noted(Version.V16, "StopTransaction", json.dumps(STOP | changes))


def event(**changes: Any) -> codec.Decoded:
    return codec.decode_request_noted(Version.V201, "TransactionEvent", json.dumps(EVENT | changes))


def meter_values(*samples: Any) -> codec.Decoded:
    values = [{"timestamp": "2026-01-02T03:04:05Z", "sampledValue": list(samples)}]
    payload = {"evseId": 1, "meterValue": values}
    return codec.decode_request_noted(Version.V201, "MeterValues", json.dumps(payload))


def code_of(version: Version, action: str, payload: Any) -> ErrorCode:
    with pytest.raises(Malformed) as caught:
        codec.decode_request(version, action, json.dumps(payload))
    return caught.value.code


def test_unknown_members_are_ignored_without_a_word() -> None:
    decoded = start(foo={"bar": 1})
    assert decoded.notes == ()
    assert b"foo" not in codec.encode(decoded.message)


def test_null_is_absent() -> None:
    assert start(reservationId=None) == start()
    assert event(offline=None, meterValue=None).message == event().message


@pytest.mark.parametrize("value", ["100", " 100", "100.0"])
def test_a_number_in_quotes(value: str) -> None:
    decoded = start(meterStart=value)
    assert decoded.message == start().message
    assert decoded.notes == ("meterStart: a string, not an integer",)


def test_an_integer_with_a_fraction_of_zero_is_an_integer() -> None:
    assert start(meterStart=100.0) == start()


def test_a_fractional_reading_is_rounded_where_refusing_it_loses_money() -> None:
    decoded = start(meterStart=100.6)
    assert decoded.message.meter_start == 101  # type: ignore[attr-defined]
    assert decoded.notes == ("meterStart: rounded to an integer",)


def test_a_number_instead_of_a_text() -> None:
    decoded = start(idTag=12345678)
    assert decoded.message.id_tag == "12345678"  # type: ignore[attr-defined]
    assert decoded.notes == ("idTag: a number, not a string",)


def test_a_token_that_is_too_long_is_read_in_full() -> None:
    decoded = start(idTag="x" * 36)
    assert decoded.message.id_tag == "x" * 36  # type: ignore[attr-defined]


def test_a_boolean_in_quotes() -> None:
    decoded = event(offline="true")
    assert decoded.message.offline is True  # type: ignore[attr-defined]
    assert decoded.notes == ("offline: not written as a boolean",)


@pytest.mark.parametrize("reason", ["local", "Local ", "LOCAL"])
def test_a_known_value_in_other_letters(reason: str) -> None:
    assert stop(reason=reason).message == stop(reason="Local").message


def test_an_empty_text_for_an_optional_value_is_absent() -> None:
    decoded = stop(reason="", transactionData=[])
    assert decoded.message == stop().message
    assert decoded.notes == ("reason: empty",)


def test_an_unknown_reason_does_not_keep_a_session_open() -> None:
    decoded = stop(reason="Bored")
    assert decoded.message.reason.value == "Bored"  # type: ignore[attr-defined]


@pytest.mark.parametrize("changes", [{"transactionId": None}, {"transactionId": "abc"}])
def test_a_stop_that_does_not_know_its_transaction(changes: dict[str, Any]) -> None:
    assert stop(**changes).message.transaction_id == -1  # type: ignore[attr-defined]


def test_a_stop_without_a_reading_still_ends_the_session() -> None:
    decoded = stop(meterStop=None)
    assert decoded.message.meter_stop == codec.UNKNOWN_METER_WH  # type: ignore[attr-defined]
    assert decoded.notes == ("meterStop: missing",)


@pytest.mark.parametrize("time", ["yesterday", None, "", {"a": 1}, "2026-13-45T99:00:00Z"])
def test_money_without_a_readable_time_is_taken(time: Any) -> None:
    for decoded in (start(timestamp=time), stop(timestamp=time), event(timestamp=time)):
        assert decoded.message.timestamp == codec.UNREADABLE_TIME  # type: ignore[attr-defined]
        assert len(decoded.notes) == 1


def test_elsewhere_a_required_time_must_be_readable() -> None:
    payload = {"type": "StartupOfTheDevice", "timestamp": "soon"}
    assert code_of(Version.V16, "SecurityEventNotification", payload) is ErrorCode.FORMAT_VIOLATION


def test_elsewhere_an_optional_time_is_not_worth_a_message() -> None:
    payload = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": "x"}
    decoded = codec.decode_request_noted(Version.V16, "StatusNotification", json.dumps(payload))
    assert isinstance(decoded.message, v16.StatusNotificationRequest)
    assert decoded.message.timestamp is None
    assert decoded.notes == ("timestamp: not a time: 'x'",)


def test_a_sample_that_makes_no_sense_is_left_out_and_the_rest_kept() -> None:
    decoded = meter_values({"value": "much"}, {"value": "12.5"}, {"value": 13}, 7)
    assert isinstance(decoded.message, v201.MeterValuesRequest)
    (meter_value,) = decoded.message.meter_value
    assert [s.value for s in meter_value.sampled_value] == [12.5, 13.0]
    assert decoded.notes == (
        "left out: meterValue[0].sampledValue[0].value: not a number",
        "meterValue[0].sampledValue[1].value: a string, not a number",
        "left out: meterValue[0].sampledValue[3]: not an object",
    )


def test_an_optional_part_that_makes_no_sense_does_not_lose_an_event() -> None:
    decoded = event(idToken="ADA", evse=4, cableMaxCurrent="32A")
    assert decoded.message == event().message
    assert len(decoded.notes) == 3


def test_a_range_does_not_lose_an_event() -> None:
    request = json.dumps(EVENT | {"seqNo": -1})
    decoded = codec.decode_request_noted(Version.V21, "TransactionEvent", request)
    assert decoded.message.seq_no == -1  # type: ignore[attr-defined]
    assert decoded.notes == ("seqNo: below 0",)


def test_custom_data_that_is_none_is_dropped_and_one_without_vendor_kept() -> None:
    assert event(customData="x").message == event().message
    kept = event(customData={"a": 1, "vendorId": None}, seqNo="3")
    assert kept.message.custom_data == {"a": 1, "vendorId": None}  # type: ignore[attr-defined]


def test_unknown_members_of_custom_data_survive() -> None:
    custom = {"vendorId": "v", "deep": {"er": [1, 2.5, None]}}
    decoded = event(customData=custom)
    assert json.loads(codec.encode(decoded.message))["customData"] == custom


def test_the_notes_of_a_long_message_are_few() -> None:
    decoded = meter_values(*[{"value": "1"}] * 1000)
    assert len(decoded.notes) == 20


def test_null_for_an_empty_payload() -> None:
    decoded = codec.decode_request_noted(Version.V16, "Heartbeat", b"null")
    assert decoded.message == v16.HeartbeatRequest()
    assert decoded.notes == ("payload: null, not an object",)


def test_a_composite_schedule_with_no_limit_is_read() -> None:
    payload = {
        "status": "Accepted",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": -1}],
        },
    }
    decoded = codec.decode_response_noted(Version.V16, "GetCompositeSchedule", json.dumps(payload))
    assert isinstance(decoded.message, v16.GetCompositeScheduleResponse)
    assert decoded.message.charging_schedule is not None
    assert decoded.message.charging_schedule.charging_schedule_period[0].limit == -1
    assert decoded.notes == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reservationId": "many"}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"meterStart": "10,5"}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"meterStart": True}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"idTag": ["ADA"]}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"connectorId": None}, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION),
        ({"idTag": None}, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION),
    ],
)
def test_strict_or_not_what_decides_is_never_guessed(
    changes: dict[str, Any], code: ErrorCode
) -> None:
    payload = json.dumps(START | changes)
    if "reservationId" not in changes:  # optional: dropped in a message that is money
        assert code_of(Version.V16, "StartTransaction", START | changes) is code
    with pytest.raises(Malformed) as caught:
        codec.decode_request(Version.V16, "StartTransaction", payload, strict=True)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"idTag": "x" * 21}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
        ({"timestamp": "2026-01-02T03:04:05"}, ErrorCode.FORMAT_VIOLATION),
        ({"timestamp": "soon"}, ErrorCode.FORMAT_VIOLATION),
        ({"meterStart": "100"}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"idTag": 7}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
    ],
)
def test_a_strict_reading_forgives_nothing(changes: dict[str, Any], code: ErrorCode) -> None:
    with pytest.raises(Malformed) as caught:
        codec.decode_request(
            Version.V16, "StartTransaction", json.dumps(START | changes), strict=True
        )
    assert caught.value.code is code


def test_a_strict_reading_takes_what_the_schema_takes() -> None:
    payload = json.dumps(START | {"meterStart": 100.0, "foo": 1})
    request = codec.decode_request(Version.V16, "StartTransaction", payload, strict=True)
    assert request == start().message


def test_the_kind_of_event_is_never_guessed() -> None:
    code = code_of(Version.V201, "TransactionEvent", EVENT | {"eventType": "Paused"})
    assert code is ErrorCode.PROPERTY_CONSTRAINT_VIOLATION


@pytest.mark.parametrize(
    ("version", "raw", "code"),
    [
        (Version.V16, b"[]", ErrorCode.FORMAT_VIOLATION),
        (Version.V201, b"[]", ErrorCode.PROTOCOL_ERROR),
        (Version.V21, b'"x"', ErrorCode.PROTOCOL_ERROR),
        (Version.V16, b"{", ErrorCode.FORMAT_VIOLATION),
        (Version.V201, b'{"a":\xff}', ErrorCode.FORMAT_VIOLATION),
        (Version.V201, b'{"a":"\xff"}', ErrorCode.FORMAT_VIOLATION),
        (Version.V201, b'{"a":1e999}', ErrorCode.FORMAT_VIOLATION),
        (
            Version.V21,
            b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            ErrorCode.FORMAT_VIOLATION,
        ),
    ],
)
def test_a_payload_that_is_no_object(version: Version, raw: bytes, code: ErrorCode) -> None:
    with pytest.raises(Malformed) as caught:
        codec.decode_request(version, "BootNotification", raw)
    assert caught.value.code is code


def test_an_unknown_action_is_not_implemented() -> None:
    for decode in (codec.decode_request, codec.decode_response, codec.decode_request_noted):
        with pytest.raises(Malformed) as caught:
            decode(Version.V16, "TransactionEvent", b"{}")
        assert caught.value.code is ErrorCode.NOT_IMPLEMENTED


def test_an_answer_is_read_as_what_the_request_asked_for() -> None:
    request = v16.ResetRequest(type=v16.ResetType.SOFT)
    response = codec.decode_answer(request, b'{"status":"Accepted"}')
    assert response.status is v16.ResetStatus.ACCEPTED


def test_times_come_out_aware_and_in_utc() -> None:
    decoded = start(timestamp="2026-01-02T03:04:05")
    assert decoded.message.timestamp == datetime(  # type: ignore[attr-defined]
        2026, 1, 2, 3, 4, 5, tzinfo=UTC
    )
    assert decoded.notes == ("timestamp: no time zone, read as UTC",)
