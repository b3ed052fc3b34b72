"""One node for all cases of a worker, reached through its doors only."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.ecosystem import Ecosystem, ecosystem_in
from tests.support.rig import Rig, rigged
from tests.support.running import Running, running

HERE = Path(__file__).parent
OwnRig = Callable[..., AbstractAsyncContextManager[Rig]]


def _on_the_sessions_loop(item: pytest.Item) -> None:
    """The node lives on the session's loop, so the cases do, too."""
    if HERE in item.path.parents and inspect.iscoroutinefunction(getattr(item, "obj", None)):
        # In front of the mark that the automatic mode has put there.
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Before the loop's maker becomes a parameter: of a test's own scope it would end the node with each test."""
    _on_the_sessions_loop(metafunc.definition)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Items do not inherit what their definition was marked with."""
    for item in items:
        _on_the_sessions_loop(item)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A node with defaults."""
    async with running(tmp_path_factory.mktemp("certification")) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def rig(shared_node: Running) -> AsyncIterator[Rig]:
    """The shared node, with an operator and stations of this test's own."""
    async with rigged(shared_node) as made:
        yield made


@pytest.fixture
def own_rig(tmp_path: Path) -> OwnRig:
    """`async with own_rig(**settings) as rig`: a node of this test's own."""

    @asynccontextmanager
    async def made(**settings: Any) -> AsyncIterator[Rig]:
        async with running(tmp_path, **settings) as started, rigged(started) as rig:
            yield rig

    return made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ecosystem(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ecosystem]:
    """Another node, with a 15118 ecosystem around it."""
    async with ecosystem_in(tmp_path_factory.mktemp("ecosystem")) as made:
        yield made
