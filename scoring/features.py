"""What can be read off a text that means the same on every platform and in every language we know.

No feature knows the platform, the brand, the video, the date or the account. Mentions are taken out: whether a
platform writes ``@name`` in front of an answer says nothing about who answers.
"""

# A line per group of languages reads better than wrapped alternatives.
# ruff: noqa: E501

import html
import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 5_000  # what lies behind is not read: bounds what a hostile text costs
BUCKETS = 1 << 16
# About a batch, 60 MB at worst: features, intent, evidence and the history of the account ask for the same ones.
RECENT = 1_024  # texts whose parts are remembered
CHARACTER_GRAMS = 2, 5
TOKENS, LONG = 8_192, 30  # words whose buckets are remembered, and letters of those that are not: 4 kB each at most

_TAG = re.compile(r"<[^<>]{1,200}>")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_MENTION = re.compile(r"(?<![\w@.])@[\w.]{1,60}")
# Put there by the platform for a picture or for the post that is talked about; nobody is sent anywhere.
_WRAPPED = re.compile(
    r"https?\s?:\s?//(?:(?:t\.co|lnkd\.in)/\w*|(?:\w+\.)?(?:twitter|x)\.com/\w+/(?:web/)?status/\S*)|\bpic\.twitter\.com/\w+",
    re.I,
)
_TLD = (
    r"com|net|org|info|biz|co|io|me|ly|gl|tv|be|tk|ml|ga|cf|gq|ru|su|cn|xyz|top|shop|online|site|club|store|live|vip"
    r"|icu|click|link|work|pw|us|uk|ca|de|fr|es|it|br|tr|nl|pl|in|eu|ws|cc|to|im|fm|app|dev|edu|gov"
)
LINK = re.compile(
    rf"(?:h\s?t\s?t\s?ps?\s?:\s?/\s?/|www\s?\.)\s?[^\s<>\"]{{2,}}"
    rf"|(?<![\w@.])[a-z0-9][a-z0-9-]{{1,62}}(?:\.[a-z0-9-]{{1,62}}){{0,3}}\.(?:{_TLD})\b(?:/[^\s<>\"]*)?",
    re.I,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}")
