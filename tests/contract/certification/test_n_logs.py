"""N01: logs (2.0.1 part 6, 3.15; 2.1), and 1.6's diagnostics and logs, with the files that stations hand in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.contract.certification.conftest import OwnRig
from tests.support.handing_in import free_port, hand_in, post_form, without_secret
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case
from tests.unit.gateway.test_handshake_tls import make_pair, trusting

LOG = b"2027-01-01T00:00:00Z boot\n" * 5000
NAME = "log-1.txt"
BOTH = pytest.mark.parametrize("version", VERSIONS)


async def asked(
    rig: Rig, station: ScriptedStation, status: str = "Accepted", **wanted: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A request for a log: what the station got, and the operation."""
    station.answers("GetLog", {"status": status, "filename": NAME})
    operation = await rig.post(f"/stations/{station.id}/logs", wanted)
    return await station.expect("GetLog"), operation


async def tell(station: ScriptedStation, request_id: int, *words: str) -> None:
    for word in words:
        told = {"status": word, "requestId": request_id}
        assert await station.call("LogStatusNotification", told) == {}


async def content(rig: Rig, operation: dict[str, Any]) -> bytes:
    """What the operator can download of the file that came with an operation."""
    number = operation["result"]["file"]["id"]
    answer = await rig.running.client.get(f"/api/v1/files/{number}/content")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.content


@BOTH
@case("TC_N_25_CSMS", "TC_N_35_CSMS")
@pytest.mark.parametrize("kind", ["DiagnosticsLog", "SecurityLog"])
async def test_a_log_is_handed_in(rig: Rig, version: str, kind: str) -> None:
    station = await rig.station(version)
    request, operation = await asked(rig, station, log=kind)
    assert request["logType"] == kind
    assert (operation["state"], operation["request_id"]) == ("running", request["requestId"])
    await tell(station, request["requestId"], "Uploading")
    location = request["log"]["remoteLocation"]
    assert location.endswith("/")  # N01.FR.21: the station appends the name
    assert (await hand_in(location, LOG, NAME)).status_code == 201
    await tell(station, request["requestId"], "Uploaded")
    ended = await rig.ended(operation)
    assert (ended["state"], ended["result"]["file"]["name"]) == ("done", NAME)
    assert await content(rig, ended) == LOG


@case("TC_N_100_CSMS")
async def test_a_data_collector_log(rig: Rig) -> None:
    station = await rig.station("2.1")
    window = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    request, operation = await asked(
        rig, station, log="DataCollectorLog", retries=3, retry_interval_s=60, **window
    )
    assert (request["logType"], request["retries"], request["retryInterval"]) == (
        "DataCollectorLog",
        3,
        60,
    )
    assert request["log"]["oldestTimestamp"].startswith("2026-01-01T00:00:00")
    assert request["log"]["latestTimestamp"].startswith("2026-02-01T00:00:00")
    await tell(station, request["requestId"], "Uploading")
    await post_form(request["log"]["remoteLocation"], NAME, LOG)  # N01.FR.18
    await tell(station, request["requestId"], "Uploaded")
    assert await content(rig, await rig.ended(operation)) == LOG


async def test_a_data_collector_log_is_2_1s_only(rig: Rig) -> None:
    station = await rig.station("2.0.1")
    path = f"/stations/{station.id}/logs"
    operation = await rig.post(path, {"log": "DataCollectorLog"})
    assert (operation["state"], station.asked("GetLog")) == ("failed", [])


