"""Commands of the dashboard package."""

import click

COMMANDS: list[click.Command] = []
