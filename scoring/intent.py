"""What somebody is after in a text, and how much of themselves they put into it: rules in words, many languages.

Rules and not a second model: nobody labelled intents for us, and a rule can be read and corrected. What the rules do
not know is a plain ``statement``; it is never held against anybody.
"""

# A line per group of languages reads better than wrapped alternatives.
# ruff: noqa: E501

import math
import re
from enum import StrEnum

from scoring.features import HELP_LINK, LINK, PROMOTION, THANKS, TROUBLE, solicitations, without_links


class Kind(StrEnum):
    QUESTION = "question"
    ANSWER = "answer"
    THANKS = "thanks"
    COMPLAINT = "complaint"
    OFFER_OF_HELP = "offer_of_help"
    RECOMMENDATION = "recommendation"
    SOLICITATION = "solicitation"
    STATEMENT = "statement"


_QUESTION = re.compile(
    r"[?？؟]|^(?:how|what|why|when|where|who|which|can|could|does|do|did|is|are|will|would|has|anyone|any idea)\b"
    r"|\b(?:how (?:do|can|to)|does anyone|can (?:someone|anyone|you)|any idea|c[oó]mo (?:puedo|se)|alguien sabe|por qu[eé]|como (?:fa[çc]o|posso)|algu[eé]m sabe"
    r"|wie kann|wei[ßs]s? jemand|warum|comment (?:faire|puis)|quelqu'un sait|pourquoi|nas[ıi]l|neden|bilen var m[ıi]|как|почему|кто знает)\b"
    r"|どうやって|なぜ|怎么|为什么|어떻게|왜|كيف|لماذا",
    re.I,
)
_ANSWER = re.compile(
    r"\b(?:you (?:can|could|need to|should|have to|might want)|try (?:to |the |this|re|turning|using|going)|go to (?:settings|the|your)|make sure|have you tried|the (?:fix|solution|answer) is"
    r"|it worked (?:for me )?(?:when|after)|fixed it by|in (?:the )?settings|restart|reinstall|first,|then (?:click|tap|press|select|open|run)|instead of"
    r"|(?:tienes|tiene) que|puedes|prueba (?:con|a)|intenta|ve a (?:ajustes|configuraci)|(?:voc[êe]|vc) (?:pode|precisa|tem que)|tenta|tente|v[áa] em|experimente"
    r"|du (?:kannst|musst)|(?:sie|man) k[öo]nn?en?|versuch\w*|probier\w*|geh auf|(?:tu|vous) (?:peux|pouvez|dois|devez)|essa(?:ie|yez)|allez dans"
    r"|yapabilirsin\w*|dene(?:yin)?|ayarlar\w*|можно|можете|попробуй\w*|зайдите)\b|(?:^|\n)\s*(?:1[.)]|- )|してみて|试试|해보세요|جرب",
    re.I,
)
_OFFER = re.compile(
    r"\b(?:(?:i|we)(?:'d| would| can|'ll| will)? (?:be )?(?:happy|glad|love|like)? ?(?:to )?help|let (?:me|us) (?:help|know|look|check)|happy to (?:help|explain)|here to help|we(?:'d| would) like to help"
    r"|(?:dm|message|send) us|can i help|puedo ayudar\w*|te ayudo|podemos ayudar\w*|estamos para ayudar\w*|posso (?:te )?ajudar|te ajudo|podemos ajudar|kann ich (?:dir|ihnen)? ?helfen"
    r"|helfe (?:dir|ihnen|gerne?)|(?:je|nous) (?:peux|pouvons) (?:t'|vous )?aider|yard[ıi]mc[ıi] ola\w*|могу помочь|поможем)\b|お手伝い|帮你|도와드|أساعدك",
    re.I,
)
_RECOMMENDATION = re.compile(
    r"\b(?:(?:i|we) (?:highly |really |can |would |'d )*recommend|highly recommend\w*|worth (?:it|every|a try|buying)|you should (?:get|buy|try|use)|best \w+ i(?:'ve| have) (?:ever )?"
    r"|(?:lo |la )?recomiendo|recomendad[oa]|vale la pena|(?:eu )?recomendo|vale a pena|(?:ich )?(?:kann \w+ )?empfehlen?|empfehlenswert|lohnt sich|je (?:le |la |vous )?recommande|vaut le coup"
    r"|tavsiye ed\w*|öneririm|рекомендую|советую)\b|おすすめ|推荐|추천|أنصح",
    re.I,
)
_COMPLAINT = re.compile(
    r"\b(?:worst|terrible|awful|horrible|ridiculous|unacceptable|disappoint\w*|disgust\w*|useless|rubbish|ripped? off|scam\w*|never (?:again|buying)|fed up|still waiting|no (?:response|reply|answer)"
    r"|overcharged|poor (?:service|quality)|rude|p[ée]simo|malo|terrible|inaceptable|sigo esperando|decepci\w*|p[ée]ssimo|horr[íi]vel|absurdo|vergonha|ainda (?:estou )?esperando"
    r"|schlecht\w*|furchtbar|unversch[äa]mt|entt[äa]usch\w*|warte (?:noch|immer|seit)|nul|honteux|inadmissible|d[ée][çc]u\w*|j'attends toujours|berbat|rezalet|k[öo]t[üu]|bekliyorum"
    r"|ужас\w*|безобразие|разочарован\w*)\b|最悪|太差|최악|سيئ",
    re.I,
)
_STEPS = re.compile(
    r"(?:^|\s)(?:\d[.)]|first|then|next|finally|primero|luego|depois|zuerst|dann|ensuite|sonra)\s", re.I
)
_CODE = re.compile(r"`[^`]+`|\b\w+\(\)|--\w+|\b\w+\.(?:py|js|conf|json|exe|cfg|log)\b|/\w+/\w+|\b0x[0-9a-f]+\b", re.I)
_ORDER = (
    (Kind.SOLICITATION, None), (Kind.OFFER_OF_HELP, _OFFER), (Kind.THANKS, THANKS), (Kind.QUESTION, _QUESTION),
    (Kind.COMPLAINT, _COMPLAINT), (Kind.COMPLAINT, TROUBLE), (Kind.ANSWER, _ANSWER), (Kind.RECOMMENDATION, _RECOMMENDATION),
)  # fmt: skip

