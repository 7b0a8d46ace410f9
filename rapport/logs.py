"""What is logged: to stderr, in UTC, one line each; never a text or a secret."""

import logging
import sys

import structlog

NOISY = ("kafka", "aiokafka", "clickhouse_driver")  # they log tracebacks of outages that we report ourselves


def for_people() -> None:
    """In a command: our own warnings, in plain lines."""
    _configure(structlog.dev.ConsoleRenderer(colors=False))


def for_machines() -> None:
    """In a long-running process: JSON lines, the libraries' warnings among them."""
    _configure(structlog.processors.JSONRenderer())


def _configure(renderer: structlog.typing.Processor) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
