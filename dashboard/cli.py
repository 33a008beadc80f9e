"""Commands of the dashboard package."""

import click

from dashboard.serve_command import serve_command

COMMANDS: list[click.Command] = [serve_command]
