"""CSV files become interactions by a declared mapping; hostile rows become dead letters."""

import json
import tomllib
from pathlib import Path

import pytest

from events import Interaction
from ingest.dead import DeadLetter
from ingest.file import read_interactions
from ingest.lines import Reading
from ingest.mapping import MappingError, load_mapping
from tests.ingest.given import NOW

MAPPING = """
time = ["%d.%m.%Y %H:%M", "iso", "unix"]
integers = ["parent"]
keep = {kept = ["1"]}
mentions = {column = "text", account = "x:{mention}"}
[interaction]
id = "x:{id}"
platform = "x"
published = "{at}"
content = "{text}"
actor = {id = "x:{who}", followers = "{followers}", automated = "{bot}", created = "{since}"}
inReplyTo = {id = "x:{parent}", actor = "x:{whom}"}
brands = ["acme"]
"""
HEADER = "id,at,who,text,parent,whom,followers,bot,since,kept\n"


def read(folder: Path, content: str | bytes, mapping: str = MAPPING) -> tuple[list[Interaction | DeadLetter], Reading]:
    (folder / "m.toml").write_text(mapping)
    data = content.encode() if isinstance(content, str) else content
    (folder / "a.csv").write_bytes(data)
    reading = Reading()
    return list(read_interactions([folder / "a.csv"], str(folder / "m.toml"), NOW, reading)), reading


def reasons(found: list[Interaction | DeadLetter]) -> list[tuple[str, str]]:
    return [(item.reason, item.origin) for item in found if isinstance(item, DeadLetter)]


def test_every_kind_of_field(tmp_path: Path) -> None:
    """Templates, times, whole numbers, truth values, mentions and constants arrive in the contract's fields."""
    row = '7,31.12.2025 23:59,ann,"hi @bob, @carl\nand @bob mail a@b.c",3.0,bob,12.0,yes,2020-01-01,1\n'
    found, _ = read(tmp_path, HEADER + row)
    (act,) = found
    assert isinstance(act, Interaction)
    assert (act.id, act.type, act.brands) == ("x:7", "Create", ("acme",))
    assert act.published.isoformat() == "2025-12-31T23:59:00+00:00"
    assert act.content == "hi @bob, @carl\nand @bob mail a@b.c"
    assert act.to == ("x:bob", "x:carl")
    assert act.in_reply_to is not None
    assert (act.in_reply_to.id, act.in_reply_to.actor) == ("x:3", "x:bob")
    assert (act.actor.followers, act.actor.automated, act.actor.created is not None) == (12, True, True)


def test_empty_column_is_an_absent_field(tmp_path: Path) -> None:
    """Empty columns and a short row leave fields out instead of filling in halves of templates."""
    found, _ = read(tmp_path, HEADER + "7,2026-01-01T00:00:00+02:00,ann,,,,,,,1\n8,1767225600,bob,,,,,,,1\n")
    first, second = found
    assert isinstance(first, Interaction)
    assert isinstance(second, Interaction)
    assert (first.in_reply_to, first.actor.followers, first.to, first.content) == (None, None, (), "")
    assert first.at == 1767225600_000 - 2 * 3600_000
    assert second.at == 1767225600_000


def test_bad_rows_by_reason_and_place(tmp_path: Path) -> None:
    """Each bad row is a dead letter with the physical line it starts on, and the rows after it are read."""
    good = "{},2026-01-01,ann,ok,,,,,,1\n"
    rows = [
        'a,2026-01-01,ann,"two\nlines",,,,,,1\n',  # lines 2 and 3
        ",2026-01-01,ann,no id,,,,,,1\n",
        "c,yesterday,ann,x,,,,,,1\n",
        "d,2190-01-01,ann,x,,,,,,1\n",
        "e,2026-01-01,ann,x,three,,,,,1\n",
        "f,2026-01-01,ann,x,,,-4,,,1\n",
        "g,2026-01-01,ann,x,,,,maybe,,1\n",
        "h,2026-01-01,ann,x,,,,,,1,surplus\n",
        "i,2026-01-01,ann,x,,,,,,0\n",  # dropped by the mapping's own rule
        "j,1e99,ann,x,,,,,,1\n",
        "k,2026-01-01,ann,x,,, ,,,1\n",
    ]
    found, reading = read(tmp_path, HEADER + "".join(rows) + good.format("z"))
    wanted = [
        ("missing_field", 4),
        ("bad_time", 5),
        ("bad_time", 6),
        ("wrong_type", 7),
        ("wrong_type", 8),
        ("wrong_type", 9),
        ("wrong_type", 10),
        ("bad_time", 12),
        ("wrong_type", 13),
    ]
    assert reasons(found) == [(reason, f"file:a.csv:{number}") for reason, number in wanted]
    assert [item.id for item in found if isinstance(item, Interaction)] == ["x:a", "x:z"]
    assert reading.dropped == 1


