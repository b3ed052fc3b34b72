"""A05: a station that an operator gave another security profile step by step may come with it, too.

`Profiles.move` does all steps at once. Each can be done by itself as well: a network profile, its place in
NetworkConfigurationPriority, a reset; with 1.6 the key SecurityProfile. What the station has taken is expected from
then on beside the profile that it has, and nothing else is: the first connection with it settles it.
"""

from __future__ import annotations

from releve.domain.commands import Command, Outcome, SetVariables, VariableName
from releve.domain.provisioning import SetNetworkProfile, StoredProfile
from releve.domain.station import Station
from releve.domain.variables import NETWORK, PRIORITY
from releve.services.learning import TAKEN
from releve.services.operations import Operations
from releve.services.ports import Store
from releve.services.security.profiles import KIND, Profiles

PROFILE = "SecurityProfile"


class StepByStep:
    def __init__(self, store: Store, operations: Operations, profiles: Profiles) -> None:
        self._store = store
        self._operations = operations
        self._profiles = profiles

    async def answered(self, station: Station, command: Command, outcome: Outcome) -> None:
        """Take note of what a station has taken (A05.FR.07: the old one is accepted until the new one is seen)."""
        match command:
            case SetNetworkProfile():
                profile = command.profile.security_profile if outcome.accepted else None
            case SetVariables():
                profile = await self._written(station, command, outcome)
            case _:
                return
        if profile is None:
            return
        if await self._operations.latest(station.operator, station.id, (KIND,)) is not None:
            return  # these are the steps of a move, which knows what it expects
        await self._profiles.expect(station.operator, station.id, profile)

    async def _written(
        self, station: Station, command: SetVariables, outcome: Outcome
    ) -> int | None:
        wanted = dict(command.values)
        taken = {r.name: wanted.get(r.name) for r in outcome.variables if r.status in TAKEN}
        for name, value in taken.items():
            if _is_profile(name) and value is not None and value.isdigit():
                return int(value)
        order = taken.get(PRIORITY)
        return None if order is None else await self._of_first(station, order)

    async def _of_first(self, station: Station, order: str) -> int | None:
        """The security profile of the network profile that the station tries first, where we gave it that."""
        async with self._store.work(station.operator) as work:
            slot = order.split(",", maxsplit=1)[0].strip()
            stored = await work.holdings.get(station.id, StoredProfile, slot)
        return None if stored is None else stored.profile.security_profile


def _is_profile(name: VariableName) -> bool:
    """The key of 1.6, or the variable of a network profile (2.1)."""
    return name.component in ("", NETWORK) and name.variable == PROFILE
