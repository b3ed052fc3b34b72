"""A house for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.api.api_kit import House, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The API over an empty store."""
    async with opened(tmp_path) as house:
        yield house
