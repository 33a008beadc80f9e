"""Commands of the embeddings package."""

import click

from embeddings.embed_command import embed_command
from embeddings.enrich_command import enrich_command
from embeddings.exclude_command import exclude_command, include_command

COMMANDS: list[click.Command] = [embed_command, exclude_command, include_command, enrich_command]
