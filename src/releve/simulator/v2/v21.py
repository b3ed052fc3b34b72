"""OCPP 2.1."""

from releve.ocpp.version import Version
from releve.simulator.v2.dialect import Dialect2


class Dialect21(Dialect2):
    """A 2.1 station."""

    version = Version.V21
