"""Scenario files: what a fleet is made of, read from TOML and checked before anything starts."""

import tomllib
from collections import Counter
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import msgspec

from releve.simulator.behaviour import Behaviour
from releve.simulator.car import CAR_MODELS
from releve.simulator.dialects import version_named
from releve.simulator.makers import MODELS
from releve.simulator.meter import parse_measurands
from releve.simulator.plan import StationPlan
from releve.simulator.quirks import Quirk

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[int, msgspec.Meta(ge=0)]
Range = Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]


class ScenarioError(Exception):
    """A scenario that cannot be used. `problems` has one line for each: file, key, what was expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Traffic(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who comes to an EVSE, and what they do there."""

    arrivals_per_hour: NotNegative = 2.0
    """Of each EVSE, as long as it is free."""
    present_at_start: Share = 0.0
    """How likely a car is there from the beginning."""
    within_s: NotNegative = 20.0
    """The first cars plug in within this time."""
    first_after_s: NotNegative = 0.0
    """And no sooner than this."""
    stay_minutes: Range = msgspec.field(default_factory=lambda: [20.0, 120.0])
    soc: Range = msgspec.field(default_factory=lambda: [0.1, 0.7])
    """State of charge on arrival, from 0 to 1."""
    target_soc: Range = msgspec.field(default_factory=lambda: [0.8, 1.0])
    token_first: Share = 0.3
    """How many authorise before they plug in."""
    unplug_first: Share = 0.1
    """How many end by pulling the plug at the car."""
    cars: dict[str, Positive] = msgspec.field(default_factory=lambda: {"family": 1.0})
    """Weights of the car models."""


