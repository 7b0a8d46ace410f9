"""The real data sets keep what the published numbers are computed from."""

import os
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from events import Brands, Direction, Interaction, decode_interaction, encode
from ingest.datasets import DATASETS
from ingest.datasets.ibm_cc import tweeted
from ingest.dead import DeadLetter
from ingest.file import mapping_brands, read_interactions
from ingest.lines import ReadError, Reading
from tests.ingest.given import NOW

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("RAPPORT_DATASETS", ROOT / "../shared/data"))
ANSWERED = {  # inbound tweets that mention the brand first, share answered, median seconds to the first answer
    "marksandspencer": (109, 0.220, 1582.5),
    "XboxSupport": (68, 0.529, 2634.5),
    "ATVIAssist": (47, 0.532, 7802.0),
    "Tesco": (96, 0.552, 6419.0),
    "AskeBay": (45, 0.578, 2955.5),
    "AmericanAir": (99, 0.667, 387.0),
    "TMobileHelp": (44, 0.705, 279.0),
    "AirAsiaSupport": (31, 0.742, 12706.0),
    "AmazonHelp": (153, 0.758, 592.0),
    "Uber_Support": (81, 0.765, 760.5),
    "British_Airways": (95, 0.768, 20648.0),
    "VerizonSupport": (61, 0.787, 206.5),
    "Delta": (99, 0.798, 1253.0),
    "AskPlayStation": (69, 0.812, 296.5),
    "AppleSupport": (143, 0.846, 548.0),
    "comcastcares": (48, 0.854, 330.0),
    "SpotifyCares": (71, 0.859, 1126.0),
    "SouthwestAir": (72, 0.889, 272.0),
    "ChipotleTweets": (226, 0.898, 592.0),
}


@cache
def loaded(name: str) -> tuple[tuple[Interaction, ...], Brands, Reading]:
    path, reading = DATA / name, Reading()
    if not path.is_dir():
        pytest.skip(f"no data set at {path}; set RAPPORT_DATASETS to the folder that holds {name}")
    found = list(read_interactions([path], name, NOW, reading))
    assert not [item for item in found if isinstance(item, DeadLetter)]
    return tuple(item for item in found if isinstance(item, Interaction)), Brands(mapping_brands([path], name)), reading


def directions(name: str) -> Counter[Direction]:
    """How many acts go which way; every act concerns exactly one declared brand."""
    acts, brands, _ = loaded(name)
    routes = [brands.routes(act) for act in acts]
    assert {len(found) for found in routes} == {1}
    assert all(found[0].brand in brands.by_name for found in routes)
    return Counter(found[0].direction for found in routes)


@pytest.mark.datasets
@pytest.mark.parametrize(
    ("name", "rows", "ids", "brands", "dropped"),
    [
        ("twcs", 5_000, 5_000, 76, 0),
        ("ibm_cc", 2_350, 2_343, 25, 0),
        ("youtube_corpus", 81_241, 81_241, 77, 208),
        ("youtube_spam", 1_956, 1_953, 5, 0),
    ],
)
def test_sizes(name: str, rows: int, ids: int, brands: int, dropped: int) -> None:
    """Every valid row is one act of one brand, and progress ends at the whole."""
    acts, declared, reading = loaded(name)
    assert (len(acts), len({act.id for act in acts}), len(declared.by_name)) == (rows, ids, brands)
    assert (reading.dropped, reading.done) == (dropped, reading.total)


@pytest.mark.datasets
@pytest.mark.parametrize("name", list(DATASETS))
def test_acts_obey_the_contract(name: str) -> None:
    """What a loader builds is what the contract's decoder reads back."""
    acts, _, _ = loaded(name)
    assert all(decode_interaction(encode(act), NOW) == act for act in acts[::7])


