"""`releve station variables`, `get`, `set`: the device model, or the configuration keys of 1.6."""

from __future__ import annotations

import re
from typing import Any

import click

from releve.cli.client import Api, Json, station_path, through_api, unaccepted
from releve.cli.common import fail

OLD = "ocpp1.6"
DONE = frozenset({"Accepted", "RebootRequired"})
ATTRIBUTES = ("Actual", "Target", "MinSet", "MaxSet")
_PART = r"([^\[\].@]+)(?:\[([^\[\]]*)\])?"
_NAME = re.compile(rf"{_PART}(?:@(\d+)(?:/(\d+))?)?\.{_PART}\Z")
SPELLING = """Names: COMPONENT.VARIABLE, with instances in brackets and EVSE and connector after @
(EVSE@1.Power, Connector@1/2.Available, AuthCtrlr.Enabled); in OCPP 1.6 the configuration key."""


@click.command("variables")
@click.argument("identity")
@click.option("--search", help="Part of component, variable or value.")
@click.option("--component", help="This one only.")
@click.option("--variable", help="This one only.")
@through_api
def variables(
    api: Api, identity: str, search: str | None, component: str | None, variable: str | None
) -> None:
    """List the variables of the station IDENTITY, as it last reported them."""
    path = f"{station_path(identity)}/variables"
    found = api.get(path, search=search, component=component, variable=variable)["items"]
    api.tell(found, *(_line(one, one["value"]) for one in found))


@click.command("get", epilog=SPELLING)
@click.argument("identity")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--attribute", type=click.Choice(ATTRIBUTES), default="Actual", show_default=True)
@through_api
def get(api: Api, identity: str, names: tuple[str, ...], attribute: str) -> None:
    """Ask the station IDENTITY for variables. Exit code 1 when it does not tell one of them."""
    old = _old(api, identity)
    wanted = [{**place(name, old=old), "attribute": attribute} for name in names]
    answer = api.post(f"{station_path(identity)}/variables/read", {"names": wanted})
    _conclude(api, answer, with_values=True)


@click.command("set", epilog=SPELLING)
@click.argument("identity")
@click.argument("values", metavar="NAME=VALUE...", nargs=-1, required=True)
@click.option("--attribute", type=click.Choice(ATTRIBUTES), default="Actual", show_default=True)
@click.option("--unchecked", is_flag=True, help="Send also what its own limits seem to forbid.")
@through_api
def set_(api: Api, identity: str, values: tuple[str, ...], attribute: str, unchecked: bool) -> None:
    """Set variables of the station IDENTITY. Exit code 1 when it does not take one of them."""
    old = _old(api, identity)
    told: list[Json] = []
    for one in values:
        name, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter(f"{one!r}: write NAME=VALUE", param_hint="NAME=VALUE")
        told.append({**place(name, old=old), "attribute": attribute, "value": value})
    path = f"{station_path(identity)}/variables/write" + ("?unchecked=true" if unchecked else "")
    _conclude(api, api.post(path, {"values": told}), with_values=False)


def place(name: str, *, old: bool) -> Json:
    """Where a variable lies, out of its name as people write it."""
    if old:
        return {"variable": name}
    found = _NAME.match(name)
    if found is None:
        raise click.BadParameter(f"{name!r} is no COMPONENT.VARIABLE", param_hint="NAME")
    component, component_instance, evse, connector, variable, instance = found.groups()
    return {
        "component": component,
        "component_instance": component_instance or "",
        "evse": int(evse) if evse else None,
        "connector": int(connector) if connector else None,
        "variable": variable,
        "instance": instance or "",
    }


def _old(api: Api, identity: str) -> bool:
    return bool(api.get(station_path(identity))["version"] == OLD)


def _conclude(api: Api, answer: Json, *, with_values: bool) -> None:
    """One line for each variable; 1 when the station said no to any, or to all by its silence."""
    results = answer["variables"]
    lines = []
    for one in results:
        good = one["status"] in DONE
        refused = f"{one['status']} {one.get('reason', '')}"
        lines.append(_line(one["name"], one.get("value") if with_values and good else refused))
    api.tell(answer, *lines)
    if not results and not answer["accepted"]:
        fail(unaccepted(answer))
    bad = sum(one["status"] not in DONE for one in results)
    if bad:
        fail(f"{bad} of {len(results)} refused.")


def _line(name: Json, value: Any) -> str:
    return f"{spelled(name)} = {'' if value is None else value}".rstrip()


def spelled(name: Json) -> str:
    """A variable's name as `place` reads it; parts that are absent may be missing."""
    variable = str(name["variable"])
    if name.get("instance"):
        variable += f"[{name['instance']}]"
    if name.get("attribute", "Actual") != "Actual":
        variable += f" ({name['attribute']})"
    component = name.get("component")
    if not component:
        return variable
    inner = f"[{name['component_instance']}]" if name.get("component_instance") else ""
    where = "".join(
        sign + str(name[part])
        for sign, part in (("@", "evse"), ("/", "connector"))
        if name.get(part) is not None
    )
    return f"{component}{inner}{where}.{variable}"
