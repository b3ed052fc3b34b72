"""`check` and `encode_checked`: nothing that breaks the official schema goes out."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest

from releve.ocpp import codec
from releve.ocpp._shapes import shape_of
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.messages.base import Message
from releve.ocpp.version import Version
from tests.support.spoiled import complete, spoiled
from tools.generate_messages import schemas

START = '{"connectorId":1,"idTag":"A","timestamp":"2026-01-02T03:04:05Z","meterStart":%d}'
V16 = Version.V16
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VERSIONS = {"v16": v16, "v201": v201, "v21": v21}
MESSAGES = [
    (package, cls)
    for package, version in VERSIONS.items()
    for table in (version.REQUESTS, version.RESPONSES)
    for cls in table.values()
]


def validator_of(package: str, cls: type[Message]) -> Any:
    schema = schemas.corrected(package)[cls.__name__]
    draft4 = "draft-04" in schema["$schema"]
    validator = jsonschema_rs.Draft4Validator if draft4 else jsonschema_rs.Draft6Validator
    return validator(schema, validate_formats=True)


@pytest.mark.parametrize(("package", "cls"), MESSAGES, ids=lambda x: getattr(x, "__name__", x))
def test_every_constraint_of_every_message_is_checked(package: str, cls: type[Message]) -> None:
    schema = validator_of(package, cls)
    shape = shape_of(cls)
    good = complete(shape)
    assert codec.check(good) == ()
    assert schema.is_valid(json.loads(codec.encode_checked(good)))

    for where, bad in spoiled(shape, good):
        with contextlib.suppress(TypeError, AttributeError):  # too wrong to be encoded
            assert not schema.is_valid(json.loads(codec.encode(bad))), where
        assert len(codec.check(bad)) == 1, where
        with pytest.raises(codec.Unsendable):
            codec.encode_checked(bad)


def test_a_violation_says_where_and_what() -> None:
    message = v16.StartTransactionResponse(
        transaction_id=1,
        id_tag_info=v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED, parent_id_tag="x" * 21),
    )

    (violation,) = codec.check(message)

    assert violation.path == "idTagInfo.parentIdTag"
    assert violation.code is ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
    assert str(violation) == "idTagInfo.parentIdTag: 21 characters, at most 20 allowed"


def test_length_is_counted_in_characters_not_bytes() -> None:
    assert codec.check(v16.AuthorizeRequest(id_tag="é" * 20)) == ()
    assert len(codec.check(v16.AuthorizeRequest(id_tag="é" * 21))) == 1


@pytest.mark.parametrize("limit", [0.3, 8.1, 21.4, 16, 32.0, -0.1, 1e6 + 0.7])
def test_one_decimal_is_a_multiple_of_a_tenth(limit: float) -> None:
    period = v16.ChargingSchedulePeriod(start_period=0, limit=limit)
    assert codec.check(_profile(period)) == ()
    assert b'"limit":' in codec.encode_checked(_profile(period))


@pytest.mark.parametrize("limit", [0.31, 8.15, 1e-9])
def test_two_decimals_are_not(limit: float) -> None:
    period = v16.ChargingSchedulePeriod(start_period=0, limit=limit)
    (violation,) = codec.check(_profile(period))
    assert violation.path.endswith("chargingSchedulePeriod[0].limit")


@pytest.mark.parametrize("limit", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_a_violation(limit: float) -> None:
    period = v16.ChargingSchedulePeriod(start_period=0, limit=limit)
    assert [v.wrong for v in codec.check(_profile(period))] == ["not a finite number"]


def test_a_time_without_a_zone_is_not_sent() -> None:
    message = v16.HeartbeatResponse(current_time=NOW.replace(tzinfo=None))
    assert [v.path for v in codec.check(message)] == ["currentTime"]
    with pytest.raises(ValueError, match="time zone"):
        codec.encode(message)
    with pytest.raises(codec.Unsendable):
        codec.encode_checked(message)


def test_half_a_surrogate_pair_is_not_sent() -> None:
    message = v16.AuthorizeRequest(id_tag="\ud83d")
    assert [v.path for v in codec.check(message)] == ["idTag"]
    with pytest.raises(codec.Unsendable):
        codec.encode_checked(message)


@pytest.mark.parametrize("number", [2**63, -(2**63), 10**400])
def test_no_integer_is_larger_than_a_database_holds(number: int) -> None:
    assert len(codec.check(v16.RemoteStopTransactionRequest(transaction_id=number))) == 1
    with pytest.raises(Malformed) as caught:
        codec.decode_request(V16, "StartTransaction", START % number)
    assert caught.value.code is ErrorCode.PROPERTY_CONSTRAINT_VIOLATION


def test_custom_data_needs_its_vendor() -> None:
    assert codec.check(v201.HeartbeatRequest(custom_data={"vendorId": "us", "more": [1]})) == ()
    (violation,) = codec.check(v201.HeartbeatRequest(custom_data={"more": 1}))
    assert violation.path == "customData.vendorId"
    assert violation.code is ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION


def test_data_transfer_of_2x_takes_any_json_and_nothing_else() -> None:
    assert codec.check(v21.DataTransferRequest(vendor_id="us", data={"a": [1, None]})) == ()
    assert len(codec.check(v21.DataTransferRequest(vendor_id="us", data=object()))) == 1


def test_get15118_exi_response_is_held_to_the_narrower_of_two_published_lengths() -> None:
    status = v201.Iso15118EVCertificateStatusEnum.ACCEPTED
    long = v201.Get15118EVCertificateResponse(status=status, exi_response="x" * 5601)
    assert [v.path for v in codec.check(long)] == ["exiResponse"]


def _profile(period: v16.ChargingSchedulePeriod) -> v16.SetChargingProfileRequest:
    return v16.SetChargingProfileRequest(
        connector_id=1,
        cs_charging_profiles=v16.ChargingProfile(
            charging_profile_id=1,
            stack_level=0,
            charging_profile_purpose=v16.ChargingProfilePurposeType.TX_DEFAULT_PROFILE,
            charging_profile_kind=v16.ChargingProfileKindType.RELATIVE,
            charging_schedule=v16.ChargingSchedule(
                charging_rate_unit=v16.ChargingRateUnitType.A,
                charging_schedule_period=[period],
            ),
        ),
    )
