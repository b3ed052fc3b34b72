"""OCPP 1.6: core, firmware, reservation, remote trigger and security extension.

Its words stay in this package: a charge point is a Station here, a connector n > 0 is an Evse with one connector, and
connector 0 is the station itself.


Every module here holds the handlers of one functional block, and declares them as it is loaded.
"""

from releve.dialects.blocks import load_blocks
from releve.dialects.v16.version import v16 as dialect

load_blocks(__name__, __path__)

__all__ = ["dialect"]
