"""`check` and the official schemas agree about every message that code can build."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releve.ocpp import codec
from releve.ocpp.version import Version
from tests.support.messages import messages
from tools.generate_messages import schemas

PACKAGES = {"v16": Version.V16, "v201": Version.V201, "v21": Version.V21}
MESSAGES = [(package, name) for package in PACKAGES for name in schemas.official(package)]


def _validator(schema: dict[str, Any]) -> Any:
    draft4 = "draft-04" in schema["$schema"]
    validator = jsonschema_rs.Draft4Validator if draft4 else jsonschema_rs.Draft6Validator
    return validator(schema, validate_formats=True)


@pytest.mark.parametrize(("package", "name"), MESSAGES, ids=lambda part: part)
def test_what_passes_the_check_meets_the_official_schema(package: str, name: str) -> None:
    version = PACKAGES[package]
    action = name.removesuffix("Request").removesuffix("Response")
    request = name.endswith("Request")
    cls = codec.request_type(version, action) if request else codec.response_type(version, action)
    assert cls is not None
    corrected = _validator(schemas.corrected(package)[name])
    official = _validator(schemas.corrected(package, looser_only=True)[name])

    @settings(max_examples=5)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        message = data.draw(messages(cls))
        found = codec.check(message)
        encoded = codec.encode(message)
        payload = json.loads(encoded)
        assert corrected.is_valid(payload) == (not found), [str(v) for v in found]
        if found:
            with pytest.raises(codec.Unsendable) as caught:
                codec.encode_checked(message)
            assert caught.value.violations == found
        else:
            assert official.is_valid(payload)
            assert codec.encode_checked(message) == encoded

    agree()
