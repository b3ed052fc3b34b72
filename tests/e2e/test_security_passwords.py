"""Stations' passwords, requests for certificates and security events, when something is not right."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from releve.services.ports import StoreFailed
from tests.contract.certification.test_a_security import accepted
from tests.support.pki import ORGANISATION, csr
from tests.support.rig import ScriptedStation
from tests.support.tls_rig import TlsRig


async def status_of(station: ScriptedStation) -> int:
    """How a plain connection ends: 101 or the refusal's status."""
    try:
        await station.connect()
    except InvalidStatus as refused:
        return int(refused.response.status_code)
    await station.close()
    return 101


async def test_a_password_survives_the_end_of_the_system_between_accepted_and_commit(
    own_rig: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The station has taken the new one, this system dies before it could write that down: both let it in, then one."""
    taken: list[str] = []
    async with own_rig() as rig:
        station = await rig.station()
        store = rig.running.node.store

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            taken.append(request["setVariableData"][0]["attributeValue"])

            def dead(*_: Any) -> Any:
                raise StoreFailed("the disk is gone")

            monkeypatch.setattr(store, "work", dead)
            return accepted(request)

        station.answers("SetVariables", answer)
        await rig.post(f"/stations/{station.id}/password/change", status=503)
        await station.close()
        monkeypatch.undo()
    async with own_rig() as rig:
        security = await rig.get(f"/stations/{station.id}/security")
        assert security["password_open"]
        again = ScriptedStation(
            "2.0.1", station.identity, rig.url, password=station.password, row=station.id
        )
        assert await status_of(again) == 101
        again.password = taken[0]
        await again.connect()
        await rig.eventually(
            lambda: rig.get(f"/stations/{station.id}/security"), lambda s: not s["password_open"]
        )
        (operation,) = (await rig.get("/operations", kind="password"))["items"]
        assert operation["state"] == "done"
        await again.close()
        again.password = station.password
        assert await status_of(again) == 401  # A01.FR.03


async def test_a_password_whose_outcome_is_unknown_stays_open_until_it_is_presented(
    own_rig: Any,
) -> None:
    async with own_rig() as rig:
        station = await rig.station()

        async def silent(_: dict[str, Any]) -> dict[str, Any]:
            await asyncio.sleep(3600)
            return {}

        station.answers("SetVariables", silent)
        changed = await rig.post(f"/stations/{station.id}/password/change?timeout=1")
        assert changed["operation"]["state"] == "failed"
        assert changed["password_open"]
        for task in station._replies:
            task.cancel()
        await station.close()
        assert await status_of(station) == 101
        station.password = changed["password"]
        assert await status_of(station) == 101
        await rig.eventually(
            lambda: rig.get(f"/stations/{station.id}/security"), lambda s: not s["password_open"]
        )
        shown = await rig.get(f"/operations/{changed['operation']['id']}")
        assert shown["arguments"] == {}, "no password is kept"


async def test_a_password_is_not_written_like_any_other_variable(own_rig: Any) -> None:
    """A lock-out waiting to happen: refused, with the way that is safe."""
    async with own_rig() as rig:
        station = await rig.station()
        value = {
            "component": "SecurityCtrlr",
            "variable": "BasicAuthPassword",
            "value": "0123456789abcdef",
        }
        path = f"/stations/{station.id}"
        answer = await rig.post(f"{path}/variables/write", {"values": [value]}, status=422)
        assert "password/change" in str(answer)
        raw = {
            "setVariableData": [
                {
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                    "attributeValue": "0123456789abcdef",
                }
            ]
        }
        await rig.post(f"{path}/calls/SetVariables", raw, status=422)
        assert station.asked("SetVariables") == []


@pytest.mark.parametrize(
    ("version", "password"),
    [("2.0.1", "short"), ("2.0.1", "x" * 41), ("2.1", "with spaces in it"), ("1.6", "x" * 21)],
)
async def test_a_password_that_the_standard_forbids_is_refused(
    own_rig: Any, version: str, password: str
) -> None:
    async with own_rig() as rig:
        station = await rig.station(version)
        path = f"/stations/{station.id}/password/change"
        await rig.post(path, {"password": password}, status=422)
        assert not (await rig.get(f"/stations/{station.id}/security"))["password_open"]


async def test_abuse_30_no_password_is_in_the_message_log(own_rig: Any) -> None:
    """A01.FR.09."""
    async with own_rig() as rig:
        station = await rig.station()
        station.answers("SetVariables", accepted)
        changed = await rig.post(f"/stations/{station.id}/password/change")
        log = await rig.get(f"/stations/{station.id}/messages")
        assert "BasicAuthPassword" in str(log)
        assert changed["password"] not in str(log)
        assert changed["password"] not in str(await rig.get("/operations"))


async def test_abuse_23_a_flood_of_requests_is_rejected(tls: TlsRig) -> None:
    rig = tls.rig
    await rig.post("/certificate-authorities", {"organisation": ORGANISATION})
    station = await rig.station()
    station.answers("CertificateSigned", {"status": "Accepted"})
    answers = []
    for _ in range(8):
        answer = await station.call("SignCertificate", {"csr": csr(station.identity)})
        answers.append(answer["status"])
        if answer["status"] == "Accepted":
            await station.expect("CertificateSigned")
            await rig.eventually(
                lambda: rig.get(f"/stations/{station.id}/security"),
                lambda s: (
                    [c["state"] for c in s["certificates"]].count("active") == 1
                    and len(s["certificates"]) == answers.count("Accepted")
                ),
            )
    assert answers.count("Accepted") == 6, answers
    bad = await rig.station()
    body = {"csr": csr("ANOTHER")}
    assert (await bad.call("SignCertificate", body))["status"] == "Rejected"  # A02.FR.12, A03.FR.12


async def test_abuse_23_one_request_at_a_time(own_rig: Any) -> None:
    async with own_rig() as rig:
        await rig.post("/certificate-authorities", {"organisation": ORGANISATION})
        station = await rig.station()
        gate = asyncio.Event()

        async def slow(_: dict[str, Any]) -> dict[str, Any]:
            await gate.wait()
            return {"status": "Accepted"}

        station.answers("CertificateSigned", slow)
        first = await station.call("SignCertificate", {"csr": csr(station.identity)})
        second = await station.call("SignCertificate", {"csr": csr(station.identity)})
        gate.set()
        assert (first["status"], second["status"]) == ("Accepted", "Rejected")


async def test_a_security_event_is_kept_once_and_acknowledged(own_rig: Any) -> None:
    async with own_rig() as rig:
        station = await rig.station()
        at = "2026-01-02T03:04:05Z"
        lid = {"type": "TamperDetectionActivated", "timestamp": at, "techInfo": "lid <b>open</b>"}
        for told in (lid, lid, {"type": "StartupOfTheDevice", "timestamp": at}):
            assert await station.call("SecurityEventNotification", told) == {}
        events = (await rig.get("/security-events", station=station.id))["items"]
        assert [(e["kind"], e["critical"], e["alarm"]) for e in events] == [
            ("StartupOfTheDevice", True, False),
            ("TamperDetectionActivated", True, True),
        ]
        alarm = events[1]
        await rig.post(f"/security-events/{alarm['id']}/acknowledge", {"note": "a mouse"})
        await rig.post(f"/security-events/{alarm['id']}/acknowledge", status=409)
        assert (await rig.get("/security-events", alarm=True))["items"] == []
        (seen,) = (await rig.get("/security-events", kind="TamperDetectionActivated"))["items"]
        assert (seen["note"], seen["info"]) == ("a mouse", "lid <b>open</b>")