_WORD = re.compile(r"[^\W_]+")
_MARK = re.compile(r"[^\w\s]|_")
_EMOJI = re.compile(r"[\u2190-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_HASHTAG = re.compile(r"#\w+")
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts that separate no words
DENSE_LETTERS_PER_WORD = 2
_RUN = re.compile(r"(.)\1{3,}", re.S)

_VIDEO_LINK = re.compile(r"watch\?|youtu\.be|vimeo\.|dailymotion\.|twitch\.tv|tiktok\.", re.I)
_PROFILE_LINK = re.compile(
    r"/(?:user|channel|c|pages?|groups?|events?|in|profile)/|facebook\.|fb\.me|fb\.com|twitter\.|instagram\.|soundcloud\."
    r"|myspace\.|t\.me/|wa\.me/|discord\.g|reverbnation|patreon|onlyfans|linktr\.ee|plus\.google|vk\.com|sub_confirmation",
    re.I,
)
_SELLING_LINK = re.compile(
    r"amazon\.|amzn\.|ebay\.|aliexpress|etsy\.|paypal|gofundme|indiegogo|kickstarter|teespring|itunes|bandcamp|play\.google"
    r"|[?&](?:ref|aff|tag|utm_\w+|hop|invite|r)=|/ref/|referral",
    re.I,
)
_SHORT_LINK = re.compile(
    r"\b(?:bit\.ly|goo\.gl|tinyurl\.|adf\.ly|ow\.ly|is\.gd|t\.cn|cutt\.ly|shorte?\.|tiny\.cc|j\.mp|cur\.lv|linkbucks)",
    re.I,
)
_CHEAP_TLD = re.compile(
    r"\.(?:tk|ml|ga|cf|gq|ru|su|cn|xyz|top|shop|online|site|club|store|live|vip|icu|click|link|work|pw|biz|info|ws|cc)"
    r"(?:$|[/?#:\s])",
    re.I,
)
HELP_LINK = re.compile(
    r"//(?:\w+\.)?(?:support|help|docs?|developer|wiki|status|forum|community)\.|/(?:support|help|docs?|faq|answer|wiki|kb)/"
    r"|wikipedia|github\.|stackoverflow|readthedocs",
    re.I,
)
_HIDDEN_LINK = re.compile(
    r"\b\w+\s?(?:\[\.\]|\(\.\)|\(dot\)|\[dot\]|\bdot\b|\bpunkt\b|\bpunto\b|\bponto\b|\bnokta\b)\s?(?:com|net|org|tk|ru|co|info|tv)\b"
    rf"|\b\w{{3,}}\s\.\s?(?:com|net|org|tk|ru)\b|\b(?:{'|'.join(('youtube', 'you tube', 'facebook', 'google'))})\s*/\s*\w",
    re.I,
)
_PHONE = re.compile(r"(?:whats\s?app|telegram|viber|wechat|skype|kik|snapchat)\b|\+\d[\d\s().-]{8,}\d", re.I)

_OUR = "my|our"
_MEDIA = (
    r"channels?|chanel|chanal|canal|canais|canales|kanal\w*|cha[iî]ne|videos?|vids?|v[ií]deos?|covers?|remix(?:es)?|songs?|music|tracks?"
    r"|mixtapes?|albums?|beats?|raps?|blog|clips?|playlists?|m[uú]sicas?|canci[oó]n|канал|видео|youtube|instagram|soundcloud|fan ?page"
)

# One line per thing that is asked for, in the languages we could write down; \b works for scripts with spaces only.
SOLICITATIONS: dict[str, re.Pattern[str]] = {
    "subscribe": re.compile(
        r"\b(?:su[bs]+s?c[ri]+be?|subs?\b(?!\s*titles?)|sub\s?(?:4|for|to)\b|subscri|suscr[ií]b|inscreva|inscrev[ae]"
        r"|abonn?ier|abonne[zrs]?\b|abo\b|abone\b|подпи[сш]|підпи[сш]|iscriv|subskryb)|订阅|訂閱|チャンネル登録|구독|اشترك",
        re.I,
    ),
    "follow": re.compile(
        r"\b(?:follow (?:me|us|my|back|for)\b|follow4follow|f4f\b|s[ií]g[ua][ea]?(?:me|nme|nos)\b|segue(?:m)?[- ]?me\b|me segue"
        r"|folg(?:t|e) mir|suivez[- ]moi|takip et|sígueme|підпишись)|关注我|フォローして|맞팔|تابعني",
        re.I,
    ),
    "look": re.compile(
        r"\b(?:check|cheek|chek|listen(?: to)?|hear|visit|go to|come to|search(?: for)?|google)\b"
        rf"(?:\s\w+){{0,3}}\s(?:{_OUR})(?:\s\w+){{0,2}}\s(?:{_MEDIA})\b|\b(?:watch|view|see|look at|try)\s(?:\w+\s){{0,2}}(?:{_OUR})(?:\s\w+){{0,2}}\s(?:{_MEDIA})\b"
        r"|\bche+[ck]+ (?:out\b|(?:it|me|us|them|him|her|this|these|my \w+) out\b)|\bvisit (?:us|me|my)\b"
        rf"|\b(?:mira|miren|visita|visiten|escucha|escuchen|pas[ae]n? por|chequea)\b(?:\s\w+){{0,2}}\smis?\s(?:{_MEDIA})"
        rf"|\b(?:veja|vejam|visite|visitem|confira|confiram|ou[çc]a|ou[çc]am|olhem?)\b(?:\s\w+){{0,2}}\s(?:meus?|minhas?|o)\s(?:{_MEDIA})"
        rf"|\b(?:schaut?|besucht?|guckt?|h[öo]rt?)\b(?:\s\w+){{0,3}}\s(?:mein\w*\s(?:{_MEDIA})|vorbei)\b"
        rf"|\b(?:regarde[zr]?|visite[zr]|[ée]coute[zr])\b(?:\s\w+){{0,2}}\sm(?:on|a|es)\s(?:{_MEDIA})"
        r"|\bkanal[ıi]ma\b|\bvideolar[ıi]ma\b|\bsayfama\b|\bзаход\w+ на\b|\bмой канал|\bна моем канале",
        re.I,
    ),
    "own_channel": re.compile(
        rf"\b(?:{_OUR}|mi|mis|meu|meus|minha|mein\w*|mon|ma|mes|мой|моя|мои)\s(?:\w+\s){{0,2}}(?:{_MEDIA})\b", re.I
    ),
    "click": re.compile(
        r"\bclick (?:here|my|the|this|on|below|it)\b|\bclic aqu[ií]|\bhaz clic|\bclique\b|\bklick|\bt[ıi]kla|\bcliquez|\bнажми|\blink (?:in|below|here)|\blink in bio"
        r"|\bsign up\b|\bregister (?:now|here|at)|\bdownload (?:now|here|free)\b|\bjoin (?:us|now|my)\b",
        re.I,
    ),
    "win": re.compile(
        r"\b(?:give\s?aways?\b|free (?:gift|money|iphone|ipad|xbox|followers|subs\w*|crypto|bitcoin|itunes|v-?bucks|robux|trial|shipping|stuff|download|\$)"
        r"|get (?:it |them )?(?:for )?free\b|win (?:a free|free|\$)|gift ?cards?\b|sorteo\b|sorteio\b|gewinnspiel|çekiliş"
        r"|concours\b|gratis\b|gr[aá]tis\b|gratuit|kostenlos\b|ücretsiz\b|бесплатн|followers? (?:for )?(?:free|cheap))|免费|無料|무료",
        re.I,
    ),
    "money": re.compile(
        r"\b(?:(?:earn|make|made|making|earning)\b(?:\s\S+){0,3}\s?(?:money|cash|income|[$€£]\s?\d|\d+\s?(?:[$€£]|dollars|usd|bucks|a day|per day))"
        r"|work(?:ing)? (?:from|at) home\b|donat(?:e|ions?)\b|crypto|bitcoin|airdrop|forex\b|invest(?:ment|ing)\b|casino\b"
        r"|gan(?:a|ar) dinero|ganhar? dinheiro|geld verdien|gagner de l.argent|para kazan|заработ|доход)|赚钱|稼",
        re.I,
    ),
    "offer": re.compile(
        r"\b(?:promo|discount|coupon) ?codes?\b|\buse (?:my )?code\b|\bbuy (?:now|it|here|my|cheap)\b|\bon sale\b|\b\d+ ?% off\b|\blimited (?:time )?offer"
        r"|\bact now\b|\border now\b|\bfor sale\b|\bwholesale\b|\breplica|\bviagra\b|\bweight loss\b|\bdesconto\b|\bdescuento\b|\brabatt\b|\bindirim\b|\bскидк",
        re.I,
    ),
    "support": re.compile(
        r"\bgive (?:me|us|it|my \w+) a (?:chance|listen|like|shot|thumbs)|\bthumbs? up (?:if|so|for|this|my)|\blike (?:this|my) (?:comment|video|page|if|and|so)\b"
        r"|\bshare (?:this|my|it with)\b|\bvote (?:for|4)\b|\bnew (?:artist|rapper|singer|musician|youtuber|channel|single)|\bupcoming (?:artist|rapper|singer)"
        r"|\b(?:i'?m|i am|we are|we'?re) an? (?:\w+\s){0,3}(?:artist|rapper|singer|musician|producer|band|youtuber|dj|songwriter)s?\b"
        r"|\bsupport (?:me|us|my|our (?:music|channel|page))\b|\bhelp me (?:reach|get (?:to )?\d|grow)|\bsign (?:the|this|my) petition|\bap[oó]y[ae]|\bdestek ol|\bunterst[üu]tz",
        re.I,
    ),
    "adult": re.compile(
        r"\bsex(?:y|cam)?\b|\bporn|\bnudes?\b|\bnaked\b|\bxxx\b|\bhot (?:girls?|singles?|babes?)\b|\bdating\b|\bwebcam\b|\bescort|\bmeet (?:girls|singles|women)",
        re.I,
    ),
    "message_me": re.compile(
        r"\b(?:inbox|text|whatsapp|kik|snapchat|telegram) me\b|\bdm (?:me )?(?:for|to) (?:\w+ ){0,2}(?:promo|price|order|info|invest|earn|collab)",
        re.I,
    ),
    "spell": re.compile(
        r"\bspell caster|\bpsychic\b|\billuminati\b|\blottery\b|\bhack(?:er|ed|s|ing)?\b.{0,60}\b(?:free|tool|account|for)\b|\brecover(?:y|ed)?\b.{0,60}\b(?:funds|wallet|bitcoin)"
        r"|\bcopy (?:and )?paste\b|\brepost this\b|\bsend this to\b|\bforward this\b|\bpass this on\b",
        re.I,
    ),
}
# What customers and helpers speak of as well (a click, a discount, their channel) is no promotion by itself.
PROMOTION = frozenset({"subscribe", "follow", "look", "win", "money", "support", "spell"})

TROUBLE = re.compile(
    r"\b(?:error|bugs?|crash\w*|broken|refund\w*|issues?|problems?|trouble\w*|suspended|terminated|banned|locked out|outage|glitch\w*|fail(?:s|ed|ing)?"
    r"|(?:is|are|does|do|did|was|wo|ca)n[o']?t (?:work\w*|load\w*|open\w*|connect\w*|log|find|get|see|play|send|receive\w*|let)|not (?:working|loading|able|available)"
    r"|cannot|can'?t|won'?t|unable|stopped working|no funciona|no puedo|n[ãa]o funciona|n[ãa]o consigo|n[ãa]o abre|problemas?|funktioniert nicht|geht nicht|kaputt|fehler"
    r"|ne (?:marche|fonctionne) p(?:as|lus)|probl[èe]me|en panne|[çc]al[ıi][şs]m[ıi]yor|a[çc][ıi]lm[ıi]yor|sorun|hata|не работает|ошибк\w*|проблем\w*)\b"
    r"|動かない|エラー|无法|错误|안 ?돼|오류|لا يعمل|مشكلة",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|im|i've|me|my|mine|we|our|us)\b", re.I)
_SECOND_PERSON = re.compile(r"\b(?:you|your|u|ur|guys|everyone|everybody|people|all|anyone|someone)\b", re.I)
_PLEASE = re.compile(
    r"\b(?:pl(?:ea)?[sz]e?|plz|pls|por favor|porfa|bitte|s'il (?:vous|te) pla[iî]t|svp|l[üu]tfen|пожалуйста)\b", re.I
)
THANKS = re.compile(r"\b(?:thank(?:s|you| you)?|thx|gracias|obrigad[oa]|danke|merci|te[şs]ekk[üu]r\w*|спасибо)\b", re.I)

# Words that praise, agree, thank and connect, and the names of what is found on every platform: a text of these alone
# could stand under anything. Written by hand, and with the demo's phrases known; words not listed count as telling, so
# a language that is missing here makes nobody look empty.
_EMPTY_WORDS = frozenset(
    """a an and are as at be been but by can could did do does for from had has have he her here hers him his how i if in is
    it its just me more most much my no not now of on one or our out over she so some such than that the their them then
    there these they this those to too up us very was we were what when where which who will with would you your yours im
    ive its thats dont youre ur u all any every everything everyone everybody anyone nobody nothing always never ever again
    still really truly totally absolutely simply pretty quite also only well right about get gets got give keep make makes
    made need want know say said see look looks like liked likes love loved loves loving lovely adore obsessed living happy
    glad proud inspired inspiring inspiration great good nice cool awesome amazing fantastic wonderful beautiful brilliant
    excellent perfect incredible best better superb gorgeous stunning cute sweet epic lit fire wow omg yes yeah yep yay
    true agree agreed exactly same indeed thanks thank thx cheers please hi hello hey dear friend friends guys bro man dude
    sis queen king legend goals interesting useful helpful informative important valuable fun funny lol haha impressive
    work works job post posts content page account video videos song songs music photo photos pic pics picture pictures
    article blog thread comment comments information info brand company product products thing things stuff way day today
    week year time life world people follow following followed share shared sharing first team keep going luck
    congratulations congrats welcome hope moment
    muy bien gracias me encanta que bueno buena genial excelente hermoso linda lindo gran saludos el la los las de un una y es
    lo te mi tu muito obrigado obrigada adoro amo top parabens bom boa otimo show demais que e o os as do da um uma
    sehr gut schon toll super danke liebe mega klasse der die das ein eine und ist ich du es so wie immer
    tres bon bien merci beau belle magnifique j adore le la les un une et est c je tu vous bravo
    cok guzel tesekkurler harika super bu bir ve""".split()  # noqa: SIM905
)
TELLING = 4  # words that make a text about something in particular

GROUPS: dict[str, tuple[str, ...]] = {
    "link": (
        "links", "video_link", "profile_link", "selling_link", "short_link", "cheap_domain", "help_link", "hidden_link",
        "mostly_link", "e_mail", "messenger",
    ),
    "solicitation": (*SOLICITATIONS, "asks", "asks_twice", "asks_three", "link_and_asks", "link_alone"),
    "address": ("first_person", "second_person", "please", "thanks", "please_and_asks", "trouble"),
    "repetition": ("repeated_words", "character_runs", "compressible", "hashtags"),
    "form": (
        "length", "very_short", "long", "capitals", "digits", "punctuation", "exclamations", "question", "emoji",
        "other_script", "word_length",
    ),
}  # fmt: skip
SIDE = tuple(name for names in GROUPS.values() for name in names)
_PLACE = {name: place for place, name in enumerate(SIDE)}


def clean(text: str) -> str:
    """The text as people see it: entities and mark-up resolved, widths folded, invisible characters and mentions out."""
    text = html.unescape(text[:MAX_CHARACTERS])
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)[:MAX_CHARACTERS])
    return " ".join(_WRAPPED.sub(" ", _MENTION.sub(" ", _TAG.sub(" ", text))).split())


