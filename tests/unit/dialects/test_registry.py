"""What the registry refuses at import, so that it cannot go wrong at run time."""

from __future__ import annotations

import pytest

from releve.dialects.registry import Dialect, Unsupported
from releve.domain.commands import ClearCache, Outcome, Reset, Result
from releve.ocpp.messages import v16 as messages
from releve.ocpp.messages import v201
from releve.ocpp.messages.v16 import (
    AuthorizeRequest,
    BootNotificationRequest,
    ClearCacheRequest,
    ClearCacheResponse,
    FirmwareStatusNotificationRequest,
    HeartbeatRequest,
    HeartbeatResponse,
    ResetRequest,
    ResetResponse,
)
from releve.ocpp.version import Version
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services
from tests.unit.dialects.kit import live_station


@pytest.fixture
def dialect():
    return Dialect(Version.V16, messages, boots_first=False)


async def beat(
    request: HeartbeatRequest, inbound: Inbound, services: Services
) -> HeartbeatResponse:
    raise AssertionError


def clear(command: ClearCache, station: LiveStation) -> ClearCacheRequest:
    return ClearCacheRequest()


def cleared(command: ClearCache, response: ClearCacheResponse) -> Outcome:
    return Outcome(result=Result.ANSWERED, status=str(response.status))


def test_a_handler_is_found_by_its_types(dialect):
    dialect.answers(beat)

    assert dialect.handler("Heartbeat") is beat
    assert dialect.handler("Authorize") is None


def test_a_response_of_another_request_does_not_load(dialect):
    async def wrong(
        request: AuthorizeRequest, inbound: Inbound, services: Services
    ) -> HeartbeatResponse:
        raise AssertionError

    with pytest.raises(TypeError, match="answers Authorize with"):
        dialect.answers(wrong)


def test_a_request_of_another_version_does_not_load(dialect):
    async def wrong(
        request: v201.HeartbeatRequest, inbound: Inbound, services: Services
    ) -> v201.HeartbeatResponse:
        raise AssertionError

    with pytest.raises(TypeError, match=r"is no request of ocpp1\.6"):
        dialect.answers(wrong)


def test_a_handler_without_types_does_not_load(dialect):
    async def untyped(request: HeartbeatRequest, inbound, services):
        raise AssertionError

    with pytest.raises(TypeError, match="needs types for inbound, services, return"):
        dialect.answers(untyped)


def test_directions_are_kept(dialect):
    async def from_us(request: ResetRequest, inbound: Inbound, services: Services) -> ResetResponse:
        raise AssertionError

    def from_them(command: Reset, station: LiveStation) -> HeartbeatRequest:
        raise AssertionError

    with pytest.raises(TypeError, match="Reset does not go in this direction"):
        dialect.answers(from_us)
    with pytest.raises(TypeError, match="Heartbeat does not go in this direction"):
        dialect.asks(from_them)


def test_nothing_is_declared_twice(dialect):
    dialect.answers(beat)
    dialect.asks(clear)
    dialect.hears(cleared)

    with pytest.raises(TypeError, match="Heartbeat has a handler already"):
        dialect.answers(beat)
    with pytest.raises(TypeError, match="is asked already"):
        dialect.asks(clear)
    with pytest.raises(TypeError, match="has an ear for"):
        dialect.hears(cleared)


def test_an_ear_returns_an_outcome_and_hears_a_response(dialect):
    def silent(command: ClearCache, response: ClearCacheResponse) -> None:
        raise AssertionError

    def deaf(command: ClearCache, response: ClearCacheRequest) -> Outcome:
        raise AssertionError

    with pytest.raises(TypeError, match="not an Outcome"):
        dialect.hears(silent)
    with pytest.raises(TypeError, match="is no response of"):
        dialect.hears(deaf)


def test_what_is_asked_and_not_heard_shows(dialect):
    dialect.asks(clear)
    assert dialect.complete() == ["ClearCache/ClearCache"]

    dialect.hears(cleared)
    assert dialect.complete() == []


def test_a_command_without_message_says_so_in_words(dialect):
    with pytest.raises(Unsupported, match=r"OCPP 1\.6 has no message for ClearCache"):
        dialect.ask(ClearCache(), live_station())


def test_only_what_needs_no_content_in_its_answer_can_be_merely_told(dialect):
    dialect.tells(FirmwareStatusNotificationRequest)

    assert dialect.handler("FirmwareStatusNotification") is not None
    with pytest.raises(TypeError, match="Missing required argument"):
        dialect.tells(BootNotificationRequest)
