"""OCPP 2.0.1."""

from releve.ocpp.version import Version
from releve.simulator.v2.dialect import Dialect2


class Dialect201(Dialect2):
    """A 2.0.1 station; actions that only 2.1 knows never reach it (the session turns them away)."""

    version = Version.V201
