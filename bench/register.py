"""Make the benchmark's stations known to a database. Arguments: directory, database URL, stations of each version.

A process of its own: what it allocates must not be lying around in the server whose memory is measured.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bench import messages
from bench.peers.releve_node import settings_of
from releve.cli.common import run, with_services
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.services import Services

AT_ONCE = 500


def main(directory: Path, url: str, stations: int) -> None:
    """Migrate the database and add the stations, without opening any door."""

    async def work(services: Services) -> None:
        await register(services, stations)

    run(with_services(settings_of(directory, url), work))


async def register(services: Services, stations: int) -> None:
    """Stations of both versions, each with its password, and the token that they charge with."""
    await services.tokens.add(DEFAULT_OPERATOR, messages.TOKEN)
    identities = [
        messages.identity_of(version, number)
        for version in messages.VERSIONS
        for number in range(1, stations + 1)
    ]
    for at in range(0, len(identities), AT_ONCE):
        adding = (
            services.stations.add(
                DEFAULT_OPERATOR, identity, password=messages.password_of(identity)
            )
            for identity in identities[at : at + AT_ONCE]
        )
        await asyncio.gather(*adding)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