@lru_cache(maxsize=RECENT)
def without_links(cleaned: str) -> str:
    return " ".join(LINK.sub(" link ", cleaned).split())


def links(text: str) -> list[str]:
    return LINK.findall(_EMAIL.sub(" ", text))


@lru_cache(maxsize=RECENT)
def solicitations(cleaned: str) -> Mapping[str, str]:
    """What is asked for, with the words that ask."""
    bare = without_links(cleaned)
    found = {name: pattern.search(bare) for name, pattern in SOLICITATIONS.items()}
    return {name: match.group(0) for name, match in found.items() if match}


@lru_cache(maxsize=RECENT)
def specificity(cleaned: str) -> float:
    """0: would fit anywhere ("Great post!"), 1: is about something. Of a text prepared by ``clean``.

    A question, a fault reported, a link and anything asked for say what somebody is after, however short they are.
    """
    if "?" in cleaned or "\uff1f" in cleaned or "\u061f" in cleaned or links(cleaned) or TROUBLE.search(cleaned):
        return 1.0
    if solicitations(cleaned).keys() & PROMOTION:
        return 1.0
    bare = _HASHTAG.sub(" ", cleaned.replace("'", "").replace("\u2019", "")).casefold()
    dense = len(_DENSE.findall(bare))
    bare = "".join(c for c in unicodedata.normalize("NFD", _DENSE.sub(" ", bare)) if not unicodedata.combining(c))
    telling = len(set(_WORD.findall(bare)) - _EMPTY_WORDS) + dense / DENSE_LETTERS_PER_WORD
    return min(1.0, telling / TELLING)


