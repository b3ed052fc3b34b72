"""The simulator's OCPP 2.0.1 and 2.1.

Written on the types of 2.1. A 2.0.1 station uses only what 2.0.1 has as well; what the CSMS sends it is
checked as 2.0.1 before it is read as 2.1. The tests hold everything sent against each version's schemas.
"""

from releve.simulator.v2.v21 import Dialect21
from releve.simulator.v2.v201 import Dialect201

__all__ = ["Dialect21", "Dialect201"]
