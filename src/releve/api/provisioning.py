"""Provisioning: reports of the device model, and network profiles."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from releve.api.command_forms import (
    AnyEvse,
    CommandResult,
    EvseNumber,
    Name,
    Value,
    name_of,
    result_of,
)
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import Asker, Line, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.api.paging import Items
from releve.domain.commands import ResetKind, VariableName, VariableResult
from releve.domain.provisioning import (
    Apn,
    ApnAuthentication,
    Criterion,
    NetworkProfile,
    OcppInterface,
    Preparation,
    PreparationState,
    ReportBase,
    StoredProfile,
    Vpn,
    VpnType,
)
from releve.services.views import OperationView

TAGS = ["Provisioning"]
SlotNumber = Annotated[int, msgspec.Meta(ge=0, le=99)]
Slot = Annotated[int, PathParameter(description="Configuration slot of the station.", ge=0, le=99)]


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class BaseReport(_Body, frozen=True, kw_only=True):
    """FullInventory: all; ConfigurationInventory: what can be written; SummaryInventory: what has a problem."""

    base: ReportBase = ReportBase.FULL


class ReportPlace(_Body, frozen=True, kw_only=True, omit_defaults=True):
    """A component, or one variable of it; `variable` empty: all of its variables."""

    component: Name
    component_instance: Line = ""
    evse: AnyEvse | None = None
    connector: EvseNumber | None = None
    variable: Line = ""
    instance: Line = ""


class CustomReport(_Body, frozen=True, kw_only=True):
    """criteria: components of which one of these is true. names: of these components and variables."""

    criteria: Annotated[list[Criterion], msgspec.Meta(max_length=4)] = []
    names: Annotated[list[ReportPlace], msgspec.Meta(max_length=1000)] = []


class VpnBody(_Body, frozen=True, kw_only=True):
    server: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    user: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    group: Annotated[str, msgspec.Meta(max_length=50)] = ""
    password: Annotated[str, msgspec.Meta(max_length=64)]
    key: Annotated[str, msgspec.Meta(max_length=255)]
    type: VpnType


class ApnBody(_Body, frozen=True, kw_only=True):
    """preferred_network: MCC and MNC together, as 20408."""

    apn: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    user: Annotated[str, msgspec.Meta(max_length=50)] = ""
    password: Annotated[str, msgspec.Meta(max_length=64)] = ""
    sim_pin: Annotated[int, msgspec.Meta(ge=0, le=99_999_999)] | None = None
    preferred_network: Annotated[str, msgspec.Meta(pattern=r"^([0-9]{5,6})?$")] = ""
    only_preferred: bool = False
    authentication: ApnAuthentication = ApnAuthentication.AUTO


class ProfileBody(_Body, frozen=True, kw_only=True):
    """url: ws:// or wss://, without the station's identity. identity, password: for stations of 2.1."""

    url: Annotated[str, msgspec.Meta(pattern=r"^wss?://[^\x00-\x20]+$", max_length=2000)]
    security_profile: Annotated[int, msgspec.Meta(ge=0, le=3)]
    interface: OcppInterface = OcppInterface.WIRED0
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 30
    version: Annotated[str, msgspec.Meta(pattern=r"^(OCPP(12|15|16|20|201|21))?$")] = ""
    identity: Annotated[str, msgspec.Meta(max_length=48)] = ""
    password: Annotated[str, msgspec.Meta(max_length=64)] = ""
    vpn: VpnBody | None = None
    apn: ApnBody | None = None


class NetworkPriority(_Body, frozen=True, kw_only=True):
    """slots: of network profiles, the one to try first in front."""

    slots: Annotated[list[SlotNumber], msgspec.Meta(min_length=1, max_length=20)]


class Migration(_Body, frozen=True, kw_only=True):
    """confirm: the station's identity again. keep: slots to fall back to. inoperative: out of service first, and after.

    reset: OnIdle waits for running transactions.
    """

    slot: SlotNumber
    profile: ProfileBody
    keep: Annotated[list[SlotNumber], msgspec.Meta(max_length=20)] = []
    confirm: Line
    inoperative: bool = False
    reset: ResetKind = ResetKind.ON_IDLE


class PreparationView(msgspec.Struct, frozen=True, kw_only=True):
    """state: prepared, running, done or failed (tried again at the next boot). results: what the station answered."""

    state: PreparationState
    problem: str
    values: list[tuple[VariableName, str]]
    report: ReportBase | None
    accept: bool
    results: list[VariableResult]
    by: str
    at: datetime


class PreparationBody(_Body, frozen=True, kw_only=True):
    """values: written first. report: taken then. accept: accept the station when all of it is done."""

    values: Annotated[list[Value], msgspec.Meta(max_length=200)] = []
    report: ReportBase | None = None
    accept: bool = True


@post(
    "/stations/{station:str}/reports",
    operation_id="getBaseReport",
    summary="Have a station report its device model",
    tags=TAGS,
    opt=ASKING,
    status_code=202,
)
async def base_report(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[BaseReport | None] = None,
    timeout: Patience = None,
) -> OperationView:
    """The variables arrive in parts. Once a FullInventory is complete, what is not in it is forgotten."""
    begun = await desk.services.device_model.base_report(
        asker.operator,
        await station_id(desk, asker, station),
        (data or BaseReport()).base,
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, begun)


