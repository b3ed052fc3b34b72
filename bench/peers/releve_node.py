"""Relève itself, as `releve serve` runs it. Arguments: directory, database URL.

Nothing is switched off. One thing is added: SIGUSR1 collects garbage and says so, so that memory is measured without
what is dead already.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from pathlib import Path

import uvloop

from releve.app import calm_collector, start_node
from releve.cli.common import configure_logging
from releve.settings import Settings, load


def settings_of(directory: Path, url: str) -> Settings:
    """The defaults, on free ports and with files of the benchmark's own."""
    return load(
        {},
        database_url=url,
        secret_file=str(directory / "secret"),
        station_host="127.0.0.1",
        station_port=0,
        http_port=0,
        log_level="warning",
        report_delay=-1.0,  # the peers do not ask new stations for their variables either
    )


async def main(directory: Path, url: str) -> None:
    """Serve until SIGTERM."""
    settings = settings_of(directory, url)
    configure_logging(settings)
    node = await start_node(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGUSR1, collect)
    try:
        calm_collector()
        print("READY", node.station_port, flush=True)
        await stopped.wait()
    finally:
        await node.stop()


def collect() -> None:
    """Collect garbage, then tell."""
    gc.collect()
    print("COLLECTED", flush=True)


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2]))
