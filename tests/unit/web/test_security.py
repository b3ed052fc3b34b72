"""Sessions, origins, CSRF tokens, roles and headers (abuse cases 28 to 30)."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from releve.domain.ids import DEFAULT_OPERATOR
from releve.web.security import csrf_token, local_path
from tests.support.console import PASSWORD, opened, pages

from .conftest import ORIGIN, Person, read

FOREIGN = "https://evil.example"


async def test_a_page_wants_somebody_to_sign_in_and_leads_back(browser):
    answer = await browser.get("/stations?search=x")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fstations%3Fsearch%3Dx"

    form = await browser.get(answer.headers["location"])
    assert 'name="next" value="/stations?search=x"' in form.text
    signed_in = await browser.sign_in("ada", next="/stations?search=x")
    assert signed_in.headers["location"] == "/stations?search=x"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser):
    cookie = (await browser.sign_in("ada")).headers["set-cookie"]
    assert cookie.startswith("releve=")
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=1209600"):
        assert attribute.lower() in cookie.lower()


async def test_behind_tls_the_cookie_is_bound_to_the_host(tmp_path):
    async with opened(tmp_path, http_secure=True, public_url="https://csms.example") as console:
        transport = httpx.ASGITransport(console.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://csms.example"
        ) as client:
            answer = await client.post(
                "/sign-in",
                data={"name": "ada", "password": PASSWORD},
                headers={"Origin": "https://csms.example"},
            )
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-releve=")
            assert "secure" in cookie.lower()
            assert "domain" not in cookie.lower()
            assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "wrong password"), ("nobody", PASSWORD), ("", "")]
)
async def test_a_wrong_name_or_password_is_refused_in_the_same_words(browser, name, password):
    answer = await browser.sign_in(name, password)
    assert answer.status_code == 422
    assert "Name and password do not match." in read(answer)
    assert "set-cookie" not in answer.headers


async def test_guessing_is_slowed_down_by_name_and_address(browser, console):
    for _ in range(5):
        assert (await browser.sign_in("ada", "a wrong guess")).status_code == 422
    answer = await browser.sign_in("ada")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await browser.sign_in("olga")).status_code == 303

    elsewhere = httpx.ASGITransport(console.app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url=ORIGIN) as client:
        assert (await Person(client).sign_in("ada")).status_code == 303


async def test_signing_out_ends_the_session_on_the_server_too(ada):
    cookie = ada.client.cookies["releve"]
    answer = await ada.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    ada.client.cookies.set("releve", cookie)
    assert (await ada.get("/")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_form_from_another_site_is_refused(ada, console, headers):
    for path in ("/stations/new", "/language", "/sign-in", "/sign-out"):
        answer = await ada.client.post(
            path, data={"csrf": ada.csrf, "identity": "X", "language": "fr"}, headers=headers
        )
        assert answer.status_code == 403, path
    page = await ada.get("/stations")
    assert "No station yet" in read(page)


async def test_a_form_without_the_sessions_token_is_refused(ada):
    for token in ("", "0" * 64, csrf_token("another session")):
        answer = await ada.client.post(
            "/stations/new", data={"csrf": token, "identity": "X"}, headers={"Origin": ORIGIN}
        )
        assert answer.status_code == 403
        assert "Reload it and try again" in read(answer)


async def test_the_token_may_come_as_a_header(ada):
    headers = {"Origin": ORIGIN, "X-CSRF-Token": ada.csrf}
    answer = await ada.client.post("/stations/new", data={"identity": "X"}, headers=headers)
    assert answer.status_code == 201


# Pages of drivers who pay without a contract: the keys in these addresses are secrets of their own.
DRIVERS = {
    "/pay/{identity:str}/{evse:int}",
    "/pay/{identity:str}/{evse:int}/{password:str}/{version:str}",
    "/pay/{identity:str}/{password:str}/{version:str}",
    "/payments/{key:str}",
    "/payments/{key:str}/authorize",
    "/payments/{key:str}/cancel",
    "/receipts/{key:str}",
}


def routes(app: Litestar):
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                    yield route.path, str(method), handler.opt.get("scope", "read")


async def test_no_route_changes_anything_for_a_viewer(vera, console):
    changing = [(p, s) for p, method, s in routes(pages()) if method == "POST"]
    assert len(changing) > 15
    open_to_all = {"/sign-in", "/sign-out", "/language"} | DRIVERS
    for path, scope in changing:
        if path in open_to_all:
            continue
        assert scope in {"control", "admin"}, path
        concrete = re.sub(r"{\w+:(?:int|str)}", "1", path.replace("{command:str}", "reset"))
        assert "{" not in concrete
        assert (await vera.post(concrete)).status_code == 403, path


async def test_nothing_but_the_door_is_open_to_strangers(browser, console):
    open_paths = {p for p, _, scope in routes(pages()) if scope in {"none", "public"}}
    assert (
        open_paths
        == {
            "/sign-in",
            "/language",
            "/favicon.ico",
            "/static/{asked:str}/{name:path}",
        }
        | DRIVERS
    )


async def test_an_operator_commands_but_does_not_register(olga, console):
    station = await console.connected("CP-1")
    assert "Restart the station" in read(await olga.get(f"/stations/{station.station.id}"))
    assert (await olga.get("/stations/new")).status_code == 403
    assert (await olga.get("/access")).status_code == 403
    assert (await olga.post("/tokens/new", value="A")).status_code == 403


async def test_a_viewer_sees_no_buttons(vera, console):
    inbound = await console.connected("CP-1")
    await console.charged(inbound, ended=False)
    page = await vera.get(f"/stations/{inbound.station.id}")
    assert 'hx-get="/stations' not in page.text
    assert "Commands" not in read(page)
    assert "/access" not in page.text


@pytest.mark.parametrize("path", ["/", "/stations", "/sign-in", "/stations/999", "/nowhere/at/all"])
async def test_every_answer_carries_the_strict_headers(ada, path):
    answer = await ada.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] == "same-origin"
    if path != "/nowhere/at/all":
        assert answer.headers["cache-control"] == "no-store"


async def test_a_session_of_a_removed_person_ends_at_once(vera, console):
    await console.desk.services.access.remove_user(DEFAULT_OPERATOR, "vera")
    assert (await vera.get("/")).status_code == 303


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/stations?a=b", True),
        ("//evil.example/", False),
        ("/\\evil.example", False),
        ("https://evil.example/", False),
        ("javascript:alert(1)", False),
        ("/\tfoo", False),
        ("", False),
    ],
)
def test_only_a_path_of_this_site_is_gone_back_to(path, kept):
    assert local_path(path) == (path if kept else "/")


async def test_htmx_is_led_to_sign_in_and_machines_are_told(browser):
    part = await browser.part("/stations")
    assert part.status_code == 401
    assert part.headers["hx-redirect"] == "/sign-in"
    assert (await browser.get("/live")).status_code == 401
