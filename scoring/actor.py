"""What an account's own past says of its next act: one small state per person, folded act by act.

Prequential: the evidence on an act comes from the acts before it, then the act is folded in. Nothing here condemns
anybody for being new, quiet, far away or enthusiastic: little evidence gives log-odds near 0, and missing profile
facts count for nothing.
"""

import math

from msgspec import Struct
from msgspec.structs import replace

from events import Activity, Direction, Evidence, Interaction
from events.interaction import milliseconds
from scoring.combine import WEIGHTS, Weights
from scoring.hindsight import depth
from scoring.pace import decayed, pace_evidence, unhurried
from scoring.said import NOTHING, Said, said_by, thanks

OWN_ACTS = frozenset({Activity.CREATE, Activity.ANNOUNCE, Activity.LIKE, Activity.FOLLOW})
STANDING = frozenset(  # what is said of the account as a whole
    {
        "helps_others",
        "answered_by_brand",
        "thanked_by_brand",
        "removed_by_brand",
        "metronome",
        "sprays",
        "says_little",
        "pace",
        "profile",
        "automated_account",
    }
)
REMOVALS = frozenset({Activity.DELETE, Activity.FLAG})

# A good past must not buy a hijacked account a pass; the worst outweighs the base rate and the cleanest text together,
# because what only wants to look like people takes care to write clean ones.
LOWEST, HIGHEST = -4.0, 1.5

FORGETTING = 0.98  # per act: about the last 50 acts make a reputation
HALF_LIFE_MS = 180 * 86_400_000  # of silence: accounts are sold, lost and taken up again
LATELY = 0.3  # weight of the newest act in a mean over the last three or so
PRIOR_ACTS = 2.0  # of each kind: one or two acts say little
# One writer's acts are judged by the same reader with the same mistakes, so n of them are worth less than n strangers'.
REPUTATION_WEIGHT = 0.75

REMEMBERED = 7
REMEMBERED_DOMAINS = 4
RHYTHM_FORGETTING = 0.95
METRONOME_GAP_S = 6 * 3600.0  # slower regularity is a person's habit
SPRAY_GAP_S = 20.0  # nobody reads and answers that fast
SPRAY_TARGETS = 6

# Of what people write to companies (TWCS, 82 authors of five tweets and more) an eighth would fit anywhere, and more
# than 55 % of nobody's: beyond this share each further text counts against the account.
USUALLY_EMPTY = 0.35
SAYS_LITTLE = -4.5
EACH = -0.7  # and never more than this for each of them: the first few may be a newcomer's joy
ONE_MORE = 0.5  # of that again for one more such text, where they go to many: its clean words are no merit
GUSHES = 0.3  # of that at most, where it all goes to one place: enthusiasm is doubted, not condemned
DAY_MS = 86_400_000
HUNDREDTHS = 100


class Actor(Struct, frozen=True, array_like=True):
    """The state. Counts are decayed sums; times in ms since 1970, gaps in s.

    ``genuine`` and ``spam`` are a Beta reputation with forgetting (Jøsang and Ismail 2002), ``lately`` the
    mean trust of the last few acts. ``empty`` is the part of ``texts`` that would fit anywhere. ``recent`` holds the
    last acts, each ``text hash << 16 | target hash`` (text 0: too short for a template), ``domains`` the last hosts.
    ``pace`` is that of ``scoring.pace`` in hundredths, ``exposed`` the lowest it ever stood (``hindsight.depth``).
    """

    acts: int = 0
    last_at: int = 0
    genuine: float = 0.0
    spam: float = 0.0
    lately: float = 0.5
    helped: float = 0.0
    answered: float = 0.0
    thanked: float = 0.0
    removed: float = 0.0
    linked: float = 0.0
    texts: float = 0.0
    empty: float = 0.0
    gaps: float = 0.0
    gap_mean: float = 0.0
    gap_squares: float = 0.0
    recent: tuple[int, ...] = ()
    domains: tuple[int, ...] = ()
    pace: int = 0
    exposed: int = 0