def side(cleaned: str) -> NDArray[np.float64]:
    """The numbers of ``SIDE`` for one cleaned text, each about 0..1."""
    found = links(cleaned)
    joined = " ".join(found)
    words = [word.casefold() for word in _WORD.findall(without_links(cleaned))]
    asked = solicitations(cleaned)
    promotes = asked.keys() & PROMOTION
    size, letters = len(cleaned), sum(map(str.isalpha, cleaned))
    values: dict[str, float] = dict.fromkeys(asked, 1.0)
    trouble = bool(TROUBLE.search(cleaned))  # who reports a fault shows where it is
    hidden = bool(_HIDDEN_LINK.search(cleaned))
    any_link = bool(found) or hidden
    helps = bool(HELP_LINK.search(joined))
    values |= {
        "links": 0.0 if helps or trouble else min(math.log1p(len(found)), 2.0),
        "video_link": bool(_VIDEO_LINK.search(joined)),
        "profile_link": bool(_PROFILE_LINK.search(joined)),
        "selling_link": bool(_SELLING_LINK.search(joined)),
        "short_link": bool(_SHORT_LINK.search(joined)),
        "cheap_domain": bool(_CHEAP_TLD.search(joined)),
        "help_link": helps,
        "hidden_link": hidden,
        "mostly_link": len(joined) > size / 2 if found and not helps else 0.0,
        "e_mail": bool(_EMAIL.search(cleaned)),
        "messenger": bool(_PHONE.search(cleaned)),
        "asks": bool(promotes),
        "asks_twice": len(promotes) >= 2,
        "asks_three": len(promotes) >= 3,
        "link_and_asks": any_link and bool(promotes),
        "trouble": trouble,
        "link_alone": any_link and not promotes and not helps and not trouble,
        "first_person": bool(_FIRST_PERSON.search(cleaned)),
        "second_person": bool(_SECOND_PERSON.search(cleaned)),
        "please": bool(_PLEASE.search(cleaned)),
        "thanks": bool(THANKS.search(cleaned)),
        "please_and_asks": bool(promotes) and bool(_PLEASE.search(cleaned)),
        "repeated_words": 1.0 - len(set(words)) / len(words) if len(words) > 3 else 0.0,
        "character_runs": min(len(_RUN.findall(cleaned)), 3) / 3,
        "compressible": _compressible(cleaned),
        "hashtags": min(cleaned.count("#"), 5) / 5,
        "length": min(math.log1p(size) / 7, 1.2),
        "very_short": len(words) <= 3 and size <= 25,
        "long": size > 200,
        "capitals": sum(map(str.isupper, cleaned)) / letters if letters > 3 else 0.0,
        "digits": sum(map(str.isdigit, cleaned)) / size if size else 0.0,
        "punctuation": len(_MARK.findall(cleaned)) / size if size else 0.0,
        "exclamations": min(cleaned.count("!"), 5) / 5,
        "question": "?" in cleaned,
        "emoji": min(len(_EMOJI.findall(cleaned)), 5) / 5,
        "other_script": sum(c.isalpha() and c > "\u024f" for c in cleaned) / letters if letters else 0.0,
        "word_length": min(sum(map(len, words)) / len(words) / 10, 1.5) if words else 0.0,
    }
    row = np.zeros(len(SIDE))
    for name, value in values.items():
        row[_PLACE[name]] = value
    return row


