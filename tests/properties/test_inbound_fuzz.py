"""Whatever a station sends to a running node: an answer, no error of ours, and its neighbours notice nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.version import Version
from tests.support.messages import payloads
from tests.support.odd import spoiled_payloads
from tests.support.running import Running, running

PACKAGES = {Version.V16: v16, Version.V201: v201, Version.V21: v21}
NAMES = {Version.V16: "v16", Version.V201: "v201", Version.V21: "v21"}
ACTIONS = [
    pytest.param(version, action, id=f"{version.label}-{action}")
    for version, package in PACKAGES.items()
    for action in sorted(package.FROM_STATION)
]
PATIENCE_S = 30.0
LARGEST = 200_000
"""Characters: a message beyond the node's limit (256 KiB) ends its connection, as it should."""
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]
BOOT_16 = {"chargePointModel": "M", "chargePointVendor": "V"}
BOOT_2X = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
FEW = settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.generate,),  # to shrink a failure would take minutes of waiting
    derandomize=True,  # the same on every machine: an error found is found again
    suppress_health_check=list(HealthCheck),
)


class Site:
    """A node, with a station of each version that is fuzzed, and a neighbour that only beats."""

    def __init__(self, node: Running) -> None:
        self._node = node
        self._ids = count(1)
        self._lines: dict[str, ClientConnection] = {}

    async def line(self, version: Version, name: str) -> ClientConnection:
        """Its connection; a new one, booted, when it has none."""
        identity = f"{name}-{version.label}"
        found = self._lines.get(identity)
        if found is None:
            if not await self._node.node.store.locate(None, identity):
                await self._node.add_station(identity)
            found = await connect(
                f"{self._node.stations_url}/{identity}",
                subprotocols=[Subprotocol(str(version))],
                max_size=None,
            )
            self._lines[identity] = found
            boot = BOOT_16 if version is Version.V16 else BOOT_2X
            answer = await self.call(found, "BootNotification", json.dumps(boot))
            assert answer[2]["status"] == "Accepted"
        return found

    async def call(self, line: ClientConnection, action: str, payload: str) -> list[Any]:
        """Send a CALL; its CALLRESULT or CALLERROR. Our own calls to the station are refused."""
        message_id = f"f-{next(self._ids)}"
        await line.send(f'[2,"{message_id}","{action}",{payload}]')
        while True:
            text = await asyncio.wait_for(line.recv(), PATIENCE_S)
            frame: list[Any] = json.loads(text)
            if frame[0] == 2:
                await line.send(json.dumps([4, frame[1], "NotSupported", "", {}]))
            elif frame[1] == message_id:
                return frame

    async def tell(self, version: Version, action: str, payload: str) -> None:
        """One message of the fuzzed station, with what has to come of it."""
        line = await self.line(version, "FUZZED")
        neighbour = await self.line(version, "NEIGHBOUR")
        try:
            if action == "NotifyPeriodicEventStream":
                await line.send(f'[6,"s-{next(self._ids)}","{action}",{payload}]')
                answer = await self.call(line, "Heartbeat", "{}")
            else:
                answer = await self.call(line, action, payload)
        except ConnectionClosed as closed:
            self._lines.clear()
            raise AssertionError(f"the connection was closed: {closed}") from closed
        assert answer[0] in (3, 4), answer
        assert answer[0] == 3 or answer[2] != "InternalError", answer
        beat = await self.call(neighbour, "Heartbeat", "{}")
        assert "currentTime" in beat[2]


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """The node lives on it; it stands still between the examples."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def site(loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    stack = AsyncExitStack()
    started = loop.run(stack.enter_async_context(running(tmp_path_factory.mktemp("fuzz"))))
    made = Site(started)
    yield made
    loop.run(_hang_up(made))
    loop.run(stack.aclose())


async def _hang_up(site: Site) -> None:
    for line in site._lines.values():
        await line.close()


def _tell(loop: asyncio.Runner, site: Site, version: Version, action: str, payload: Any) -> None:
    text = json.dumps(payload)
    assume(len(text) < LARGEST)
    loop.run(site.tell(version, action, text))


@pytest.mark.parametrize(("version", "action"), ACTIONS)
def test_what_the_schema_allows_is_answered(
    loop: asyncio.Runner, site: Site, version: Version, action: str
) -> None:
    strategy = payloads(NAMES[version], f"{action}Request")

    @FEW
    @given(data=st.data())
    def told(data: st.DataObject) -> None:
        _tell(loop, site, version, action, data.draw(strategy))

    told()


@pytest.mark.parametrize(("version", "action"), ACTIONS)
def test_what_is_nearly_right_is_answered(
    loop: asyncio.Runner, site: Site, version: Version, action: str
) -> None:
    strategy = payloads(NAMES[version], f"{action}Request")

    @FEW
    @given(data=st.data())
    def told(data: st.DataObject) -> None:
        whole = data.draw(strategy)
        payload = data.draw(spoiled_payloads(whole)) if whole else whole
        _tell(loop, site, version, action, payload)

    told()
