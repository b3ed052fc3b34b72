"""1.6: firmware updates, plain and signed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.test_l_firmware import image, verify
from tests.support.rig import Rig, ScriptedStation, case, now


async def plain(station: ScriptedStation, *words: str) -> None:
    for word in words:
        assert await station.call("FirmwareStatusNotification", {"status": word}) == {}


async def signed(station: ScriptedStation, request_id: int, *words: str) -> None:
    for word in words:
        told = {"status": word, "requestId": request_id}
        assert await station.call("SignedFirmwareStatusNotification", told) == {}


async def begun(rig: Rig, **more: Any) -> tuple[ScriptedStation, dict[str, Any], dict[str, Any]]:
    """A station with a plain update under way."""
    station = await rig.station("1.6")
    station.answers("UpdateFirmware", {})
    chosen = await image(rig, signed=False)
    operation = await rig.post(f"/stations/{station.id}/firmware", {"image": chosen["id"], **more})
    assert operation["state"] == "running"
    return station, await station.expect("UpdateFirmware"), operation


@case("TC_044_1_CSMS")
async def test_an_update_is_installed(rig: Rig) -> None:
    station, request, operation = await begun(rig, retries=2, retry_interval_s=30)
    assert (request["retries"], request["retryInterval"]) == (2, 30)
    await plain(station, "Downloading", "Downloaded", "Installing")
    await station.reconnect()
    assert (await station.boot(firmwareVersion="2.4.9"))["status"] == "Accepted"
    await station.status("Available", evse=0)
    await station.status("Available", evse=1)
    await plain(station, "Installed")
    ended = await rig.ended(operation)
    assert (ended["state"], ended["result"]["firmware"]) == ("done", "2.4.9")


@case("TC_044_2_CSMS", "TC_044_3_CSMS")
@pytest.mark.parametrize(
    "words",
    [
        ("Downloading", "DownloadFailed"),
        ("Downloading", "Downloaded", "Installing", "InstallationFailed"),
    ],
)
async def test_an_update_fails(rig: Rig, words: tuple[str, ...]) -> None:
    station, _, operation = await begun(rig)
    await plain(station, *words)
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("failed", words[-1])


async def test_the_wanted_version_at_the_next_boot_ends_an_update_that_is_never_reported(
    rig: Rig,
) -> None:
    station, _, operation = await begun(rig)
    await plain(station, "Downloading")
    await station.reconnect()
    await station.boot(firmwareVersion="2.5.0")
    assert (await rig.ended(operation))["state"] == "done"


async def test_the_time_of_installation_is_for_signed_firmware_only(rig: Rig) -> None:
    station = await rig.station("1.6")
    chosen = await image(rig, signed=False)
    body = {"image": chosen["id"], "install_at": "2099-01-01T00:00:00Z"}
    far = await rig.post(f"/stations/{station.id}/firmware", body, status=422)
    assert "year" in far["errors"][0]["message"]


async def signed_update(rig: Rig) -> tuple[ScriptedStation, dict[str, Any], dict[str, Any]]:
    station = await rig.station("1.6")
    station.answers("SignedUpdateFirmware", {"status": "Accepted"})
    chosen = await image(rig)
    operation = await rig.post(f"/stations/{station.id}/firmware", {"image": chosen["id"]})
    request = await station.expect("SignedUpdateFirmware")
    verify(request["firmware"]["signingCertificate"], request["firmware"]["signature"])
    return station, request, operation


@case("TC_080_CSMS")
async def test_a_signed_update_is_installed(rig: Rig) -> None:
    station, request, operation = await signed_update(rig)
    number = request["requestId"]
    words = ("Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting")
    await signed(station, number, *words)
    await station.reconnect()
    assert (await station.boot())["status"] == "Accepted"
    await signed(station, number, "Installed")
    event = {"type": "FirmwareUpdated", "timestamp": now()}
    assert await station.call("SecurityEventNotification", event) == {}
    assert (await rig.ended(operation))["state"] == "done"


@case("TC_081_CSMS")
async def test_a_signed_update_whose_signature_does_not_fit(rig: Rig) -> None:
    station, request, operation = await signed_update(rig)
    await signed(station, request["requestId"], "Downloading", "Downloaded", "InvalidSignature")
    event = {"type": "InvalidFirmwareSignature", "timestamp": now()}
    assert await station.call("SecurityEventNotification", event) == {}
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("failed", "InvalidSignature")
