"""Commands of the embeddings package."""

import click

from embeddings.changing.enrich_command import enrich_command
from embeddings.changing.exclude_command import exclude_command, include_command
from embeddings.embed_command import embed_command
from embeddings.lettering.read_text_command import read_text_command

COMMANDS: list[click.Command] = [embed_command, read_text_command, exclude_command, include_command, enrich_command]
