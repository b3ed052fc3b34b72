"""J: meter values outside of transactions."""

from __future__ import annotations

from releve.dialects.v2.metering import samples
from releve.dialects.v201.version import v201
from releve.ocpp.messages.v201 import MeterValuesRequest, MeterValuesResponse
from releve.services.live import Inbound
from releve.services.services import Services

_DONE = MeterValuesResponse()


@v201.answers
async def meter_values(
    request: MeterValuesRequest, inbound: Inbound, services: Services
) -> MeterValuesResponse:
    await services.metering.sampled(inbound, request.evse_id, None, samples(request.meter_value))
    return _DONE
