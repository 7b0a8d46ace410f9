"""The documentation says what is: links, commands, settings, fields, examples and queries are held against the code."""

import os
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from clickhouse_driver import Client
from msgspec import structs

from alerts.receivers.settings import Receiver
from alerts.rules import DEFAULTS
from events import Actor, Brands, Interaction, decode_interaction
from events.interaction import Activity
from ingest.dead import DeadLetter
from ingest.file import mapping_brands, read_interactions
from ingest.mapping import load_mapping
from ingest.sources import KINDS, Common
from rapport import offline
from rapport.cli import app
from rapport.config import (
    PASSWORD_VARIABLE,
    AlertsSection,
    BrandSection,
    ClickHouseSection,
    Config,
    IngestSection,
    KafkaSection,
    RetentionSection,
    RuleSection,
    read,
)
from rapport.model import text_reader
from scoring import actor, combine, testimony
from scoring.campaigns import weight
from scoring.effort import BY_TYPE
from tests.ingest.test_datasets import ANSWERED
from tests.scoring.readings import Reader
from tests.warehouse.simulated import store
from warehouse.client import ClickHouse, connect

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("RAPPORT_DATASETS", ROOT / "../shared/data"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
EVERYWHERE = {"--config", "--data", "--help"}
VIEWS = (
    "interactions",
    "relationships_now",
    "trends",
    "campaigns",
    "campaign_numbers",
    "campaign_members",
    "corrections",
    "dead_letters",
    "owed",
    "promises",
    "identities",
    "trends_hour",
    "trends_day",
    "source_status",
    "pipeline_lag",
    "alerts",
    "data_dictionary",
)

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(page) if kind == language]


def section(page: str, heading: str) -> str:
    """What stands under ``heading``, up to the next one of its level or a higher one."""
    level = heading.split(" ", maxsplit=1)[0]
    after = page.split(f"\n{heading}", 1)[1]
    return re.split(rf"^#{{1,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def anchors(page: str) -> set[str]:
    """The anchors that GitHub makes of headings."""
    titles = re.findall(r"^#+ (.+)$", BLOCK.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def shown_commands(page: str) -> list[str]:
    """Each ``rapport …`` of a block or of a code span, without a prompt, and up to a pipe or redirection."""
    plain = BLOCK.sub("", page)
    found = re.findall(r"`((?:\.venv/bin/)?rapport [^`]+)`", plain.replace("\n", " "))
    for body in blocks(page, ""):
        found += re.findall(r"^(?:\$ )?((?:\.venv/bin/)?rapport .+)$", body, re.MULTILINE)
    return found


@cache
def command_tree() -> dict[str, set[str]]:
    """Options by command, such as ``ingest file``."""
    found: dict[str, set[str]] = {}

    def walk(command: Any, name: str) -> None:
        for child, below in getattr(command, "commands", {}).items():
            walk(below, f"{name} {child}".strip())
        if not hasattr(command, "commands"):
            found[name] = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}

    walk(typer.main.get_command(app), "")
    return found


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the repository, and a heading in it where it says so."""
    broken = []
    for link in LINK.findall(BLOCK.sub("", page.read_text("utf-8"))):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.is_file() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


@each_page
def test_commands_exist(page: Path) -> None:
    """Every command shown is one of the command line's, with options that it takes."""
    for shown in shown_commands(page.read_text("utf-8")):
        words = shlex.split(re.split(r" [|>] ", shown)[0])[1:]
        if words[0].startswith("-"):
            continue
        name = next((name for name in (" ".join(words[:2]), words[0]) if name in command_tree()), None)
        assert name, f"{page.name} shows {shown!r}, which is no command"
        options = {word.split("=")[0] for word in words if word.startswith("--")}
        assert options <= command_tree()[name], f"{page.name} shows {shown!r}"


@pytest.mark.parametrize("name", sorted(command_tree()))
def test_every_command_is_listed(name: str) -> None:
    """docs/configuration.md has a row for each command, with every option of its own."""
    row = re.search(rf"^\| `rapport {name}` \|(.*)\|$", text("docs/configuration.md"), re.MULTILINE)
    assert row, f"rapport {name} is not listed"
    own = {option for option in command_tree()[name] if option.startswith("--")} - EVERYWHERE
    assert set(re.findall(r"--[\w-]+", row[1])) == own


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("### `[brands.NAME]`", BrandSection),
        ("### `[kafka]`", KafkaSection),
        ("### `[clickhouse]`", ClickHouseSection),
        ("### `[retention]`", RetentionSection),
        ("### `[alerts]`", AlertsSection),
        ("### `[alerts.rules.NAME]`", RuleSection),
        ("### `[alerts.receivers.NAME]`", Receiver),
        ("### `[ingest]`", IngestSection),
        ("### `[sources.NAME]`", Common),
    ],
)
def test_every_setting_is_explained(heading: str, kind: type) -> None:
    """Each setting has a row, which names its default where it has one; no row is about anything else."""
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", section(text("docs/configuration.md"), heading), re.MULTILINE))
    assert set(rows) == {field.encode_name for field in structs.fields(kind)}
    for field in structs.fields(kind):
        if isinstance(field.default, str | int):
            assert str(field.default).lower() in rows[field.encode_name]


