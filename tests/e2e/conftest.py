"""A whole node for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.running import Running, running


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Running]:
    """A node with defaults: unknown stations are refused."""
    async with running(tmp_path) as started:
        yield started
