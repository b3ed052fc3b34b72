"""Error codes: one meaning, each version's own spelling."""

from __future__ import annotations

import pytest

from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.version import Version

#: OCPP-J 1.6 table 7, as the field spells it.
SPELLED_IN_1_6 = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}


def test_1_6_sends_only_its_own_ten_codes() -> None:
    assert {code.spelling(Version.V16) for code in ErrorCode} == SPELLED_IN_1_6


@pytest.mark.parametrize("version", [Version.V201, Version.V21])
def test_2x_sends_its_twelve_codes(version: Version) -> None:
    spelled = {code.spelling(version) for code in ErrorCode}
    assert len(spelled) == 12
    assert "FormatViolation" in spelled
    assert "OccurrenceConstraintViolation" in spelled


@pytest.mark.parametrize("version", list(Version))
def test_both_spellings_are_read_in_every_version(version: Version) -> None:
    for code in ErrorCode:
        read = ErrorCode.read(code.spelling(version))
        assert read.spelling(version) == code.spelling(version)
    assert ErrorCode.read("FormationViolation") is ErrorCode.FORMAT_VIOLATION
    assert ErrorCode.read("FormatViolation") is ErrorCode.FORMAT_VIOLATION
    misspelt = ErrorCode.read("OccurenceConstraintViolation")
    assert misspelt is ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION


def test_a_code_of_nobody_is_generic() -> None:
    assert ErrorCode.read("CatOnKeyboard") is ErrorCode.GENERIC_ERROR


def test_malformed_carries_its_code() -> None:
    error = Malformed(ErrorCode.PROTOCOL_ERROR, "no")
    assert (error.code, error.description, str(error)) == (ErrorCode.PROTOCOL_ERROR, "no", "no")


def test_a_version_is_its_subprotocol_and_has_a_label() -> None:
    assert [(v.value, v.label) for v in Version] == [
        ("ocpp1.6", "1.6"),
        ("ocpp2.0.1", "2.0.1"),
        ("ocpp2.1", "2.1"),
    ]
