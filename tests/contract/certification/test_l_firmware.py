"""L: firmware management (2.0.1 part 6, 3.13), by both 2.x versions."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from releve.services.signatures import LIFETIME, Algorithm, certificate_of, new_key, sign
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now

_keys = count(1)
IMAGE = b"\x7fELF firmware of a station\n" * 4000
STEPS = ("Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting")

pytestmark = pytest.mark.parametrize("version", VERSIONS)


async def image(rig: Rig, *, signed: bool = True, **about: str) -> dict:
    """An uploaded image, signed with a key of the CSMS."""
    query = {"name": "station-2.5.0.bin", "version": "2.5.0", **about}
    if signed:
        query["sign_with"] = f"key-{next(_keys)}"
        await rig.post("/firmware-keys", {"name": query["sign_with"]})
    answer = await rig.running.client.post("/api/v1/firmware", params=query, content=IMAGE)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def update(rig: Rig, station: ScriptedStation, **more) -> dict:
    chosen = more.pop("image", None) or (await image(rig))["id"]
    return await rig.post(f"/stations/{station.id}/firmware", {"image": chosen, **more})


async def tell(station: ScriptedStation, request_id: int, *words: str) -> None:
    """FirmwareStatusNotifications; each is answered emptily."""
    for word in words:
        told = {"status": word, "requestId": request_id}
        assert await station.call("FirmwareStatusNotification", told) == {}


async def reboot(station: ScriptedStation) -> None:
    """Into the new firmware."""
    await station.reconnect()
    booted = await station.boot("FirmwareUpdate", firmwareVersion="2.5.0-rc")
    assert booted["status"] == "Accepted"
    await station.status("Available")


async def begun(rig: Rig, version: str, **more) -> tuple[ScriptedStation, dict, dict]:
    """A station that has taken on an update: itself, the request it got, the operation."""
    station = await rig.station(version)
    station.answers("UpdateFirmware", {"status": "Accepted"})
    operation = await update(rig, station, **more)
    assert operation["state"] == "running"
    return station, await station.expect("UpdateFirmware"), operation


def verify(certificate: str, signature: str) -> None:
    """As a station does it (L01.FR.04, L01.FR.12)."""
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    public.verify(base64.b64decode(signature), IMAGE, ec.ECDSA(SHA256()))


@case("TC_L_01_CSMS")
async def test_a_signed_image_is_fetched_verified_and_installed(rig: Rig, version: str) -> None:
    station, request, operation = await begun(rig, version)
    firmware = request["firmware"]
    verify(firmware["signingCertificate"], firmware["signature"])  # L01.FR.11
    async with httpx.AsyncClient() as client:
        fetched = await client.get(firmware["location"])
    assert fetched.content == IMAGE
    assert request["requestId"] == operation["request_id"]

    await tell(station, request["requestId"], *STEPS)
    await reboot(station)
    await tell(station, request["requestId"], "Installed")

    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("done", "Installed")
    assert ended["result"]["firmware"] == "2.5.0-rc"


@case("TC_L_02_CSMS")
async def test_installation_can_be_scheduled(rig: Rig, version: str) -> None:
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    station, request, operation = await begun(rig, version, install_at=at)
    assert datetime.fromisoformat(request["firmware"]["installDateTime"]) > datetime.now(UTC)

    number = request["requestId"]
    await tell(station, number, "Downloading", "Downloaded", "SignatureVerified")
    await tell(station, number, "InstallScheduled")
    assert (await rig.get(f"/operations/{operation['id']}"))["status"] == "InstallScheduled"
    await tell(station, number, "Installing", "InstallRebooting")
    await reboot(station)
    await tell(station, number, "Installed")
    assert (await rig.ended(operation))["state"] == "done"


@case("TC_L_03_CSMS")
async def test_the_download_can_be_scheduled(rig: Rig, version: str) -> None:
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    station, request, operation = await begun(rig, version, retrieve_at=at)
    assert datetime.fromisoformat(request["firmware"]["retrieveDateTime"]) > datetime.now(UTC)

    number = request["requestId"]
    await tell(station, number, "DownloadScheduled")
    assert (await rig.get(f"/operations/{operation['id']}"))["status"] == "DownloadScheduled"
    await tell(station, number, *STEPS)
    await reboot(station)
    await tell(station, number, "Installed")
    assert (await rig.ended(operation))["state"] == "done"


@case("TC_L_04_CSMS", "TC_L_05_CSMS")
@pytest.mark.parametrize("word", ["RevokedCertificate", "InvalidCertificate"])
async def test_a_signer_that_the_station_does_not_trust(rig: Rig, version: str, word: str) -> None:
    station = await rig.station(version)
    station.answers("UpdateFirmware", {"status": word})
    operation = await update(rig, station)
    assert (operation["state"], operation["status"]) == ("failed", word)
    assert word in operation["problem"]
    if word == "InvalidCertificate":
        event = {"type": "InvalidFirmwareSigningCertificate", "timestamp": now()}
        assert await station.call("SecurityEventNotification", event) == {}
    # Nobody needs the image any more: its address is closed.
    location = station.asked("UpdateFirmware")[0]["firmware"]["location"]
    async with httpx.AsyncClient() as client:
        assert (await client.get(location)).status_code == 410


@case("TC_L_06_CSMS")
async def test_a_signature_that_does_not_fit(rig: Rig, version: str) -> None:
    station, request, operation = await begun(rig, version)
    await tell(station, request["requestId"], "Downloading", "Downloaded", "InvalidSignature")
    event = {"type": "InvalidFirmwareSignature", "timestamp": now()}
    assert await station.call("SecurityEventNotification", event) == {}
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("failed", "InvalidSignature")


async def test_what_no_station_would_take_is_not_sent(rig: Rig, version: str) -> None:
    """A00.FR.707: the signer's certificate and the signature are checked beforehand."""
    station = await rig.station(version)
    chosen = await image(rig, signed=False)
    path, key = f"/firmware/{chosen['id']}/sign", new_key(Algorithm.RSA)
    good, digest = datetime.now(UTC), sha256(IMAGE).hexdigest()
    body = {"signature": sign(key, digest), "certificate": certificate_of(key, "Maker", good)}
    old = certificate_of(key, "Maker", good - LIFETIME)
    refused = await rig.post(path, {**body, "certificate": old}, status=422)
    assert "expired" in refused["errors"][0]["message"]
    other = sign(key, sha256(b"another").hexdigest())
    refused = await rig.post(path, {**body, "signature": other}, status=422)
    assert "not that of this file" in refused["errors"][0]["message"]

    signed = {"image": chosen["id"], "signed": True}
    await rig.post(f"/stations/{station.id}/firmware", signed, status=422)
    assert not station.asked("UpdateFirmware")
    await rig.post(path, body)
    station.answers("UpdateFirmware", {"status": "Accepted"})
    await rig.post(f"/stations/{station.id}/firmware", signed)
    (asked,) = station.asked("UpdateFirmware")
    assert asked["firmware"]["signature"] == body["signature"]


