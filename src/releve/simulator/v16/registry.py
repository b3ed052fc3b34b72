"""The table of 1.6 handlers."""

from releve.simulator.handlers import Handlers

answers = Handlers()
