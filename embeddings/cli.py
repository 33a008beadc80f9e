"""Commands of the embeddings package."""

import click

from embeddings.embed_command import embed_command

COMMANDS: list[click.Command] = [embed_command]
