"""What of a text survives a spinner: its letters without case, width, digits, markup and hidden marks; its links."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

from msgspec import Struct

READ = 8_000  # characters of the raw text that are read; hostile texts are long
KEPT = 2_000  # letters of the normalised text that are fingerprinted
LINKS_KEPT = 5

_ENDINGS = (
    "com|net|org|info|biz|co|io|tv|tk|ml|ga|cf|gq|cc|ly|gl|gd|md|ru|su|cn|de|fr|uk|eu|pl|br|mx"
    "|xyz|shop|online|site|club|app|dev|store|icu"
)
# People forget the space after a full stop: endings that are words need a name that is none, or a path.
_WORD_ENDINGS = "me|in|us|be|top|live|pro|link|click|win|vip"
_NO_WORD = re.compile(r"[^.]*(?:[0-9-][^.]*|[a-z]{12})\.|[^/]+/\w", re.I)
_MAY_LINK = re.compile(r"[a-z0-9]\.[a-z]|://", re.I)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'(){}\[\]]+"
    rf"|\b[a-z0-9][a-z0-9-]{{1,62}}\.(?:{_ENDINGS}|(?P<word>{_WORD_ENDINGS}))\b(?:/[^\s<>\"'()]*)?",
    re.I,
)
_TAG = re.compile(r"<[^<>]{0,300}>")
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_ADDRESSEE = re.compile(
    r"(?<![\w@])@[\w-]+(?:\.[\w-]+)*(?:@[\w.-]+)?"
)  # a thread with a dozen people says "@…" a dozen times
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}|(..)\2{2,}")  # "kkkkkk", "hahahaha": how long somebody laughs says nothing
_LINK_WORD = " linklink "  # a link is a part of the template, which one is not


class Text(Struct, frozen=True):
    """``letters``: what is compared. ``links``: host and path as published; ``domains``: hosts without ``www.``."""

    letters: str
    links: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


def normalised(text: str) -> Text:
    text = text[:READ]
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _HIDDEN.sub("", unicodedata.normalize("NFKC", _HIDDEN.sub("", text)))
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "@" in text:
        text = _ADDRESSEE.sub(" ", text)
    found: list[str] = []
    if _MAY_LINK.search(text):

        def aside(match: re.Match[str]) -> str:
            if match["word"] and not _NO_WORD.match(match[0]):
                return match[0]
            found.append(match[0])
            return _LINK_WORD

        text = _LINK.sub(aside, text)
    letters = _DRAWN_OUT.sub(r"\1\1\2\2", _NOT_LETTERS.sub(" ", text.casefold())).strip()[:KEPT]
    if not found:
        return Text(letters)
    parts = [part for part in map(_host_and_path, found) if part[0]]
    links = dict.fromkeys(host + path for host, path in parts if path)
    return Text(letters, tuple(links)[:LINKS_KEPT], tuple(dict.fromkeys(host for host, _ in parts))[:LINKS_KEPT])


def _host_and_path(link: str) -> tuple[str, str]:
    try:
        split = urlsplit(link if "://" in link else f"http://{link}")
        host = (split.hostname or "").removeprefix("www.")[:253]
    except ValueError:  # "http://[": looks like a link, leads nowhere
        return "", ""
    path = split.path.rstrip("/.,;:!?")
    return host.rstrip("."), (f"{path}?{split.query}" if split.query else path)[:500]