def test_every_rule_is_explained() -> None:
    """docs/alerts.md has a row for each rule, with its threshold, its least and its severity."""
    page = section(text("docs/alerts.md"), "## The rules")
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$", page, re.MULTILINE)
    told = {name: (threshold, least, severity.strip()) for name, threshold, least, severity in rows}
    assert told.keys() == DEFAULTS.keys()
    for name, setting in DEFAULTS.items():
        threshold, least, severity = told[name]
        assert f"{setting.threshold:,g}" in threshold, name
        assert str(setting.least) in least or (setting.least, least.strip()) == (1, ""), name
        assert severity == setting.severity.value, name


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_source_is_explained(kind: str) -> None:
    """Each has a page of its own, and a row in the table of what platforms can give."""
    assert (ROOT / f"docs/sources/{kind}.md").exists()
    assert f"| [`{kind}`](sources/{kind}.md) |" in text("docs/sources.md")


def test_every_variable_is_explained() -> None:
    """Each environment variable that the code or the tests read has a row."""
    sources = [path for folder in ("rapport", "tests", "bench") for path in (ROOT / folder).rglob("*.py")]
    read_by_us = {
        name
        for path in sources
        for name in re.findall(r"environ(?:\.get\(|\[)[\"'](RAPPORT_\w+)", path.read_text("utf-8"))
    }
    told = set(re.findall(r"^\| `(RAPPORT_\w+)` \|", text("docs/configuration.md"), re.MULTILINE))
    assert told == read_by_us | {PASSWORD_VARIABLE}


def test_readme_names_the_two_commands() -> None:
    """`make demo` and `make test` stand in README.md, and every target shown anywhere is in the Makefile."""
    assert {"make demo", "make test"} <= set(re.findall(r"make \w+", text("README.md")))
    shown = {name for page in PAGES for name in re.findall(r"`make (\w+)`", page.read_text("utf-8"))}
    assert shown <= set(re.findall(r"^(\w+):", text("Makefile"), re.MULTILINE))


def test_readme_stays_short() -> None:
    """Who opens it reads to its end."""
    assert len(text("README.md").splitlines()) < 150


@pytest.mark.parametrize("kind", [Interaction, Actor])
def test_every_field_of_the_contract_is_explained(kind: type) -> None:
    """Each field has a row, and the required ones say so."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|[^|]*\| (\S+) \|", section(text("docs/events.md"), "## Fields"), re.M)
    told = {name: need for names, need in rows for name in re.findall(r"\w+", names)}
    for field in structs.fields(kind):
        assert told[field.encode_name] == ("**yes**" if field.required else "no")


def test_every_reason_is_explained() -> None:
    """Each reason for which the code makes a dead letter has a row, and no row is about anything else."""
    sources = [
        path for folder in ("events", "ingest", "streams", "warehouse") for path in (ROOT / folder).rglob("*.py")
    ]
    given = {
        reason
        for path in sources
        for reason in re.findall(r"(?:Invalid|dead_letter)\(\s*\"(\w+)\"", path.read_text("utf-8"))
    }
    page = section(text("docs/events.md"), "## What becomes a dead letter")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == given


@each_page
def test_acts_shown_can_be_read(page: Path) -> None:
    """Every JSON block is an act of the contract."""
    now = datetime(2030, 1, 1, tzinfo=UTC)
    for block in blocks(page.read_text("utf-8"), "json"):
        assert decode_interaction(block.encode(), now).id


@each_page
def test_settings_shown_can_be_used(page: Path, tmp_path: Path) -> None:
    """Every TOML block is a valid mapping or a valid configuration."""
    for number, block in enumerate(blocks(page.read_text("utf-8"), "toml")):
        file = tmp_path / f"{number}.toml"
        file.write_text(block, encoding="utf-8")
        if "[interaction]" in block:
            assert load_mapping(file) == load_mapping(ROOT / "ingest/mappings/example.toml")
        else:
            assert read(file)


def test_example_file_gives_what_the_readme_shows(tmp_path: Path) -> None:
    """The README's six lines are five acts and a dead letter, of the persons and directions that it prints."""
    brands = tmp_path / "rapport.toml"
    brands.write_text(blocks(text("README.md"), "toml")[0], encoding="utf-8")
    found = list(read_interactions([ROOT / "docs/example.jsonl"], None, datetime(2030, 1, 1, tzinfo=UTC)))
    acts = [item for item in found if isinstance(item, Interaction)]
    assert [item.reason for item in found if isinstance(item, DeadLetter)] == ["bad_time"]
    rows, ties = offline.score(acts, Config(tmp_path, read(brands)).brands, text_reader())
    directions = [row.direction.value for row in rows]
    shown = dict(re.findall(r"^(inbound|outbound|peer) +(\d+)$", text("README.md"), re.MULTILINE))
    assert {name: int(count) for name, count in shown.items()} == {name: directions.count(name) for name in shown}
    listed = re.findall(r"^lumenbrew +(\S+) +(\w+) ", text("README.md"), re.MULTILINE)
    assert {(tie.person, tie.phases[0].class_.value) for tie in ties} == set(listed)


