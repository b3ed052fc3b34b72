"""Cars: what they take, and when they have enough."""

import pytest

from releve.simulator.car import CAR_MODELS, Car, CarModel, share_at
from releve.simulator.electrical import Offer, ac, dc


def offer(current_a: float, phases: int = 3) -> Offer:
    return Offer(current_a=current_a, phases=phases, voltage_v=230.0)


def test_a_car_takes_what_its_charger_can_and_no_more():
    drawn = Car(CAR_MODELS["family"], 0.5).draw(offer(32))

    assert (drawn.current_a, drawn.phases, drawn.power_w) == (16, 3, 16 * 230 * 3)


def test_a_one_phase_car_loads_one_phase():
    drawn = Car(CAR_MODELS["van"], 0.5).draw(offer(32))

    assert (drawn.current_a, drawn.phases, drawn.power_w) == (32, 1, 7360)


@pytest.mark.parametrize(
    ("current_a", "charges"), [(0, False), (5.9, False), (6.0, True), (6.1, True)]
)
def test_below_six_amperes_a_car_does_not_charge(current_a, charges):
    assert (Car(CAR_MODELS["family"], 0.5).draw(offer(current_a)).power_w > 0) is charges


def test_a_content_or_sleeping_car_takes_nothing():
    assert Car(CAR_MODELS["family"], 0.8, target_soc=0.8).draw(offer(16)).power_w == 0
    assert Car(CAR_MODELS["family"], 0.5, asleep=True).draw(offer(16)).power_w == 0


def test_dc_power_falls_with_the_state_of_charge():
    model = CAR_MODELS["limousine"]
    supply = dc(180)
    big = Offer(supply.max_current_a, 3, 230.0, direct=True)
    powers = [Car(model, soc).draw(big).power_w for soc in (0.2, 0.5, 0.7, 0.8, 0.9, 0.97)]

    assert powers[0] == powers[1] == pytest.approx(180_000)
    assert powers == sorted(powers, reverse=True)
    assert powers[3] == pytest.approx(0.6 * 230_000)
    assert powers[-1] < 0.15 * 230_000


def test_a_car_without_a_dc_inlet_takes_nothing_from_a_dc_outlet():
    hybrid = Car(CAR_MODELS["plug-in-hybrid"], 0.2)
    assert hybrid.draw(Offer(100, 3, 230.0, direct=True)).power_w == 0


def test_ac_current_falls_near_the_end():
    model = CAR_MODELS["compact"]
    assert Car(model, 0.94).draw(offer(32)).current_a == 32
    assert Car(model, 0.99).draw(offer(32)).current_a < 16


def test_losses_lie_between_meter_and_battery():
    car = Car(CarModel("t", 50, 16, 3, ac_efficiency=0.9), 0.5)

    assert car.charge(10_000, direct=False) == 10_000
    assert car.soc == pytest.approx(0.5 + 9 / 50)


def test_a_car_stops_at_its_target_and_says_what_it_really_took():
    car = Car(CarModel("t", 50, 16, 3, ac_efficiency=0.8), 0.5, target_soc=0.6)

    assert car.charge(100_000, direct=False) == pytest.approx(5_000 / 0.8)
    assert car.soc == 0.6
    assert car.content


def test_a_curve_is_read_between_its_points():
    curve = ((0.0, 1.0), (0.5, 1.0), (1.0, 0.0))
    assert [share_at(curve, soc) for soc in (0, 0.5, 0.75, 1.0)] == [1, 1, 0.5, 0]


def test_a_state_of_charge_is_a_share():
    with pytest.raises(ValueError, match="from 0 to 1"):
        Car(CAR_MODELS["family"], 80)


def test_a_supply_converts_between_amperes_and_watts():
    supply = ac(16)
    assert supply.max_power_w == 11_040
    assert supply.amperes(supply.watts(10)) == 10
    assert dc(180).max_power_w == pytest.approx(180_000)
