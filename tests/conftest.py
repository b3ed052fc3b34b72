"""What every test has: a closed network, uvloop, a clean environment; and PostgreSQL and Chromium on request."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from tests.support import network, postgres

POSTGRES = os.environ.get("RELEVE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

# A developer's own settings (a database, say) must never reach a test.
for _name in [name for name in os.environ if name.startswith("RELEVE_")]:
    if not _name.startswith("RELEVE_TEST_"):
        del os.environ[_name]

# Deadlines measure the machine's other work, not ours. In CI a failure prints what reproduces it.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", parent=settings.get_profile("house"), print_blob=True, database=None
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "house")

network.allow_also(urlsplit(POSTGRES).hostname)
sys.addaudithook(network.guard)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], Any]]:
    """Async tests run on the loop that production runs on."""
    return {"uvloop": network.GuardedLoop}


def absent(what: str) -> NoReturn:
    """Skip for want of `what`; in CI, where it must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} (CI=true: this must be there)", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def _postgres_database() -> Iterator[str | postgres.Unreachable]:
    with postgres.temporary_database(POSTGRES) as outcome:
        yield outcome


@pytest.fixture
def postgres_url(_postgres_database: str | postgres.Unreachable) -> str:
    """An empty database of this worker's own: `postgresql://...`, dropped when the run ends.

    Tests of one worker share it: each makes and drops its own tables or schema.
    """
    if isinstance(_postgres_database, postgres.Unreachable):
        absent(f"no PostgreSQL at RELEVE_TEST_POSTGRES: {_postgres_database.reason}")
    return _postgres_database


@pytest.fixture
def postgres_server(_postgres_database: str | postgres.Unreachable) -> str:
    """The administrative URL of the server, for a test that makes databases of its own."""
    if isinstance(_postgres_database, postgres.Unreachable):
        absent(f"no PostgreSQL at RELEVE_TEST_POSTGRES: {_postgres_database.reason}")
    return POSTGRES


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's executable, for Playwright's `launch(executable_path=...)`."""
    names = (os.environ.get("RELEVE_TEST_CHROMIUM", ""), *CHROMIUM_NAMES)
    for name in filter(None, names):
        if found := shutil.which(name):
            return found
    absent("no Chromium on the PATH, nor at RELEVE_TEST_CHROMIUM")
