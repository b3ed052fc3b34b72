"""Firmware: signatures, scheduled installation, orders that replace each other, and local controllers (block L)."""

import base64
import urllib.error
import urllib.request
from asyncio import to_thread
from datetime import UTC, datetime, timedelta
from hashlib import md5

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from releve.simulator import ManualClock
from tests.unit.simulator.conftest import V2, VERSIONS
from tests.unit.simulator.csms import CallError

LONG_AGO = "2020-01-01T00:00:00Z"
IMAGE = "/fw/controller-4.5.6.bin"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Maker:
    """A maker of firmware: a key, its certificate, signatures."""

    def __init__(self, *, elliptic=True, until=START + timedelta(days=30), issuer=None, bits=2048):
        self.key = (
            ec.generate_private_key(ec.SECP256R1())
            if elliptic
            else rsa.generate_private_key(65537, bits)
        )
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Maker {id(self)}")])
        self.name = name
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name if issuer is None else issuer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(START - timedelta(days=90))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        )
        self.certificate = builder.sign((issuer or self).key, SHA256())
        self.pem = self.certificate.public_bytes(Encoding.PEM).decode()

    def signed(self, image):
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(SHA256()), SHA256().digest_size)
            raw = self.key.sign(image, pss, SHA256())
        else:
            raw = self.key.sign(image, ec.ECDSA(SHA256()))
        return base64.b64encode(raw).decode()


class Updates:
    """Orders in the words of a version, and the statuses that come back."""

    def __init__(self, csms, version, clock):
        self.csms = csms
        self.clock = clock
        self.old = version == "1.6"
        self.action = "SignedUpdateFirmware" if self.old else "UpdateFirmware"
        self.notice = f"{'Signed' if self.old else ''}FirmwareStatusNotification"

    async def order(self, url, request=7, **firmware):
        wanted = {"location": url, "retrieveDateTime": LONG_AGO, **firmware}
        return (await self.csms.call(self.action, {"requestId": request, "firmware": wanted}))[
            "status"
        ]

    async def until(self, status, seconds=60):
        """Let time go by until `status` has been told; all statuses so far."""
        from asyncio import sleep

        for _ in range(seconds):
            if status in self.told:
                return self.told
            await self.clock.advance(1)
            await sleep(0.02)
        raise AssertionError(f"{status} was not told: {self.told}")

    @property
    def told(self):
        return [each["status"] for each in self.csms.sent(self.notice)]

    @property
    def security(self):
        return [each["type"] for each in self.csms.sent("SecurityEventNotification")]


@pytest.fixture
def begin(csms, switch_on):
    async def make(version, **options):
        clock = ManualClock(START)
        station = await switch_on(csms, version, clock=clock, **options)
        return station, Updates(csms, version, clock)

    return make


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("elliptic", [True, False])
async def test_a_good_signature_is_verified(begin, shelf, version, elliptic):
    station, updates = await begin(version)
    maker = Maker(elliptic=elliptic)
    signed = {"signingCertificate": maker.pem, "signature": maker.signed(shelf.files[IMAGE])}
    assert await updates.order(shelf.url + IMAGE, **signed) == "Accepted"
    assert await updates.until("Installed") == [
        "Downloading",
        "Downloaded",
        "SignatureVerified",
        "Installing",
        "InstallRebooting",
        "Installed",
    ]
    assert {each["requestId"] for each in updates.csms.sent(updates.notice)} == {7}
    await updates.csms.wait_for("SecurityEventNotification")
    assert station.station.firmware == "4.5.6"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_wrong_signature_ends_it(begin, shelf, version):
    station, updates = await begin(version)
    maker, other = Maker(), Maker()
    signed = {"signingCertificate": maker.pem, "signature": other.signed(shelf.files[IMAGE])}
    before = station.station.firmware
    assert await updates.order(shelf.url + IMAGE, **signed) == "Accepted"
    assert (await updates.until("InvalidSignature"))[-1] == "InvalidSignature"
    while "InvalidFirmwareSignature" not in updates.security:  # L01.FR.03
        await updates.csms.wait_for("SecurityEventNotification", len(updates.security) + 1)
    assert station.station.firmware == before