class Metering(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """When and what the stations measure."""

    sample_interval_s: Seconds = 60
    aligned_interval_s: Seconds = 0
    measurands: str | None = None
    """Comma-separated; everything that the station can measure by default."""
    register_kwh: NotNegative = 0.0
    """What the meters show at first."""


class Faults(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What goes wrong by itself; 0 = never."""

    offline_every_minutes: NotNegative = 0.0
    offline_minutes: Range = msgspec.field(default_factory=lambda: [1.0, 3.0])
    fault_every_minutes: NotNegative = 0.0
    fault_minutes: Range = msgspec.field(default_factory=lambda: [2.0, 10.0])
    faulted_at_start: bool = False
    """The first EVSE of each station is out of order from the beginning, for one `fault_minutes`."""
    error: str = "GroundFailure"


class EnergyManager(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Beside stations of 2.1 whose cars can give back: what it asks of each station, in turn with charging."""

    discharge_kw: NotNegative = 0.0
    """0: there is none."""
    discharge_minutes: Positive = 2.0
    charge_minutes: Positive = 2.0


class Group(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Stations of one kind."""

    model: str
    version: str
    identity: str
    """A pattern with {n}, such as CP-{n:02}."""
    count: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    first: Annotated[int, msgspec.Meta(ge=0)] = 1
    """The number of the first station."""
    password: str | None = None
    quirks: list[str] = msgspec.field(default_factory=list)
    connectors_by_event: bool = False
    """2.1: connectors are told by NotifyEvent instead of StatusNotification."""
    local_controller: bool = False
    """2.x: it publishes firmware to stations behind it (L03)."""
    start_points: list[str] = msgspec.field(default_factory=list)
    """2.x TxStartPoint."""
    traffic: Traffic = Traffic()
    metering: Metering = Metering()
    faults: Faults = Faults()
    energy_manager: EnergyManager = EnergyManager()


class TokenSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A driver's token, as the CSMS has to know it."""

    value: str
    type: str = "ISO14443"
    """2.x IdTokenEnumType."""
    label: str = ""


class Scenario(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A fleet and its drivers."""

    name: str
    groups: Annotated[list[Group], msgspec.Meta(min_length=1)]
    description: str = ""
    seed: int = 1
    title: str = ""
    """The name of the site that the stations stand on."""
    tokens: list[TokenSpec] = msgspec.field(default_factory=lambda: [TokenSpec("ADA")])
    """The drivers' tokens; a CSMS must know them for anyone to charge."""
    strangers: Share = 0.0
    """How many drivers come with a token that nobody knows."""
    ramp_s: NotNegative = 5.0
    """The stations switch on one after the other, within this time."""

    @classmethod
    def load(cls, path_or_name: str | Path) -> "Scenario":
        """Read a scenario file, or one of those that come with the package.

        Raises:
            ScenarioError: not found, not TOML, or not a scenario.
        """
        source = _find(path_or_name)
        return cls.parse(source.read_text("utf-8"), str(path_or_name))

    @classmethod
    def parse(cls, text: str, origin: str = "scenario") -> "Scenario":
        """Read a scenario from TOML `text`; `origin` names it in messages.

        Raises:
            ScenarioError: not TOML, or not a scenario.
        """
        try:
            scenario = msgspec.convert(tomllib.loads(text), cls)
        except tomllib.TOMLDecodeError as fault:
            raise ScenarioError([f"{origin}: not TOML: {fault}"]) from fault
        except msgspec.ValidationError as fault:
            raise ScenarioError([f"{origin}: {_readable(str(fault))}"]) from fault
        problems = [f"{origin}: {problem}" for problem in _problems(scenario)]
        if problems:
            raise ScenarioError(problems)
        return scenario

    @property
    def stations(self) -> list[StationPlan]:
        """What each station of the fleet is."""
        return [plan for plan, _ in self.plans()]

    def plans(self, seed: int | None = None) -> list[tuple[StationPlan, Group]]:
        """Every station of the fleet, in order."""
        chosen = self.seed if seed is None else seed
        return [
            (_plan(group, group.first + index, chosen), group)
            for group in self.groups
            for index in range(group.count)
        ]


def names() -> list[str]:
    """The scenarios that come with the package."""
    folder = files("releve.simulator") / "scenarios"
    return sorted(
        each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")
    )


def _find(path_or_name: str | Path) -> Path | Traversable:
    path = Path(path_or_name)
    if path.is_file():
        return path
    built_in = files("releve.simulator") / "scenarios" / f"{path_or_name}.toml"
    if built_in.is_file():
        return built_in
    known = ", ".join(names())
    raise ScenarioError([f"{path_or_name}: no such file, nor a scenario of that name ({known})"])


def _readable(message: str) -> str:
    """msgspec's message with the key in front: `groups[0].count: expected ...`."""
    text, _, path = message.partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    text = text[0].lower() + text[1:]
    return f"{key}: {text}" if key else text


def _plan(group: Group, number: int, seed: int) -> StationPlan:
    model = MODELS[group.model]
    identity = group.identity.format(n=number)
    behaviour = Behaviour(
        sample_interval_s=group.metering.sample_interval_s,
        aligned_interval_s=group.metering.aligned_interval_s,
    )
    behaviour.connectors_by_event = group.connectors_by_event
    chosen = parse_measurands(group.metering.measurands or "")
    if chosen:
        behaviour.sampled = chosen
    if group.start_points:
        behaviour.start_points = tuple(group.start_points)
    return StationPlan(
        identity=identity,
        version=version_named(group.version),
        model=model,
        serial=f"{model.serial_prefix}{seed % 100:02}{number:06}"[:25],
        seed=f"{seed}/{identity}",
        password=group.password,
        quirks=frozenset(Quirk(name) for name in group.quirks),
        behaviour=behaviour,
        local_controller=group.local_controller,
        register_wh=group.metering.register_kwh * 1000,
    )


def _problems(scenario: Scenario) -> list[str]:
    """What the types alone cannot tell."""
    found = []
    if not scenario.tokens:
        found.append("tokens: expected at least one")
    identities: Counter[str] = Counter()
    for index, group in enumerate(scenario.groups):
        found += [f"groups[{index}].{problem}" for problem in _group_problems(group)]
        try:
            identities.update(
                group.identity.format(n=group.first + each) for each in range(group.count)
            )
        except (KeyError, IndexError, ValueError) as fault:
            found.append(
                f"groups[{index}].identity: expected a pattern like CP-{{n:02}} ({fault!r})"
            )
    twice = [identity for identity, count in identities.items() if count > 1]
    if twice:
        found.append(
            f"groups: expected every identity once, but {twice[0]} comes {identities[twice[0]]} times"
        )
    return found


def _group_problems(group: Group) -> list[str]:
    found = []
    if group.model not in MODELS:
        found.append(f"model: expected one of {', '.join(MODELS)}; found {group.model!r}")
    try:
        version_named(group.version)
    except ValueError as fault:
        found.append(f"version: {fault}")
    if group.model in MODELS and MODELS[group.model].swaps and group.version != "2.1":
        found.append(
            f"version: expected 2.1, in which batteries are swapped; found {group.version!r}"
        )
    known = set(Quirk)
    found += [
        f"quirks: expected names of quirks (see `releve simulate scenarios`); found {name!r}"
        for name in group.quirks
        if name not in known
    ]
    points = {"EVConnected", "Authorized", "PowerPathClosed"}
    if not points.issuperset(group.start_points):
        found.append(f"start_points: expected some of {', '.join(sorted(points))}")
    measurands = group.metering.measurands
    if measurands is not None and not parse_measurands(measurands):
        found.append(
            f"metering.measurands: expected measurands, comma-separated; found {measurands!r}"
        )
    return found + _traffic_problems(group) + _fault_problems(group)


def _traffic_problems(group: Group) -> list[str]:
    traffic = group.traffic
    found = [
        f"traffic.cars: expected names among {', '.join(CAR_MODELS)}; found {name!r}"
        for name in traffic.cars
        if name not in CAR_MODELS
    ]
    if not traffic.cars:
        found.append("traffic.cars: expected at least one")
    for key, pair, most in (
        ("stay_minutes", traffic.stay_minutes, float("inf")),
        ("soc", traffic.soc, 1.0),
        ("target_soc", traffic.target_soc, 1.0),
    ):
        if not 0 <= pair[0] <= pair[1] <= most:
            found.append(f"traffic.{key}: expected [least, most]; found {pair}")
    return found


def _fault_problems(group: Group) -> list[str]:
    from releve.ocpp.messages.v16 import ChargePointErrorCode

    faults = group.faults
    found = [
        f"faults.{key}: expected [least, most]; found {pair}"
        for key, pair in (
            ("offline_minutes", faults.offline_minutes),
            ("fault_minutes", faults.fault_minutes),
        )
        if not 0 <= pair[0] <= pair[1]
    ]
    if faults.error not in set(ChargePointErrorCode):
        found.append(f"faults.error: expected an error code of OCPP 1.6; found {faults.error!r}")
    return found
