"""To whom it concerns: live events out."""

from releve.bus.local import LocalBus

__all__ = ["LocalBus"]
