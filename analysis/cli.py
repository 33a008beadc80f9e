"""Commands of the analysis package."""

import click

from analysis.analyze_cli import ANALYZE_COMMANDS
from analysis.overview_cli import OVERVIEW_COMMANDS
from analysis.train_cli import TRAIN_COMMANDS

COMMANDS: list[click.Command] = [*ANALYZE_COMMANDS, *TRAIN_COMMANDS, *OVERVIEW_COMMANDS]
