"""Firmware that a local controller publishes, and stations that fetch it there."""

from __future__ import annotations

import pytest

from releve.domain.commands import Outcome, Result
from releve.domain.firmware import PublishFirmware, UnpublishFirmware, UpdateFirmware
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.images import About
from tests.support.console import Console

from .conftest import read
from .test_upkeep import one_image

PLACE = "http://controller.local/fw-2.bin"


@pytest.fixture
async def station(console: Console):
    return await console.connected("LC-1", version="ocpp2.1", vendor="Alfen")


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}/publishing"


def asked(console: Console, kind: type):
    return [c for _, c in console.stations.asked if isinstance(c, kind)]


async def published(console, station) -> str:
    """The last request to publish has come to its end; the image's checksum."""
    command = asked(console, PublishFirmware)[-1]
    await console.desk.services.publishing.progress(
        console.message(station.live), command.request_id, "Published", (PLACE,), {}
    )
    return str(command.checksum)


async def test_an_image_is_published_and_withdrawn(olga, console, station, path):
    assert "It publishes nothing" in read(await olga.part(path))
    assert "No image yet" in read(await olga.get(f"{path}/publish"))
    image = await one_image(console)
    assert "fw-2.bin" in read(await olga.get(f"{path}/publish"))
    begun = await olga.post(f"{path}/publish", image=image, retries="2", retry_interval_s="60")
    assert "Publishing of firmware" in read(begun)
    (command,) = asked(console, PublishFirmware)
    assert (command.retries, command.retry_interval_s) == (2, 60)
    checksum = await published(console, station)
    text = read(await olga.part(path))
    for shown in ("fw-2.bin 2.0", PLACE, checksum, "Done"):
        assert shown in text
    console.stations.answers["UnpublishFirmware"] = Outcome(
        result=Result.ANSWERED, status="DownloadOngoing"
    )
    busy = await olga.post(f"{path}/withdraw", checksum=checksum)
    assert "A station is fetching it" in read(busy)
    assert PLACE in read(await olga.part(path))
    console.stations.answers["UnpublishFirmware"] = Outcome(
        result=Result.ANSWERED, status="Unpublished", accepted=True
    )
    done = await olga.post(f"{path}/withdraw", checksum=checksum)
    assert "It publishes the image no longer" in read(done)
    assert asked(console, UnpublishFirmware)[-1].checksum == checksum
    assert PLACE not in read(await olga.part(path))


async def test_an_image_elsewhere_needs_its_checksum(olga, console, station, path):
    images = console.desk.services.images
    elsewhere = await images.refer(
        DEFAULT_OPERATOR, "https://maker.example/fw.bin", About(), by="ada"
    )
    refused = await olga.post(f"{path}/publish", image=elsewhere.id)
    assert refused.status_code == 422
    assert 'id="problem-checksum"' in refused.text
    assert asked(console, PublishFirmware) == []
    await olga.post(f"{path}/publish", image=elsewhere.id, checksum="0" * 32)
    (command,) = asked(console, PublishFirmware)
    assert (command.location, command.checksum) == ("https://maker.example/fw.bin", "0" * 32)
    wrong = await olga.post(f"{path}/publish", image=elsewhere.id, retries="many")
    assert 'id="problem-retries"' in wrong.text


async def test_a_station_fetches_an_image_from_its_controller(olga, console, station, path):
    image = await one_image(console)
    behind = await console.connected("CP-2", version="ocpp2.1", vendor="Alfen")
    update = f"/stations/{behind.station.id}/upkeep/firmware"
    for controller in ("NOBODY", "LC-1"):
        refused = await olga.post(update, image=image, controller=controller)
        assert refused.status_code == 422
        assert 'id="problem-controller"' in refused.text
    assert asked(console, UpdateFirmware) == []
    await olga.post(f"{path}/publish", image=image)
    await published(console, station)
    await olga.post(update, image=image, controller="LC-1")
    (command,) = asked(console, UpdateFirmware)
    assert command.location == PLACE


async def test_stations_of_1_6_publish_nothing(olga, console):
    inbound = await console.connected("CP-3", version="ocpp1.6")
    page = await olga.get(f"/stations/{inbound.station.id}/upkeep")
    assert "/publishing" not in page.text


async def test_a_viewer_publishes_nothing(vera, console, station, path):
    assert "Publish an image" not in read(await vera.part(path))
    assert (await vera.post(f"{path}/publish")).status_code == 403
    assert (await vera.post(f"{path}/withdraw", checksum="0" * 32)).status_code == 403
