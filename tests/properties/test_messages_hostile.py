"""Whatever a station sends, reading it ends in a message or in Malformed."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releve.ocpp import codec
from releve.ocpp._shapes import shape_of
from releve.ocpp.errors import Malformed
from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.version import Version
from tests.support.odd import spoiled_payloads
from tests.support.spoiled import complete

TABLES = {
    Version.V16: (v16.REQUESTS, v16.RESPONSES),
    Version.V201: (v201.REQUESTS, v201.RESPONSES),
    Version.V21: (v21.REQUESTS, v21.RESPONSES),
}


def _wire(value: Any) -> bytes:
    # json writes integers of any size; Python refuses to print those of over 4300 digits
    return json.dumps(value).encode()


@pytest.mark.parametrize("version", list(Version))
@settings(max_examples=150)
@given(data=st.data(), strict=st.booleans())
def test_an_odd_payload_is_read_or_malformed(
    version: Version, data: st.DataObject, strict: bool
) -> None:
    response = data.draw(st.booleans())
    table = TABLES[version][response]
    action = data.draw(st.sampled_from(sorted(table)))
    whole = json.loads(codec.encode(complete(shape_of(table[action]))))
    raw = _wire(data.draw(spoiled_payloads(whole)))
    decode = codec.decode_response_noted if response else codec.decode_request_noted
    with contextlib.suppress(Malformed):
        decoded = decode(version, action, raw, strict=strict)
        assert isinstance(decoded.message, table[action])
        # what was read can be read again, with nothing new to forgive
        again = codec.encode(decoded.message)
        assert decode(version, action, again).message == decoded.message


@pytest.mark.parametrize("version", list(Version))
@settings(max_examples=150)
@given(raw=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_bytes_are_read_or_malformed(version: Version, raw: bytes) -> None:
    for action in ("Heartbeat", "MeterValues", "DataTransfer"):
        with contextlib.suppress(Malformed):
            codec.decode_request(version, action, raw)