@pytest.mark.parametrize("version", VERSIONS)
async def test_who_may_sign(begin, shelf, version):
    station, updates = await begin(version)
    root = Maker()
    good, late = Maker(issuer=root), Maker(until=START - timedelta(days=1))
    weak, stranger = Maker(elliptic=False, bits=1024), Maker()

    async def answer(pem):
        return await updates.order(shelf.url + IMAGE, signingCertificate=pem, signature="AAAA")

    assert await answer("no certificate") == "InvalidCertificate"  # L01.FR.22
    assert await answer(late.pem) == "InvalidCertificate"
    assert await answer(weak.pem) == "InvalidCertificate"
    kind = "ManufacturerRootCertificate"
    taken = await updates.csms.call(
        "InstallCertificate", {"certificateType": kind, "certificate": root.pem}
    )
    assert taken == {"status": "Accepted"}
    assert await answer(stranger.pem) == "InvalidCertificate"  # the maker's root is known now
    assert await answer(good.pem) == "Accepted"
    while "InvalidFirmwareSigningCertificate" not in updates.security:  # L01.FR.02
        await updates.csms.wait_for("SecurityEventNotification", len(updates.security) + 1)
    assert station.station.firmware != "4.5.6"


@pytest.mark.parametrize("version", VERSIONS)
async def test_installation_waits_for_its_time(begin, shelf, version):
    station, updates = await begin(version)
    maker = Maker()
    signed = {"signingCertificate": maker.pem, "signature": maker.signed(shelf.files[IMAGE])}
    later = f"{START + timedelta(seconds=45):%Y-%m-%dT%H:%M:%SZ}"
    await updates.order(shelf.url + IMAGE, installDateTime=later, **signed)
    await updates.until("InstallScheduled")  # L01.FR.16
    assert "Installing" not in updates.told
    await updates.until("Installed")
    assert station.station.now() >= START + timedelta(seconds=45)


@pytest.mark.parametrize("version", V2)
async def test_the_last_driver_is_waited_for_and_nobody_else_comes(begin, shelf, version):
    station, updates = await begin(version)
    await station.start(evse=1)
    await updates.order(shelf.url + IMAGE)
    await updates.until("InstallScheduled")
    await updates.clock.advance(2)
    assert station.status(2) == "Unavailable"  # L01.FR.07
    assert "Installing" not in updates.told
    await station.stop(evse=1)
    station.unplug(1)
    await updates.until("Installed")
    assert [station.status(n) for n in (1, 2)] == ["Available", "Available"]


@pytest.mark.parametrize("version", V2)
async def test_a_new_order_replaces_one_that_waits(begin, shelf, version):
    station, updates = await begin(version)
    later = f"{START + timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}"
    assert await updates.order(shelf.url + IMAGE, installDateTime=later) == "Accepted"
    await updates.until("InstallScheduled")
    shelf.files["/fw/controller-9.9.1.bin"] = b"new"
    second = await updates.order(shelf.url + "/fw/controller-9.9.1.bin", request=8)
    assert second == "AcceptedCanceled"  # L01.FR.24
    await updates.until("Installing")
    assert await updates.order(shelf.url + IMAGE, request=9) == "Rejected"  # L01.FR.27
    await updates.until("Installed")
    assert station.station.firmware == "9.9.1"
    assert updates.csms.sent(updates.notice)[-1]["requestId"] == 8


async def test_an_empty_image_is_no_firmware(begin, shelf):
    station, updates = await begin("2.1")
    shelf.files["/fw/empty-7.7.bin"] = b""
    before = station.station.firmware
    await updates.order(shelf.url + "/fw/empty-7.7.bin")
    await updates.until("InstallVerificationFailed")
    assert station.station.firmware == before


@pytest.mark.parametrize("version", V2)
async def test_a_trigger_tells_the_last_status_but_idle_after_the_end(begin, shelf, version):
    _, updates = await begin(version)
    trigger = {"requestedMessage": "FirmwareStatusNotification"}
    await updates.order(shelf.url + "/fw/none.bin")
    await updates.until("DownloadFailed")
    await updates.csms.call("TriggerMessage", trigger)
    await updates.csms.wait_for("FirmwareStatusNotification", 3)
    assert updates.told[-1] == "DownloadFailed"  # L01.FR.26
    await updates.order(shelf.url + IMAGE)
    await updates.until("Installed")
    count = len(updates.told)
    await updates.csms.call("TriggerMessage", trigger)
    await updates.csms.wait_for("FirmwareStatusNotification", count + 1)
    assert updates.csms.sent("FirmwareStatusNotification")[-1] == {"status": "Idle"}  # L01.FR.25


