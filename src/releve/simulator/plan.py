"""What one simulated station is, before it exists."""

from dataclasses import dataclass, field

from releve.ocpp.version import Version
from releve.simulator.behaviour import Behaviour
from releve.simulator.makers import Model
from releve.simulator.quirks import Quirk


@dataclass(frozen=True, slots=True)
class StationPlan:
    """One station of a scenario: its identity, version, model and ways."""

    identity: str
    version: Version
    model: Model
    serial: str
    seed: str
    """Seeds everything that is random about this station."""
    password: str | None = None
    quirks: frozenset[Quirk] = frozenset()
    behaviour: Behaviour = field(default_factory=Behaviour)
    register_wh: float = 0.0
    """What the meters show at first."""
    local_controller: bool = False
    """2.x: it publishes firmware to stations behind it (L03)."""
    reboot_s: float = 5.0
    """How long a restart takes."""

    def __post_init__(self) -> None:
        if self.model.swaps and self.version is not Version.V21:
            raise ValueError("only stations of OCPP 2.1 swap batteries")

    @property
    def name(self) -> str:
        """What people would call it."""
        return f"{self.model.name} {self.identity}"
