"""The simulated audience: the same every time, fit for the contract, and rich enough to judge a scorer by."""

import hashlib
import os
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events import Activity, Brand, Brands, Direction, Interaction, decode_interaction, encode
from rapport.demo.people import ROLES
from rapport.demo.simulator import (
    DEFAULT_DAYS,
    DEFAULT_PEOPLE,
    Simulation,
    read_truth,
    simulate,
    simulate_events,
    write,
)

END = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(7, DEFAULT_DAYS, DEFAULT_PEOPLE, END)


def texts(simulation: Simulation, *roles: str) -> list[str]:
    acts = simulation.truth.acts
    return [one.content for one in simulation.interactions if one.content and acts[one.id].role in roles]


def test_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    """Neither a second run nor another hash seed changes a byte of what is written."""
    write(simulate(3, 60, 60, END), tmp_path)
    ours = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))).hexdigest()
    code = (
        "import hashlib, sys; from datetime import datetime; from pathlib import Path\n"
        "from rapport.demo.simulator import simulate, write\n"
        f"folder = Path(sys.argv[1]); write(simulate(3, 60, 60, datetime.fromisoformat('{END.isoformat()}')), folder)\n"
        "print(hashlib.sha256(b''.join(path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "again")],
        env={**os.environ, "PYTHONHASHSEED": "99"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert there.stdout.strip() == ours


def test_another_seed_gives_another_audience() -> None:
    """Seeds matter: no id is shared between two audiences."""
    one, other = (simulate(seed, 30, 40, END) for seed in (1, 2))
    assert not {act.id for act in one.interactions} & {act.id for act in other.interactions}


def test_every_interaction_survives_the_wire(simulation: Simulation) -> None:
    """Hostile texts, other scripts and names included, decode to what was encoded."""
    for interaction in simulation.interactions:
        assert decode_interaction(encode(interaction), END) == interaction


def test_ids_are_unique_and_acts_in_order(simulation: Simulation) -> None:
    """Acts come in the order in which everything is folded, each once, none after the end."""
    orders = [one.order for one in simulation.interactions]
    assert orders == sorted(orders)
    assert len({one.id for one in simulation.interactions}) == len(simulation.interactions)
    assert simulation.interactions[-1].published < END
    assert simulation.interactions[0].published > END - timedelta(days=DEFAULT_DAYS + 1)


def test_size_is_what_the_demo_promises(simulation: Simulation) -> None:
    """About 6,000 acts on two platforms about two brands by default."""
    assert 5_000 < len(simulation.interactions) < 7_000
    assert {one.platform for one in simulation.interactions} == {"mastodon", "bluesky"}
    assert all(one.id.startswith(f"{one.platform}:") for one in simulation.interactions)
    assert len(simulation.brands) == 2


def test_a_stream_of_a_wanted_size_can_be_made() -> None:
    """The kill tests' 20,000 events come within a tenth."""
    assert 18_000 < len(simulate_events(5, 20_000, END).interactions) < 22_000


def test_too_few_people_are_refused() -> None:
    """A cast that cannot fill every role is an error that says how many are needed."""
    with pytest.raises(ValueError, match="at least 30"):
        simulate(1, 10, 5, END)


def test_directions_follow_from_the_accounts(simulation: Simulation) -> None:
    """The brand's acts are outbound, nobody else's are, help among people is peer, and each act has one brand."""
    brands, acts = Brands(simulation.brands), simulation.truth.acts
    for interaction in simulation.interactions:
        routes = brands.routes(interaction)
        act = acts[interaction.id]
        assert len(routes) == 1 and routes[0].brand
        assert (routes[0].direction is Direction.OUTBOUND) == (act.role == "brand")
        if act.why == "help":
            assert routes[0].direction is Direction.PEER


def test_every_reply_answers_an_earlier_act_of_the_same_conversation(simulation: Simulation) -> None:
    """Nobody answers what was not yet written, and a thread keeps its conversation and its platform."""
    seen: dict[str, Interaction] = {}
    for interaction in simulation.interactions:
        if interaction.in_reply_to:
            parent = seen[interaction.in_reply_to.id]
            assert parent.actor.id == interaction.in_reply_to.actor
            assert (parent.conversation, parent.platform) == (interaction.conversation, interaction.platform)
        elif interaction.object and interaction.type is not Activity.FOLLOW:
            assert interaction.object in seen
        seen[interaction.id] = interaction


def test_every_role_acts(simulation: Simulation) -> None:
    """Every role of the table and the brand itself take part."""
    counts = Counter(act.role for act in simulation.truth.acts.values())
    assert set(counts) == {*ROLES, "brand"}
    assert all(counts[role] >= 8 for role in ROLES)


def test_the_brand_answers_whom_it_should(simulation: Simulation) -> None:
    """Askers are mostly answered, ignored people hardly ever, pestered people hear most and say least."""
    pairs = simulation.truth.pairs
    sums = {
        role: (sum(p.gave for p in pairs if p.role == role), sum(p.got for p in pairs if p.role == role))
        for role in ROLES
    }
    assert sums["asker"][1] > 0.5 * sums["asker"][0]
    assert sums["ignored"][1] < 0.1 * sums["ignored"][0]
    assert sums["pestered"][1] > 4 * sums["pestered"][0]
    assert sums["ring"][1] == 0


def test_genuine_people_do_not_parrot(simulation: Simulation) -> None:
    """Outside the bursts few genuine texts repeat another, while bots have only a handful of things to say."""
    bursts = {id_ for event in simulation.truth.planted for id_ in event.ids}
    acts = simulation.truth.acts
    genuine = [
        one.content
        for one in simulation.interactions
        if one.content and one.id not in bursts and acts[one.id].genuine and acts[one.id].role != "brand"
    ]
    assert len(set(genuine)) > 0.97 * len(genuine)
    bots = [text.split(" ", 1)[-1].lower() for text in texts(simulation, "bot")]
    assert len(set(bots)) < 0.5 * len(bots)


def test_promoters_and_genuine_people_share_words(simulation: Simulation) -> None:
    """Links, "check out" and "free" occur on both sides, so memorised strings separate nobody."""
    fans, promoters = texts(simulation, "loyal_fan", "helper", "ignored", "lapsed"), texts(simulation, "promoter")
    for word in ("https://", "check", "tip", "love"):
        assert any(word in text.lower() for text in fans), word
        assert any(word in text.lower() for text in promoters), word
    linked = sum("https://" in text for text in fans) / len(fans)
    assert 0.03 < linked < 0.3


def test_hostile_and_foreign_texts_come_from_genuine_people(simulation: Simulation) -> None:
    """Markup, SQL, right-to-left overrides and seven other languages appear, and are no sign of spam."""
    acts = simulation.truth.acts
    genuine = [one for one in simulation.interactions if acts[one.id].genuine and acts[one.id].role != "brand"]
    everything = "\n".join(one.content for one in genuine)
    assert all(piece in everything for piece in ("<script>", "DROP TABLE", "\u202e", "%s"))
    assert {one.language for one in genuine} >= {"en", "es", "pt", "de", "fr", "tr", "ja", "ar"}


def test_quiet_helpers_look_like_bots_and_help(simulation: Simulation) -> None:
    """The hardest genuine profile: no name, no posts, young; most of what it writes is help."""
    acts = simulation.truth.acts
    theirs = [one for one in simulation.interactions if acts[one.id].role == "quiet_helper"]
    assert all(one.actor.posts == 0 and not one.actor.name for one in theirs if one.actor.created)
    assert sum(acts[one.id].why == "help" for one in theirs) > len({one.actor.id for one in theirs})


def test_written_files_read_back(simulation: Simulation, tmp_path: Path) -> None:
    """The three files hold what was simulated, and the brands' file is a valid configuration."""
    write(simulation, tmp_path)
    lines = (tmp_path / "interactions.jsonl").read_bytes().splitlines()
    assert [decode_interaction(line, END) for line in lines] == simulation.interactions
    assert read_truth(tmp_path) == simulation.truth
    declared = tomllib.loads((tmp_path / "brands.toml").read_text())["brands"]
    assert simulation.brands == tuple(
        Brand(name, frozenset(table["accounts"]), tuple(table["match"])) for name, table in declared.items()
    )