# --- local controllers ------------------------------------------------------------------------------------------


def get(url):
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.read()


async def statuses(csms, count):
    await csms.wait_for("PublishFirmwareStatusNotification", count)
    return [each["status"] for each in csms.sent("PublishFirmwareStatusNotification")]


@pytest.mark.parametrize("version", V2)
async def test_a_local_controller_publishes_an_image(csms, switch_on, shelf, version):
    station = await switch_on(csms, version, local_controller=True)
    checksum = md5(shelf.files[IMAGE], usedforsecurity=False).hexdigest()
    wanted = {"location": shelf.url + IMAGE, "checksum": checksum, "requestId": 3}
    assert await csms.call("PublishFirmware", wanted) == {"status": "Accepted"}
    told = await statuses(csms, 4)
    assert told == ["Downloading", "Downloaded", "ChecksumVerified", "Published"]
    (url,) = csms.sent("PublishFirmwareStatusNotification")[-1]["location"]
    assert await to_thread(get, url) == shelf.files[IMAGE]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        await to_thread(get, url + "x")

    trigger = {"requestedMessage": "PublishFirmwareStatusNotification"}
    assert await csms.call("TriggerMessage", trigger) == {"status": "Accepted"}
    assert (await statuses(csms, 5))[-1] == "Idle"  # L03.FR.10

    gone = {"checksum": checksum.upper()}
    assert await csms.call("UnpublishFirmware", gone) == {"status": "Unpublished"}
    assert await csms.call("UnpublishFirmware", gone) == {"status": "NoFirmware"}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        await to_thread(get, url)
    assert station.station.plan.local_controller


async def test_an_image_in_somebodys_hands_stays(csms, switch_on, shelf):
    from asyncio import open_connection

    station = await switch_on(csms, "2.1", local_controller=True)
    shelf.files[IMAGE] = b"x" * 20_000_000  # more than the buffers of a socket hold
    checksum = md5(shelf.files[IMAGE], usedforsecurity=False).hexdigest()
    wanted = {"location": shelf.url + IMAGE, "checksum": checksum, "requestId": 3}
    await csms.call("PublishFirmware", wanted)
    await statuses(csms, 4)
    (url,) = csms.sent("PublishFirmwareStatusNotification")[-1]["location"]
    host, port = url.split("/")[2].split(":")
    reader, writer = await open_connection(host, int(port))
    writer.write(f"GET /{'/'.join(url.split('/')[3:])} HTTP/1.1\r\n\r\n".encode())
    await reader.readexactly(15)
    ongoing = await csms.call("UnpublishFirmware", {"checksum": checksum})
    assert ongoing == {"status": "DownloadOngoing"}  # L04.FR.04
    writer.close()
    await writer.wait_closed()
    assert station.station.transfers.publish_state == "Published"


@pytest.mark.parametrize(
    ("path", "checksum", "last"),
    [(IMAGE, "0" * 32, "InvalidChecksum"), ("/fw/none.bin", "0" * 32, "DownloadFailed")],
)
async def test_what_cannot_be_published(csms, switch_on, shelf, path, checksum, last):
    await switch_on(csms, "2.1", local_controller=True)
    wanted = {"location": shelf.url + path, "checksum": checksum, "requestId": 3}
    await csms.call("PublishFirmware", wanted)
    count = 3 if last == "InvalidChecksum" else 2
    assert (await statuses(csms, count))[-1] == last


@pytest.mark.parametrize("version", V2)
async def test_other_stations_are_no_local_controllers(csms, switch_on, version):
    await switch_on(csms, version)
    wanted = {"location": "http://127.0.0.1/x", "checksum": "0" * 32, "requestId": 3}
    with pytest.raises(CallError) as refused:
        await csms.call("PublishFirmware", wanted)
    assert refused.value.code == "NotSupported"
    trigger = {"requestedMessage": "PublishFirmwareStatusNotification"}
    answer = await csms.call("TriggerMessage", trigger)
    assert answer == {"status": "NotImplemented"}
