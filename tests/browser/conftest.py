"""A console on a free port, in a thread with an event loop of its own, and Chromium to look at it.

Playwright's plain interface leaves an event loop running in the test's thread. So site and browser end with each
module, and a module runs in one worker (`xdist_group`): an asynchronous test could not start beside them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.console import PASSWORD, Console, opened

expect.set_options(timeout=15_000)  # a wait for the event, however busy the machine
T = TypeVar("T")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
WATCH_POLICY = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


class Quiet(uvicorn.Server):
    """A server in a thread: signals belong to the main one."""

    def install_signal_handlers(self) -> None:
        """None."""


class Site:
    """The running console. Tests act for stations with `do`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.console: Console
        self.url = ""

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            self.url = f"http://localhost:{port}"
            settings = {"unknown_stations": "quarantine", "http_port": port}
            async with opened(self._folder, **settings) as self.console:
                config = uvicorn.Config(
                    self.console.app, log_config=None, lifespan="off", timeout_graceful_shutdown=5
                )
                server = Quiet(config)
                serving = asyncio.create_task(server.serve(sockets=[listener]))
                while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                    await asyncio.sleep(0.01)
                self._ready.set()
                await self._stop.wait()
                self.console.bus.close()  # ends the open streams, as the application does
                server.should_exit = True
                await serving

    def start(self) -> Site:
        """Return when it answers."""
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def stop(self) -> None:
        """Return when the thread has ended."""
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive(), "open streams kept the server from stopping"

    def do(self, make: Callable[[Console], Awaitable[T]]) -> T:
        """Run something in the console's loop."""
        assert self._loop is not None

        async def run() -> T:
            return await make(self.console)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(20)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The console of a module."""
    running = Site(tmp_path_factory.mktemp("site")).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """The browser of a module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, site: Site) -> Any:
    """The state of a browser in which ada has signed in."""
    context = chromium.new_context(timezone_id="Europe/Paris")
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/")
    page.get_by_text("Times are in Europe/Paris").wait_for()
    state = context.storage_state()
    context.close()
    return state


class Watch:
    """What a browser complained about. `expected`: parts of texts that a test provokes."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def see(self, page: Page) -> None:
        """Listen to a page."""
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: (
                self.complaints.append(f"{page.url}: {said.text}")
                if said.type in ("error", "warning")
                else None
            ),
        )

    @property
    def unexpected(self) -> list[str]:
        """Complaints that no test provoked."""
        return [c for c in self.complaints if not any(part in c for part in self.expected)]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test when the browser complained."""
    watching = Watch()
    yield watching
    assert watching.unexpected == []


@pytest.fixture
def open_page(
    chromium: Browser, site: Site, signed_in: Any, watch: Watch
) -> Iterator[Callable[..., Page]]:
    """Opens pages as ada; options as for a Playwright context. CSP violations fail the test."""
    contexts: list[BrowserContext] = []

    def open_(path: str = "/", **options: Any) -> Page:
        chosen = {"timezone_id": "Europe/Paris", "storage_state": signed_in, **options}
        context = chromium.new_context(base_url=site.url, **chosen)
        context.set_default_timeout(15_000)
        context.add_init_script(WATCH_POLICY)
        contexts.append(context)
        page = context.new_page()
        watch.see(page)
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("window.violations") == []
        context.close()