@BOTH
@case("TC_N_34_CSMS")
async def test_no_log(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    request, operation = await asked(rig, station, "Rejected")
    assert (operation["state"], operation["status"]) == ("failed", "Rejected")
    refused = await hand_in(request["log"]["remoteLocation"], LOG, NAME)
    assert refused.status_code == 410  # nobody waits for it


@BOTH
@case("TC_N_36_CSMS")
async def test_a_second_request_takes_the_place_of_the_first(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    first, operation = await asked(rig, station)
    await tell(station, first["requestId"], "Uploading")
    second, newer = await asked(rig, station, "AcceptedCanceled")
    assert newer["state"] == "running"
    await tell(station, first["requestId"], "AcceptedCanceled")
    assert (await rig.ended(operation))["state"] == "cancelled"
    await tell(station, second["requestId"], "Uploading")
    await hand_in(second["log"]["remoteLocation"], LOG, NAME)
    await tell(station, second["requestId"], "Uploaded")
    assert await content(rig, await rig.ended(newer)) == LOG


@case("TC_N_102_CSMS")
async def test_an_upload_with_basic_authentication(rig: Rig) -> None:
    station = await rig.station("2.1")
    request, operation = await asked(rig, station, credentials="basic")
    location = request["log"]["remoteLocation"]
    parts = urlsplit(location)
    assert parts.password
    assert parts.password != station.password  # N01.FR.17
    bare = without_secret(location)
    challenged = await hand_in(bare, LOG, NAME)
    assert challenged.status_code == 401
    assert challenged.headers["www-authenticate"].startswith("Basic ")
    wrong = await hand_in(bare, LOG, NAME, auth=(parts.username or "", "guess"))
    assert wrong.status_code == 401
    assert (await hand_in(location, LOG, NAME)).status_code == 201
    await tell(station, request["requestId"], "Uploaded")
    assert await content(rig, await rig.ended(operation)) == LOG


@case("TC_N_102_2_CSMS")
async def test_an_upload_over_https_with_basic_authentication(
    own_rig: OwnRig, tmp_path: Any
) -> None:
    pair = make_pair(tmp_path, "files", ec.generate_private_key(ec.SECP256R1()))
    settings = {
        "tls_certificates": [str(pair.certificate)],
        "tls_keys": [str(pair.key)],
        "http_host": "localhost",  # the certificate's name
        "http_tls_port": free_port(),
    }
    async with own_rig(**settings) as rig:
        station = await rig.station("2.1")
        request, operation = await asked(rig, station, credentials="basic", https=True)
        location = request["log"]["remoteLocation"]
        assert location.startswith("https://")
        trust = trusting(pair)
        assert (await hand_in(location, LOG, NAME, verify=trust)).status_code == 201
        await tell(station, request["requestId"], "Uploaded")
        assert await content(rig, await rig.ended(operation)) == LOG


@BOTH
@pytest.mark.parametrize("word", ["UploadFailure", "BadMessage", "PermissionDenied"])
async def test_an_upload_fails(rig: Rig, version: str, word: str) -> None:
    station = await rig.station(version)
    request, operation = await asked(rig, station)
    await tell(station, request["requestId"], "Uploading", word)
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("failed", word)


# --- 1.6 ------------------------------------------------------------------------------------------------------------


@case("TC_045_1_CSMS", "TC_045_2_CSMS")
@pytest.mark.parametrize(("word", "state"), [("Uploaded", "done"), ("UploadFailed", "failed")])
async def test_diagnostics(rig: Rig, word: str, state: str) -> None:
    station = await rig.station("1.6")
    station.answers("GetDiagnostics", {"fileName": NAME})
    operation = await rig.post(f"/stations/{station.id}/logs", {"retries": 2})
    request = await station.expect("GetDiagnostics")
    assert request["retries"] == 2
    await station.call("DiagnosticsStatusNotification", {"status": "Uploading"})
    if word == "Uploaded":
        await hand_in(request["location"], LOG, NAME)
    await station.call("DiagnosticsStatusNotification", {"status": word})
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == (state, word)
    if word == "Uploaded":
        assert await content(rig, ended) == LOG


async def test_a_station_without_diagnostics(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("GetDiagnostics", {})
    operation = await rig.post(f"/stations/{station.id}/logs")
    assert operation["state"] == "failed"
    assert "no diagnostics" in operation["problem"]


@case("TC_079_CSMS")
async def test_a_security_log_of_1_6(rig: Rig) -> None:
    station = await rig.station("1.6")
    request, operation = await asked(rig, station, log="SecurityLog")
    assert request["logType"] == "SecurityLog"
    await tell(station, request["requestId"], "Uploading")
    await hand_in(request["log"]["remoteLocation"], LOG, NAME)
    await tell(station, request["requestId"], "Uploaded")
    assert await content(rig, await rig.ended(operation)) == LOG
