"""Drivers who come to a swap station with an empty battery and leave with a full one."""

import random

from releve.simulator import authorization, battery_swap
from releve.simulator.line import CallFailed
from releve.simulator.scenario import TokenSpec, Traffic
from releve.simulator.station import Station
from releve.simulator.tokens import Token

OWN_NUMBERS = 1_000_000
"""Requests of the station's own: beyond those that a CSMS counts from 1."""


async def come_and_swap(station: Station, traffic: Traffic, tokens: list[TokenSpec]) -> None:
    """One driver after the other, for ever, from a seeded source of chance (S01, S03)."""
    chance = random.Random(f"{station.plan.seed}/swappers")
    if traffic.arrivals_per_hour <= 0:
        return
    number = OWN_NUMBERS
    while True:
        await station.clock.sleep(chance.expovariate(traffic.arrivals_per_hour / 3600))
        spec = chance.choice(tokens)
        token = Token(spec.value, spec.type)
        if not station.online or not battery_swap.possible(station):
            station.note("no-battery", "a driver finds no charged battery")
            continue
        number += 1
        try:
            info = await authorization.authorize(station, token)
            if info.accepted_now and battery_swap.possible(station):
                await battery_swap.swap(station, token, number)
        except CallFailed as problem:
            station.note("undelivered", f"a swap was not told: {problem}")
