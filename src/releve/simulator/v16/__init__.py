"""The simulator's OCPP 1.6."""

from releve.simulator.v16.dialect import Dialect16

__all__ = ["Dialect16"]
