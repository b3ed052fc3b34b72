"""The commands: `releve serve`, `demo`, `simulate`, `migrate`, `user`, `station`, `token`."""

import click

from releve import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="releve")
def main() -> None:
    """Relève, a charging station management system."""
