"""What one act says, as far as an account's past needs it: template, link, substance, and whom it addresses."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from events import Interaction
from events.interaction import id_hash
from scoring.features import clean, specificity

TEMPLATE_WORDS = 7  # people say "thank you so much" again and again
TEMPLATE_LETTERS = 16  # distinct ones, where a script does not separate words
READ_CHARACTERS = 4000
REMEMBERED_READINGS = 20_000  # 80 MB of text at worst

HOST = re.compile(
    r"(?:https?://|\bwww\.)((?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24})"
    r"|\b((?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|info|biz|ru|xyz|top|shop|online|site|io|ly|me|tv|co|gl))\b"
)
WRAPPERS = frozenset({"t.co", "lnkd.in"})  # put there by the platform, around pictures too
VARIES = re.compile(r"https?://\S*|\bwww\.\S*|@[\w.-]+|#\w+")  # whom it is sent to, tags, links made anew for each
WORD = re.compile(r"[^\W\d_]+")
THANKS = re.compile(
    r"\bthank|\bthx\b|\bcheers\b|\bdanke|\bmerci\b|\bgracias\b|\bobrigad|\bgrazie\b|\bdank je|\btack\b|\bdziękuj"
    r"|спасибо|дякую|teşekkür|شكرا|תודה|धन्यवाद|ขอบคุณ|ありがとう|감사|谢谢|謝謝|terima kasih|cảm ơn"
)


class Said(NamedTuple):
    """Hashes of the text without what spinners vary, the first host linked, and whom it addresses (0: none).

    33, 16 and 17 bits: an account is compared with its own last few acts only.
    """

    anything: bool
    template: int
    domain: int
    specific: float  # 0: would fit anywhere, 1
    target: int


NOTHING = Said(anything=False, template=0, domain=0, specific=0.0, target=0)


def said_by(interaction: Interaction) -> Said:
    content = interaction.content
    read = _read_once if len(content) <= READ_CHARACTERS else _read
    return Said(*read(content), _target(interaction))


def thanks(interaction: Interaction) -> bool:
    return THANKS.search(_readable(interaction.content)) is not None


def _read(content: str) -> tuple[bool, int, int, float]:
    text = _readable(content)
    return bool(text), _template(text), _domain(text), specificity(clean(content))


_read_once = lru_cache(REMEMBERED_READINGS)(_read)  # an act is asked about twice, and whenever it is folded again


def _readable(content: str) -> str:
    return unicodedata.normalize("NFKC", content[:READ_CHARACTERS]).casefold().strip()


def _template(text: str) -> int:
    words = " ".join(WORD.findall(VARIES.sub(" ", text)))
    if words.count(" ") + 1 < TEMPLATE_WORDS and len(set(words)) < TEMPLATE_LETTERS:
        return 0
    return (id_hash(words) >> 31) or 1


def _domain(text: str) -> int:
    if "." not in text:
        return 0
    hosts = ((found.group(1) or found.group(2)).removeprefix("www.") for found in HOST.finditer(text))
    host = next((host for host in hosts if host not in WRAPPERS), "")
    return (id_hash(host) >> 48) or 1 if host else 0


def _target(interaction: Interaction) -> int:
    answered = interaction.in_reply_to.actor if interaction.in_reply_to else ""
    first = interaction.to[0] if interaction.to else ""
    return id_hash(answered or first or interaction.object or interaction.conversation) >> 47
