"""What Grafana and its ClickHouse plugin make of a query before ClickHouse sees it, for tests and benchmarks.

Variables are replaced by the browser, macros by the plugin: their list and their expansions are those of
grafana-clickhouse-datasource 4.20 (pkg/macros/macros.go). Of its rules those are left out that no query here needs:
macros with a column or a table of the query builder, and quoting by dollars.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

QUOTES = "'\"`"
VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}")
MACRO = re.compile(r"\$__(\w+)")


@dataclass(frozen=True)
class Range:
    """The time shown, and the width of a step in seconds that Grafana derives from it."""

    since: datetime
    until: datetime
    step: int


def interpolated(sql: str, variables: Mapping[str, str]) -> str:
    """``${name:percentencode}`` as the browser writes it. Raises ``ValueError`` for any other way to name a variable.

    No other way is safe with names that strangers chose, so no query may use one.
    """

    def value(found: re.Match[str]) -> str:
        name, form = found.groups()
        if form != "percentencode" or name not in variables:
            raise ValueError(f"{found[0]}: only ${{name:percentencode}} of a declared variable")
        return quote(variables[name], safe="-_.~")

    return VARIABLE.sub(value, sql)


def expanded(sql: str, over: Range) -> str:
    """``sql`` with its macros expanded. Raises ``ValueError`` for one that is not known, or has wrong arguments."""
    macros = _macros(over)
    found, at = [], 0
    sql = _without_comments(sql)
    while at < len(sql):
        if sql[at] in QUOTES:
            end = _after_quoted(sql, at)
            found.append(sql[at:end])
            at = end
        elif macro := MACRO.match(sql, at):
            name, at = macro[1], macro.end()
            if name not in macros:
                raise ValueError(f"$__{name} is no macro of the plugin")
            wanted, expand = macros[name]
            arguments: Sequence[str] = ()
            if sql[at : at + 1] == "(" and wanted:
                end = _after_bracket(sql, at)
                arguments, at = _arguments(expanded(sql[at + 1 : end - 1], over)), end
            if len(arguments) != wanted:
                raise ValueError(f"$__{name} expected {wanted} argument(s), received {len(arguments)}")
            found.append(expand(*arguments))
        else:
            found.append(sql[at])
            at += 1
    return "".join(found)


def _macros(over: Range) -> dict[str, tuple[int, Callable[..., str]]]:
    since, until = (f"toDateTime({int(at.timestamp())})" for at in (over.since, over.until))
    since_ms, until_ms = (
        f"fromUnixTimestamp64Milli({round(at.timestamp() * 1000)})" for at in (over.since, over.until)
    )
    first, last = (f"toDate('{at:%Y-%m-%d}')" for at in (over.since, over.until))
    step = max(over.step, 1)
    return {
        "fromTime": (0, lambda: since),
        "toTime": (0, lambda: until),
        "fromTime_ms": (0, lambda: since_ms),
        "toTime_ms": (0, lambda: until_ms),
        "timeFilter": (1, lambda column: f"{column} >= {since} AND {column} <= {until}"),
        "timeFilter_ms": (1, lambda column: f"{column} >= {since_ms} AND {column} <= {until_ms}"),
        "dateFilter": (1, lambda column: f"{column} >= {first} AND {column} <= {last}"),
        "timeFrom": (1, lambda column: f"{column} >= {since}"),
        "timeTo": (1, lambda column: f"{column} <= {until}"),
        "timeInterval": (1, lambda column: f"toStartOfInterval(toDateTime({column}), INTERVAL {step} second)"),
        "timeInterval_ms": (
            1,
            lambda column: f"toStartOfInterval(toDateTime64({column}, 3), INTERVAL {step * 1000} millisecond)",
        ),
        "interval_s": (0, lambda: str(step)),
    }


def _without_comments(sql: str) -> str:
    """Comments become spaces before anything else: a macro in one is never expanded."""
    found, at = [], 0
    while at < len(sql):
        end = at + 1
        if sql[at] in QUOTES:
            end = _after_quoted(sql, at)
        elif sql.startswith("--", at):
            end = min((place for place in (sql.find("\n", at), sql.find("\r", at)) if place >= 0), default=len(sql))
        elif sql.startswith("/*", at):
            end = sql.find("*/", at) + 2 if "*/" in sql[at:] else len(sql)
        comment = sql[at] not in QUOTES and end - at > 1
        found.append(" " * (end - at) if comment else sql[at:end])
        at = end
    return "".join(found)


def _after_quoted(sql: str, at: int) -> int:
    """The place after a string or name that begins at ``at``; a backslash and a doubled quote stay inside."""
    mark, at = sql[at], at + 1
    while at < len(sql):
        if sql[at] == "\\" or sql[at : at + 2] == mark * 2:
            at += 2
        elif sql[at] == mark:
            return at + 1
        else:
            at += 1
    return len(sql)


def _after_bracket(sql: str, at: int) -> int:
    depth = 0
    while at < len(sql):
        if sql[at] in QUOTES:
            at = _after_quoted(sql, at)
            continue
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        at += 1
        if not depth:
            return at
    raise ValueError("a bracket is not closed")


def _arguments(inside: str) -> list[str]:
    """Split at the commas that stand in no bracket and no string."""
    if not inside.strip():
        return []
    found, begin, at = [], 0, 0
    while at < len(inside):
        if inside[at] in QUOTES:
            at = _after_quoted(inside, at)
        elif inside[at] == "(":
            at = _after_bracket(inside, at)
        else:
            if inside[at] == ",":
                found.append(inside[begin:at].strip())
                begin = at + 1
            at += 1
    return [*found, inside[begin:].strip()]
