"""The catalogue: three makers (invented), their models, and their ways."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from releve.simulator.electrical import Supply, Unit, ac, dc
from releve.simulator.profiles.model import Kind, Mode
from releve.simulator.profiles.store import ProfileRules


@dataclass(frozen=True, slots=True)
class Outlet:
    """One EVSE of a model: what feeds it and the connectors that hang on it (2.x ConnectorEnumType)."""

    supply: Supply
    connectors: tuple[str, ...] = ("sType2",)

    @property
    def fixed_cable(self) -> bool:
        return all(connector.startswith("c") for connector in self.connectors)


@dataclass(frozen=True, slots=True)
class Model:
    """A charging station as its maker sells it."""

    maker: str
    name: str
    outlets: tuple[Outlet, ...]
    firmware: str
    serial_prefix: str
    meter_type: str
    rules: ProfileRules
    modem: bool = False
    swaps: bool = False
    """Its EVSEs are slots for batteries (2.1, block S)."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The maker's own configuration keys, read-write."""

    @property
    def direct(self) -> bool:
        return any(outlet.supply.direct for outlet in self.outlets)


_AMPERES = frozenset((Unit.AMPERE,))
_WATTS = frozenset((Unit.WATT,))
_VOLTANOVA = ProfileRules(units=_AMPERES, max_stack_level=3, max_periods=16, max_profiles=10)
_NORDLADE = ProfileRules(max_stack_level=8, max_periods=42, max_profiles=42)
_CITREA = ProfileRules(
    units=_WATTS,
    max_stack_level=2,
    max_periods=24,
    max_profiles=12,
    kinds=frozenset((Kind.ABSOLUTE, Kind.RECURRING, Kind.RELATIVE)),
)
_CITREA_DUPLEX = ProfileRules(
    max_stack_level=8,
    max_periods=96,
    modes=frozenset(Mode) - {Mode.LOCAL_LOAD_BALANCING},
)

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            "Voltanova",
            "VN-Home 11",
            (Outlet(ac(16), ("cType2",)),),
            firmware="3.8.2",
            serial_prefix="VNH",
            meter_type="VN-EM3",
            rules=_VOLTANOVA,
            keys={"VN.FreeVend": "false", "VN.LedColor": "green"},
        ),
        Model(
            "Voltanova",
            "VN-Duo 22",
            (Outlet(ac(32)), Outlet(ac(32))),
            firmware="3.8.2",
            serial_prefix="VND",
            meter_type="VN-EM3",
            rules=_VOLTANOVA,
            keys={"VN.FreeVend": "false", "VN.LedColor": "green"},
        ),
        Model(
            "Nordlade",
            "NL City 22",
            (Outlet(ac(32)),),
            firmware="2026.04.1",
            serial_prefix="NLC",
            meter_type="Kappa EM340",
            rules=_NORDLADE,
            modem=True,
            keys={"NordladeDisplayLanguage": "en"},
        ),
        Model(
            "Nordlade",
            "NL Solo 7",
            (Outlet(ac(32, phases=1)),),
            firmware="2026.04.1",
            serial_prefix="NLS",
            meter_type="Kappa EM112",
            rules=_NORDLADE,
        ),
        Model(
            "Nordlade",
            "NL Swap 4",
            tuple(Outlet(dc(1.5), ("Other1PhMax16A",)) for _ in range(4)),
            firmware="2026.05.0",
            serial_prefix="NLB",
            meter_type="Kappa EM112",
            rules=_NORDLADE,
            modem=True,
            swaps=True,
        ),
        Model(
            "Citrea",
            "Citrea Rapid 60",
            (Outlet(dc(60), ("cCCS2",)), Outlet(ac(32), ("cType2",))),
            firmware="1.14.0-r7",
            serial_prefix="CIR60",
            meter_type="Citrea DCM-1",
            rules=_CITREA,
            modem=True,
        ),
        Model(
            "Citrea",
            "Citrea Hyper 180",
            (Outlet(dc(180), ("cCCS2",)), Outlet(dc(180), ("cCCS2",))),
            firmware="2.2.3",
            serial_prefix="CIH",
            meter_type="Citrea DCM-2",
            rules=_CITREA,
            modem=True,
        ),
        Model(
            "Citrea",
            "Citrea Duplex 22",
            (
                Outlet(dc(22, discharge_kw=11), ("cCCS2",)),
                Outlet(dc(22, discharge_kw=11), ("cCCS2",)),
            ),
            firmware="0.9.7",
            serial_prefix="CID",
            meter_type="Citrea DCM-2",
            rules=_CITREA_DUPLEX,
        ),
    )
}
"""The models that scenario files may name."""
