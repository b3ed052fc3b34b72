"""The door must open on either event loop: uvloop in production, asyncio's where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.support import network


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """A test module that says `BOTH_LOOPS = True` runs on both."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"uvloop": network.GuardedLoop}
    if getattr(getattr(item, "module", None), "BOTH_LOOPS", False):
        loops["asyncio"] = asyncio.new_event_loop
    return loops
