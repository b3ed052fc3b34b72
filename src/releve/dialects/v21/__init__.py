"""OCPP 2.1. What it shares with 2.0.1 is in `dialects.v2`; what is typed is here.

Every module here holds the handlers of one functional block, and declares them as it is loaded.
"""

from releve.dialects.blocks import load_blocks
from releve.dialects.v21.version import v21 as dialect

load_blocks(__name__, __path__)

__all__ = ["dialect"]
