"""The form of a tariff in Chromium: rows come and go, nothing that was typed is lost, words follow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from releve.domain.ids import DEFAULT_OPERATOR

from .conftest import Site, Watch
from .test_looks import PHONE, serious

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tariffs")]
Open = Callable[..., Page]


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE], ids=["wide", "phone"])
def test_a_night_rate_is_written(
    site: Site, open_page: Open, watch: Watch, viewport: dict[str, int]
) -> None:
    watch.expected.append("status of 422")
    name = f"Night {viewport['width']}"
    page = open_page("/tariffs/new", viewport=viewport)
    page.locator("[name='name']").fill(name)
    page.get_by_label("For everyone").uncheck()
    first = page.get_by_role("group", name="Price 1")
    first.get_by_label("Price per kWh").fill("0,20")
    first.get_by_text("Only under conditions").click()
    first.get_by_label("From (time)").fill("22:00")
    first.get_by_label("to (time)").fill("06:00")
    first.get_by_label("Sunday").check()
    page.get_by_label("Energy", exact=True).get_by_role("button", name="Add a price").click()
    second = page.get_by_role("group", name="Price 2")
    expect(second.get_by_label("Price per kWh")).to_be_focused()
    second.get_by_label("Price per kWh").fill("0.40")
    second.get_by_label("Price per kWh").blur()
    expect(page.locator("#tariff-words")).to_contain_text("Otherwise 0.40")
    expect(page.locator("#tariff-words")).to_contain_text("Sunday, from 22:00 to 06:00")
    expect(first.get_by_label("From (time)")).to_have_value("22:00")
    page.get_by_role("button", name="Move up").click()
    expect(first.get_by_label("Price per kWh")).to_have_value("0.40")
    expect(second.get_by_label("Price per kWh")).to_have_value("0,20")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".invalid-feedback")).to_contain_text("this one never would")
    expect(page.locator("[name='energy.1.price']")).to_be_focused()
    assert serious(Axe(), page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.get_by_role("button", name="Move up").click()
    expect(page.locator("[name='energy.0.price']")).to_have_value("0,20")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(f"{site.url}/tariffs")
    made = site.do(lambda console: console.desk.services.tariffs.get(DEFAULT_OPERATOR, name))
    night, day = made.energy.prices
    assert (str(night.price), str(day.price)) == ("0.20", "0.40")
    assert night.conditions.day_of_week == ("Sunday",)
    assert day.conditions is None
    page.goto(f"/tariffs/{name}")
    page.get_by_role("link", name="Change").click()
    expect(page.locator("[name='energy.0.start']")).to_have_value("22:00")


def test_removing_a_row_leaves_the_others(open_page: Open) -> None:
    page = open_page("/tariffs/new")
    add = page.get_by_label("Idle time").get_by_role("button", name="Add a price")
    for n, price in enumerate(("1", "2", "3")):
        add.click()
        page.locator(f"[name='idle_time.{n}.price']").fill(price)
    page.locator("[id='row-idle_time.1']").get_by_role("button", name="Remove").click()
    expect(page.locator("[name='idle_time.1.price']")).to_have_count(0)
    expect(page.locator("[name='idle_time.0.price']")).to_have_value("1")
    expect(page.locator("[name='idle_time.2.price']")).to_have_value("3")
