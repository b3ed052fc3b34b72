"""`releve token`: cards and other tokens that may charge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from releve.cli.common import (
    database_option,
    load_settings,
    run,
    with_catalogue,
    with_services,
)
from releve.domain.ids import DEFAULT_OPERATOR, TokenId
from releve.domain.token import IdToken
from releve.services.errors import NotFound, RequestError
from releve.services.services import Services
from releve.services.token_import import COLUMNS, Imported, TokenImport
from releve.services.views import Catalogue, TokenView

PAGE = 200
MOST_PROBLEMS = 50
ABOUT = (
    click.option("--label", help="Whose it is."),
    click.option("--group", help="Members of a group may stop each other's transactions."),
    click.option("--begins", type=click.DateTime(["%Y-%m-%d"]), help="First day, UTC."),
    click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day, UTC."),
    click.option(
        "--place", "places", multiple=True, help="IDENTITY, IDENTITY/EVSE or site:NAME; repeatable."
    ),
    click.option(
        "--connector", "connector_types", multiple=True, help="Such as cCCS2; repeatable."
    ),
    click.option("--language", help="What stations speak to its holder, such as fr."),
    click.option("--message", help="What stations show to its holder."),
    click.option("--priority", type=int, help="-9 to 9; above 0 charges before others."),
    click.option("--cache", "cache_s", type=int, help="Seconds that stations may rely on it."),
    click.option("--credit", help="Makes it prepaid: what it may spend."),
    click.option("--currency", help="Of the credit.  [default: EUR]"),
)


def about_options(command: Any) -> Any:
    """What may be said of a token, as options."""
    for option in reversed(ABOUT):
        command = option(command)
    return command


def given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as fields of a token."""
    about = {name: value for name, value in options.items() if value not in (None, ())}
    if "begins" in about:
        about["not_before"] = about.pop("begins").replace(tzinfo=UTC)
    if "expires" in about:
        about["expires_at"] = end_of_day(about.pop("expires"))
    return about


def end_of_day(day: datetime | None) -> datetime | None:
    """The end of a day in UTC."""
    return day.replace(tzinfo=UTC) + timedelta(days=1) if day else None


@click.group()
def token() -> None:
    """Cards and other tokens that may charge."""


@token.command("add")
@click.argument("value")
@click.option("--type", "kind", default="ISO14443", show_default=True, help="As OCPP names it.")
@about_options
@click.option("--master", is_flag=True, help="May stop any transaction, starts none.")
@click.option("--concurrent", is_flag=True, help="May be in several transactions at once.")
@click.option("--blocked", is_flag=True, help="May not charge for now.")
@database_option
def token_add(
    value: str,
    kind: str,
    master: bool,
    concurrent: bool,
    blocked: bool,
    database_url: str | None,
    **options: Any,
) -> None:
    """Register a token."""
    about = given(options)

    async def work(services: Services) -> None:
        await services.tokens.add(
            DEFAULT_OPERATOR,
            value,
            type=kind,
            master=master,
            concurrent=concurrent,
            blocked=blocked,
            **about,
        )

    run(with_services(load_settings(database_url=database_url), work))
    click.echo(f"Added {value}.")


@token.command("change")
@click.argument("value")
@about_options
@database_option
def token_change(value: str, database_url: str | None, **options: Any) -> None:
    """Change what is said of a token; what is not named stays."""
    about = given(options)
    if not about:
        raise click.UsageError("Name what is to be changed; `releve token change --help` lists it.")

    async def work(services: Services) -> None:
        found = await _token(services, value)
        await services.tokens.change(DEFAULT_OPERATOR, found, **about)

    run(with_services(load_settings(database_url=database_url), work))
    click.echo("Changed.")


@token.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--update", is_flag=True, help="Registered tokens get the file's values, too.")
@click.option("--dry-run", "dry", is_flag=True, help="Only tell what would be done.")
@database_option
def token_import(file: Path, update: bool, dry: bool, database_url: str | None) -> None:
    """Register tokens from a CSV file. Its first line names the columns, `value` among them.

    Lists are divided by |. What cannot be taken is named with its line; the rest is taken.
    """
    lines = file.read_text("utf-8-sig").splitlines()

    async def work(services: Services) -> Imported:
        reader = TokenImport(services.store, services.tokens)
        return await reader.read(DEFAULT_OPERATOR, lines, update=update, dry=dry)

    try:
        done = run(with_services(load_settings(database_url=database_url), work))
    except RequestError as error:
        raise click.ClickException(error.message) from error
    told = "would be " if dry else ""
    click.echo(
        f"{done.added} {told}added, {done.changed} {told}changed, {done.unchanged} left as they are."
    )
    for problem in done.problems[:MOST_PROBLEMS]:
        where = f"line {problem.line}" + (f", {problem.field}" if problem.field else "")
        click.echo(f"{where}: {problem.problem}", err=True)
    if done.problems:
        click.echo(f"{len(done.problems)} lines could not be taken.", err=True)
        raise SystemExit(1)


token_import.help = f"{token_import.help}\n\n    Columns: {', '.join(COLUMNS)}."


@token.command("list")
@click.option("--search", default="", help="Part of value, label or group.")
@database_option
def token_list(search: str, database_url: str | None) -> None:
    """List tokens: value, type, state, group, label."""

    async def look(catalogue: Catalogue) -> None:
        after: str | None = None
        while True:
            page = await catalogue.tokens(DEFAULT_OPERATOR, search=search, after=after, limit=PAGE)
            for t in page.items:
                told = f"{t.value:36} {t.type:12} {state(t):12} {t.group or '':16} {t.label}"
                click.echo(told.rstrip())
            after = page.next
            if after is None:
                return

    run(with_catalogue(load_settings(database_url=database_url), look))


def state(token: TokenView) -> str:
    """How a token stands, in a word or two."""
    now = datetime.now(UTC)
    if token.blocked:
        return "blocked"
    if token.expires_at is not None and token.expires_at <= now:
        return "expired"
    if token.not_before is not None and token.not_before > now:
        return "not yet"
    if token.credit is not None:
        return f"{token.credit} {token.currency}"
    return "master" if token.master else ""


@token.command("remove")
@click.argument("value")
@click.confirmation_option(prompt="Remove this token?")
@database_option
def token_remove(value: str, database_url: str | None) -> None:
    """Remove a token; transactions that it made stay."""

    async def work(services: Services) -> None:
        await services.tokens.remove(DEFAULT_OPERATOR, await _token(services, value))

    run(with_services(load_settings(database_url=database_url), work))
    click.echo("Removed.")


@token.command("block")
@click.argument("value")
@click.option("--undo", is_flag=True, help="Unblock it.")
@database_option
def token_block(value: str, undo: bool, database_url: str | None) -> None:
    """Block a token, or unblock it."""

    async def work(services: Services) -> None:
        found = await _token(services, value)
        await services.tokens.change(DEFAULT_OPERATOR, found, blocked=not undo)

    run(with_services(load_settings(database_url=database_url), work))
    click.echo("Unblocked." if undo else "Blocked.")


async def _token(services: Services, value: str) -> TokenId:
    async with services.store.work(DEFAULT_OPERATOR) as work:
        found = await work.tokens.find(IdToken(value, ""))
    if found is None:
        raise NotFound(f"There is no token {value}.")
    return found.id
