"""Certificates in simulated stations, and contracts that cars show to them."""

import pytest

from tests.support.v2g_pki import Pki

USES = {"1.6": ("CentralSystemRootCertificate", "csms_root"), "2": ("MORootCertificate", "mo_root")}
EMAID = "NLTNM000122045"


@pytest.fixture(scope="module")
def pki():
    return Pki("http://ocsp.example")


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_authorities_are_installed_listed_and_deleted(csms, switch_on, version, pki):
    await switch_on(csms, version)
    use, which = USES[version] if version == "1.6" else USES["2"]
    entity = getattr(pki, which)
    ask = {"certificateType": use} if version == "1.6" else {"certificateType": [use]}
    assert await csms.call("GetInstalledCertificateIds", ask) == {"status": "NotFound"}
    for pem, status in ((entity.pem, "Accepted"), (pki.contract(EMAID).pem, "Rejected")):
        install = {"certificateType": use, "certificate": pem}
        assert await csms.call("InstallCertificate", install) == {"status": status}
    listed = await csms.call("GetInstalledCertificateIds", ask)
    if version == "1.6":
        (name,) = listed["certificateHashData"]
    else:
        (chain,) = listed["certificateHashDataChain"]
        assert chain["certificateType"] == use
        name = chain["certificateHashData"]
    assert {k: v.casefold() for k, v in name.items()} == {
        k: v.casefold() for k, v in entity.wire_hash().items()
    }, "two libraries' ways of reckoning it agree"
    delete = {"certificateHashData": name}
    assert await csms.call("DeleteCertificate", delete) == {"status": "Accepted"}
    assert await csms.call("DeleteCertificate", delete) == {"status": "NotFound"}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_v2g_certificate_is_asked_for_and_its_status_kept(csms, switch_on, version, pki):
    await switch_on(csms, version)
    csms.replies["SignCertificate"] = lambda _: {"status": "Accepted"}
    csms.replies["GetCertificateStatus"] = lambda _: {"status": "Failed"}
    trigger = {"requestedMessage": "SignV2GCertificate"}
    assert await csms.call("TriggerMessage", trigger) == {"status": "Accepted"}
    asked = await csms.wait_for("SignCertificate")
    assert asked["certificateType"] == "V2GCertificate"
    stranger = {"certificateChain": pki.station("X").chain, "certificateType": "V2GCertificate"}
    assert await csms.call("CertificateSigned", stranger) == {"status": "Rejected"}
    chain = pki.sign(asked["csr"])
    signed = {"certificateChain": chain, "certificateType": "V2GCertificate"}
    assert await csms.call("CertificateSigned", signed) == {"status": "Accepted"}
    status = await csms.wait_for("GetCertificateStatus")
    assert status["ocspRequestData"]["responderURL"] == "http://ocsp.example"
    listed = await csms.call(
        "GetInstalledCertificateIds", {"certificateType": ["V2GCertificateChain"]}
    )
    (held,) = listed["certificateHashDataChain"]
    assert len(held["childCertificateHashData"]) == 1, "the first sub-CA's root is not here"


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_contract_goes_as_hashes_where_the_root_is_known(csms, switch_on, version, pki):
    station = await switch_on(csms, version)
    contract = pki.contract(EMAID)
    await station.present_token(EMAID, type_="eMAID", chain=contract.chain)
    assert csms.sent("Authorize")[-1]["certificate"] == contract.chain
    install = {"certificateType": "MORootCertificate", "certificate": pki.mo_root.pem}
    await csms.call("InstallCertificate", install)
    await csms.call("ClearCache", {})
    await station.present_token(EMAID, type_="eMAID")  # a second time: it is taken back
    await station.present_token(EMAID, type_="eMAID", chain=contract.chain)
    shown = csms.sent("Authorize")[-1]
    assert "certificate" not in shown
    serials = [data["serialNumber"].lower() for data in shown["iso15118CertificateHashData"]]
    chain = (contract, pki.mo_sub2, pki.mo_sub1)
    assert serials == [entity.hash().serial_number for entity in chain]
