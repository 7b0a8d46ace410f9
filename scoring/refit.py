"""Other weights of the verdict, learnt from what people said of acts, and taken only where they are better.

``combine`` is linear in the four weights that are learnt: the trust of an act is the logistic of ``bias`` plus the
three terms times their weights, plus what platforms report. So a logistic regression fits them, pulled towards the
weights in use (a Gaussian prior around these). It is an approximation in one thing: the history of an account learns
from the trust of its acts, so its term changes a little with the weights, and the fit holds it. The test does not: it
folds everything anew with the fitted weights.

Labels at random, or of mistakes only, would be fitted best by weights that believe nothing. So where the fitted
weights do not order the labels either, they are refused: acts that are judged rightly have to be confirmed, too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from events import Direction
from events.brands import by_platform
from scoring.combine import EXTREME, Weights
from scoring.fold import Fact, Fitted, Heard, Knowledge, Known, Person, fold, hear, ordered

REFITTED = ("bias", "content", "actor", "campaign")
NEVER_NEGATIVE = np.array([False, True, True, True])
PRIOR_SD = np.array([1.0, 0.5, 0.5, 0.5])  # how far from the weights in use better ones are thought to be
STEPS = 5_000
DECIMALS = 4
PROBE = 2.0**-7  # a weight so small that no term reaches the bounds of trust

HELD_BACK = 0.4  # of the labels, the newest
ENOUGH, OF_EACH = 20, 5  # labels on either side
RESAMPLES, SEED = 2_000, 20
BETTER_IN = 0.9  # of the resamples
ORDERLY = 0.75  # AUC from which labels are no accident: two standard errors above chance for ``ENOUGH`` labels
SAME_AUC = 0.005  # a smaller loss is one or two pairs that changed places

Floats = NDArray[np.float64]


class Label(Struct, frozen=True):
    """What a person said of an act, ``at`` in ms since 1970."""

    id: str
    genuine: bool
    at: int


class Example(Struct, frozen=True):
    """A labelled act of ``person`` (a Kafka key), its terms as ``combine`` applies them, each before its weight.

    ``given`` are the log-odds that no weight touches.
    """

    person: str
    label: Label
    content: float
    actor: float
    campaign: float
    given: float

    def log_odds(self, weights: Weights) -> float:
        """As ``combine`` has them, if ``weights`` are those of the replay."""
        terms = weights.content * self.content + weights.actor * self.actor + weights.campaign * self.campaign
        return min(EXTREME, max(-EXTREME, weights.bias + terms + self.given))


class Figures(Struct, frozen=True):
    """Of the held-back labels: mean log loss in nats, and area under the ROC curve."""

    log_loss: float
    auc: float


class Refit(Struct, frozen=True):
    """``weights`` are those to use from now on. ``refusal`` says why they are the old ones; empty: they are new.

    ``better`` is the share of resamples in which ``fitted`` has the lower log loss. Where there are too few labels
    nothing was ``fitted``.
    """

    weights: Weights
    refusal: str = ""
    labels: int = 0
    learnt: int = 0
    held_back: int = 0
    fitted: Weights | None = None
    old: Figures | None = None
    new: Figures | None = None
    better: float = 0.0


Replay = Callable[[Weights], Sequence[Example]]


def examples(
    person: str, facts: Iterable[Fact], labels: Mapping[str, Label], knowledge: Knowledge, weights: Weights
) -> list[Example]:
    """The labelled acts of one person as they are judged without their own label; all others stay as they are. Without
    hindsight, too: the label would have a part in it.

    What a brand or the platform says teaches nothing: no reading of it is asked for its trust.
    """
    state, found, fitted = Person(), [], Fitted(trust=weights)
    for fact, known in ordered(facts, knowledge):
        label = labels.get(fact.interaction.id)
        if label and not known.change.withdrawn_by and not _declared(fact):
            heard = hear(state.actor, fact, replace(known, correction=None), ours=False)
            found.append(_example(person, label, heard, weights))
        state, _ = fold(state, fact, known, fitted)
    return found


def refit(replay: Replay, weights: Weights) -> Refit:
    """Better weights than ``weights``, if the labels allow. ``replay`` gives the examples under any weights.

    They are fitted to the older labels and tested on the newest, those of other persons. What was tested is taken.
    """
    found = sorted(replay(weights), key=_time)
    learnt, held = split(found)
    plain = Refit(weights, labels=len(found), learnt=len(learnt), held_back=len(held))
    if missing := _missing("to learn from", learnt) + _missing("held back", held):
        return replace(plain, refusal="too few labels: " + "; ".join(missing))
    fitted = fit(learnt, weights)
    ids = {example.label.id for example in held}
    again = [example for example in sorted(replay(fitted), key=_time) if example.label.id in ids]
    before, after = _log_odds(held, weights), _log_odds(again, fitted)
    genuine = _genuine(held)
    old, new = (Figures(float(_losses(odds, genuine).mean()), auc(odds, genuine)) for odds in (before, after))
    better = _better(_losses(after, genuine) - _losses(before, genuine), [example.person for example in held])
    refusal = _refusal(old, new, better)
    return replace(
        plain,
        weights=weights if refusal else fitted,
        refusal=refusal,
        fitted=fitted,
        old=old,
        new=new,
        better=better,
    )


def split(ordered: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Those to learn from and those held back: all of the first are older, and nobody is on both sides.

    Whoever has labels of both times keeps those of one, where more of theirs are than of everybody's; the others are
    on neither side.
    """
    cut = len(ordered) - round(HELD_BACK * len(ordered))
    older, newer = ordered[:cut], ordered[cut:]
    before, after = (Counter(example.person for example in side) for side in (older, newer))
    held = {person for person in after if after[person] * (1.0 - HELD_BACK) > before[person] * HELD_BACK}
    return [each for each in older if each.person not in held], [each for each in newer if each.person in held]


