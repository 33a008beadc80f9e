"""Commands of the embeddings package."""

import click

COMMANDS: list[click.Command] = []
