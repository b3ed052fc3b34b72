"""How messages look on the wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from releve.ocpp import codec
from releve.ocpp.errors import Malformed
from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.version import Version

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


def test_json_is_compact_and_in_the_schemas_order() -> None:
    response = v16.BootNotificationResponse(
        interval=300, status=v16.RegistrationStatus.ACCEPTED, current_time=NOW
    )
    assert codec.encode(response) == (
        b'{"status":"Accepted","currentTime":"2026-11-22T12:00:00.123Z","interval":300}'
    )


def test_times_go_out_in_utc_with_milliseconds() -> None:
    paris = NOW.replace(microsecond=0).astimezone(timezone(timedelta(hours=1)))
    encoded = codec.encode(v16.HeartbeatResponse(current_time=paris))
    assert encoded == b'{"currentTime":"2026-11-22T12:00:00.000Z"}'


def test_encoding_leaves_the_message_as_it_was() -> None:
    value = v201.MeterValue(timestamp=NOW, sampled_value=[v201.SampledValue(value=1.0)])
    message = v201.MeterValuesRequest(evse_id=1, meter_value=[value])
    codec.encode(message)
    assert message.meter_value[0].timestamp is NOW


def test_times_inside_lists_inside_objects_are_written_too() -> None:
    info = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED, expiry_date=NOW)
    entry = v16.AuthorizationData(id_tag="ADA", id_tag_info=info)
    message = v16.SendLocalListRequest(
        list_version=1, update_type=v16.UpdateType.FULL, local_authorization_list=[entry]
    )
    written = json.loads(codec.encode(message))
    date = written["localAuthorizationList"][0]["idTagInfo"]["expiryDate"]
    assert date == "2026-11-22T12:00:00.123Z"


def test_absent_members_and_empty_lists_are_not_sent() -> None:
    message = v16.SendLocalListRequest(list_version=1, update_type=v16.UpdateType.FULL)
    assert codec.encode(message) == b'{"listVersion":1,"updateType":"Full"}'
    assert codec.encode(v16.ClearCacheRequest()) == b"{}"


def test_defaults_are_applied_on_read_and_not_sent() -> None:
    raw = b'{"getVariableData":[{"component":{"name":"C"},"variable":{"name":"V"}}]}'
    request = codec.decode_request(Version.V201, "GetVariables", raw)
    assert isinstance(request, v201.GetVariablesRequest)
    assert request.get_variable_data[0].attribute_type is v201.AttributeEnum.ACTUAL
    assert codec.encode(request) == raw


def test_a_limit_with_one_decimal_keeps_its_value() -> None:
    raw = b'{"startPeriod":0,"limit":8.1}'
    payload = (
        b'{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":0,'
        b'"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative",'
        b'"chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[' + raw + b"]}}}"
    )
    request = codec.decode_request(Version.V16, "SetChargingProfile", payload, strict=True)
    assert codec.encode_checked(request) == payload


def test_both_spellings_of_celsius_are_known_in_1_6() -> None:
    assert v16.UnitOfMeasure("Celsius") is not v16.UnitOfMeasure("Celcius")


def test_the_periodic_event_stream_counts_its_times_in_numbers() -> None:
    raw = b'{"data":[{"t":0.5,"v":"1"}],"id":1,"pending":0,"basetime":"2026-11-22T12:00:00.000Z"}'
    request = codec.decode_request(Version.V21, "NotifyPeriodicEventStream", raw)
    assert isinstance(request, v21.NotifyPeriodicEventStreamRequest)
    assert codec.encode(request) == raw
    assert codec.response_type(Version.V21, "NotifyPeriodicEventStream") is None


def test_a_message_knows_its_action_and_version() -> None:
    message = v201.HeartbeatRequest()
    assert codec.action_of(message) == codec.action_of(v201.HeartbeatRequest) == "Heartbeat"
    assert codec.version_of(message) is Version.V201
    assert codec.request_type(Version.V201, "Heartbeat") is v201.HeartbeatRequest
    with pytest.raises(Malformed):
        codec.request_type(Version.V16, "TransactionEvent")
