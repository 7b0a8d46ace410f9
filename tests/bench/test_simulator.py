"""The protocol of the simulated audiences counts what it says."""

from datetime import UTC, datetime

from bench.science.simulator import Judged, by_role, figures, judged
from events import Content, Verdict
from rapport.demo.simulator import simulate
from rapport.demo.truth import Act

END = datetime(2026, 11, 1, tzinfo=UTC)


def test_every_act_of_the_audience_is_judged_once_for_each_brand() -> None:
    """None of a brand's own, and each with what is true of it; a reader that knows the truth would score AUC 1."""
    simulation = simulate(7, 20, 30, END)
    truth = {act.content: simulation.truth.acts[act.id] for act in simulation.interactions}
    rows = judged(simulation, lambda texts: [Content(_told(truth[text])) for text in texts])
    assert not [row for row in rows if row.role == "brand" or not row.person]
    assert len(rows) == sum(month.volume for month in simulation.truth.months)
    assert figures(rows, simulation)["auc_act"] > 0.95


def test_shares_of_a_role_are_of_its_own_acts() -> None:
    """Three of four verdicts on a helper are three quarters, whatever others got."""

    def of(role: str, verdict: Verdict) -> Judged:
        return Judged("acme", role, role, 0.5, verdict, True)

    rows = [of("helper", Verdict.GENUINE)] * 3 + [of("helper", Verdict.SPAM)] + [of("bot", Verdict.SPAM)] * 5
    assert by_role(rows)["helper"]["genuine"] == 0.75
    assert by_role(rows)["helper"]["spam"] == 0.25
    assert by_role(rows)["bot"]["acts"] == 5.0


def _told(act: Act) -> float:
    return 4.0 if act.genuine else -6.0