def actor_log_odds(actor: Actor, interaction: Interaction) -> tuple[float, tuple[Evidence, ...]]:
    """Log-odds that this act is genuine, from who does it alone, and the evidence, whose weights add up to it.

    ``actor`` is the state before ``interaction``. Within ``LOWEST..HIGHEST``, and only its pace brings one lower;
    0 for an unknown account.
    """
    said = said_by(interaction)
    pace = decayed(actor.pace / HUNDREDTHS, interaction.at - actor.last_at) + (interaction.type in OWN_ACTS)
    haste = pace_evidence(pace)
    found = [
        *_reputation(actor, pace),
        *_esteem(actor),
        *_repetition(actor, interaction, said),
        *_links(actor, said),
        *_rhythm(actor),
        *_emptiness(actor, said),
        *_profile(interaction),
        haste,
    ]
    evidence = _within_bounds(tuple(entry for entry in found if abs(entry.weight) >= 0.005), LOWEST + haste.weight)
    return sum(entry.weight for entry in evidence), evidence


def standing(actor: Actor) -> float:
    """Log-odds of the account whatever it does next, as of its last act: what is known of it without any text of it."""
    pace = actor.pace / HUNDREDTHS
    haste = pace_evidence(pace)
    found = (*_reputation(actor, pace), *_esteem(actor), *_rhythm(actor), *_emptiness(actor, NOTHING), haste)
    return sum(entry.weight for entry in _within_bounds(found, LOWEST + haste.weight))


def actor_confidence(actor: Actor) -> float:
    """How much is known of the account: 0 (nothing) towards 1, one half after eight judged acts."""
    mass = actor.genuine + actor.spam + actor.answered + actor.thanked
    return mass / (mass + 8.0)


def fold_actor(
    actor: Actor,
    interaction: Interaction,
    direction: Direction,
    posterior: float,
    evidence: tuple[Evidence, ...] = (),
    *,
    weights: Weights = WEIGHTS,
) -> Actor:
    """The state after ``interaction``; ``posterior`` is its trust from content and actor, without the campaign.

    ``evidence`` is what ``actor_log_odds`` gave for this act. Outbound acts are the brand's towards this person.
    The campaign stays out because it is found later and may be taken back, which no reputation could follow.
    """
    if direction is Direction.OUTBOUND:
        return _earn(actor, interaction)
    if interaction.type not in OWN_ACTS:
        return actor
    said = said_by(interaction)
    # A like has nothing to read: its posterior would only repeat what the actor's past has said already.
    judged = interaction.type is Activity.CREATE and said.anything
    trust = _of_the_act(posterior, evidence, weights)
    helps = judged and _helps(interaction, direction, said) and not _repeats(actor, said.template)
    actor = _after_gap(actor, interaction.at)
    after = replace(
        actor,
        acts=actor.acts + 1,
        last_at=max(actor.last_at, interaction.at) if actor.acts else interaction.at,
        # What would fit anywhere tells as little of its writer.
        genuine=actor.genuine + (trust * said.specific if judged else 0.0),
        spam=actor.spam + ((1.0 - trust) * said.specific if judged else 0.0),
        lately=actor.lately + LATELY * (trust - actor.lately) if judged else actor.lately,
        # From .5 on an answer counts fully, so that a helper who is hard to judge still becomes known as one.
        helped=actor.helped + (min(1.0, max(0.0, (trust - 0.3) / 0.2)) if helps else 0.0),
        linked=actor.linked + (said.domain > 0),
        texts=actor.texts + judged,
        empty=actor.empty + (1.0 - said.specific if judged else 0.0),
        recent=(*actor.recent, said.template << 16 | said.target)[-REMEMBERED:],
        domains=(*actor.domains, said.domain)[-REMEMBERED_DOMAINS:] if said.domain else actor.domains,
    )
    return replace(after, exposed=max(after.exposed, depth(standing(after))))


def burstiness(gaps: float, mean: float, variance: float) -> float:
    """-1 (a metronome), 0 (random), 1 (all at once), for a number of gaps of which few are needed.

    Kim and Jo, "Measuring burstiness for finite event sequences" (2016).
    """
    if gaps < 2.0 or mean <= 0.0:
        return 0.0
    spread = min(math.sqrt(max(0.0, variance)) / mean, math.sqrt(gaps - 1.0))
    more, less = math.sqrt(gaps + 1.0), math.sqrt(gaps - 1.0)
    return (more * spread - less) / ((more - 2.0) * spread + less)


