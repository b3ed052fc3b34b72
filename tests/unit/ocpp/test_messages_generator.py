"""The committed packages are what the generator makes, and hold what the standards count."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import get_type_hints

import msgspec
import pytest

from releve.ocpp import messages
from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.messages.base import Datatype, Message, Request, Response, Unanswered
from tools.generate_messages import __main__ as generator
from tools.generate_messages import reading, schemas
from tools.generate_messages.names import Names

VERSIONS = [v16, v201, v21]


def test_the_committed_packages_are_up_to_date(tmp_path: Path) -> None:
    generator.generate(tmp_path)
    assert generator.differences(generator.TARGET, tmp_path) == []


def test_check_sees_an_edited_a_missing_and_a_stray_file(tmp_path: Path) -> None:
    fresh, old = tmp_path / "fresh", tmp_path / "old"
    for folder in (fresh, old):
        for package in schemas.PACKAGES:
            (folder / package).mkdir(parents=True)
            (folder / package / "core.py").write_text("same")
    (old / "v16" / "core.py").write_text("edited")
    (old / "v201" / "core.py").unlink()
    (old / "v21" / "stray.py").write_text("")

    assert generator.differences(old, fresh) == ["v16/core.py", "v201/core.py", "v21/stray.py"]


@pytest.mark.parametrize(
    ("version", "actions", "answered", "from_station", "from_csms"),
    [(v16, 39, 39, 14, 26), (v201, 64, 64, 25, 40), (v21, 91, 90, 37, 55)],
)
def test_every_action_of_the_standard_is_there(
    version: ModuleType, actions: int, answered: int, from_station: int, from_csms: int
) -> None:
    assert len(version.REQUESTS) == actions
    assert len(version.RESPONSES) == answered
    assert len(version.FROM_STATION) == from_station
    assert len(version.FROM_CSMS) == from_csms
    assert {"DataTransfer"} == version.FROM_STATION & version.FROM_CSMS
    assert version.REQUESTS.keys() == version.FROM_STATION | version.FROM_CSMS
    assert version.BLOCKS.keys() == version.REQUESTS.keys()
    assert version.REQUESTS.keys() - version.RESPONSES.keys() == version.UNANSWERED


def test_only_one_message_has_no_response() -> None:
    assert v16.UNANSWERED == v201.UNANSWERED == frozenset()
    assert {"NotifyPeriodicEventStream"} == v21.UNANSWERED
    assert issubclass(v21.NotifyPeriodicEventStreamRequest, Unanswered)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_request_names_its_response(version: ModuleType) -> None:
    for action, response in version.RESPONSES.items():
        request = version.REQUESTS[action]
        assert request.__name__ == f"{action}Request"
        assert response.__name__ == f"{action}Response"
        assert issubclass(response, Response)
        assert request.__orig_bases__ == (Request[response],)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_name_is_exported_and_defined_once(version: ModuleType) -> None:
    exported = [getattr(version, name) for name in version.__all__]
    types = [x for x in exported if isinstance(x, type)]
    assert len(types) == len({x.__name__ for x in types})
    for cls in types:
        assert issubclass(cls, (Datatype, StrEnum))
        assert cls.__module__.startswith(version.__name__)


@pytest.mark.parametrize("package", schemas.PACKAGES)
def test_wire_names_are_the_schemas_in_their_order(package: str) -> None:
    version = getattr(messages, package)
    for name, schema in schemas.official(package).items():
        cls: type[Message] = getattr(version, name)
        fields = msgspec.structs.fields(cls)
        assert [f.encode_name for f in fields] == list(schema.get("properties", {}))
        assert {f.encode_name for f in fields if f.required} == set(schema.get("required", []))


def test_shapes_that_1_6_writes_inline_are_one_type() -> None:
    def of(cls: type[Datatype], attribute: str) -> str:
        return str(get_type_hints(cls)[attribute])

    assert "v16.datatypes.MeterValue" in of(v16.MeterValuesRequest, "meter_value")
    assert "v16.datatypes.MeterValue" in of(v16.StopTransactionRequest, "transaction_data")
    assert "v16.datatypes.IdTagInfo" in of(v16.AuthorizeResponse, "id_tag_info")
    assert "v16.datatypes.IdTagInfo" in of(v16.AuthorizationData, "id_tag_info")
    assert "v16.datatypes.ChargingProfile" in of(
        v16.RemoteStartTransactionRequest, "charging_profile"
    )
    assert v16.ReserveNowResponse.__annotations__["status"] is v16.ReservationStatus


def test_security_messages_of_1_6_come_from_another_kind_of_schema() -> None:
    assert v16.BLOCKS["SignCertificate"] == "security"
    assert v16.GetLogRequest.__struct_fields__[:2] == ("log", "log_type")
    assert v16.FirmwareStatus.__members__.keys() < v16.FirmwareStatusEnum.__members__.keys()


@pytest.mark.parametrize(
    ("wire", "attribute"),
    [
        ("responderURL", "responder_url"),
        ("limit_L2", "limit_l2"),
        ("evMaxV2XEnergyRequest", "ev_max_v2x_energy_request"),
        ("hv10MinMeanValue", "hv10_min_mean_value"),
        ("prioritizedEMAIDs", "prioritized_emaids"),
        ("limitAtSoC", "limit_at_soc"),
        ("iso15118CertificateHashData", "iso15118_certificate_hash_data"),
        ("type", "type"),
    ],
)
def test_attributes_read_well(wire: str, attribute: str) -> None:
    assert _names().attribute(wire) == attribute


@pytest.mark.parametrize(
    ("wire", "member"),
    [
        ("Energy.Active.Import.Register", "ENERGY_ACTIVE_IMPORT_REGISTER"),
        ("L1-N", "L1_N"),
        ("s309-1P-16A", "S309_1P_16A"),
        ("kWh", "KWH"),
        ("SuspendedEVSE", "SUSPENDED_EVSE"),
        ("eMAID", "EMAID"),
    ],
)
def test_members_read_well(wire: str, member: str) -> None:
    assert _names().member(wire) == member


def test_a_name_that_python_forbids_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"overlay\.toml"):
        _names().attribute("class")


@pytest.mark.parametrize("package", schemas.PACKAGES)
def test_defaults_of_the_schemas_are_applied_on_read(package: str) -> None:
    model = reading.read(package)
    structs = [*model.structs.values(), *model.requests.values(), *model.responses.values()]
    defaults = {
        f"{struct.name}.{member.wire}": member.default
        for struct in structs
        for member in struct.members
        if member.default is not None
    }
    assert defaults["SampledValue.measurand"] == "ENERGY_ACTIVE_IMPORT_REGISTER"
    assert "UnitOfMeasure.unit" not in defaults  # Wh only where the measurand is an energy
    assert ("GetVariableData.attributeType" in defaults) == (package != "v16")


def _names() -> Names:
    overlay = schemas.overlay()
    return Names(overlay["words"], overlay["members"])