WORDS_OF_A_FULL_ANSWER = 40
DENSE_CHARACTERS_PER_WORD = 2  # where a script does not separate words
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def intents(cleaned: str) -> tuple[Kind, ...]:
    """All that a text prepared by ``features.clean`` is after, the main thing first; never empty."""
    bare = without_links(cleaned)
    asks = bool(solicitations(cleaned).keys() & PROMOTION)
    found = [kind for kind, rule in _ORDER if (rule.search(bare) if rule else asks)]
    return tuple(dict.fromkeys(found)) or (Kind.STATEMENT,)


def text_effort(cleaned: str) -> float:
    """0 (nothing written) to 1 (a long and specific answer), from the text alone.

    Length counts most, with diminishing returns and with words a script does not separate estimated; repeated words
    count once. Steps, numbers, code and a link to documentation make a text specific.
    """
    bare = without_links(cleaned)
    words = bare.split()
    dense = len(_DENSE.findall(bare))
    amount = len({word.casefold() for word in words}) + dense // DENSE_CHARACTERS_PER_WORD
    length = math.sqrt(min(amount, WORDS_OF_A_FULL_ANSWER) / WORDS_OF_A_FULL_ANSWER)
    specific = sum(
        (
            bool(_STEPS.search(bare)),
            any(character.isdigit() for character in bare),
            bool(_CODE.search(bare)),
            any(HELP_LINK.search(link) for link in LINK.findall(cleaned)),
        )
    )
    return round(min(1.0, 0.85 * length + 0.1 * specific * length), 4)
