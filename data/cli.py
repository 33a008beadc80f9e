"""Commands of the data package."""

import click

from data.auditing.audit_command import audit_command
from data.drawing.sample_command import sample
from data.fetching.fetch_command import fetch_command
from data.grouping.split_command import split_command
from data.intake.import_command import import_command
from data.intake.relocate_command import relocate_command

COMMANDS: list[click.Command] = [
    sample,
    fetch_command,
    import_command,
    relocate_command,
    audit_command,
    split_command,
]