def test_payload_is_the_row_as_json(tmp_path: Path) -> None:
    """A dead letter of a row shows its columns by name."""
    (letter,), _ = read(tmp_path, HEADER + "7,never,ann,=cmd|' /C calc'!A0,,,,,,1\n")
    assert isinstance(letter, DeadLetter)
    assert json.loads(letter.payload)["text"] == "=cmd|' /C calc'!A0"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A row that is not in the encoding is refused, its neighbours are not; another encoding can be named."""
    row = HEADER.encode() + b"7,2026-01-01,ann,caf\xe9,,,,,,1\n8,2026-01-01,bob,\xc3\xa9,,,,,,1\n"
    found, _ = read(tmp_path, row)
    assert reasons(found) == [("not_utf8", "file:a.csv:2")]
    assert found[1].content == "é"  # type: ignore[union-attr]
    assert found[0].payload == row.splitlines(keepends=True)[1]  # type: ignore[union-attr]
    found, _ = read(tmp_path, row, 'encoding = "latin-1"\n' + MAPPING)
    assert [item.content for item in found if isinstance(item, Interaction)] == ["café", "Ã©"]


def test_an_open_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    """A quote without its partner costs a bounded number of lines, all kept in the dead letter."""
    filler = "9,2026-01-01,ann," + "x" * 980 + ",,,,,,1\n"
    found, _ = read(tmp_path, HEADER + '7,2026-01-01,ann,"open,,,,,,1\n' + filler * 300)
    (letter,) = [item for item in found if isinstance(item, DeadLetter)]
    assert (letter.reason, letter.origin) == ("not_csv", "file:a.csv:2")
    assert letter.size < 200_000
    assert "a quote may be missing" in letter.detail
    assert len(found) > 150


def test_a_huge_row_and_carriage_returns(tmp_path: Path) -> None:
    """A line of 2 MB is dead, pasted carriage returns and NULs are content."""
    huge = "6,2026-01-01,ann," + "x" * 2_000_000 + ",,,,,,1\n"
    found, _ = read(tmp_path, HEADER + huge + "7,2026-01-01,ann,a\r\rb\0,,,,,,1\r\n")
    assert reasons(found) == [("too_large", "file:a.csv:2")]
    assert found[1].content == "a  b\0"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (MAPPING.replace('platform = "x"', 'platform = "x"\nplattform = "x"'), "unknown field `plattform`"),
        (MAPPING.replace('id = "x:{id}"', ""), "missing required field `id`"),
        (MAPPING.replace('id = "x:{id}"', "id = 7"), "Expected `str`, got `int`"),
        (MAPPING.replace("{text}", "{texte}"), "interaction.content names the column 'texte'"),
        (MAPPING.replace('["parent"]', '["parents"]'), "integers names the column 'parents'"),
        ("delimiter = 'ab'\n" + MAPPING, "delimiter must be one character"),
        ("encoding = 'utf-17'\n" + MAPPING, "encoding"),
        ("encoding = 'utf-16'\n" + MAPPING, "convert the CSV to utf-8"),
        ("encoding = 'hex'\n" + MAPPING, "not a text encoding"),
        (MAPPING.replace("%d.%m.%Y", "%Q"), "bad directive"),
        ("= broken", "Invalid"),
    ],
)
def test_mistakes_in_the_mapping(tmp_path: Path, mapping: str, says: str) -> None:
    """A mapping that does not fit says so in one line with the file and the key."""
    with pytest.raises(MappingError) as caught:
        read(tmp_path, HEADER + "7,2026-01-01,ann,x,,,,,,1\n", mapping)
    message = str(caught.value)
    assert says in message
    assert "m.toml" in message
    assert "\n" not in message


def test_unknown_names() -> None:
    """A name that is no data set and a file that is not there are explained."""
    with pytest.raises(MappingError, match=r"give a \.toml file or the name of a data set \(twcs"):
        list(read_interactions(["x.csv"], "tcws", NOW))
    with pytest.raises(MappingError, match="No such file"):
        load_mapping("gone.toml")


def test_the_example_is_a_mapping() -> None:
    """The committed example loads and shows every key there is."""
    path = Path(__file__).parents[2] / "ingest/mappings/example.toml"
    assert load_mapping(path).mentions is not None
    assert set(tomllib.loads(path.read_text())) == set(load_mapping(path).__struct_fields__)
