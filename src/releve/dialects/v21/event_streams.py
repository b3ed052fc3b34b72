"""N11 to N15: periodic event streams. Their values come by SEND and are never answered."""

from __future__ import annotations

import msgspec

from releve.dialects.v2 import monitoring as wire
from releve.dialects.v2.building import built
from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome, Result
from releve.domain.monitoring import (
    AdjustPeriodicEventStream,
    GetPeriodicEventStream,
    StreamParams,
)
from releve.ocpp.messages.v21 import (
    AdjustPeriodicEventStreamRequest,
    AdjustPeriodicEventStreamResponse,
    ClosePeriodicEventStreamRequest,
    ClosePeriodicEventStreamResponse,
    ConstantStreamData,
    GenericStatusEnum,
    GetPeriodicEventStreamRequest,
    GetPeriodicEventStreamResponse,
    NotifyPeriodicEventStreamRequest,
    OpenPeriodicEventStreamRequest,
    OpenPeriodicEventStreamResponse,
    StatusInfo,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services
from releve.services.streams import Opened


@v21.answers
async def open_stream(
    request: OpenPeriodicEventStreamRequest, inbound: Inbound, services: Services
) -> OpenPeriodicEventStreamResponse:
    refusal = await services.streams.opened(inbound, _opened(request.constant_stream_data))
    if refusal:  # N11.FR.05
        return OpenPeriodicEventStreamResponse(
            status=GenericStatusEnum.REJECTED,
            status_info=StatusInfo(reason_code="InvalidValue", additional_info=refusal),
        )
    return OpenPeriodicEventStreamResponse(status=GenericStatusEnum.ACCEPTED)  # N11.FR.06


@v21.answers
async def close_stream(
    request: ClosePeriodicEventStreamRequest, inbound: Inbound, services: Services
) -> ClosePeriodicEventStreamResponse:
    await services.streams.closed(inbound, request.id)
    return ClosePeriodicEventStreamResponse()  # N13.FR.02


@v21.answers
async def notify_stream(
    request: NotifyPeriodicEventStreamRequest, inbound: Inbound, services: Services
) -> None:  # N15.FR.02
    values = [(one.t, one.v) for one in request.data]
    await services.streams.told(inbound, request.id, request.basetime, request.pending, values)


@v21.asks
def adjust_stream(
    command: AdjustPeriodicEventStream, station: LiveStation
) -> AdjustPeriodicEventStreamRequest:
    payload = {"id": command.stream, "params": wire.params(command.params)}
    return built(AdjustPeriodicEventStreamRequest, payload)


@v21.hears
def stream_adjusted(
    command: AdjustPeriodicEventStream, response: AdjustPeriodicEventStreamResponse
) -> Outcome:
    return heard(response)


@v21.asks
def get_streams(
    command: GetPeriodicEventStream, station: LiveStation
) -> GetPeriodicEventStreamRequest:
    return GetPeriodicEventStreamRequest()


@v21.hears
def streams_got(
    command: GetPeriodicEventStream, response: GetPeriodicEventStreamResponse
) -> Outcome:
    streams = [_opened(one) for one in response.constant_stream_data]
    return Outcome(result=Result.ANSWERED, accepted=True, details=msgspec.to_builtins(streams))


def _opened(data: ConstantStreamData) -> Opened:
    return Opened(
        id=data.id,
        monitor=data.variable_monitoring_id,
        params=StreamParams(interval_s=data.params.interval, values=data.params.values),
    )
