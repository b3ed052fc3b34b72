"""A whole node for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.rig import Rig, rigged
from tests.support.running import Running, running
from tests.support.tls_rig import TlsRig, tls_rig


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Running]:
    """A node with defaults: unknown stations are refused."""
    async with running(tmp_path) as started:
        yield started


@pytest.fixture
def own_rig(tmp_path: Path) -> Any:
    """A node of this test's own."""

    @asynccontextmanager
    async def made(**settings: Any) -> AsyncIterator[Rig]:
        async with running(tmp_path, **settings) as started, rigged(started) as rig:
            yield rig

    return made


@pytest.fixture
async def tls(own_rig: Any, tmp_path: Path) -> AsyncIterator[TlsRig]:
    """A node with TLS."""
    async with tls_rig(own_rig, tmp_path) as made:
        yield made