@pytest.mark.datasets
@pytest.mark.parametrize(
    ("name", "inbound", "outbound", "peer"),
    [
        ("twcs", 2_549, 2_222, 229),
        ("ibm_cc", 1_177, 1_139, 34),
        ("youtube_corpus", 80_769, 472, 0),
        ("youtube_spam", 1_956, 0, 0),
    ],
)
def test_directions(name: str, inbound: int, outbound: int, peer: int) -> None:
    """The direction that follows from the accounts is the one the data state."""
    found = directions(name)
    assert found == Counter({Direction.INBOUND: inbound, Direction.OUTBOUND: outbound, Direction.PEER: peer})


@pytest.mark.datasets
def test_twcs_answers() -> None:
    """Per brand: how many tweets mention it first, how many were answered and how fast, as published."""
    acts, brands, _ = loaded("twcs")
    routes = [(act, *brands.routes(act)) for act in acts]
    first: dict[str, int] = {}
    for act, route in routes:
        if route.direction is Direction.OUTBOUND and act.in_reply_to:
            parent = act.in_reply_to.id
            first[parent] = min(first.get(parent, act.at), act.at)
    waits: dict[str, list[float | None]] = {}
    for act, route in routes:
        if route.direction is not Direction.OUTBOUND and f"twitter:{route.brand}" in act.to:
            wait = (first[act.id] - act.at) / 1000 if act.id in first else None
            waits.setdefault(route.brand, []).append(wait)
    found = {}
    for brand, of_brand in waits.items():
        answered = [wait for wait in of_brand if wait is not None]
        if len(of_brand) >= 30:
            found[brand] = (len(of_brand), round(len(answered) / len(of_brand), 3), median(answered))
    assert found == ANSWERED


@pytest.mark.datasets
def test_twcs_threads() -> None:
    """Threads, and parents that are not in the file, survive."""
    acts, _, _ = loaded("twcs")
    ids = {act.id for act in acts}
    parents = [act.in_reply_to for act in acts if act.in_reply_to]
    assert len({act.conversation for act in acts}) == 1_312
    assert {act.conversation for act in acts} <= ids
    assert [parent for parent in parents if parent.id not in ids]
    assert all(not parent.actor for parent in parents if parent.id not in ids)


@pytest.mark.datasets
def test_ibm_cc_last_turns() -> None:
    """The turn kept apart is the agent's last; its time is in its id, as is that of every other turn."""
    acts, brands, _ = loaded("ibm_cc")
    accounts = set(brands.by_account)
    assert sum(act.actor.id in accounts for act in acts) == 114 + 1_025
    assert all(abs((tweeted(act.id.split(":")[1]) - act.published).total_seconds()) <= 1 for act in acts)
    before = {act.id: act.published for act in acts}
    assert all(act.published >= before[act.in_reply_to.id] for act in acts if act.in_reply_to)


@pytest.mark.datasets
def test_the_label_never_enters_an_event() -> None:
    """Nothing of an act of youtube_spam depends on the column that scoring is measured against."""
    acts, _, _ = loaded("youtube_spam")
    assert set().union(*(encode_keys(act) for act in acts)) == {
        "id",
        "platform",
        "type",
        "published",
        "actor",
        "content",
        "conversation",
        "brands",
    }


def encode_keys(act: Interaction) -> set[str]:
    return {name for name in act.__struct_fields__ if getattr(act, name)}


@pytest.mark.parametrize("name", list(DATASETS))
def test_other_files_are_refused(name: str, tmp_path: Path) -> None:
    """A folder without the files, a file of another name and a file of another version are refused in one line."""
    with pytest.raises(ReadError, match=r"is missing|file\(s\)"):
        mapping_brands([tmp_path], name)
    (tmp_path / "x.csv").write_text("a,b\n")
    with pytest.raises(ReadError):
        list(read_interactions([tmp_path / "x.csv"], name, NOW))


def test_another_version_is_refused(tmp_path: Path) -> None:
    """The expected sha256 is told, for whoever wants to fetch that version."""
    (tmp_path / "twcs_sample.csv").write_text("a,b\n")
    with pytest.raises(ReadError, match=r"twcs was written for 02fe3ab3"):
        list(read_interactions([tmp_path], "twcs", NOW))
