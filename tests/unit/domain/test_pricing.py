"""What a transaction costs: hand-reckoned cases, and the examples that the standard gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from releve.domain import pricing
from releve.domain.conditions import Situation, holds
from releve.domain.cost import Cost, CostKind, payable, taxed
from releve.domain.pricing import Beginning, Moment, RunningCost
from releve.domain.station import ChargingState
from releve.domain.tariff import (
    Bound,
    Component,
    ComponentKind,
    Conditions,
    PriceElement,
    Scope,
    Tariff,
    TaxRate,
    choose,
    flat,
)

START = datetime(2027, 4, 5, 14, 0, tzinfo=UTC)  # a Monday
D = Decimal
CHARGING, SUSPENDED = ChargingState.CHARGING, ChargingState.SUSPENDED_EV


def price(
    tariff: Tariff, beginning: Beginning, course: list[Moment], until: datetime | None = None
) -> Cost:
    return pricing.price([(beginning.at, tariff)], beginning, course, until)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def element(price_: str, **conditions: object) -> PriceElement:
    return PriceElement(
        price=D(price_),
        conditions=Conditions(**conditions) if conditions else None,  # type: ignore[arg-type]
    )


def component(*prices: PriceElement, tax: str = "") -> Component:
    rates = (TaxRate(type="vat", tax=D(tax)),) if tax else ()
    return Component(prices=prices, tax_rates=rates)


def line(cost: Cost, kind: ComponentKind) -> tuple[Decimal, Decimal]:
    found = [x for x in cost.lines if x.component is kind]
    return (found[0].volume, found[0].excl_tax) if found else (D(0), D(0))


def test_a_price_a_kwh_with_two_taxes() -> None:
    """The standard's first example: 10 kWh at 0.25 with 6 % and 4 % (2.1 I 1.2.1, 1.3)."""
    tariff = Tariff(
        name="10",
        currency="USD",
        energy=Component(
            prices=(element("0.25"),),
            tax_rates=(TaxRate(type="federal", tax=D(6)), TaxRate(type="state", tax=D(4))),
        ),
    )
    cost = price(tariff, Beginning(at=START), [Moment(after(60), 10_000.0)], after(60))
    assert (cost.excl_tax, cost.incl_tax) == (D("2.50"), D("2.75"))
    assert cost.kind is CostKind.NORMAL
    assert len(cost.periods) == 1


def test_a_flat_rate_of_everything() -> None:
    tariff = flat(
        "all",
        "EUR",
        kwh=D("0.40"),
        minute=D("0.05"),
        session=D("1"),
        idle_minute=D("0.10"),
        tax=D(20),
    )
    course = [
        Moment(START, 0.0, CHARGING),
        Moment(after(30), 5_000.0, SUSPENDED),
        Moment(after(50), 5_000.0),
    ]
    cost = price(tariff, Beginning(at=START), course, after(50))
    # 5 kWh * 0.40 + 30 min * 0.05 + 20 min * 0.10 + 1 = 6.50, and 20 % of it
    assert (cost.excl_tax, cost.incl_tax) == (D("6.50"), D("7.80"))
    assert line(cost, ComponentKind.IDLE_TIME) == (D(20), D(2))


def test_idle_time_is_free_at_first() -> None:
    tariff = flat("idle", "EUR", idle_minute=D("1"), idle_after_s=300)
    course = [Moment(START, 0.0, CHARGING), Moment(after(10), 1_000.0, SUSPENDED)]
    assert price(tariff, Beginning(at=START), course, after(14)).excl_tax == 0
    assert price(tariff, Beginning(at=START), course, after(25)).excl_tax == 10


def test_idle_time_counts_anew_after_charging() -> None:
    tariff = flat("idle", "EUR", idle_minute=D("1"), idle_after_s=300)
    course = [
        Moment(START, 0.0, SUSPENDED),
        Moment(after(4), None, CHARGING),
        Moment(after(5), 10.0, SUSPENDED),
    ]
    assert price(tariff, Beginning(at=START), course, after(9)).excl_tax == 0


def test_the_price_changes_with_the_time_of_day() -> None:
    """The standard's second example in local time: 6 kWh before 18:00, 4 kWh after it."""
    tariff = Tariff(
        name="11",
        currency="EUR",
        time_zone="Europe/Paris",
        energy=component(
            element("0.40", start_time_of_day="08:00", end_time_of_day="18:00"),
            element("0.25"),
            tax="10",
        ),
    )
    begin = datetime(2027, 4, 5, 15, 24, tzinfo=UTC)  # 17:24 in Paris
    end = begin + timedelta(hours=1)
    cost = price(tariff, Beginning(at=begin), [Moment(end, 10_000.0)], end)
    assert cost.excl_tax == D("6") * D("0.40") + D("4") * D("0.25")
    assert [p.start for p in cost.periods] == [begin, datetime(2027, 4, 5, 16, 0, tzinfo=UTC)]
    assert [round(p.energy_wh) for p in cost.periods] == [6000, 4000]


