"""Certificates in the console: authorities, and what stations have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Page, expect

from releve.domain.certificates import (
    CertificateUse,
    InstalledCertificate,
    InstalledChain,
    InstalledOutcome,
)
from releve.domain.commands import Result
from releve.domain.ids import DEFAULT_OPERATOR
from tests.support.v2g_pki import Pki

from .conftest import Site, Watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("certificates")]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


def test_an_authority_is_trusted_and_trusted_no_more(
    open_page: Open, watch: Watch, pki: Pki
) -> None:
    watch.expected.append("422")
    page = open_page("/certificates")
    page.get_by_label("Certificate (PEM)").fill("nonsense")
    page.get_by_label("Mobility operator root").check()
    page.get_by_role("button", name="Trust it").click()
    expect(page.get_by_text("no certificate in PEM form")).to_be_visible()
    page.get_by_label("Certificate (PEM)").fill(pki.mo_root.pem)
    page.get_by_label("Label").fill("Our mobility operator")
    page.get_by_role("button", name="Trust it").click()
    row = page.get_by_role("row").filter(has_text="Our mobility operator")
    expect(row.get_by_text("Mobility operator root")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Our mobility operator")).to_have_count(0)


def test_certificates_are_installed_listed_and_deleted(
    open_page: Open, site: Site, pki: Pki
) -> None:
    async def prepare(console):
        inbound = await console.connected("CERT-1")
        console.stations.answers["GetInstalledCertificates"] = InstalledOutcome(
            result=Result.ANSWERED,
            status="Accepted",
            accepted=True,
            certificates=(
                InstalledChain(use="CSMSRootCertificate", certificate=pki.csms_root.hash()),
            ),
        )
        return inbound.station.id

    station = site.do(prepare)
    page = open_page(f"/stations/{station}/certificates")
    expect(page.get_by_text("No certificates are known")).to_be_visible()
    page.get_by_role("button", name="Install").click()
    page.get_by_label("Certificate (PEM)").fill(pki.csms_root.pem)
    page.locator("dialog").get_by_role("button", name="Install").click()
    expect(page.locator("dialog").get_by_role("status")).to_contain_text("The station accepted")
    page.locator("dialog").get_by_role("button", name="Close").last.click()
    card = page.locator("#certificates")
    expect(card.get_by_text("CN=CSMS Root")).to_be_visible()
    expect(card.get_by_text("not yet")).to_be_visible()
    page.get_by_role("button", name="Ask the station").click()
    expect(card.get_by_role("button", name="Delete")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("This is the only CSMS root certificate")).to_be_visible()
    page.get_by_role("button", name="Delete it all the same").click()
    expect(card.get_by_text("No certificates are known")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_look_right(open_page: Open, site: Site, pki: Pki, width: int) -> None:
    async def prepare(console):
        inbound = await console.connected(f"CERT-{width}")
        now = datetime.now(UTC)
        async with console.store.work(DEFAULT_OPERATOR) as work:
            for use, entity, days in (
                (CertificateUse.CSMS_ROOT, pki.csms_root, 900),
                (CertificateUse.MO_ROOT, pki.mo_root, 10),
                (CertificateUse.V2G_ROOT, pki.v2g_root, -3),
            ):
                work.holdings.save(
                    inbound.station.id,
                    InstalledCertificate(
                        use=use,
                        name=entity.hash(),
                        subject=entity.certificate.subject.rfc4514_string(),
                        expires_at=now + timedelta(days=days),
                        reported_at=now,
                    ),
                )
            work.holdings.save(
                inbound.station.id,
                InstalledCertificate(
                    use=CertificateUse.V2G_CHAIN,
                    name=pki.station("CS").hash(),
                    children=(pki.cpo_sub2.hash(), pki.cpo_sub1.hash()),
                    reported_at=now,
                ),
            )
        await console.desk.services.authorities.add(
            DEFAULT_OPERATOR, pki.v2g_root.pem, ["V2GRootCertificate", "MORootCertificate"]
        )
        return inbound.station.id

    station = site.do(prepare)
    for path, mark in (
        (f"/stations/{station}/certificates", "Soon"),
        ("/certificates", "V2G root"),
    ):
        page = open_page(path, viewport={"width": width, "height": 900})
        expect(page.get_by_text(mark).first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} pixels wide"


def test_a_station_is_given_a_v2g_certificate(open_page: Open, site: Site, pki: Pki) -> None:
    async def prepare(console):
        return (await console.connected("CERT-V2G")).station.id

    station = site.do(prepare)
    page = open_page("/certificates")
    entities = [pki.cpo_sub2, *pki.cpo_sub2.above]
    page.get_by_label("Chain (PEM)").fill("".join(e.pem for e in entities))
    key = pki.cpo_sub2.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    page.get_by_label("Private key of the sub-CA (PEM)").fill(key.decode())
    page.get_by_role("button", name="Add it").click()
    row = page.get_by_role("row").filter(has_text="CN=CPO Sub-CA 2")
    expect(row.get_by_text("90 days")).to_be_visible()
    page.goto(f"/stations/{station}/certificates")
    page.get_by_role("button", name="New V2G certificate (15118-2)").click()
    expect(page.get_by_text("The station makes a new key")).to_be_visible()
