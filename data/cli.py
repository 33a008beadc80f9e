"""Commands of the data package."""

import click

COMMANDS: list[click.Command] = []
