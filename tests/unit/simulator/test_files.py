"""Logs that are handed in and firmware that is fetched, over HTTP."""

import pytest

from releve.simulator.files import TransferFailed, fetch, upload
from tests.unit.simulator.conftest import V2, VERSIONS


async def test_a_folder_gets_the_file_under_its_name(shelf):
    assert await upload(shelf.url + "/logs/", "a.log", b"hello") == shelf.url + "/logs/a.log"
    assert shelf.files["/logs/a.log"] == b"hello"


async def test_where_put_is_refused_post_is_tried(shelf):
    shelf.refused_methods.add("PUT")
    await upload(shelf.url + "/take", "a.log", b"hello")
    assert shelf.files["/take"] == b"hello"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "file:///etc/passwd", "nonsense"])
async def test_only_http_is_spoken(url):
    with pytest.raises(TransferFailed, match="only http"):
        await fetch(url)
    with pytest.raises(TransferFailed, match="only http"):
        await upload(url, "a", b"")


async def test_what_is_not_there_cannot_be_fetched(shelf):
    assert await fetch(shelf.url + "/fw/controller-4.5.6.bin") == b"\x00" * 1000
    with pytest.raises(TransferFailed, match="404"):
        await fetch(shelf.url + "/fw/none.bin")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_log_is_handed_in(csms, switch_on, shelf, version):
    await switch_on(csms, version)
    log = {"remoteLocation": shelf.url + "/logs/"}
    answer = await csms.call("GetLog", {"logType": "DiagnosticsLog", "requestId": 8, "log": log})
    await csms.wait_for("LogStatusNotification", 2)

    assert answer["status"] == "Accepted"
    assert csms.sent("LogStatusNotification") == [
        {"status": "Uploading", "requestId": 8},
        {"status": "Uploaded", "requestId": 8},
    ]
    assert b"in operation" in shelf.files["/logs/" + answer["filename"]]


async def test_16_diagnostics_are_handed_in(csms, switch_on, shelf):
    await switch_on(csms)
    answer = await csms.call("GetDiagnostics", {"location": shelf.url + "/diag/"})
    await csms.wait_for("DiagnosticsStatusNotification", 2)
    statuses = [each["status"] for each in csms.sent("DiagnosticsStatusNotification")]
    assert statuses == ["Uploading", "Uploaded"]
    assert shelf.files["/diag/" + answer["fileName"]]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_log_that_nobody_takes_is_a_failure(csms, switch_on, version):
    await switch_on(csms, version)
    log = {"remoteLocation": "ftp://127.0.0.1/logs/"}
    await csms.call("GetLog", {"logType": "SecurityLog", "requestId": 8, "log": log})
    await csms.wait_for("LogStatusNotification", 2)
    assert csms.sent("LogStatusNotification")[-1]["status"] == "UploadFailure"


async def test_16_firmware_is_fetched_installed_and_shown_at_the_next_boot(
    csms, switch_on, shelf, hurried
):
    await switch_on(csms, clock=hurried)
    where = shelf.url + "/fw/controller-4.5.6.bin"
    update = {"location": where, "retrieveDate": "2020-01-01T00:00:00Z"}
    assert await csms.call("UpdateFirmware", update) == {}
    await csms.wait_for("FirmwareStatusNotification", 4)

    statuses = [each["status"] for each in csms.sent("FirmwareStatusNotification")]
    assert statuses == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert csms.sent("BootNotification")[1]["firmwareVersion"] == "4.5.6"


@pytest.mark.parametrize("version", V2)
async def test_2x_firmware(csms, switch_on, shelf, hurried, version):
    await switch_on(csms, version, clock=hurried)
    where = shelf.url + "/fw/controller-4.5.6.bin"
    firmware = {"location": where, "retrieveDateTime": "2020-01-01T00:00:00Z"}
    answer = await csms.call("UpdateFirmware", {"requestId": 4, "firmware": firmware})
    await csms.wait_for("FirmwareStatusNotification", 5)

    assert answer == {"status": "Accepted"}
    sent = csms.sent("FirmwareStatusNotification")
    assert [each["status"] for each in sent] == [
        "Downloading",
        "Downloaded",
        "Installing",
        "InstallRebooting",
        "Installed",
    ]
    assert {each["requestId"] for each in sent} == {4}
    boot = csms.sent("BootNotification")[1]
    assert boot["reason"] == "FirmwareUpdate"
    assert boot["chargingStation"]["firmwareVersion"] == "4.5.6"


@pytest.mark.parametrize("version", VERSIONS)
async def test_firmware_that_is_not_there(csms, switch_on, shelf, hurried, version):
    await switch_on(csms, version, clock=hurried)
    where, when = shelf.url + "/fw/none.bin", "2020-01-01T00:00:00Z"
    if version == "1.6":
        update = {"location": where, "retrieveDate": when, "retries": 1, "retryInterval": 1}
    else:
        firmware = {"location": where, "retrieveDateTime": when}
        update = {"requestId": 4, "firmware": firmware, "retries": 1, "retryInterval": 1}
    await csms.call("UpdateFirmware", update)
    await csms.wait_for("FirmwareStatusNotification", 2)
    assert csms.sent("FirmwareStatusNotification")[-1]["status"] == "DownloadFailed"
