"""Options that every verb of the command line shares."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

# What --split calls the folds, where no hold-out is named.
OUT_OF_FOLD = "folds"
# The seed that nobody has to name.
SEED = 42
# Exit status of a command that went on without some files.
LEFT_OUT = 3

workspace_option = click.option(
    "--workspace",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace folder [default: $GENRESCOPE_WORKSPACE, else ./workspace].",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for programs.")
# What every library takes for a seed: NumPy's and scikit-learn's are 32 bits wide.
seed_option = click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=SEED, show_default=True, help="Seed of everything random."
)
contact_option = click.option(
    "--contact",
    metavar="MAIL_OR_URL",
    help="How you can be reached: MusicBrainz wants to know who asks [default: $GENRESCOPE_CONTACT].",
)


def many(*names: str, **kwargs: Any) -> Callable[[Any], Any]:
    """An option that may be given several times."""
    return click.option(*names, multiple=True, **kwargs)


group_option = many(
    "--group-by",
    "group_by",
    metavar="COLUMN",
    help="Metadata column whose equal values belong together, as equal pictures do; may be repeated; 'none' for "
    "pictures alone [default: artist, where there is such a column].",
)
