"""Relève as `releve_node` runs it, with settings of the bench's choice. Arguments: a file of settings (JSON).

Says READY with the port of its last door: TLS where there is one. SIGUSR1 collects garbage and says so.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import uvloop

from bench.peers.releve_node import collect
from releve.app import calm_collector, start_node
from releve.cli.common import configure_logging
from releve.settings import Settings, load


async def main(settings: Settings) -> None:
    """Open the doors and stay until told to stop."""
    configure_logging(settings)
    node = await start_node(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGUSR1, collect)
    try:
        calm_collector()
        print("READY", node.doors[-1].port, flush=True)
        await stopped.wait()
    finally:
        await node.stop()


if __name__ == "__main__":
    uvloop.run(main(load({}, **json.loads(Path(sys.argv[1]).read_text("utf-8")))))
