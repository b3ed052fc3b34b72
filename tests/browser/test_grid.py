"""Dialogs of the grid and of event streams in Chromium, at both widths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import ConnectorStatus

from .conftest import Site, Watch
from .test_looks import PHONE, serious

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("grid")]
Open = Callable[..., Page]
WIDTHS = pytest.mark.parametrize(
    "viewport", [{"width": 1280, "height": 900}, PHONE], ids=["wide", "phone"]
)


@pytest.fixture(scope="module")
def station(site: Site) -> str:
    """A station of 2.1."""

    async def make(console):
        inbound = await console.connected("GRID-1", version="ocpp2.1")
        await console.status(inbound, 1, ConnectorStatus.AVAILABLE)
        return inbound.station.id

    return f"/stations/{site.do(make)}"


@WIDTHS
def test_a_control_shows_the_fields_of_its_type_and_keeps_what_was_typed(
    open_page: Open, watch: Watch, station: str, viewport: dict[str, int]
) -> None:
    watch.expected.append("status of 422")
    page = open_page(f"{station}/grid", viewport=viewport)
    page.get_by_role("button", name="Set a grid control").click()
    dialog = page.get_by_role("dialog", name="Set a grid control")
    dialog.get_by_label("Priority").fill("3")
    dialog.get_by_label("Type").select_option("VoltVar")
    dialog.get_by_label("Points").fill("207 44\n253 -44")
    expect(dialog.get_by_label("Priority")).to_have_value("3")
    dialog.get_by_label("Kind").select_option("scheduled")
    dialog.get_by_label("For so many minutes").fill("30")
    expect(dialog.get_by_label("Points")).to_have_value("207 44\n253 -44")
    dialog.get_by_role("button", name="Set", exact=True).click()
    expect(dialog.locator("#problem-start_time")).to_have_text("This is needed.")
    expect(dialog.get_by_label("For so many minutes")).to_have_value("30")
    assert serious(Axe(), page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    dialog.get_by_label("Kind").select_option("default")
    expect(dialog.get_by_label("For so many minutes")).to_have_count(0)
    dialog.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("The station accepted")
    expect(page.get_by_label("Grid controls")).to_contain_text("Reactive power by voltage")  # live
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_label("Grid controls")).to_contain_text("Reactive power by voltage")


@WIDTHS
def test_a_permit_is_given_and_forgotten(
    site: Site, open_page: Open, viewport: dict[str, int]
) -> None:
    page = open_page("/permits", viewport=viewport)
    page.get_by_role("button", name="Decide for a token").click()
    dialog = page.get_by_role("dialog", name="What a token may do")
    dialog.get_by_label("Token").fill("GRID-ADA")
    dialog.get_by_label("DC, both directions").check()
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row", name="GRID-ADA")
    expect(row).to_contain_text("may discharge")
    page.on("dialog", lambda asked: asked.accept())
    row.get_by_role("button", name="Forget").click()
    expect(page.get_by_text("No token has a permit of its own")).to_be_visible()
    permits = site.do(lambda console: console.desk.services.v2x.permits(DEFAULT_OPERATOR))
    assert [permit for permit in permits if permit.token] == []


def test_codes_are_set_up_and_a_start_brings_a_limit(
    site: Site, open_page: Open, station: str
) -> None:
    page = open_page(f"{station}/payments", viewport=PHONE)
    page.get_by_role("button", name="Set up").click()
    page.get_by_label("Static codes are good, too").check()
    page.get_by_role("dialog").get_by_role("button", name="Set up").click()
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_label("EVSE 1")).to_have_value(f"{site.url}/pay/GRID-1/1")
    page.goto(station)
    page.get_by_role("button", name="Start charging").click()
    dialog = page.get_by_role("dialog", name="Start charging")
    dialog.get_by_label("Limit", exact=True).fill("10")
    assert serious(Axe(), page) == []
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("The station accepted")
