"""The commands: `releve serve`, `demo`, `simulate`, `migrate`, `user`, `station`, `token`, `ca`, `tariff`, ..."""

import importlib

import click

from releve import __version__

COMMANDS = {
    "serve": "releve.cli.serve:serve",
    "demo": "releve.cli.demo:demo",
    "simulate": "releve.cli.simulate:simulate",
    "migrate": "releve.cli.manage:migrate",
    "user": "releve.cli.manage:user",
    "station": "releve.cli.manage:station",
    "token": "releve.cli.tokens:token",
    "ca": "releve.cli.authorities:ca",
    "tariff": "releve.cli.tariffs:tariff",
    "reservation": "releve.cli.reservations:reservation",
    "firmware": "releve.cli.firmware:firmware",
    "display": "releve.cli.displays:display",
    "operation": "releve.cli.operations:operation",
    "authority": "releve.cli.certificates:authority",
}


class Lazy(click.Group):
    """Loads a command when it is wanted: `releve --help` need not load the whole system."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="releve")
def main() -> None:
    """Relève, a charging station management system."""
