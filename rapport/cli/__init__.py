"""The command line. Results on stdout, progress and messages on stderr; exit codes 0, 1 handled, 2 usage.

Nothing heavy is imported until the command that needs it runs, so that --help answers at once.
"""

import signal
import sys

import typer

from rapport.cli import operate, read, run
from rapport.cli.options import say
from rapport.errors import explained

app = typer.Typer(
    name="rapport",
    help="Social listening that weighs relationships instead of counting mentions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for commands in (run.app, read.app, operate.app):
    app.registered_commands += commands.registered_commands
    app.registered_groups += commands.registered_groups


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started is stopped, as by Ctrl-C
    try:
        app()
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(130)
    except BrokenPipeError:  # `rapport … | head` is no error
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if (line := explained(error)) is None:
            raise
        say(f"error: {line}")
        sys.exit(1)
