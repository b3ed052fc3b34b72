"""Relève itself, as `releve serve` runs it, with stations registered. Arguments: directory, database URL, stations.

Nothing is switched off. Two things are added: stations and a token are registered before the door's port is told, and
SIGUSR1 collects garbage and says so, so that memory is measured without what is dead already.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from pathlib import Path

import uvloop

from bench import messages
from releve.app import Node, start_node
from releve.cli.common import configure_logging
from releve.domain.ids import DEFAULT_OPERATOR
from releve.settings import load

AT_ONCE = 500


async def main(directory: Path, url: str, stations: int) -> None:
    settings = load(
        {},
        database_url=url,
        secret_file=str(directory / "secret"),
        station_host="127.0.0.1",
        station_port=0,
        http_port=0,
        log_level="warning",
    )
    configure_logging(settings)
    node = await start_node(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGUSR1, collect)
    try:
        await register(node, stations)
        print("READY", node.station_port, flush=True)
        await stopped.wait()
    finally:
        await node.stop()


async def register(node: Node, stations: int) -> None:
    """Make the stations of both versions known, each with its password, and the token that they charge with."""
    await node.services.tokens.add(DEFAULT_OPERATOR, messages.TOKEN)
    identities = [
        messages.identity_of(version, number)
        for version in messages.VERSIONS
        for number in range(1, stations + 1)
    ]
    for at in range(0, len(identities), AT_ONCE):
        adding = (
            node.services.stations.add(
                DEFAULT_OPERATOR, identity, password=messages.password_of(identity)
            )
            for identity in identities[at : at + AT_ONCE]
        )
        await asyncio.gather(*adding)


def collect() -> None:
    """Collect garbage, then tell."""
    gc.collect()
    print("COLLECTED", flush=True)


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
