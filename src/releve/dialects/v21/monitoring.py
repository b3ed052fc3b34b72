"""N: monitored events, some of which tell a connector's state."""

from __future__ import annotations

import msgspec

from releve.dialects.v2.status import availability_states
from releve.dialects.v21.version import v21
from releve.ocpp.messages.v21 import NotifyEventRequest, NotifyEventResponse
from releve.services.live import Inbound
from releve.services.services import Services


@v21.answers
async def notify_event(
    request: NotifyEventRequest, inbound: Inbound, services: Services
) -> NotifyEventResponse:
    for state in availability_states(request.event_data):
        await services.availability.changed(inbound, state)
    await services.reports.told(inbound, "NotifyEvent", msgspec.to_builtins(request))
    return NotifyEventResponse()