@post(
    "/stations/{station:str}/reports/custom",
    operation_id="getCustomReport",
    summary="Have a station report a part of its device model",
    tags=TAGS,
    opt=ASKING,
    status_code=202,
)
async def custom_report(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[CustomReport],
    timeout: Patience = None,
) -> Items[OperationView]:
    """One operation for each message that the station takes at once (ItemsPerMessageGetReport)."""
    begun = await desk.services.device_model.custom_report(
        asker.operator,
        await station_id(desk, asker, station),
        data.criteria,
        [_name(place) for place in data.names],
        by=asker.name,
        timeout=timeout,
    )
    return Items(items=[await operation_view(desk, asker.operator, one) for one in begun])


@get(
    "/stations/{station:str}/network-profiles",
    operation_id="listNetworkProfiles",
    summary="Network profiles that the station took",
    tags=TAGS,
)
async def network_profiles(
    desk: TheDesk, asker: Asker, station: StationKey
) -> Items[StoredProfile]:
    """By slot, without their secrets. Those that it had before are in its variables."""
    found = await station_id(desk, asker, station)
    return Items(items=await desk.services.networks.profiles(asker.operator, found))


@put(
    "/stations/{station:str}/network-profiles/{slot:int}",
    operation_id="setNetworkProfile",
    summary="Store a network profile in the station",
    tags=TAGS,
    opt=CONTROL,
)
async def network_profile(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    slot: Slot,
    data: JSONBody[ProfileBody],
    by_variables: Annotated[
        bool, QueryParameter(description="Write it to the NetworkConfiguration component (2.1).")
    ] = False,
    timeout: Patience = None,
) -> CommandResult:
    """It is used once the slot stands in NetworkConfigurationPriority, after the next start."""
    outcome = await desk.services.networks.store_profile(
        asker.operator,
        await station_id(desk, asker, station),
        slot,
        profile_of(data),
        by_variables=by_variables,
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


@put(
    "/stations/{station:str}/network-priority",
    operation_id="setNetworkPriority",
    summary="Set the order of the station's network profiles",
    tags=TAGS,
    opt=CONTROL,
)
async def network_priority(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[NetworkPriority],
    timeout: Patience = None,
) -> CommandResult:
    """The station tries them in this order from its next start on."""
    outcome = await desk.services.networks.prioritise(
        asker.operator,
        await station_id(desk, asker, station),
        data.slots,
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


@post(
    "/stations/{station:str}/migration",
    operation_id="migrateStation",
    summary="Send a station to another CSMS",
    tags=TAGS,
    opt={"scope": "admin", "pace": "disruptive"},
    status_code=202,
)
async def migrate(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[Migration]
) -> OperationView:
    """Stores the profile, puts it first, restarts the station. Done when it stays away, failed when it comes back."""
    begun = await desk.services.networks.migrate(
        asker.operator,
        await station_id(desk, asker, station),
        data.slot,
        profile_of(data.profile),
        keep=data.keep,
        confirm=data.confirm,
        inoperative=data.inoperative,
        reset=data.reset,
        by=asker.name,
    )
    return await operation_view(desk, asker.operator, begun)


@get(
    "/stations/{station:str}/preparation",
    operation_id="getPreparation",
    summary="What is done at the station's next boot",
    tags=TAGS,
)
async def get_preparation(desk: TheDesk, asker: Asker, station: StationKey) -> PreparationView:
    """With how far it is, and what the station answered."""
    found = await station_id(desk, asker, station)
    return _view(await desk.services.preparations.get(asker.operator, found))


@put(
    "/stations/{station:str}/preparation",
    operation_id="setPreparation",
    summary="Prepare what is done at the station's next boot",
    tags=TAGS,
    opt={"scope": "admin"},
)
async def set_preparation(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[PreparationBody]
) -> PreparationView:
    """Its next boot is answered Pending; this is done, and the station accepted and asked to boot again."""
    found = await station_id(desk, asker, station)
    made = await desk.services.preparations.prepare(
        asker.operator,
        found,
        [(name_of(v), v.value) for v in data.values],
        data.report,
        accept=data.accept,
        by=asker.name,
    )
    return _view(made)


@delete(
    "/stations/{station:str}/preparation",
    operation_id="dropPreparation",
    summary="Do nothing at the station's next boot",
    tags=TAGS,
    opt={"scope": "admin"},
)
async def drop_preparation(desk: TheDesk, asker: Asker, station: StationKey) -> None:
    """The decision about its boot stays as it is."""
    found = await station_id(desk, asker, station)
    await desk.services.preparations.drop(asker.operator, found)


def profile_of(body: ProfileBody) -> NetworkProfile:
    """In domain words."""
    return NetworkProfile(
        url=body.url,
        security_profile=body.security_profile,
        interface=body.interface,
        timeout_s=body.timeout_s,
        version=body.version,
        identity=body.identity,
        password=body.password,
        vpn=msgspec.convert(msgspec.to_builtins(body.vpn), Vpn) if body.vpn else None,
        apn=msgspec.convert(msgspec.to_builtins(body.apn), Apn) if body.apn else None,
    )


def _view(one: Preparation) -> PreparationView:
    told = {f: getattr(one, f) for f in PreparationView.__struct_fields__}
    return PreparationView(**{**told, "values": list(one.values), "results": list(one.results)})


def _name(place: ReportPlace) -> VariableName:
    return VariableName(**{f: getattr(place, f) for f in place.__struct_fields__})


ROUTES = (
    base_report,
    custom_report,
    network_profiles,
    network_profile,
    network_priority,
    migrate,
    get_preparation,
    set_preparation,
    drop_preparation,
)
