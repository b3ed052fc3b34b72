"""M03, M04, M05: certificates in stations, in every version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from releve.services.certificates.hashes import HashAlgorithm
from tests.support.ecosystem import EMAID, USES, Ecosystem, trust
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now, rigged
from tests.support.v2g_pki import Entity


@pytest_asyncio.fixture(loop_scope="session")
async def rig(ecosystem: Ecosystem) -> AsyncIterator[Rig]:
    ecosystem.afresh()
    async with rigged(ecosystem.node) as made:
        yield made


# --- M05: InstallCertificate -------------------------------------------------------------------------------------


async def install(rig: Rig, station: ScriptedStation, use: str, entity: Entity) -> Any:
    """Reusable state CertificateInstalled."""
    body = {"use": use, "certificate": entity.pem}
    return await rig.post(f"/stations/{station.id}/certificates", body)


@case("TC_M_01_CSMS", "TC_M_02_CSMS", "TC_M_03_CSMS", "TC_M_04_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "use",
    [
        "CSMSRootCertificate",
        "ManufacturerRootCertificate",
        "V2GRootCertificate",
        "MORootCertificate",
    ],
)
async def test_install_a_root(rig: Rig, ecosystem: Ecosystem, version: str, use: str) -> None:
    station = await rig.station(version)
    station.answers("InstallCertificate", {"status": "Accepted"})
    entity = getattr(ecosystem.pki, USES[use])
    result = await install(rig, station, use, entity)
    assert (result["status"], result["accepted"]) == ("Accepted", True)
    assert station.asked("InstallCertificate") == [
        {"certificateType": use, "certificate": entity.pem}
    ]
    held = (await rig.get(f"/stations/{station.id}/certificates"))["items"]
    assert [h["use"] for h in held] == [use]
    assert held[0]["subject"].startswith("DC=MO")
    assert held[0]["expires_at"]
    assert held[0]["installed_at"]


async def test_an_oem_root_is_installed_in_2_1_alone(rig: Rig, ecosystem: Ecosystem) -> None:
    newer, older = await rig.station("2.1"), await rig.station("2.0.1")
    newer.answers("InstallCertificate", {"status": "Accepted"})
    result = await install(rig, newer, "OEMRootCertificate", ecosystem.pki.oem_root)
    assert result["status"] == "Accepted"
    result = await install(rig, older, "OEMRootCertificate", ecosystem.pki.oem_root)
    assert result["result"] == "unsupported"
    assert "OEMRootCertificate" in result["description"]


@case("TC_M_05_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_fails_to_install(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    station = await rig.station(version)
    station.answers("InstallCertificate", {"status": "Failed"})
    result = await install(rig, station, "CSMSRootCertificate", ecosystem.pki.csms_root)
    assert (result["status"], result["accepted"]) == ("Failed", False)
    assert (await rig.get(f"/stations/{station.id}/certificates"))["items"] == []


async def test_no_station_is_given_nonsense(rig: Rig, ecosystem: Ecosystem) -> None:
    station = await rig.station("2.0.1")
    path = f"/stations/{station.id}/certificates"
    for certificate, words in (
        ("not a certificate", "PEM"),
        (ecosystem.pki.contract(EMAID).pem, "may not issue"),
    ):
        body = {"use": "MORootCertificate", "certificate": certificate}
        problem = await rig.post(path, body, status=422)
        assert words in problem["detail"]
    await rig.post(path, {"use": "MORootCertificate"}, status=422)
    assert station.asked("InstallCertificate") == []


# --- M03: GetInstalledCertificateIds -----------------------------------------------------------------------------


def chain_of(use: str, entity: Entity, *children: Entity) -> dict[str, Any]:
    chain = {"certificateType": use, "certificateHashData": entity.wire_hash()}
    if children:
        chain["childCertificateHashData"] = [child.wire_hash() for child in children]
    return chain


@case("TC_M_12_CSMS", "TC_M_13_CSMS", "TC_M_14_CSMS", "TC_M_16_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "use",
    [
        "CSMSRootCertificate",
        "ManufacturerRootCertificate",
        "V2GRootCertificate",
        "MORootCertificate",
    ],
)
async def test_list_one_kind(rig: Rig, ecosystem: Ecosystem, version: str, use: str) -> None:
    station = await rig.station(version)
    entity = getattr(ecosystem.pki, USES[use])
    await trust(rig, entity, use)
    station.answers(
        "GetInstalledCertificateIds",
        {"status": "Accepted", "certificateHashDataChain": [chain_of(use, entity)]},
    )
    result = await rig.post(f"/stations/{station.id}/certificates/fetch", {"uses": [use]})
    assert station.asked("GetInstalledCertificateIds") == [{"certificateType": [use]}]
    assert result["status"] == "Accepted"
    (held,) = result["certificates"]
    assert held["use"] == use
    assert held["hash"]["issuer_key_hash"] == entity.hash().issuer_key_hash
    assert held["expires_at"], "the certificate is known here, and so is its end"
    assert held["reported_at"]


@case("TC_M_15_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_list_a_v2g_chain(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    station, pki = await rig.station(version), ecosystem.pki
    chain = chain_of("V2GCertificateChain", pki.station("CS"), pki.cpo_sub2, pki.cpo_sub1)
    station.answers(
        "GetInstalledCertificateIds", {"status": "Accepted", "certificateHashDataChain": [chain]}
    )
    uses = ["V2GCertificateChain"]
    result = await rig.post(f"/stations/{station.id}/certificates/fetch", {"uses": uses})
    assert station.asked("GetInstalledCertificateIds") == [{"certificateType": uses}]
    (held,) = result["certificates"]
    assert [child["serial_number"] for child in held["children"]] == [
        pki.cpo_sub2.wire_hash()["serialNumber"],
        pki.cpo_sub1.wire_hash()["serialNumber"],
    ]


@case("TC_M_17_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_list_two_kinds_at_once(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    station, pki = await rig.station(version), ecosystem.pki
    uses = ["CSMSRootCertificate", "ManufacturerRootCertificate"]
    chains = [chain_of(use, getattr(pki, USES[use])) for use in uses]
    station.answers(
        "GetInstalledCertificateIds", {"status": "Accepted", "certificateHashDataChain": chains}
    )
    result = await rig.post(f"/stations/{station.id}/certificates/fetch", {"uses": uses})
    assert station.asked("GetInstalledCertificateIds") == [{"certificateType": uses}]
    assert sorted(held["use"] for held in result["certificates"]) == uses


@case("TC_M_18_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_list_everything(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    station, pki = await rig.station(version), ecosystem.pki
    chains = [
        chain_of("CSMSRootCertificate", pki.csms_root),
        chain_of("MORootCertificate", pki.mo_root),
    ]
    station.answers(
        "GetInstalledCertificateIds",
        [
            {"status": "Accepted", "certificateHashDataChain": chains},
            {"status": "Accepted", "certificateHashDataChain": chains[1:]},
        ],
    )
    path = f"/stations/{station.id}/certificates/fetch"
    assert len((await rig.post(path))["certificates"]) == 2
    assert station.asked("GetInstalledCertificateIds") == [{}], "the type is left out"
    (left,) = (await rig.post(path))["certificates"]
    assert left["use"] == "MORootCertificate", "what is no longer reported is gone"


@case("TC_M_19_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_has_none(rig: Rig, ecosystem: Ecosystem, version: str) -> None:
    station = await rig.station(version)
    station.answers("InstallCertificate", {"status": "Accepted"})
    await install(rig, station, "MORootCertificate", ecosystem.pki.mo_root)
    station.answers("GetInstalledCertificateIds", {"status": "NotFound"})
    result = await rig.post(f"/stations/{station.id}/certificates/fetch")
    assert (result["result"], result["status"]) == ("answered", "NotFound")
    assert result["certificates"] == []


# --- M04: DeleteCertificate --------------------------------------------------------------------------------------


@case("TC_M_20_CSMS", "TC_M_21_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
@pytest.mark.parametrize("status", ["Accepted", "Failed"])
async def test_delete_by_the_hash_that_the_station_reported(
    rig: Rig, ecosystem: Ecosystem, version: str, algorithm: HashAlgorithm, status: str
) -> None:
    """M04.FR.07: the same algorithm, and the same spelling."""
    station, pki = await rig.station(version), ecosystem.pki
    station.answers("InstallCertificate", {"status": "Accepted"})
    await install(rig, station, "CSMSRootCertificate", pki.csms_root)
    name = pki.csms_root.wire_hash(algorithm)
    chain = {"certificateType": "CSMSRootCertificate", "certificateHashData": name}
    station.answers(
        "GetInstalledCertificateIds", {"status": "Accepted", "certificateHashDataChain": [chain]}
    )
    station.answers("DeleteCertificate", {"status": status})
    path = f"/stations/{station.id}/certificates"
    (held,) = (await rig.post(f"{path}/fetch"))["certificates"]
    assert held["expires_at"], "found again under whatever algorithm the station uses"

    problem = await rig.delete(f"{path}/{held['id']}", status=409)
    assert "only CSMS root" in problem["detail"]
    assert station.asked("DeleteCertificate") == []
    result = await rig.delete(f"{path}/{held['id']}?even_last=true")
    assert station.asked("DeleteCertificate") == [{"certificateHashData": name}]
    assert (result["status"], result["accepted"]) == (status, status == "Accepted")
    left = (await rig.get(path))["items"]
    assert len(left) == (0 if status == "Accepted" else 1)


async def test_what_the_station_no_longer_has_is_forgotten(rig: Rig, ecosystem: Ecosystem) -> None:
    station = await rig.station("2.1")
    chain = chain_of("V2GRootCertificate", ecosystem.pki.v2g_root)
    station.answers(
        "GetInstalledCertificateIds", {"status": "Accepted", "certificateHashDataChain": [chain]}
    )
    station.answers("DeleteCertificate", {"status": "NotFound"})
    path = f"/stations/{station.id}/certificates"
    (held,) = (await rig.post(f"{path}/fetch"))["certificates"]
    assert (await rig.delete(f"{path}/{held['id']}"))["status"] == "NotFound"
    assert (await rig.get(path))["items"] == []
    await rig.delete(f"{path}/{held['id']}", status=404)


# --- the security extension of 1.6 -------------------------------------------------------------------------------


@case("TC_075_1_CSMS", "TC_075_2_CSMS")
@pytest.mark.parametrize(
    ("use", "word"),
    [
        ("ManufacturerRootCertificate", "ManufacturerRootCertificate"),
        ("CSMSRootCertificate", "CentralSystemRootCertificate"),
    ],
)
async def test_install_and_list_in_1_6(rig: Rig, ecosystem: Ecosystem, use: str, word: str) -> None:
    station = await rig.station("1.6")
    entity = getattr(ecosystem.pki, USES[use])
    station.answers("InstallCertificate", {"status": "Accepted"})
    station.answers(
        "GetInstalledCertificateIds",
        {"status": "Accepted", "certificateHashData": [entity.wire_hash()]},
    )
    assert (await install(rig, station, use, entity))["status"] == "Accepted"
    assert station.asked("InstallCertificate") == [
        {"certificateType": word, "certificate": entity.pem}
    ]
    path = f"/stations/{station.id}/certificates/fetch"
    result = await rig.post(path, {"uses": [use]})
    assert station.asked("GetInstalledCertificateIds") == [{"certificateType": word}]
    (held,) = result["certificates"]
    assert (held["use"], bool(held["expires_at"])) == (use, True)


async def test_everything_is_asked_for_kind_by_kind_in_1_6(rig: Rig, ecosystem: Ecosystem) -> None:
    station, pki = await rig.station("1.6"), ecosystem.pki

    def has(payload: dict[str, Any]) -> dict[str, Any]:
        if payload["certificateType"] == "ManufacturerRootCertificate":
            return {"status": "NotFound"}
        return {"status": "Accepted", "certificateHashData": [pki.csms_root.wire_hash()]}

    station.answers("GetInstalledCertificateIds", has)
    result = await rig.post(f"/stations/{station.id}/certificates/fetch")
    assert {p["certificateType"] for p in station.asked("GetInstalledCertificateIds")} == {
        "CentralSystemRootCertificate",
        "ManufacturerRootCertificate",
    }
    assert result["status"] == "Accepted"
    assert [held["use"] for held in result["certificates"]] == ["CSMSRootCertificate"]
    refused = await install(rig, station, "V2GRootCertificate", pki.v2g_root)
    assert refused["result"] == "unsupported"


@case("TC_076_CSMS")
@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
async def test_delete_in_1_6(rig: Rig, ecosystem: Ecosystem, algorithm: HashAlgorithm) -> None:
    station, pki = await rig.station("1.6"), ecosystem.pki
    name = pki.manufacturer_root.wire_hash(algorithm)
    station.answers(
        "GetInstalledCertificateIds", {"status": "Accepted", "certificateHashData": [name]}
    )
    station.answers("DeleteCertificate", {"status": "Accepted"})
    path = f"/stations/{station.id}/certificates"
    uses = {"uses": ["ManufacturerRootCertificate"]}
    (held,) = (await rig.post(f"{path}/fetch", uses))["certificates"]
    assert (await rig.delete(f"{path}/{held['id']}"))["status"] == "Accepted"
    assert station.asked("DeleteCertificate") == [{"certificateHashData": name}]


@case("TC_078_CSMS")
async def test_a_rejected_certificate_and_its_event(rig: Rig, ecosystem: Ecosystem) -> None:
    station = await rig.station("1.6")
    station.answers("InstallCertificate", {"status": "Rejected"})
    result = await install(rig, station, "CSMSRootCertificate", ecosystem.pki.csms_root)
    assert (result["status"], result["accepted"]) == ("Rejected", False)
    event = {"type": "InvalidCentralSystemCertificate", "timestamp": now()}
    assert await station.call("SecurityEventNotification", event) == {}