@case("TC_L_07_CSMS", "TC_L_08_CSMS")
@pytest.mark.parametrize(
    "words",
    [
        ("Downloading", "DownloadFailed"),
        (*STEPS[:4], "InstallVerificationFailed"),
    ],
)
async def test_it_fails_at_the_station(rig: Rig, version: str, words: tuple[str, ...]) -> None:
    station, request, operation = await begun(rig, version)
    await tell(station, request["requestId"], *words)
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("failed", words[-1])


@case("TC_L_09_CSMS")
async def test_the_installation_fails_after_the_reboot(rig: Rig, version: str) -> None:
    station, request, operation = await begun(rig, version)
    await tell(station, request["requestId"], *STEPS)
    await reboot(station)
    await tell(station, request["requestId"], "InstallationFailed")
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("failed", "InstallationFailed")


@case("TC_L_10_CSMS")
async def test_a_second_update_takes_the_place_of_the_first(rig: Rig, version: str) -> None:
    station, first, operation = await begun(rig, version)
    await tell(station, first["requestId"], "Downloading")
    station.answers("UpdateFirmware", {"status": "AcceptedCanceled"})
    second = await update(rig, station)
    assert (second["state"], second["status"]) == ("running", "AcceptedCanceled")
    assert (await rig.ended(operation))["state"] == "cancelled"  # L01.FR.24
    request = await station.expect("UpdateFirmware")
    assert request["requestId"] != first["requestId"]
    await tell(station, request["requestId"], *STEPS)
    await reboot(station)
    await tell(station, request["requestId"], "Installed")
    assert (await rig.ended(second))["state"] == "done"


@case("TC_L_11_CSMS")
async def test_a_running_update_that_cannot_be_cancelled_goes_on(rig: Rig, version: str) -> None:
    station, request, operation = await begun(rig, version)
    await tell(station, request["requestId"], "Downloading")
    station.answers("UpdateFirmware", {"status": "Rejected"})
    assert (await update(rig, station))["state"] == "failed"  # L01.FR.27
    await tell(station, request["requestId"], *STEPS[1:])
    await reboot(station)
    await tell(station, request["requestId"], "Installed")
    assert (await rig.ended(operation))["state"] == "done"


