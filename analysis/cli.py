"""Commands of the analysis package."""

import click

COMMANDS: list[click.Command] = []
