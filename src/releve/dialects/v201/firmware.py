"""L: firmware updates, and firmware published by a local controller."""

from __future__ import annotations

from releve.dialects.v2 import firmware as wire
from releve.dialects.v2.building import built
from releve.dialects.v2.outcome import heard
from releve.dialects.v201.version import v201
from releve.domain.commands import Outcome, Result
from releve.domain.firmware import PublishFirmware, UnpublishFirmware, UpdateFirmware
from releve.ocpp.messages.v201 import (
    FirmwareStatusNotificationRequest,
    FirmwareStatusNotificationResponse,
    PublishFirmwareRequest,
    PublishFirmwareResponse,
    PublishFirmwareStatusNotificationRequest,
    PublishFirmwareStatusNotificationResponse,
    UnpublishFirmwareRequest,
    UnpublishFirmwareResponse,
    UnpublishFirmwareStatusEnum,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


@v201.asks
def update_firmware(command: UpdateFirmware, station: LiveStation) -> UpdateFirmwareRequest:
    return built(UpdateFirmwareRequest, wire.update(command))


@v201.hears
def firmware_updating(command: UpdateFirmware, response: UpdateFirmwareResponse) -> Outcome:
    return heard(response)


@v201.answers
async def firmware_status(
    request: FirmwareStatusNotificationRequest, inbound: Inbound, services: Services
) -> FirmwareStatusNotificationResponse:
    await services.firmware.progress(inbound, request.request_id, str(request.status), {})
    return FirmwareStatusNotificationResponse()


@v201.asks
def publish_firmware(command: PublishFirmware, station: LiveStation) -> PublishFirmwareRequest:
    return built(PublishFirmwareRequest, wire.publish(command))


@v201.hears
def firmware_publishing(command: PublishFirmware, response: PublishFirmwareResponse) -> Outcome:
    return heard(response)


@v201.answers
async def publish_status(
    request: PublishFirmwareStatusNotificationRequest, inbound: Inbound, services: Services
) -> PublishFirmwareStatusNotificationResponse:
    await services.publishing.progress(
        inbound, request.request_id, str(request.status), tuple(request.location), {}
    )
    return PublishFirmwareStatusNotificationResponse()


@v201.asks
def unpublish_firmware(
    command: UnpublishFirmware, station: LiveStation
) -> UnpublishFirmwareRequest:
    return UnpublishFirmwareRequest(checksum=command.checksum)


@v201.hears
def firmware_unpublished(
    command: UnpublishFirmware, response: UnpublishFirmwareResponse
) -> Outcome:
    done = response.status is UnpublishFirmwareStatusEnum.UNPUBLISHED
    return Outcome(result=Result.ANSWERED, status=str(response.status), accepted=done)