def test_the_numbers_of_trust_are_those_of_the_code() -> None:
    """docs/concepts.md names the thresholds, bounds and efforts of the scoring, and every signal of an account."""
    page = text("docs/concepts.md").split("\n## Reciprocity")[0]
    shown = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", page, re.MULTILINE))
    signed = (f"{number:g}".replace("-", "−") for number in (actor.LOWEST, actor.HIGHEST))
    assert shown["account"] == " to +".join(signed)
    assert shown["campaign"].startswith(f"{weight.FLOOR:g} to 0".replace("-", "−"))
    assert shown["reports"].startswith(f"{testimony.REMOVED:g}".replace("-", "−"))
    assert shown["`bias`"].startswith(f"{combine.WEIGHTS.bias:g}, fixed")
    assert shown["content"].endswith(f"at most +{combine.WEIGHTS.clean_words:g} for what speaks for it")
    assert shown["`insufficient`"].startswith(f"confidence below {combine.CONFIDENT_FROM:g}")
    assert shown["`spam`"] == f"trust below {combine.SPAM_BELOW:g}"
    assert shown["`genuine`"] == f"trust from {combine.GENUINE_FROM:g}"
    efforts = {"a like": Activity.LIKE, "a follow": Activity.FOLLOW, "a share": Activity.ANNOUNCE}
    assert {name: float(shown[name]) for name in efforts} == {name: BY_TYPE[kind] for name, kind in efforts.items()}
    assert all(f"`{signal}`" in page for signal in actor.STANDING | {"reputation", "repeats_own_text", "mostly_links"})


def test_published_answers_are_shown() -> None:
    """The table in docs/data-sets.md is the one that was computed from the file itself."""
    table = section(text("docs/data-sets.md"), "## How much is answered, and how fast")
    rows = re.findall(r"^(\w+) +(\d+) +([\d.]+) +([\d.]+)$", table, re.MULTILINE)
    assert {name: (int(n), float(share), float(wait)) for name, n, share, wait in rows} == ANSWERED


@pytest.fixture(scope="module")
def reader(simulated: ClickHouse) -> Iterator[Client]:
    """The read-only user of a warehouse that holds a simulated audience up to this hour."""
    client = connect(simulated)
    yield client
    client.disconnect()


QUERIES = dict(
    re.findall(r"^### ([^\n]+)\n(?:(?!^###).)*?```sql\n(.*?)```", text("docs/sql.md"), re.MULTILINE | re.DOTALL)
)


@pytest.mark.engines
@pytest.mark.parametrize("title", QUERIES)
def test_every_query_answers(reader: Client, title: str) -> None:
    """Each example of docs/sql.md gives the read-only user at least one row."""
    assert reader.execute(QUERIES[title])


def test_no_query_is_forgotten() -> None:
    """Every SQL block of docs/sql.md has a title of its own, and there are at least eight."""
    assert len(QUERIES) == len(blocks(text("docs/sql.md"), "sql")) >= 8


@pytest.mark.engines
@pytest.mark.parametrize("view", VIEWS)
def test_every_column_is_explained(reader: Client, view: str) -> None:
    """docs/sql.md lists the columns of each view, all of them and no other."""
    told = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section(text("docs/sql.md"), f"### `{view}`"), re.MULTILINE)
    there = reader.execute(f"DESCRIBE TABLE {view}")
    assert sorted(name for names in told for name in re.findall(r"\w+", names)) == sorted(row[0] for row in there)


@pytest.mark.engines
@pytest.mark.datasets
def test_the_answers_of_twcs(empty_database: ClickHouse) -> None:
    """The query of docs/data-sets.md gives the published share and median of every brand."""
    path = DATA / "twcs"
    if not path.is_dir():
        pytest.skip(f"no data set at {path}; set RAPPORT_DATASETS to the folder that holds twcs")
    acts = [item for item in read_interactions([path], "twcs", datetime.now(UTC)) if isinstance(item, Interaction)]
    store(empty_database, *offline.score(acts, Brands(mapping_brands([path], "twcs")), Reader()))
    client = connect(empty_database)
    rows = client.execute(blocks(text("docs/data-sets.md"), "sql")[0])
    client.disconnect()
    assert {brand: (tweets, share, wait) for brand, tweets, share, wait in rows} == ANSWERED