def test_a_night_that_spans_midnight_and_a_change_of_the_clock() -> None:
    """28 March 2027, 02:00 is 03:00 in Paris: the night from 22:00 to 06:00 is an hour shorter (I12.FR.37)."""
    tariff = Tariff(
        name="night",
        currency="EUR",
        time_zone="Europe/Paris",
        charging_time=component(
            element("0.01", start_time_of_day="22:00", end_time_of_day="06:00"), element("1")
        ),
    )
    begin = datetime(2027, 3, 27, 21, 0, tzinfo=UTC)  # 22:00 in Paris
    end = begin + timedelta(hours=8)
    cost = price(tariff, Beginning(at=begin), [Moment(begin, 0.0, CHARGING)], end)
    assert cost.excl_tax == D("0.01") * 7 * 60 + 60


def test_blocks_of_energy() -> None:
    tariff = Tariff(
        name="blocks",
        currency="EUR",
        energy=component(element("0.10", max_energy=D(4000)), element("0.30")),
    )
    cost = price(tariff, Beginning(at=START), [Moment(after(60), 10_000.0)], after(60))
    assert cost.excl_tax == D("0.10") * 4 + D("0.30") * 6
    running = RunningCost(tariff, Beginning(at=START))
    for step in range(1, 61):
        running.take(Moment(after(step), step * 10_000 / 60))
    assert running.cost().excl_tax == cost.excl_tax


def test_the_price_depends_on_power() -> None:
    tariff = Tariff(
        name="12",
        currency="EUR",
        charging_time=component(
            element("1.00", max_power=D(11000)), element("2.00", min_power=D(11000))
        ),
    )
    course = [
        Moment(START, 0.0, CHARGING),
        Moment(after(60), 10_500.0),
        Moment(after(90), 10_500.0 + 11_000.0),
    ]
    assert price(tariff, Beginning(at=START), course, after(90)).excl_tax == 60 * 1 + 30 * 2


def test_fees_are_judged_once_at_the_start() -> None:
    fee = component(element("3.00", payment_recognition="CC"), element("2.50"))
    tariff = Tariff(name="fee", currency="EUR", fixed_fee=fee)
    by_card = Beginning(at=START, payment_recognition="CC")
    assert price(tariff, by_card, [], after(5)).excl_tax == D("3.00")
    assert price(tariff, Beginning(at=START), [], after(5)).excl_tax == D("2.50")


def test_a_reservation_costs_only_when_there_was_one() -> None:
    """I12.FR.06: its fixed part and its time, once."""
    tariff = Tariff(
        name="reserved",
        currency="EUR",
        reservation_fixed=component(element("1")),
        reservation_time=component(element("0.10")),
    )
    held = Beginning(at=START, reserved=True, reserved_s=600.0)
    assert price(tariff, held, [], after(5)).excl_tax == D("2.00")
    assert price(tariff, Beginning(at=START), [], after(5)).excl_tax == 0


@pytest.mark.parametrize(
    ("wh", "total", "kind"),
    [
        (1_000.0, "5", CostKind.MIN),
        (20_000.0, "10", CostKind.NORMAL),
        (90_000.0, "30", CostKind.MAX),
    ],
)
def test_least_and_highest_cost(wh: float, total: str, kind: CostKind) -> None:
    """I12.FR.38, I12.FR.39: the least applies only at the end."""
    tariff = Tariff(
        name="bounds",
        currency="EUR",
        energy=component(element("0.50")),
        min_cost=Bound(excl_tax=D(5)),
        max_cost=Bound(incl_tax=D(30)),
    )
    course = [Moment(after(60), wh)]
    cost = price(tariff, Beginning(at=START), course, after(60))
    assert (cost.incl_tax, cost.kind) == (D(total), kind)
    if kind is CostKind.MIN:
        assert price(tariff, Beginning(at=START), course).incl_tax == D("0.50")


def test_the_order_in_which_moments_are_told_does_not_matter() -> None:
    tariff = flat("flat", "EUR", kwh=D("0.40"), minute=D("0.10"))
    course = [Moment(after(m), m * 100.0, CHARGING) for m in range(0, 31, 5)]
    straight = price(tariff, Beginning(at=START), course, after(30))
    assert price(tariff, Beginning(at=START), course[::-1], after(30)) == straight


def test_a_register_that_falls_costs_nothing_more() -> None:
    tariff = flat("flat", "EUR", kwh=D("1"))
    course = [Moment(after(10), 2_000.0), Moment(after(20), 500.0), Moment(after(30), 3_000.0)]
    assert price(tariff, Beginning(at=START), course, after(30)).excl_tax == D("3.00")