def fit(learnt: Sequence[Example], weights: Weights) -> Weights:
    """The most probable weights with a prior around ``weights``; the same examples in any order give the same.

    Newton's method with Böhning's bound in place of the Hessian (Böhning 1992, "Multinomial logistic regression
    algorithm"): it needs no step length and always descends. A term whose weight would be negative is left out.
    """
    terms = np.array([[1.0, example.content, example.actor, example.campaign] for example in learnt])
    given = np.array([example.given for example in learnt])
    genuine = _genuine(learnt)
    start = np.array([getattr(weights, name) for name in REFITTED])
    precision = PRIOR_SD**-2
    free = np.ones(len(REFITTED), dtype=bool)
    while True:
        step = np.linalg.inv((terms.T @ terms / 4.0 + np.diag(precision))[np.ix_(free, free)])
        now = np.where(free, start, 0.0)
        for _ in range(STEPS):
            slope = terms.T @ (_probability(terms @ now + given) - genuine) + precision * (now - start)
            change = step @ slope[free]
            now[free] -= change
            if np.abs(change).max() < 1e-7:
                break
        if not (wrong := np.where(NEVER_NEGATIVE, now, 0.0)).min() < 0.0:
            return replace(weights, **{name: round(float(now[n]), DECIMALS) for n, name in enumerate(REFITTED)})
        free[wrong.argmin()] = False


def auc(log_odds: Floats, genuine: Floats) -> float:
    """The chance that a genuine act has higher log-odds than another; ties count half."""
    low = np.sort(log_odds[genuine == 0.0])
    high = log_odds[genuine == 1.0]
    below = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return float(below.sum() / 2.0 / (len(low) * len(high)))


def _example(person: str, label: Label, heard: Heard, weights: Weights) -> Example:
    """``combine`` is asked with one weight at a time, so that bounds and overlaps are those that it applies."""
    none = replace(weights, **dict.fromkeys(REFITTED, 0.0))
    unreported = replace(heard, known=Known(heard.known.campaign))
    content, actor, campaign = (
        _logit(unreported.judgement(replace(none, **{name: PROBE})).trust) / PROBE
        for name in ("content", "actor", "campaign")
    )
    given = heard.known.removal.weight if heard.known.removal else 0.0
    return Example(person, label, content, actor, campaign, given)


def _declared(fact: Fact) -> bool:
    return by_platform(fact.interaction) or any(route.direction is Direction.OUTBOUND for route in fact.routes)


def _missing(side: str, some: Sequence[Example]) -> list[str]:
    genuine = sum(example.label.genuine for example in some)
    spam = len(some) - genuine
    lacking = max(ENOUGH - len(some), max(0, OF_EACH - genuine) + max(0, OF_EACH - spam))
    if not lacking:
        return []
    return [
        f"{lacking} more are needed {side} (there are {genuine} genuine and {spam} spam;"
        f" at least {ENOUGH}, {OF_EACH} of each kind)"
    ]


def _refusal(old: Figures, new: Figures, better: float) -> str:
    if new.auc < ORDERLY:
        return (
            f"the labels hardly agree with what is known of the acts (AUC {new.auc:.2f}, {ORDERLY} is needed); "
            "where they are of mistakes only, confirm also acts that are judged rightly"
        )
    if new.log_loss >= old.log_loss:
        return "the new weights are no better on the held-back labels"
    if better < BETTER_IN:
        return f"the gain may be chance: better in {better:.0%} of the resamples, {BETTER_IN:.0%} are needed"
    if new.auc < old.auc - SAME_AUC:
        return "the new weights tell genuine from spam less well on the held-back labels"
    return ""


def _better(differences: Floats, persons: Sequence[str]) -> float:
    """Paired bootstrap over persons: in what share of the resamples the differences of loss add up to a gain."""
    _, person = np.unique(persons, return_inverse=True)
    of_person = np.bincount(person, differences)
    drawn = np.random.default_rng(SEED).integers(len(of_person), size=(RESAMPLES, len(of_person)))
    return float((of_person[drawn].sum(axis=1) < 0.0).mean())


def _time(example: Example) -> tuple[int, str]:
    return example.label.at, example.label.id


def _log_odds(some: Sequence[Example], weights: Weights) -> Floats:
    return np.array([example.log_odds(weights) for example in some])


def _genuine(some: Sequence[Example]) -> Floats:
    return np.array([float(example.label.genuine) for example in some])


def _losses(log_odds: Floats, genuine: Floats) -> Floats:
    return np.logaddexp(0.0, np.where(genuine == 1.0, -log_odds, log_odds))


def _probability(log_odds: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -EXTREME, EXTREME)))


def _logit(probability: float) -> float:
    return float(np.log(probability) - np.log1p(-probability))
