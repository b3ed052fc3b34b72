"""Frames of real stations (`tests/data/field_frames.jsonl`): what must be accepted is accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from releve.ocpp import codec
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.messages import v16, v201
from releve.ocpp.version import Version

LINES = (Path(__file__).parents[2] / "data" / "field_frames.jsonl").read_text(encoding="utf-8")
FRAMES = [json.loads(line) for line in LINES.splitlines()]
#: Not JSON at all: the RPC layer's business.
BROKEN = {6, 24}


def call(number: int) -> tuple[Version, str, msgspec.Raw]:
    frame = next(f for f in FRAMES if f["n"] == number)
    _, _, action, payload = msgspec.json.decode(
        frame["frame"], type=tuple[int, str, str, msgspec.Raw]
    )
    return Version(f"ocpp{frame['version']}"), action, payload


def ids(frame: dict[str, Any]) -> str:
    return f"{frame['n']}-{frame['maker']}"


@pytest.mark.parametrize("frame", [f for f in FRAMES if f["n"] not in BROKEN], ids=ids)
def test_a_frame_of_the_field_gets_what_it_expects(frame: dict[str, Any]) -> None:
    version, action, payload = call(frame["n"])
    try:
        decoded = codec.decode_request_noted(version, action, payload)
    except Malformed:
        assert frame["expect"] == "answer"
        return
    assert codec.action_of(decoded.message) == action
    assert codec.decode_request(version, action, payload) == decoded.message


@pytest.mark.parametrize(
    ("number", "notes"),
    [
        (3, ()),  # empty optional texts are what the schema allows
        (8, ("meterValue: one object, not a list",)),
        (
            9,
            (
                "meterValue[0].sampledValue[1].unit: unknown value 'Hz'",
                "meterValue[0].sampledValue[3].measurand: 'Current.Import\\n' for Current.Import",
            ),
        ),
        (10, ("meterValue[0].sampledValue: 0 items, at least 1 allowed",)),
        (
            12,
            (
                "chargePointSerialNumber: 26 characters, at most 25 allowed",
                "chargeBoxSerialNumber: 34 characters, at most 25 allowed",
            ),
        ),
        (13, ("errorCode: unknown value 'Error'",)),
        (14, ("info: 80 characters, at most 50 allowed",)),
        (26, ("transactionId: missing",)),
    ],
)
def test_the_operator_is_told_what_was_wrong(number: int, notes: tuple[str, ...]) -> None:
    assert codec.decode_request_noted(*call(number)).notes == notes


def test_an_unknown_value_keeps_its_text_and_equals_no_member() -> None:
    request = codec.decode_request(*call(13))
    assert isinstance(request, v16.StatusNotificationRequest)
    assert isinstance(request.error_code, v16.ChargePointErrorCode)
    assert request.error_code.value == "Error"
    assert request.error_code not in list(v16.ChargePointErrorCode)
    assert b'"errorCode":"Error"' in codec.encode(request)


def test_a_stop_without_its_transaction_is_read_with_a_stand_in() -> None:
    request = codec.decode_request(*call(26))
    assert isinstance(request, v16.StopTransactionRequest)
    assert request.transaction_id == codec.UNKNOWN_TRANSACTION


def test_the_last_of_two_equal_members_counts() -> None:
    request = codec.decode_request(*call(38))
    assert isinstance(request, v16.StartTransactionRequest)
    assert request.connector_id == 2


def test_an_evse_needs_no_connector() -> None:
    request = codec.decode_request(*call(33))
    assert isinstance(request, v201.TransactionEventRequest)
    assert request.evse == v201.EVSE(id=2)
    assert request.offline


@pytest.mark.parametrize(
    ("number", "code"),
    [(36, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION), (37, ErrorCode.TYPE_CONSTRAINT_VIOLATION)],
)
def test_what_cannot_be_understood_gets_the_right_code(number: int, code: ErrorCode) -> None:
    with pytest.raises(Malformed) as caught:
        codec.decode_request(*call(number))
    assert caught.value.code is code