def test_without_charging_states_low_power_is_idle_time() -> None:
    """1.6 tells no charging states in its transactions."""
    tariff = flat("idle", "EUR", minute=D("0"), idle_minute=D("1"))
    course = [Moment(after(30), 5_000.0), Moment(after(60), 5_001.0)]
    cost = price(tariff, Beginning(at=START), course, after(60))
    assert line(cost, ComponentKind.IDLE_TIME)[0] == D(30)


def test_taxes_stack() -> None:
    """I12.FR.13."""
    rates = (
        TaxRate(type="a", tax=D(10)),
        TaxRate(type="b", tax=D(5)),
        TaxRate(type="c", tax=D(20), stack=1),
    )
    assert taxed(D(100), rates) == D("138")


def test_money_is_rounded_as_its_currency_can_be_paid() -> None:
    assert payable(D("1.005"), "EUR") == D("1.01")
    assert payable(D("100.4"), "JPY") == D("100")


def test_another_content_is_another_tariff_id() -> None:
    """I08.FR.08; who it is for is no content."""
    one = flat("t", "EUR", kwh=D("0.40"))
    assert one.tariff_id == flat("t", "EUR", kwh=D("0.40"), scope=Scope(sites=("a",))).tariff_id
    assert one.tariff_id != flat("t", "EUR", kwh=D("0.41")).tariff_id
    assert len(flat("n" * 200, "EUR", kwh=D("1")).tariff_id) <= 60
    assert msgspec.json.decode(msgspec.json.encode(one), type=Tariff) == one


def test_the_most_particular_tariff_is_chosen() -> None:
    everyone = flat("z", "EUR", kwh=D(1))
    site = flat("s", "EUR", kwh=D(1), scope=Scope(sites=("Lyon",)))
    station = flat("c", "EUR", kwh=D(1), scope=Scope(stations=("CS1",)))
    group = flat("g", "EUR", kwh=D(1), scope=Scope(groups=("FLEET",)))
    token = flat("t", "EUR", kwh=D(1), scope=Scope(tokens=("ABC",)))
    all_of_them = (everyone, site, station, group, token)

    def chosen(station: str, site: str, token: str | None, group: str | None) -> str:
        found = choose(all_of_them, START, station=station, site=site, token=token, group=group)
        return found.name if found else ""

    assert chosen("CS1", "Lyon", "abc", "fleet") == "t"
    assert chosen("CS1", "Lyon", "x", "fleet") == "g"
    assert chosen("CS1", "Lyon", None, None) == "c"
    assert chosen("CS2", "Lyon", None, None) == "s"
    assert chosen("CS2", "", None, None) == "z"


def test_a_tariff_of_the_future_waits_and_then_replaces() -> None:
    now = flat("a", "EUR", kwh=D(1))
    later = msgspec.structs.replace(flat("b", "EUR", kwh=D(2)), valid_from=after(10))
    chosen = [
        choose((now, later), at, token=None, group=None, station="CS", site="")
        for at in (START, after(11))
    ]
    assert [c.name for c in chosen if c] == ["a", "b"]


@pytest.mark.parametrize(
    ("conditions", "true"),
    [
        ({"day_of_week": ("Monday",)}, True),
        ({"day_of_week": ("Sunday",)}, False),
        ({"valid_from_date": "2027-04-05", "valid_to_date": "2027-04-06"}, True),
        ({"valid_to_date": "2027-04-05"}, False),
        ({"start_time_of_day": "14:00"}, True),
        ({"end_time_of_day": "14:00"}, False),
        ({"evse_kind": "DC"}, False),
        ({"min_current": D(10)}, False),
        ({"min_time": 60, "max_time": 61}, True),
    ],
)
def test_conditions(conditions: dict[str, object], true: bool) -> None:
    situation = Situation(local=START, time_s=60.0)
    assert holds(Conditions(**conditions), situation) is true  # type: ignore[arg-type]


def test_a_tariff_that_is_changed_counts_from_then_on() -> None:
    """I11.FR.08: what was used before stays as it was priced, and the fee is not due again."""
    first = flat("first", "EUR", kwh=D("0.40"), session=D(1), tax=D(10))
    then = flat("then", "EUR", kwh=D("0.20"), session=D(5))
    course = [Moment(after(30), 5_000.0), Moment(after(60), 10_000.0)]
    begin = Beginning(at=START)
    cost = pricing.price([(START, first), (after(30), then)], begin, course[::-1], after(60))
    assert cost.excl_tax == 1 + 2 + 1
    assert cost.incl_tax == D("3.30") + 1
    assert cost.tariff == then.tariff_id


def test_the_total_alone_is_that_of_the_whole_cost() -> None:
    tariff = flat("flat", "EUR", kwh=D("0.333"), minute=D("0.017"), session=D("0.5"), tax=D(19))
    running = RunningCost(tariff, Beginning(at=START))
    for m in range(1, 30):
        running.take(Moment(after(m), m * 333.3, CHARGING))
        assert running.total() == running.cost().incl_tax
