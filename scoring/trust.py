"""How likely an act is a genuine one by a person who means it: first rules, honestly simple.

Each rule is a piece of evidence with a weight in log-odds; trust is the logistic function of their sum. The weights
are hand-set, not fitted: read the number as an ordering, not as a calibrated probability.
"""

import math
import re
import unicodedata

from msgspec import Struct
from msgspec.structs import replace

from events import Activity, Direction, Evidence, Interaction, Verdict
from events.interaction import id_hash

PRIOR = 1.5  # most of what is said is meant
FORGETTING = 0.98  # per act: about the last 50 acts make a reputation
REMEMBERED_TEXTS = 8
REPEATABLE_WORDS = 4  # people say "thank you so much" again and again

SPAM_BELOW, GENUINE_FROM = 0.3, 0.6
CONFIDENT_FROM = 0.2

LINK = re.compile(r"https?://|www\.|\b[a-z0-9-]{2,}\.(?:com|net|org|info|biz|ru|xyz|top|shop|online|site)\b", re.I)
SOLICITATION = re.compile(
    r"\b(?:subscribe|sub to|follow me|check (?:out )?my|my channel|visit my|promo code|discount code|use code"
    r"|free (?:gift|money|followers|crypto|iphone|trial|shipping)|giveaway|airdrop|earn (?:\$|money|cash)"
    r"|work from home|dm me|click (?:here|the link|below)|link in (?:my )?bio|make money|limited offer|act now"
    r"|buy now)\b",
    re.I,
)


class History(Struct, frozen=True, array_like=True):
    """What is known of an actor from its own past acts: a Beta reputation with forgetting, and its last texts.

    Source of the reputation: Jøsang and Ismail, "The Beta Reputation System" (2002).
    """

    acts: int = 0
    genuine: float = 0.0
    spam: float = 0.0
    helped: int = 0
    texts: tuple[int, ...] = ()


class Judgement(Struct, frozen=True):
    trust: float
    confidence: float
    verdict: Verdict
    evidence: tuple[Evidence, ...]


def judge(interaction: Interaction, direction: Direction, history: History) -> Judgement:
    """Trust in this act, from its content, what the platform says, and the actor's acts before it."""
    evidence = (*_content(interaction), *_profile(interaction), *_past(interaction, history))
    if direction is Direction.OUTBOUND:
        evidence = (*evidence, Evidence("declared_account", 3.0, detail="one of the brand's own accounts"))
    if _helps(interaction, direction):
        evidence = (*evidence, Evidence("answers_a_person", 1.0, (_answered(interaction),)))
    trust = _logistic(PRIOR + sum(entry.weight for entry in evidence))
    confidence = _confidence(interaction, direction, history)
    return Judgement(trust, confidence, _verdict(trust, confidence), evidence)


def remember(history: History, interaction: Interaction, direction: Direction, judgement: Judgement) -> History:
    """The history after this act, to judge the next one by."""
    text = _text_hash(interaction.content)
    texts = history.texts if text is None else (*history.texts, text)[-REMEMBERED_TEXTS:]
    return replace(
        history,
        acts=history.acts + 1,
        genuine=history.genuine * FORGETTING + judgement.trust,
        spam=history.spam * FORGETTING + 1.0 - judgement.trust,
        helped=history.helped + _helps(interaction, direction),
        texts=texts,
    )


def normalised(text: str) -> str:
    """The text without what spinners vary: case, digits, punctuation, width and spacing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[\W\d_]+", " ", folded).split())


def has_link(text: str) -> bool:
    return bool(LINK.search(text))


def _content(interaction: Interaction) -> list[Evidence]:
    found = []
    link, asks = has_link(interaction.content), SOLICITATION.search(interaction.content)
    if link:
        found.append(Evidence("link", -1.0, (interaction.id,)))
    if asks:
        found.append(Evidence("solicitation", -2.0, (interaction.id,), asks.group(0)[:80]))
    if link and asks:
        found.append(Evidence("link_with_solicitation", -1.0, (interaction.id,)))
    return found


def _profile(interaction: Interaction) -> list[Evidence]:
    if interaction.actor.automated:
        return [Evidence("automated_account", -1.5, (interaction.actor.id,), "the platform says so")]
    return []


def _past(interaction: Interaction, history: History) -> list[Evidence]:
    found = []
    text = _text_hash(interaction.content)
    repeats = 0 if text is None else history.texts.count(text)
    if repeats:  # who gets no answer asks again; who sells repeats himself with a link
        each = -1.0 if has_link(interaction.content) else -0.2
        found.append(Evidence("repeats_own_text", each * min(repeats, 3), detail=f"{repeats} times lately"))
    if history.acts:
        odds = math.log((history.genuine + 1.0) / (history.spam + 1.0))
        detail = f"{history.acts} earlier acts"
        found.append(Evidence("reputation", round(max(-2.0, min(2.0, odds)), 4), detail=detail))
    return found


def _helps(interaction: Interaction, direction: Direction) -> bool:
    answers = direction is Direction.PEER and bool(_answered(interaction))
    return answers and bool(interaction.content) and not has_link(interaction.content)


def _answered(interaction: Interaction) -> str:
    return interaction.in_reply_to.id if interaction.in_reply_to else ""


def _confidence(interaction: Interaction, direction: Direction, history: History) -> float:
    """How much there was to judge by: words in the act, and acts before it. 0..1."""
    if direction is Direction.OUTBOUND:
        return 1.0
    words = len(normalised(interaction.content).split()) if interaction.type is Activity.CREATE else 0
    return 1.0 - math.exp(-(0.15 * min(words, 20) + 0.1 * min(history.acts, 30)))


def _verdict(trust: float, confidence: float) -> Verdict:
    if confidence < CONFIDENT_FROM:
        return Verdict.INSUFFICIENT
    if trust < SPAM_BELOW:
        return Verdict.SPAM
    return Verdict.GENUINE if trust >= GENUINE_FROM else Verdict.DOUBTFUL


def _text_hash(text: str) -> int | None:
    """32 bits, enough among eight texts; nothing for a text too short to be a template."""
    words = normalised(text)
    return id_hash(words) >> 31 if words.count(" ") >= REPEATABLE_WORDS else None


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))
