"""What people do at one EVSE all day: come, plug in, authorise, wait, leave."""

import random

from releve.simulator import sessions, v2x
from releve.simulator.car import CAR_MODELS, Car, CarModel
from releve.simulator.evse import Evse
from releve.simulator.scenario import TokenSpec, Traffic
from releve.simulator.station import Station
from releve.simulator.tokens import Token

HAND_S = (2.0, 6.0)
"""Between two things that a driver does."""
LOOK_S = 2.0
"""How often a driver looks whether the car is full."""
STRANGER = "NOBODY-KNOWS-ME"


class Drivers:
    """The drivers of one EVSE, from a seeded source of chance of their own."""

    def __init__(
        self,
        station: Station,
        evse: Evse,
        traffic: Traffic,
        tokens: list[TokenSpec],
        strangers: float,
    ) -> None:
        self._station = station
        self._evse = evse
        self._traffic = traffic
        self._tokens = tokens
        self._strangers = strangers
        self._rng = random.Random(f"{station.plan.seed}/drivers/{evse.id}")

    async def come_and_go(self) -> None:
        """One driver after the other, for ever."""
        if self._rng.random() < self._traffic.present_at_start:
            least_s = self._traffic.first_after_s
            await self._pause(least_s, max(least_s, self._traffic.within_s))
            await self._visit()
        if self._traffic.arrivals_per_hour <= 0:
            return
        while True:
            wait_s = self._rng.expovariate(self._traffic.arrivals_per_hour / 3600)
            if await self._awaited(wait_s):
                await self._visit_awaited()
            else:
                await self._visit()

    async def _awaited(self, wait_s: float) -> bool:
        """Let time go by, or less when somebody stands there who has started from afar, having paid, say."""
        clock = self._station.clock
        until = clock.time() + wait_s
        while (left_s := until - clock.time()) > 0:
            await clock.sleep(min(LOOK_S, left_s))
            if self._evse.remote_start_id is not None and not self._evse.plugged:
                return True
        return False

    async def _visit_awaited(self) -> None:
        await self._pause(*HAND_S)
        car = self._car()
        if self._plug(car):
            await self._stay(car, None)

    async def _visit(self) -> None:
        if not self._evse.free or not self._evse.operative:
            return
        car, token = self._car(), self._token()
        if self._rng.random() < self._traffic.token_first:
            if not await self._present(token):
                return
            await self._pause(*HAND_S)
            if not self._plug(car):
                return
        else:
            if not self._plug(car):
                return
            await self._pause(*HAND_S)
            if self._evse.transaction is None or self._evse.transaction.token is None:
                await self._present(token)
        await self._stay(car, token)

    async def _stay(self, car: Car, token: Token | None) -> None:
        """Until the car is full enough or the time is over; then stop, by card if there is one, and pull the plug."""
        clock = self._station.clock
        until = clock.time() + 60 * self._rng.uniform(*self._traffic.stay_minutes)
        while clock.time() < until and self._charges(car) and not self._may_leave(car):
            await clock.sleep(LOOK_S)
        by_card = token if self._charges(car) else None
        if by_card is not None and self._rng.random() >= self._traffic.unplug_first:
            await self._present(by_card)
            await self._pause(*HAND_S)
        if self._evse.car is car:
            sessions.unplug(self._station, self._evse)

    def _may_leave(self, car: Car) -> bool:
        """Once it has enough; a car that gives back stays for that as long as its driver does."""
        return car.content and not v2x.in_session(self._station, self._evse)

    def _charges(self, car: Car) -> bool:
        """Whether `car` is still there with an open transaction: the operator may have ended it."""
        return self._evse.car is car and self._evse.transaction is not None

    async def _present(self, token: Token) -> bool:
        return await sessions.present_token(self._station, self._evse, token)

    def _plug(self, car: Car) -> bool:
        try:
            sessions.plug_in(self._station, self._evse, car)
        except sessions.Impossible:
            return False
        return True

    def _car(self) -> Car:
        able = {
            CAR_MODELS[name]: weight
            for name, weight in self._traffic.cars.items()
            if not self._evse.supply.direct or CAR_MODELS[name].dc_power_kw > 0
        }
        models: list[CarModel] = list(able) or [CAR_MODELS["family"]]
        weights = list(able.values()) or [1.0]
        model = self._rng.choices(models, weights)[0]
        soc = self._rng.uniform(*self._traffic.soc)
        target = max(soc, self._rng.uniform(*self._traffic.target_soc))
        return Car(model, soc, target)

    def _token(self) -> Token:
        if self._rng.random() < self._strangers:
            return Token(STRANGER)
        spec = self._rng.choice(self._tokens)
        return Token(spec.value, spec.type)

    async def _pause(self, least_s: float, most_s: float) -> None:
        await self._station.clock.sleep(self._rng.uniform(least_s, most_s))
