"""The command line. Results on stdout, progress and messages on stderr; exit codes 0, 1 handled, 2 usage.

Nothing heavy is imported until the command that needs it runs, so that --help answers at once.
"""

import os
import signal
import sys

import typer

from rapport.cli import alerts, audit, correct, erase, identities, operate, owed, read, refit, report, run
from rapport.cli.options import say
from rapport.errors import explained

INTERRUPTED = 130  # the exit code of what Ctrl-C ended

app = typer.Typer(
    name="rapport",
    help="Social listening that weighs relationships instead of counting mentions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for module in (run, read, owed, audit, report, alerts, correct, identities, erase, refit, operate):
    commands = module.app
    app.registered_commands += commands.registered_commands
    app.registered_groups += commands.registered_groups


def _interrupt(number: int, frame: object) -> None:
    """Stop what was started; asked a second time, end at once: kafka-python can swallow the first interruption.

    The children then end, too: the kernel tells them.
    """
    signal.signal(number, lambda *_: os._exit(INTERRUPTED))
    raise KeyboardInterrupt


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        app()
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `rapport … | head` is no error
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if (line := explained(error)) is None:
            raise
        say(f"error: {line}")
        sys.exit(1)
