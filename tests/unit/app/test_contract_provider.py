"""Providers of contract certificates over HTTP: EXI in, EXI out, and every way in which none comes."""

from __future__ import annotations

import base64
from ipaddress import ip_network

import pytest

from releve.app.contract_provider import HttpContractProvider
from releve.services.ev_certificates import CarRequest, CertificateAction, Declined
from tests.support.contract_pool import ContractPool, providing

EXI = base64.b64encode(b"\x80\x98request").decode()
HERE = (ip_network("127.0.0.0/8"),)


def request(**more: object) -> CarRequest:
    return CarRequest(
        schema="urn:iso:15118:2:2013:MsgDef", action=CertificateAction.INSTALL, exi=EXI, **more
    )


def provider(
    pool: ContractPool, speaks: str = "opcp", bound_s: float = 5.0
) -> HttpContractProvider:
    return HttpContractProvider(pool.url, speaks, "a-token", bound_s, HERE)


async def test_the_way_of_pools() -> None:
    async with providing(ContractPool(contracts=[b"one", b"two"])) as pool:
        found = await provider(pool).obtain(request(most=2, first=("NLTNM000122045",)))
        (asked,) = pool.asked
    assert found == tuple(base64.b64encode(exi).decode() for exi in (b"one", b"two"))
    assert asked.headers["authorization"] == "Bearer a-token"
    assert asked.json == {
        "certificateInstallationReq": EXI,
        "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
        "maximumContractCertificateChains": 2,
        "prioritizedEMAIDs": ["NLTNM000122045"],
    }


async def test_bare_exi() -> None:
    async with providing(ContractPool(contracts=[b"\x80\x98\x00response"])) as pool:
        found = await provider(pool, "exi").obtain(request())
        (asked,) = pool.asked
    assert found == (base64.b64encode(b"\x80\x98\x00response").decode(),)
    assert asked.body == b"\x80\x98request"
    assert asked.headers["x-iso15118-action"] == "Install"
    assert asked.headers["x-iso15118-schema"] == "urn:iso:15118:2:2013:MsgDef"


@pytest.mark.parametrize(
    ("habit", "code", "words"),
    [
        ({"status": 404}, "NotFound", "no contract"),
        ({"contracts": []}, "NotFound", "no contract"),
        ({"status": 500}, "InternalError", "HTTP 500"),
        ({"raw": b"<html>"}, "InternalError", "cannot be used"),
        ({"raw": b'{"CCPResponse": {}}'}, "InternalError", "cannot be used"),
        ({"delay_s": 30.0}, "InternalError", "did not answer within 1 seconds"),
    ],
)
async def test_no_contract(habit: dict[str, object], code: str, words: str) -> None:
    async with providing(ContractPool(**habit)) as pool:
        found = await provider(pool, bound_s=1.0).obtain(request())
    assert isinstance(found, Declined)
    assert found.code == code
    assert words in found.reason


async def test_a_provider_that_is_not_there() -> None:
    gone = HttpContractProvider("http://127.0.0.1:9/", "exi", "", 1.0, HERE)
    found = await gone.obtain(request())
    assert isinstance(found, Declined)
    assert "cannot be reached" in found.reason