def bucket(kind: str, gram: str) -> int:
    """The place of an n-gram among BUCKETS: the same on every machine and in every process."""
    return zlib.crc32(f"{kind}\0{gram}".encode("utf-8", "surrogatepass")) % BUCKETS


def hashed(cleaned: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Distinct buckets of words and word pairs, and of the character n-grams inside words, and their values.

    Values are 1 + log count, each of the two kinds scaled to length one. Links and digits count as themselves, not as what.
    """
    text = re.sub(r"\d", "0", without_links(cleaned).casefold())
    words = _WORD.findall(text)
    of_words = [bucket("w", gram) for gram in (*words, *(f"{a} {b}" for a, b in pairwise(words)))]
    of_pieces = chain.from_iterable(map(_pieces, text.split()))
    places, values = zip(_weighed(of_words), _weighed(of_pieces), strict=True)
    return np.concatenate(places), np.concatenate(values)


def _pieces(token: str) -> tuple[int, ...]:
    return _pieces_once(token) if len(token) <= LONG else _pieces_of(token)


def _pieces_of(token: str) -> tuple[int, ...]:
    padded, (low, high) = f" {token} ", CHARACTER_GRAMS
    return tuple(
        bucket("c", padded[i : i + size]) for size in range(low, high + 1) for i in range(len(padded) - size + 1)
    )


_pieces_once = lru_cache(TOKENS)(_pieces_of)  # most tokens of most texts are the same few thousand


def _weighed(found: Iterable[int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    counts = Counter(found)
    weights = 1.0 + np.log(np.fromiter(counts.values(), float, len(counts)))
    return np.fromiter(counts, np.int64, len(counts)), weights / max(math.sqrt(float(weights @ weights)), 1e-12)


def _compressible(text: str) -> float:
    """How much shorter than usual prose the text packs, 0..1; nothing is said of short ones."""
    raw = text.encode("utf-8", "replace")
    return max(0.0, 0.75 - len(zlib.compress(raw, 6)) / len(raw)) if len(raw) >= 100 else 0.0
