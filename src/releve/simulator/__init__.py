"""Charging stations and cars, for demonstrations, tests and load.

- `SimStation`: one station that does what a script says;
- `Scenario` and `run_fleet`: many stations with drivers, from a scenario file;
- `releve.simulator.load`: thousands of connections, cheaply.

It speaks OCPP with `releve.ocpp` and shares nothing else with the CSMS, in particular not the reckoning of
charging profiles: a mistake of the one shows against the other.
"""

from releve.simulator.behaviour import Behaviour
from releve.simulator.car import CAR_MODELS, Car, CarModel
from releve.simulator.clock import Clock, ManualClock, WallClock
from releve.simulator.fleet.run import run_fleet
from releve.simulator.happening import Happening, Listener
from releve.simulator.line import CallFailed, ConnectFailed, LineDown, NoAnswer, Refused
from releve.simulator.makers import MODELS
from releve.simulator.quirks import Quirk
from releve.simulator.scenario import Scenario, ScenarioError
from releve.simulator.scripted import SimStation

__all__ = [
    "CAR_MODELS",
    "MODELS",
    "Behaviour",
    "CallFailed",
    "Car",
    "CarModel",
    "Clock",
    "ConnectFailed",
    "Happening",
    "LineDown",
    "Listener",
    "ManualClock",
    "NoAnswer",
    "Quirk",
    "Refused",
    "Scenario",
    "ScenarioError",
    "SimStation",
    "WallClock",
    "run_fleet",
]
