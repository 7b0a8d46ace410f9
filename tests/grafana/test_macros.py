"""What the plugin makes of a query: its documented expansions, and its rules for strings, comments and nesting."""

from datetime import UTC, datetime

import pytest

from grafana.macros import Range, expanded, interpolated

OVER = Range(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC), 600)
SINCE, UNTIL = "toDateTime(1793491200)", "toDateTime(1795435200)"


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("$__fromTime $__toTime", f"{SINCE} {UNTIL}"),
        ("$__timeFilter(t)", f"t >= {SINCE} AND t <= {UNTIL}"),
        ("$__dateFilter(d)", "d >= toDate('2026-11-01') AND d <= toDate('2026-11-23')"),
        ("$__timeInterval(at)", "toStartOfInterval(toDateTime(at), INTERVAL 600 second)"),
        ("$__timeInterval_ms(at)", "toStartOfInterval(toDateTime64(at, 3), INTERVAL 600000 millisecond)"),
        ("$__interval_s", "600"),
        ("$__fromTime_ms", "fromUnixTimestamp64Milli(1793491200000)"),
        ("$__timeFrom(if(a, b, 'c,)'))", f"if(a, b, 'c,)') >= {SINCE}"),
        ("'$__fromTime' \"$__toTime\" `$__toTime`", "'$__fromTime' \"$__toTime\" `$__toTime`"),
        (r"'a\'$__toTime' 'b''$__toTime'", r"'a\'$__toTime' 'b''$__toTime'"),
        ("a -- $__toTime\nb", f"a {' ' * len('-- $__toTime')}\nb"),
        ("a /* $__nothing */ b - c", f"a {' ' * len('/* $__nothing */')} b - c"),
        ("$__timeTo($__timeFrom(a))", f"a >= {SINCE} <= {UNTIL}"),
    ],
)  # fmt: skip
def test_expansions(sql: str, wanted: str) -> None:
    """Each macro becomes what the plugin's source says it becomes."""
    assert expanded(sql, OVER) == wanted


@pytest.mark.parametrize(
    "sql", ["$__timeFilter()", "$__timeFilter(a, b)", "$__timeInterval", "$__unheard(a)", "$__timeFilter(a"]
)
def test_a_wrong_macro_is_refused(sql: str) -> None:
    """A name that is no macro, too few or too many arguments, a bracket that stays open."""
    with pytest.raises(ValueError, match=r"macro|argument|bracket"):
        expanded(sql, OVER)


def test_variables_cannot_leave_their_string() -> None:
    """A percent-encoded name has no quote and no backslash left; every other way to name a variable is refused."""
    hostile = "'; DROP TABLE x --\\'\"\0\u202e😀(*)!"
    said = interpolated("decodeURLComponent('${brand:percentencode}')", {"brand": hostile})
    assert said.isascii()
    assert not set('\\"\0;() *!') & set(said.removeprefix("decodeURLComponent('").removesuffix("')"))
    for other in ("${brand}", "${brand:singlequote}", "${nobody:percentencode}"):
        with pytest.raises(ValueError, match="percentencode"):
            interpolated(other, {"brand": "acme"})