@case("TC_L_13_CSMS")
async def test_an_update_waits_for_a_transaction(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("UpdateFirmware", {"status": "Accepted"})
    token = await rig.token()
    about = {"idToken": {"idToken": token, "type": "ISO14443"}, "evse": {"id": 1, "connectorId": 1}}

    async def transaction(kind: str, number: int, trigger: str, **more) -> None:
        info = {"transactionId": f"tx-{station.id}", **more.pop("info", {})}
        event = {"eventType": kind, "seqNo": number, "triggerReason": trigger, "timestamp": now()}
        await station.call("TransactionEvent", {**event, "transactionInfo": info, **more})

    charging = {"chargingState": "Charging"}
    await transaction("Started", 0, "Authorized", info=charging, **about)
    operation = await update(rig, station)
    request = await station.expect("UpdateFirmware")
    assert request["firmware"]["signingCertificate"]
    await tell(station, request["requestId"], "DownloadScheduled")
    await station.status("Unavailable", evse=2)
    seen = await rig.get(f"/stations/{station.id}")
    assert [e["status"] for e in seen["evses"] if e["evse"] == 2] == ["Unavailable"]
    stopped = {"stoppedReason": "Local"}
    await transaction("Ended", 1, "StopAuthorized", info=stopped, idToken=about["idToken"])
    await tell(station, request["requestId"], *STEPS)
    await reboot(station)
    await tell(station, request["requestId"], "Installed")
    assert (await rig.ended(operation))["state"] == "done"


# --- a local controller ---------------------------------------------------------------------------------------------


async def publishing(rig: Rig, version: str) -> tuple[ScriptedStation, dict, dict]:
    """A local controller that has taken on a publication."""
    controller = await rig.station(version)
    controller.answers("PublishFirmware", {"status": "Accepted"})
    made = await image(rig, signed=False)
    path = f"/stations/{controller.id}/firmware/publish"
    operation = await rig.post(path, {"image": made["id"]})
    request = await controller.expect("PublishFirmware")
    assert request["checksum"] == made["md5"]  # L03.FR.02
    async with httpx.AsyncClient() as client:
        assert (await client.get(request["location"])).content == IMAGE
    return controller, request, operation


async def published(station: ScriptedStation, request_id: int, *words: str) -> None:
    """PublishFirmwareStatusNotifications; the one that says Published brings addresses (L03.FR.04)."""
    for word in words:
        told = {"status": word, "requestId": request_id}
        if word == "Published":
            told["location"] = ["http://controller.local/fw.bin", "ftp://controller.local/fw.bin"]
        assert await station.call("PublishFirmwareStatusNotification", told) == {}


@case("TC_L_17_CSMS")
async def test_a_local_controller_publishes_and_a_station_fetches_there(
    rig: Rig, version: str
) -> None:
    controller, request, operation = await publishing(rig, version)
    words = ("Downloading", "Downloaded", "ChecksumVerified", "Published")
    await published(controller, request["requestId"], *words)
    ended = await rig.ended(operation)
    assert ended["state"] == "done"
    assert ended["result"]["locations"][0] == "http://controller.local/fw.bin"

    station = await rig.station(version)
    station.answers("UpdateFirmware", {"status": "Accepted"})
    chosen = {"image": operation["arguments"]["image"], "controller": controller.identity}
    await update(rig, station, **chosen)
    asked = await station.expect("UpdateFirmware")
    assert asked["firmware"]["location"] == "http://controller.local/fw.bin"


@case("TC_L_19_CSMS", "TC_L_20_CSMS", "TC_L_24_CSMS")
@pytest.mark.parametrize(
    "words",
    [
        ("Downloading", "Downloaded", "InvalidChecksum"),
        ("Downloading", "Downloaded", "ChecksumVerified", "PublishFailed"),
        ("Downloading", "DownloadFailed"),
    ],
)
async def test_a_publication_fails(rig: Rig, version: str, words: tuple[str, ...]) -> None:
    controller, request, operation = await publishing(rig, version)
    await published(controller, request["requestId"], *words)
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("failed", words[-1])
    assert (await rig.get(f"/stations/{controller.id}/firmware/published"))["items"] == []


@case("TC_L_21_CSMS", "TC_L_22_CSMS", "TC_L_23_CSMS")
@pytest.mark.parametrize(
    ("word", "left"), [("Unpublished", 0), ("NoFirmware", 0), ("DownloadOngoing", 1)]
)
async def test_a_publication_is_withdrawn(rig: Rig, version: str, word: str, left: int) -> None:
    controller, request, operation = await publishing(rig, version)
    await published(controller, request["requestId"], "Published")
    await rig.ended(operation)
    controller.answers("UnpublishFirmware", {"status": word})
    path = f"/stations/{controller.id}/firmware"
    told = await rig.post(f"{path}/unpublish", {"checksum": request["checksum"]})
    assert (told["status"], told["accepted"]) == (word, word == "Unpublished")
    assert controller.asked("UnpublishFirmware") == [{"checksum": request["checksum"]}]
    assert len((await rig.get(f"{path}/published"))["items"]) == left
