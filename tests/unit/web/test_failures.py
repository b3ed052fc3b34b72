"""What goes wrong is shown as a page that tells nothing of the inside."""

from __future__ import annotations

from releve.services.ports import StoreFailed

from .conftest import read

CANARY = "canary-9f31"


async def test_an_address_nobody_knows_has_a_page(ada):
    for path in ("/nowhere", "/stations/1/2/3/4"):
        answer = await ada.get(path)
        assert answer.status_code == 404
        assert "There is nothing here" in read(answer)
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_forbidden_page_says_whom_to_ask(vera):
    answer = await vera.get("/access")
    assert answer.status_code == 403
    assert "Ask an administrator." in read(answer)


async def test_a_mistake_of_ours_is_logged_and_not_shown(ada, console, monkeypatch, caplog):
    async def broken(*args, **kwargs):
        raise RuntimeError(CANARY)

    monkeypatch.setattr(type(console.desk.catalogue), "tokens", broken)
    answer = await ada.get("/tokens")
    assert answer.status_code == 500
    assert "Something broke on our side" in read(answer)
    assert CANARY not in answer.text
    assert CANARY in caplog.text
    part = await ada.part("/tokens")
    assert part.status_code == 500
    assert "<html" not in part.text


async def test_a_store_that_fails_is_said_and_its_reason_kept_inside(ada, console, monkeypatch):
    async def failing(*args, **kwargs):
        raise StoreFailed(CANARY)

    monkeypatch.setattr(type(console.desk.services.tokens), "add", failing)
    answer = await ada.post("/tokens/new", value="X", type="Local")
    assert answer.status_code == 503
    assert "Nothing was changed." in read(answer)
    assert CANARY not in answer.text


async def test_a_form_beyond_all_measure_is_refused(ada):
    answer = await ada.post("/tokens/new", value="x" * 2_000_000)
    assert answer.status_code == 413


async def test_secrets_are_on_no_page_and_in_no_log(ada, console, caplog):
    """Abuse case 30: the session's secret and passwords."""
    caplog.set_level("DEBUG")
    secret = ada.client.cookies["releve"]
    for path in ("/", "/stations", "/access", "/tokens", "/inbox", "/nowhere", "/stations/1"):
        answer = await ada.get(path)
        assert secret not in answer.text, path
        assert "argon2" not in answer.text, path
    assert secret not in caplog.text
