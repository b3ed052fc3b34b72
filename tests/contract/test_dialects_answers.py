"""Every message that a station may send, in every version: handled, or knowingly not yet; answered by the schema."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releve.dialects import DIALECTS
from releve.domain.token import Judgement, Verdict
from releve.ocpp import codec
from releve.ocpp.errors import Malformed
from releve.ocpp.version import Version
from releve.services.data_transfer import TransferAnswer
from tests.support.messages import payloads
from tests.unit.dialects.kit import NOW, PACKAGES, TWO, answer, noting_services

# Answered by CALLERROR NotSupported (a SEND is ignored): the honest answer until its block is built.
NOT_YET: dict[tuple[Version, str], str] = {}
INBOUND = [
    (version, action)
    for version, dialect in DIALECTS.items()
    for action in sorted(dialect.from_station)
]
HANDLED = [pair for pair in INBOUND if pair not in NOT_YET]
FRAMES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "field_frames.jsonl")
    .read_text("utf-8")
    .splitlines()
]
VERSIONS = {version.label: version for version in Version}


@pytest.mark.parametrize(("version", "action"), INBOUND)
def test_every_inbound_action_has_a_handler_or_a_reason(version, action):
    handled = DIALECTS[version].handler(action) is not None
    assert handled is not ((version, action) in NOT_YET)


@pytest.mark.parametrize("version", Version)
def test_no_command_is_asked_without_being_heard(version):
    assert DIALECTS[version].complete() == []


@pytest.mark.parametrize("version", Version)
def test_no_station_may_send_what_only_we_ask(version):
    dialect = DIALECTS[version]
    assert [a for a in dialect.from_csms - dialect.from_station if dialect.handler(a)] == []


def test_only_2_x_refuses_calls_before_the_boot():
    assert [v for v, dialect in DIALECTS.items() if dialect.boots_first] == [*TWO]


JUDGEMENTS = st.builds(
    Judgement,
    st.sampled_from(Verdict),
    st.none() | st.text(max_size=300),
    st.none() | st.just(NOW),
)
TRANSFERS = st.builds(
    TransferAnswer,
    status=st.sampled_from(["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId", "odd"]),
    data=st.none() | st.text() | st.integers() | st.lists(st.booleans()),
)


@pytest.mark.parametrize(("version", "action"), HANDLED)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_the_schema_accepts_is_answered_by_the_schema(version, action, data):
    payload = data.draw(payloads(PACKAGES[version], f"{action}Request"))
    services = noting_services(data.draw(JUDGEMENTS))
    services.data_transfer.received.return_value = data.draw(TRANSFERS)

    response = await answer(version, action, payload, services)

    assert (response is None) is (action not in DIALECTS[version].responses)  # a SEND has none


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: f"{frame['n']}-{frame['maker']}")
async def test_a_frame_from_the_field_gets_what_it_expects(frame):
    version = VERSIONS[frame["version"]]
    try:
        kind, _, action, payload = json.loads(frame["frame"])
    except ValueError:  # no JSON, or no call: the business of `ocpp.rpc`
        assert frame["expect"] in {"answer-or-ignore", "answer"}
        return
    assert kind == 2
    raw = msgspec.json.encode(payload)
    try:
        codec.decode_request(version, action, raw)
    except Malformed:
        assert frame["expect"] not in {"accept", "accept-once"}
        return

    assert await answer(version, action, raw, noting_services()) is not None
