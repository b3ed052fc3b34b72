"""A station's connection, its upkeep and customers' data, as a person uses them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from releve.domain.diagnostics import CustomerInformation
from releve.domain.provisioning import SetNetworkProfile

from .conftest import Site, Watch
from .test_looks import serious

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("connection")]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def station(site: Site) -> str:
    """The address of a connected station of OCPP 2.1."""

    async def connect(console):
        return (await console.connected("NET-1", version="ocpp2.1")).station.id

    return f"/stations/{site.do(connect)}"


def asked(site: Site, kind: type) -> list:
    return [c for _, c in site.console.stations.asked if isinstance(c, kind)]


def test_a_boot_is_prepared_and_forgotten(open_page: Open, watch: Watch, station: str) -> None:
    watch.expected.append("422")
    page = open_page(f"{station}/connection")
    page.get_by_role("button", name="Prepare").click()
    dialog = page.get_by_role("dialog", name="Prepare the next boot")
    dialog.get_by_label("Variables to write").fill("nonsense")
    dialog.get_by_role("button", name="Prepare").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Line 1: write it as")
    expect(dialog.get_by_label("Variables to write")).to_have_attribute("aria-invalid", "true")
    assert serious(Axe(), page) == []
    dialog.get_by_label("Variables to write").fill("TxCtrlr / EVConnectionTimeOut = 90")
    dialog.get_by_role("button", name="Prepare").click()
    card = page.locator("#boot")
    expect(card.get_by_text("Waits for the next boot")).to_be_visible()
    expect(card.get_by_role("row").filter(has_text="EVConnectionTimeOut")).to_contain_text("90")
    page.on("dialog", lambda question: question.accept())
    card.get_by_role("button", name="Forget it").click()
    expect(card.get_by_text("Nothing. What is prepared")).to_be_visible()
    expect(card.get_by_label("Answer it with")).to_have_value("Pending")


def test_a_profile_is_stored_and_shows_by_itself(
    open_page: Open, watch: Watch, site: Site, station: str
) -> None:
    watch.expected.append("422")
    page = open_page(f"{station}/connection")
    page.get_by_role("button", name="Store a profile").click()
    dialog = page.get_by_role("dialog", name="Network profile")
    dialog.get_by_label("Slot").fill("2")
    dialog.get_by_label("Address of the central system").fill("wss://csms.example/ocpp")
    dialog.get_by_text("Mobile network (APN)").click()
    dialog.get_by_label("It goes over a mobile network").check()
    dialog.get_by_role("button", name="Store it in the station").click()
    expect(dialog.get_by_role("alert")).to_have_text("This is needed.")
    dialog.get_by_label("APN", exact=True).fill("internet.example")
    assert serious(Axe(), page) == []
    dialog.get_by_role("button", name="Store it in the station").click()
    expect(dialog.get_by_role("status")).to_contain_text("The station accepted")
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.locator("#slot-2")).to_contain_text("wss://csms.example/ocpp")
    assert asked(site, SetNetworkProfile)[-1].profile.apn.apn == "internet.example"


def test_a_station_leaves_only_when_its_identity_is_typed(
    open_page: Open, watch: Watch, site: Site, station: str
) -> None:
    watch.expected.append("422")
    before = len(asked(site, SetNetworkProfile))
    page = open_page(f"{station}/connection", viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Send it to another CSMS").click()
    dialog = page.get_by_role("dialog", name="Send it to another CSMS")
    dialog.get_by_label("Slot", exact=True).fill("3")
    dialog.get_by_label("Address of the central system").fill("wss://other.example/ocpp")
    assert serious(Axe(), page) == []
    dialog.get_by_role("button", name="Send it away").click()
    expect(dialog.get_by_role("alert")).to_have_text("This is not the station's identity.")
    assert len(asked(site, SetNetworkProfile)) == before
    dialog.get_by_label("Type NET-1 to confirm").fill("NET-1")
    dialog.get_by_role("button", name="Send it away").click()
    dialog = page.get_by_role("dialog", name="Leaving for another CSMS")
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.locator("#network")).to_contain_text("Leaving for another CSMS")


def test_a_customer_is_told_of_and_forgotten_only_when_confirmed(
    open_page: Open, site: Site, station: str
) -> None:
    page = open_page(f"{station}/upkeep")
    page.get_by_role("button", name="Ask about a customer").click()
    dialog = page.get_by_role("dialog", name="Ask about a customer")
    dialog.get_by_label("Token", exact=True).fill("ADA")
    assert serious(Axe(), page) == []
    page.once("dialog", lambda question: question.dismiss())
    dialog.get_by_role("button", name="Tell, then forget").click()
    assert asked(site, CustomerInformation) == []
    dialog.get_by_role("button", name="Tell", exact=True).click()
    answered = page.get_by_role("dialog", name="Customer information")
    answered.get_by_role("button", name="Close").last.click()
    (told,) = asked(site, CustomerInformation)
    assert (told.report, told.clear) == (True, False)
    page.get_by_role("button", name="Ask about a customer").click()
    dialog.get_by_label("Token", exact=True).fill("ADA")
    page.once("dialog", lambda question: question.accept())
    dialog.get_by_role("button", name="Forget", exact=True).click()
    answered.get_by_role("button", name="Close").last.click()
    expect(page.locator("#customers")).to_contain_text("to forget")
    forgotten = asked(site, CustomerInformation)[-1]
    assert (forgotten.report, forgotten.clear) == (False, True)


def test_a_key_is_made_and_an_upload_without_a_file_says_so(open_page: Open) -> None:
    page = open_page("/firmware")
    page.get_by_role("button", name="New signing key").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name").fill("house")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog).to_contain_text("BEGIN CERTIFICATE")
    page.goto("/firmware")
    expect(page.locator("#keys")).to_contain_text("house")
    page.get_by_role("button", name="Upload an image").click()
    dialog.get_by_role("button", name="Upload").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose a file.")
    assert serious(Axe(), page) == []
