"""The one register of authorities: what each is believed for, and where a change counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from releve.domain.ids import DEFAULT_OPERATOR as ONE
from releve.domain.trusted_authority import AuthorityUse
from releve.services.errors import Invalid
from releve.services.trusted_authorities import TrustedAuthorities
from tests.support.console import Console, opened
from tests.support.pki import ORGANISATION, authority

CLIENTS, SUB_CA = AuthorityUse.STATION, AuthorityUse.SUB_CA


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with opened(tmp_path) as console:
        await console.desk.services.security.trust_desk.set_policy(
            ONE, organisations=[ORGANISATION]
        )
        await console.connected("CP-1")
        yield console


@pytest.fixture
def register(console: Console) -> TrustedAuthorities:
    return console.desk.services.authorities


async def problem(console: Console, *chain: bytes) -> str:
    """Why the station CP-1 would be refused with this chain; empty: it would not."""
    async with console.store.work(ONE) as work:
        station = await work.stations.find("CP-1")
    assert station is not None
    return (await console.desk.services.security.trust.judge(station, chain)).problem


async def test_only_the_use_for_stations_opens_the_door(
    console: Console, register: TrustedAuthorities
) -> None:
    ca = authority()
    issued = ca.issue("CP-1")
    chain = [issued.leaf.public_bytes(Encoding.DER)]
    chain += [c.public_bytes(Encoding.DER) for c in issued.above]
    others = [use for use in AuthorityUse if use is not CLIENTS]
    (kept,) = await register.add(ONE, ca.anchor, others)
    assert "authority that is trusted here" in await problem(console, *chain)
    await register.change(ONE, kept.key, uses=[CLIENTS], label="")
    assert await problem(console, *chain) == ""
    await register.change(ONE, kept.key, uses=[AuthorityUse.MO_ROOT], label="")
    assert "authority that is trusted here" in await problem(console, *chain)
    await register.add(ONE, ca.anchor, [CLIENTS])
    assert await problem(console, *chain) == "", "added to what it is believed for already"
    await register.remove(ONE, kept.key)
    assert "authority that is trusted here" in await problem(console, *chain)


async def test_a_sub_ca_completes_what_a_station_leaves_out(
    console: Console, register: TrustedAuthorities
) -> None:
    ca = authority()
    leaf = ca.issue("CP-1").leaf.public_bytes(Encoding.DER)
    between = ca.issuing.certificate.public_bytes(Encoding.PEM).decode()
    await register.add(ONE, between, [SUB_CA])
    assert "authority that is trusted here" in await problem(console, leaf), "nothing by itself"
    await register.add(ONE, ca.anchor, [CLIENTS])
    assert await problem(console, leaf) == ""


async def test_many_sub_cas_do_not_hide_the_one_that_is_needed(
    console: Console, register: TrustedAuthorities
) -> None:
    ca = authority()
    await register.add(ONE, ca.anchor, [CLIENTS])
    for n in range(8):
        other = authority(f"Other {n}")
        pem = other.issuing.certificate.public_bytes(Encoding.PEM).decode()
        await register.add(ONE, other.anchor, [CLIENTS])
        await register.add(ONE, pem, [SUB_CA])
    between = ca.issuing.certificate.public_bytes(Encoding.PEM).decode()
    await register.add(ONE, between, [SUB_CA])
    assert await problem(console, ca.issue("CP-1").leaf.public_bytes(Encoding.DER)) == ""


async def test_one_stations_certificate_is_believed_by_itself_and_for_nothing_else(
    console: Console, register: TrustedAuthorities
) -> None:
    leaf = authority().issue("CP-1").leaf
    pem, der = leaf.public_bytes(Encoding.PEM).decode(), leaf.public_bytes(Encoding.DER)
    with pytest.raises(Invalid, match="may not issue certificates"):
        await register.add(ONE, pem, [CLIENTS, AuthorityUse.V2G_ROOT])
    (kept,) = await register.add(ONE, pem, [CLIENTS])
    assert await problem(console, der) == ""
    with pytest.raises(Invalid, match="may not issue certificates"):
        await register.change(ONE, kept.key, uses=[AuthorityUse.V2G_ROOT], label="")
    with pytest.raises(Invalid, match="believed for"):
        await register.change(ONE, kept.key, uses=[], label="")


async def test_the_built_in_authority_stands_in_the_register(
    console: Console, register: TrustedAuthorities
) -> None:
    await console.desk.services.security.authorities.create(ONE, "Ville de Lyon", by="ada")
    found = await register.all(ONE)
    assert {(a.label, a.uses, a.added_by) for a in found} == {
        ("Ville de Lyon Root ECDSA", (CLIENTS,), "ada"),
        ("Ville de Lyon Root RSA", (CLIENTS,), "ada"),
    }
