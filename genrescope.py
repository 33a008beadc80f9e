"""The command line: joins the commands of the four packages."""

import atexit
import logging
import os
import signal
import sys

import click

import analysis.cli
import dashboard.cli
import data.cli
import embeddings.cli
from data.errors import GenrescopeError, refused

HELP = """Which music genres can be told apart by the album cover alone, and how sure are we?

A newcomer's way: 'genrescope run SOURCE --workspace DIR' does everything in order, then
'genrescope serve --workspace DIR' shows it in the browser. SOURCE is a folder with one folder a
genre, or a table with a path and a genre column. No covers at hand? 'genrescope sample DIR' draws some.
"""


# The verbs by stage, in the order of the work; a verb of no stage stands in a section of its own, at the end.
STAGES = {
    "All at once": ("run", "status"),
    "Covers": ("sample", "fetch", "import", "relocate", "enrich", "audit", "exclude", "include"),
    "Embeddings": ("read-text", "embed"),
    "Analysis": ("analyze", "validate"),
    "Classifiers": ("split", "train", "vote", "compare", "predict"),
    "Behind the answer": ("controls", "confounds", "learning-curve", "agreement", "labels", "oddities", "sure"),
    "Recommendations": ("recommend", "evaluate-recommendations"),
    "Results": ("findings", "report", "export", "record"),
    "App": ("serve",),
}
STOPPED = "genrescope: stopped; what was finished is kept, the same command resumes"
# So long may a verb's first sentence be, in characters, before it would be cut off; lines are broken before.
WHOLE = 300


class ByStage(click.Group):
    """A group whose help lists the commands by stage, in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        staged = [name for names in STAGES.values() for name in names if name in self.commands]
        return [*staged, *(name for name in self.commands if name not in staged)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section a stage; all of them align their texts on the longest verb."""
        left = self.list_commands(ctx)
        longest = max(map(len, left))
        for title, names in [*STAGES.items(), ("More", left)]:
            found = [name for name in names if name in left]
            rows = [(name.ljust(longest), self.commands[name].get_short_help_str(WHOLE)) for name in found]
            left = [name for name in left if name not in found]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


@click.group(cls=ByStage, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="genrescope")
@click.option("--debug", is_flag=True, help="Show tracebacks and log more.")
def cli(debug: bool) -> None:
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, format="%(message)s")
    for noisy in ("numba", "PIL", "matplotlib", "urllib3", "httpx", "asyncio", "faiss"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


for package in (data.cli, embeddings.cli, analysis.cli, dashboard.cli):
    for command in package.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line; a user's mistake is one line and exit status 1, a traceback only with --debug.

    Who stops it, by Ctrl-C or SIGTERM, is told so last of all, after whatever threads still say: status 130 or 143.
    """
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    if debug:
        arguments.insert(0, "--debug")
    signal.signal(signal.SIGTERM, _terminate)
    last_words: list[str] = []
    # What is registered first is called last, when every thread has ended.
    atexit.register(lambda: [click.echo(words, err=True) for words in last_words])
    try:
        sys.exit(cli.main(arguments, prog_name="genrescope", standalone_mode=False))
    except (GenrescopeError, OSError) as error:
        told = str(error) if isinstance(error, GenrescopeError) else refused(error)
        if debug or not told:
            raise
        click.echo(f"genrescope: {told}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        signal.signal(signal.SIGINT, _at_once)
        last_words.append(STOPPED)
        sys.exit(143 if isinstance(error.__cause__ or error, _Terminated) else 130)


class _Terminated(KeyboardInterrupt):
    """SIGTERM: whatever is stored or undone at Ctrl-C is so then, too."""


def _terminate(*_: object) -> None:
    raise _Terminated


def _at_once(*_: object) -> None:
    """Whoever asks a second time does not want to wait for threads."""
    click.echo(STOPPED, err=True)
    os._exit(130)


if __name__ == "__main__":
    main()
