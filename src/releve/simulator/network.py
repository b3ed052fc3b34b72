"""How a 2.x station reaches its CSMS: profiles in slots, tried in order, and what comes of it (B09, B10, A05)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from releve.simulator.behaviour import Behaviour

ATTEMPTS = 3
"""OCPPCommCtrlr.NetworkProfileConnectionAttempts."""
SLOTS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class NetworkProfile:
    """url, identity, password: "" where those that the simulation began with are meant. security: None, likewise."""

    url: str = ""
    security: int | None = None
    identity: str = ""
    password: str = ""


class Route:
    """Which slot is tried now. After a restart the first of the order (B10.FR.04); one that fails gives way.

    When all have failed, it goes back to the slot of the last connection (B10.FR.07), and then round again.
    """

    def __init__(self, behaviour: "Behaviour") -> None:
        self._behaviour = behaviour
        self._good: int | None = None
        self._left: list[int] = []
        self.restart()

    @property
    def order(self) -> list[int]:
        """The slots by priority, as far as there is a profile in them."""
        named = [int(one) for one in self._behaviour.network_priority.split(",") if one.strip()]
        return [slot for slot in named if slot in self._behaviour.network_profiles] or [1]

    @property
    def slot(self) -> int:
        return self._left[0]

    @property
    def profile(self) -> NetworkProfile:
        return self._behaviour.network_profiles.get(self.slot, NetworkProfile())

    @property
    def attempts(self) -> int:
        """How many attempts are left before it starts over."""
        return len(self._left)

    def restart(self) -> None:
        """The station has restarted."""
        self._left = [slot for slot in self.order for _ in range(ATTEMPTS)]

    def failed(self) -> None:
        """No connection there (B10.FR.03, B10.FR.09)."""
        del self._left[0]
        if not self._left:
            self.restart()
            if self._good in self._behaviour.network_profiles:
                self._left = [self._good] * ATTEMPTS + self._left

    def connected(self, security: int) -> None:
        """It works: profiles less secure than this are forgotten (A05.FR.06)."""
        slot, settings = self.slot, self._behaviour
        settings.network_profiles[slot] = replace(self.profile, security=security)
        self._good, self._left = slot, [slot] * ATTEMPTS
        weaker = [
            number
            for number, one in settings.network_profiles.items()
            if number != slot and one.security is not None and one.security < security
        ]
        for number in weaker:
            del settings.network_profiles[number]
        if weaker:
            settings.network_priority = ",".join(map(str, self.order))
