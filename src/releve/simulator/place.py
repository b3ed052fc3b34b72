"""Where a variable of the device model sits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a variable sits. Names are compared without regard to case."""

    component: str
    variable: str
    instance: str | None = None
    evse: int | None = None
    connector: int | None = None

    @property
    def key(self) -> tuple[str, str, str, int | None, int | None]:
        """What two equal places have in common."""
        instance = (self.instance or "").casefold()
        return (
            self.component.casefold(),
            self.variable.casefold(),
            instance,
            self.evse,
            self.connector,
        )

    def __str__(self) -> str:
        at = "" if self.evse is None else f" of EVSE {self.evse}"
        return f"{self.component}.{self.variable}{at}"