def _earn(actor: Actor, interaction: Interaction) -> Actor:
    if interaction.type in REMOVALS:
        return replace(actor, removed=actor.removed + 1.0)
    if interaction.type is not Activity.CREATE or interaction.in_reply_to is None:
        return actor  # what was not asked for by an act of theirs is not earned
    return replace(actor, answered=actor.answered + 1.0, thanked=actor.thanked + thanks(interaction))


def _after_gap(actor: Actor, at: int) -> Actor:
    """Forgetting by one act and by the silence before it, and the gap taken into the rhythm and the pace."""
    if not actor.acts:
        return replace(actor, pace=HUNDREDTHS)
    silent_ms = max(0, at - actor.last_at)
    kept = FORGETTING * 2.0 ** (-silent_ms / HALF_LIFE_MS)
    gaps, mean, squares = actor.gaps, actor.gap_mean, actor.gap_squares
    if at % DAY_MS and actor.last_at % DAY_MS:  # a date without a time of day has no rhythm
        gap = silent_ms / 1000.0
        gaps = gaps * RHYTHM_FORGETTING + 1.0
        before, mean = mean, mean + (gap - mean) / gaps
        squares = squares * RHYTHM_FORGETTING + (gap - before) * (gap - mean)
    return replace(
        actor,
        genuine=actor.genuine * kept,
        spam=actor.spam * kept,
        helped=actor.helped * kept,
        answered=actor.answered * kept,
        thanked=actor.thanked * kept,
        removed=actor.removed * kept,
        linked=actor.linked * kept,
        texts=actor.texts * kept,
        empty=actor.empty * kept,
        gaps=gaps,
        gap_mean=mean,
        gap_squares=squares,
        pace=round(decayed(actor.pace, silent_ms)) + HUNDREDTHS,
    )


def _reputation(actor: Actor, pace: float) -> list[Evidence]:
    odds = math.log((actor.genuine + PRIOR_ACTS) / (actor.spam + PRIOR_ACTS))
    weight = REPUTATION_WEIGHT * odds * (_still_the_same(actor) * unhurried(pace) if odds > 0 else 1.0)
    detail = f"{actor.acts} earlier acts, lately {actor.genuine:.1f} genuine and {actor.spam:.1f} not"
    return [Evidence("reputation", weight, detail=detail)]


def _esteem(actor: Actor) -> list[Evidence]:
    earned = {
        "helps_others": _saturating(2.0, actor.helped, 4.0),
        "answered_by_brand": _saturating(0.6, actor.answered, 3.0),
        "thanked_by_brand": _saturating(0.6, actor.thanked, 2.0),
    }
    same = _still_the_same(actor)
    return [
        *(Evidence(signal, weight * same) for signal, weight in earned.items()),
        # Brands also remove what they do not like to read, hence little.
        Evidence("removed_by_brand", _saturating(-1.0, actor.removed, 2.0)),
    ]


def _still_the_same(actor: Actor) -> float:
    """1, and less once its last acts were doubtful: what a good account earned is not its hijacker's."""
    return min(1.0, 2.0 * actor.lately)


def _repetition(actor: Actor, interaction: Interaction, said: Said) -> list[Evidence]:
    places = [place & 0xFFFF for place in actor.recent if said.template and place >> 16 == said.template]
    here = places.count(said.target)
    elsewhere = len(places) - here
    # Said again to the same one is insisting, as a customer without an answer does; said to many is a template.
    insisting = -0.4 * min(elsewhere, 3) - 0.15 * here
    weight = -0.6 * min(here + elsewhere, 3) if said.domain else insisting
    detail = f"{here} times here and {elsewhere} times elsewhere in the last {len(actor.recent)} acts"
    return [Evidence("repeats_own_text", weight, (interaction.id,), detail)]


def _links(actor: Actor, said: Said) -> list[Evidence]:
    if not said.domain or not actor.acts:
        return []
    mass = (1.0 - FORGETTING**actor.acts) / (1.0 - FORGETTING)
    mostly = max(0.0, 2.0 * min(1.0, actor.linked / mass) - 1.0)
    same = actor.domains.count(said.domain) >= 2
    weight = _saturating(-1.0 if same else -0.4, mass, 3.0) * mostly
    return [Evidence("mostly_links", weight, detail="again and again to one site" if same else "to several sites")]


