"""The table of 2.x handlers."""

from releve.simulator.handlers import Handlers

answers = Handlers()
