"""The API's documentation page in a real browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import async_playwright

from releve.api.router import ROUTES
from releve.app.http import HttpServer
from tests.unit.api.api_kit import opened

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.mark.browser
async def test_the_page_shows_every_operation_without_a_complaint(
    chromium_path: str, tmp_path: Path
):
    complaints: list[str] = []
    hosts: set[str] = set()
    async with opened(tmp_path) as house, async_playwright() as playwright:
        server = HttpServer(house.app, "127.0.0.1", 0)
        await server.start()
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 390, "height": 800})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        await page.goto(f"http://127.0.0.1:{server.port}/api/docs")
        await page.wait_for_selector(".opblock-tag")
        shown = 0  # groups are closed at first: two hundred open operations take a browser minutes
        for group in await page.locator(".opblock-tag").all():
            await group.click()
            await page.wait_for_selector(".opblock")
            shown += await page.locator(".opblock").count()
            await group.click()
            await page.wait_for_selector(".opblock", state="detached")
        assert shown == len(ROUTES) + 3
        await page.click("#operations-tag-Commands")
        await page.wait_for_selector("#operations-Commands-callStation")
        await page.click("#operations-tag-Stations")
        await page.click("#operations-Stations-addStation .opblock-summary-control")
        await page.wait_for_selector("text=YARD-01")
        await browser.close()
        await server.stop()
    assert complaints == []
    assert hosts - {""} == {f"127.0.0.1:{server.port}"}
