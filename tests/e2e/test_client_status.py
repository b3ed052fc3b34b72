"""A00.FR.702, A00.FR.705: stations whose certificates another authority issued, and may have revoked since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.pki import Issued
from tests.support.responder import REVOKED, UNKNOWN, Responder, responding
from tests.support.scripted import ScriptedStation
from tests.support.tls_rig import TlsRig, tls_rig
from tests.support.v2g_pki import Entity, make


class Foreign:
    """An authority with a responder of its own, trusted for stations' certificates."""

    def __init__(self, responder: Responder, tls: TlsRig, root: Entity) -> None:
        self.responder = responder
        self.tls = tls
        self.root = root

    async def station(self, *, ocsp: bool = True, crl: str = "") -> tuple[ScriptedStation, Issued]:
        """One of security profile 3 with a certificate of this authority."""
        station = await self.tls.station(password=None, security_profile=3)
        url = self.responder.url if ocsp else ""
        leaf = make(station.identity, self.root, ocsp=url, crl=crl)
        return station, Issued(leaf.certificate, leaf.key, ())

    def revoke(self, issued: Issued) -> None:
        self.responder.state[issued.leaf.serial_number] = REVOKED


@asynccontextmanager
async def foreign(own_rig: Any, folder: Path, mode: str) -> AsyncIterator[Foreign]:
    root = make("Foreign Root", authority=True, path_length=1)
    settings = {"outgoing_networks": ["127.0.0.0/8"], "certificate_status_timeout": 3.0}
    async with (
        responding(Responder([root])) as responder,
        tls_rig(own_rig, folder, client_certificate_status=mode, **settings) as tls,
    ):
        about = {"certificate": root.pem, "uses": ["ChargingStationCertificate"]}
        await tls.rig.post("/trusted-authorities", about)
        await tls.rig.patch("/certificate-policy", {"organisations": ["Relève tests"]})
        yield Foreign(responder, tls, root)


async def told(tls: TlsRig, station: ScriptedStation) -> list[str]:
    events = await tls.rig.get("/security-events", station=station.id)
    return [e["info"] for e in events["items"] if e["kind"] == "InvalidChargingStationCertificate"]


async def test_soft_lets_in_and_turns_away_what_turns_out_to_be_revoked(
    own_rig: Any, tmp_path: Path
) -> None:
    async with foreign(own_rig, tmp_path, "soft") as other:
        good, its = await other.station()
        await other.tls.arrive(good, its)
        bad, revoked = await other.station()
        other.revoke(revoked)
        await other.tls.arrive(bad, revoked)
        await bad.closed()
        assert await other.tls.refused(bad, revoked) == 403, "known by now"
        assert any("revoked" in info for info in await told(other.tls, bad))
        assert other.responder.asked == [its.leaf.serial_number, revoked.leaf.serial_number]
        await good.close()
        await other.tls.arrive(good, its)
        await good.boot()
        assert len(other.responder.asked) == 2, "kept until its nextUpdate"


async def test_soft_lets_in_when_nobody_answers_and_the_operator_is_told(
    own_rig: Any, tmp_path: Path
) -> None:
    async with foreign(own_rig, tmp_path, "soft") as other:
        other.responder.fail_first = 99
        station, issued = await other.station()
        await other.tls.arrive(station, issued)
        await station.boot()
        rig = other.tls.rig
        found = await rig.eventually(
            lambda: rig.get("/anomalies", station=station.id), lambda page: page["items"]
        )
        assert [one["kind"] for one in found["items"]] == ["certificate-status"]


async def test_hard_waits_for_the_answer_and_takes_none_for_no(
    own_rig: Any, tmp_path: Path
) -> None:
    async with foreign(own_rig, tmp_path, "hard") as other:
        good, its = await other.station()
        await other.tls.arrive(good, its)
        assert other.responder.asked == [its.leaf.serial_number]
        bad, revoked = await other.station()
        other.revoke(revoked)
        assert await other.tls.refused(bad, revoked) == 403
        stranger, unknown = await other.station()
        other.responder.state[unknown.leaf.serial_number] = UNKNOWN
        assert await other.tls.refused(stranger, unknown) == 403
        assert any("does not know" in info for info in await told(other.tls, stranger))
        silent, mute = await other.station()
        other.responder.fail_first = other.responder.requests + 99
        assert await other.tls.refused(silent, mute) == 403
        assert any("is not known" in info for info in await told(other.tls, silent))
        other.responder.fail_first = 0
        await other.tls.arrive(silent, mute)
        await good.close()
        other.responder.fail_first = other.responder.requests + 99
        await other.tls.arrive(good, its)  # it was good, and that is fresh


async def test_a_certificate_may_name_a_list_instead(own_rig: Any, tmp_path: Path) -> None:
    async with foreign(own_rig, tmp_path, "hard") as other:
        place = other.responder.url.rstrip("/") + "/foreign.crl"
        good, its = await other.station(ocsp=False, crl=place)
        bad, revoked = await other.station(ocsp=False, crl=place)
        entity = Entity(revoked.leaf, revoked.key, [other.root])
        assert other.responder.publish("foreign.crl", other.root, entity) == place
        await other.tls.arrive(good, its)
        assert await other.tls.refused(bad, revoked) == 403


@pytest.mark.parametrize("mode", ["off", "hard"])
async def test_nobody_is_asked_about_what_names_nobody_or_where_it_is_off(
    own_rig: Any, tmp_path: Path, mode: str
) -> None:
    async with foreign(own_rig, tmp_path, mode) as other:
        station, issued = await other.station(ocsp=mode == "off")
        other.revoke(issued)
        await other.tls.arrive(station, issued)
        await station.boot()
        assert other.responder.asked == []