def _rhythm(actor: Actor) -> list[Evidence]:
    if actor.gaps < 4.0:
        return []
    found = []
    regular = burstiness(actor.gaps, actor.gap_mean, actor.gap_squares / actor.gaps)
    if actor.gap_mean < METRONOME_GAP_S and regular < -0.4:
        weight = _saturating(-1.2, actor.gaps, 8.0) * min(1.0, (-0.4 - regular) / 0.5)
        found.append(Evidence("metronome", weight, detail=f"every {actor.gap_mean:.0f} s, burstiness {regular:.2f}"))
    targets = len({place & 0xFFFF for place in actor.recent})
    if actor.gap_mean < SPRAY_GAP_S and targets >= SPRAY_TARGETS:
        weight = _saturating(-1.0, actor.gaps, 4.0)
        found.append(Evidence("sprays", weight, detail=f"{targets} targets, one every {actor.gap_mean:.0f} s"))
    return found


def _emptiness(actor: Actor, said: Said) -> list[Evidence]:
    """Praise that would fit anywhere says nothing once, and a good deal when an account never says anything else."""
    excess = actor.empty - USUALLY_EMPTY * actor.texts
    if excess <= 0.0:
        return []
    targets = len({place & 0xFFFF for place in actor.recent})
    spread = (targets - 1) / (len(actor.recent) - 1) if len(actor.recent) > 1 else 0.0
    weight = SAYS_LITTLE * (GUSHES + (1.0 - GUSHES) * spread) * (1.0 - math.exp(-excess / 1.5))
    if said.anything:
        weight *= 1.0 + ONE_MORE * (1.0 - said.specific) * spread
    weight = max(weight, EACH * actor.empty)
    detail = f"{actor.empty:.1f} of the last {actor.texts:.1f} texts would fit anywhere"
    return [Evidence("says_little", weight, detail=detail)]


def _profile(interaction: Interaction) -> list[Evidence]:
    """Little, and only in favour: what a profile lacks is what newcomers, helpers and the private lack too."""
    actor = interaction.actor
    weight = 0.0
    if actor.created is not None:
        days = (interaction.at - milliseconds(actor.created)) / DAY_MS
        weight += 0.2 if days >= 365 else 0.1 if days >= 30 else 0.0
    weight += 0.1 * ((actor.followers or 0) >= 30) + 0.1 * ((actor.posts or 0) >= 20)
    found = [Evidence("profile", weight, (actor.id,), "age, followers and posts")]
    if actor.automated:
        found.append(Evidence("automated_account", -1.0, (actor.id,), "the platform says so"))
    return found


def _within_bounds(evidence: tuple[Evidence, ...], lowest: float) -> tuple[Evidence, ...]:
    """The side that goes too far scaled down, so that what is shown still adds up to what is used."""
    gains = sum(entry.weight for entry in evidence if entry.weight > 0)
    losses = sum(entry.weight for entry in evidence if entry.weight < 0)
    if gains + losses > HIGHEST:
        gain, loss = (HIGHEST - losses) / gains, 1.0
    elif gains + losses < lowest:
        gain, loss = 1.0, (lowest - gains) / losses
    else:
        return evidence
    return tuple(replace(entry, weight=entry.weight * (gain if entry.weight > 0 else loss)) for entry in evidence)


def _of_the_act(posterior: float, evidence: tuple[Evidence, ...], weights: Weights) -> float:
    """The posterior at even odds, and without what is said of the account as a whole.

    Both hold anew for every act, and a reputation that learnt them from each would count them many times.
    """
    if not math.isfinite(posterior):
        return 0.5
    known = min(1.0 - 1e-6, max(1e-6, posterior))
    standing = sum(entry.weight for entry in evidence if entry.signal in STANDING)
    log_odds = math.log(known / (1.0 - known)) - weights.bias - weights.actor * standing
    return 1.0 / (1.0 + math.exp(-log_odds))


def _helps(interaction: Interaction, direction: Direction, said: Said) -> bool:
    answered = interaction.in_reply_to.actor if interaction.in_reply_to else ""
    of_use = said.specific >= 0.5 and not said.domain
    return direction is Direction.PEER and answered not in ("", interaction.actor.id) and of_use


def _repeats(actor: Actor, template: int) -> bool:
    return template > 0 and any(place >> 16 == template for place in actor.recent)


def _saturating(most: float, amount: float, half: float) -> float:
    return most * amount / (amount + half)
