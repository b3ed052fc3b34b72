"""A local controller fetches an image, checks it and offers it to the stations behind it (L03, L04)."""

from hashlib import md5
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from releve.ocpp.errors import ErrorCode
from releve.ocpp.messages import v21
from releve.simulator.dialect import Answer, NotAnswerable, Then
from releve.simulator.files import TransferFailed, fetch
from releve.simulator.station import Station
from releve.simulator.v2.registry import answers

if TYPE_CHECKING:
    from collections.abc import Sequence

Status = v21.PublishFirmwareStatusEnum


@answers
def publish_firmware(request: v21.PublishFirmwareRequest, station: Station) -> Answer:
    """L03."""
    _must_be_controller(station)
    accepted = v21.PublishFirmwareResponse(status=v21.GenericStatusEnum.ACCEPTED)
    return Answer(accepted, lambda: _publish(station, request))


@answers
def unpublish_firmware(
    request: v21.UnpublishFirmwareRequest, station: Station
) -> v21.UnpublishFirmwareResponse:
    """L04."""
    _must_be_controller(station)
    status = station.publisher.unpublish(request.checksum.lower())
    station.note("published", f"image {request.checksum}: {status}", status=status)
    return v21.UnpublishFirmwareResponse(status=v21.UnpublishFirmwareStatusEnum(status))


def status_again(station: Station) -> Then | None:
    """The status as a trigger wants it (L03.FR.10, L03.FR.11); None: this is no local controller."""
    if not station.plan.local_controller:
        return None
    told = station.transfers.publish_state
    status = Status.IDLE if told == Status.PUBLISHED else Status(told)
    return lambda: _tell(station, status)


async def _publish(station: Station, request: v21.PublishFirmwareRequest) -> None:
    station.transfers.publish_request = request.request_id
    await _tell(station, Status.DOWNLOADING)
    image = await _download(station, request)
    if image is None:
        await _tell(station, Status.DOWNLOAD_FAILED)  # L03.FR.06
        return
    await _tell(station, Status.DOWNLOADED)
    checksum = md5(image, usedforsecurity=False).hexdigest()  # L03.FR.02
    if checksum != request.checksum.lower():
        await _tell(station, Status.INVALID_CHECKSUM)  # L03.FR.07
        return
    await _tell(station, Status.CHECKSUM_VERIFIED)
    name = unquote(PurePosixPath(urlsplit(request.location).path).name) or "firmware"
    try:
        url = await station.publisher.publish(checksum, name, image)
    except OSError:
        await _tell(station, Status.PUBLISH_FAILED)  # L03.FR.08
        return
    await _tell(station, Status.PUBLISHED, [url])  # L03.FR.04, L03.FR.09


async def _download(station: Station, request: v21.PublishFirmwareRequest) -> bytes | None:
    retries = request.retries or 0
    for attempt in range(retries + 1):
        try:
            return await fetch(request.location)
        except TransferFailed as problem:
            station.note("published", f"the image could not be fetched: {problem}")
            if attempt < retries:
                await station.clock.sleep(request.retry_interval or 10)
    return None


async def _tell(station: Station, status: Status, urls: "Sequence[str]" = ()) -> None:
    station.transfers.publish_state = status.value
    station.note("published", f"image: {status.value}", status=status.value)
    idle = status is Status.IDLE
    await station.ask(
        v21.PublishFirmwareStatusNotificationRequest(
            status=status,
            location=list(urls),
            request_id=None if idle else station.transfers.publish_request,
        )
    )


def _must_be_controller(station: Station) -> None:
    if not station.plan.local_controller:
        text = "this station is no local controller"
        raise NotAnswerable(ErrorCode.NOT_SUPPORTED, text)
