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
    FIX = "fix"  # an answer that says how, step by step
    INTRODUCTION = "introduction"  # of somebody else, or to them
    PROMISE = "promise"  # to come back: "we will look into it"
    SOLVED = "solved"  # what was asked for is no longer needed


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
_INTRODUCTION = re.compile(
    r"\b(?:(?:let me |i(?:'d| would) like to |allow me to )?introduc(?:e|ing) (?:you|u) to|(?:you|u) (?:should|two should|could) (?:meet|talk to|ask|get in touch with)|(?:ask|talk to|ping|meet) @\w+|cc(?:ing)? @\w+|@\w+ (?:can help|knows|might know|is the one|may help)"
    r"|te presento a|habla con @?\w+|pregunta(?:le)? a @?\w+|te apresento|fal[ae] com @?\w+|pergunt[ae] (?:a|ao|para) @?\w+|ich stelle (?:dir|euch|ihnen) \w+ vor|frag(?:t|en sie)? (?:mal )?@\w+|je te présente|demande (?:à )?@\w+"
    r"|seni \w+ ile tan[ıi][şs]t[ıi]r\w*|познакомьтесь|спроси у @?\w+)",
    re.I,
)
_PROMISE = re.compile(
    r"\b(?:(?:we|i)(?:'ll| will|'re going to| are going to)(?: \w+){0,2} (?:look|check|investigat\w*|fix|get back|follow up|write again|write back|tell you|inform you|come back|keep you|let you know|update you|find out|pass|raise|escalate)"
    r"|(?:we|i)(?:'re| are|'m| am) (?:looking|checking|investigating|working on|on it)|looking into (?:it|this)|get(?:ting)? back to you|let (?:me|us) (?:check|look into|find out)|will be fixed|(?:fix|solution|correction)\b.{0,40}\bon (?:the|its) way|stay tuned|on our list"
    r"|(?:lo|la|los|te) (?:revisaremos|miraremos|investigaremos|avisa(?:mos|remos)|confirma(?:mos|remos))|(?:vamos a|voy a) (?:revisar|mirar|investigar|verificar|arreglar)|(?:estamos|estoy) (?:revisando|investigando|trabajando)|nos pondremos"
    r"|vamos (?:verificar|olhar|investigar|analisar|corrigir|ver (?:isso|o que))|(?:estamos|estou) (?:verificando|analisando|investigando|trabalhando)|(?:te|lhe) (?:avisamos|retornamos|damos um retorno)|retornaremos|voltamos a falar"
    r"|(?:wir|ich) (?:schauen?|prüfen?|pruefen?|kümmern?|klären?|melden?)(?: \w+){0,4}(?: an| nach| darum| uns| mich| das| es)?\b|(?:wir|ich) (?:werden|werde)(?: \w+){0,4} (?:prüfen|klären|beheben|melden|nachsehen)|kümmern uns|melden uns"
    r"|(?:nous|on|je) (?:allons|va|vais) (?:vérifier|regarder|voir|corriger|revenir|nous renseigner)|(?:nous|on|je) (?:regardons|vérifions|regarde|vérifie|revenons|reviens)\b|on s'en occupe"
    r"|(?:kontrol edece[ğg]iz|bakaca[ğg][ıi]z|inceleyece[ğg]iz|inceliyoruz|d[öo]n[üu][şs] yapaca[ğg][ıi]z|ilgileniyoruz)|(?:controlleremo|verificheremo|verifichiamo|controlliamo|ti faremo sapere)"
    r"|(?:we gaan (?:het|dit) (?:nakijken|uitzoeken)|we zoeken het uit)|(?:sprawdzimy|zajmiemy się|damy znać))\b"
    r"|(?:разбер[её]мся|проверим|посмотрим|сообщим|уточним|займ[её]мся)|確認(?:いた)?します|調査(?:いた)?します|調べます|我们会(?:尽快)?(?:查|处理|跟进|核实)|확인(?:해 ?보|하)겠습니다|سنتحقق|سنراجع",
    re.I,
)
_SOLVED = re.compile(
    r"\b(?:that (?:was it|worked|did it|fixed it|solved it|helped)|(?:it|all) (?:works|worked|is fine|is good)(?: again| now)?|works (?:now|again|fine)|(?:now|already) (?:works|fixed|solved)|(?:is|are|it's) back to normal"
    r"|(?:all |it's |is )?(?:solved|sorted)\b|problem (?:solved|gone|is gone)|never ?mind|(?:did it|does what it should|behaves)\b|(?:i )?(?:have|got|found) it (?:already|now)|no longer an issue|figured it out"
    r"|ya (?:funciona|est[áa])|(?:est[áa] )?(?:resuelto|solucionado)|funcion[óo]|j[áa] (?:funciona|est[áa] funcionando|deu certo)|deu certo|(?:est[áa] )?resolvido|era isso(?: mesmo)?|era eso"
    r"|(?:es )?(?:geht|klappt|funktioniert|läuft) (?:jetzt|wieder|nun)|(?:hat|das hat) (?:geklappt|funktioniert|geholfen)|gel[öo]st|erledigt|das war's|[çc]a (?:marche|fonctionne)|c'est (?:r[ée]gl[ée]|r[ée]solu|bon)|r[ée]solu"
    r"|(?:şimdi |artık )?(?:çalışıyor|düzeldi|çözüldü)|adesso funziona|ora funziona|risolto|het werkt (?:nu|weer)|opgelost|już działa|działa|(?:уже |теперь )?(?:работает|помогло|получилось|решено))\b|直りました|解決しました|好了|解决了|해결(?:됐|되었)|تم الحل|يعمل الآن|هذا هو الحل|ठीक हो गया|हल हो गया",
    re.I,
)
_STEPS = re.compile(
    r"(?:^|\s)(?:\d[.)]|first|then|next|finally|primero|luego|depois|zuerst|dann|ensuite|sonra)\s", re.I
)
_CODE = re.compile(r"`[^`]+`|\b\w+\(\)|--\w+|\b\w+\.(?:py|js|conf|json|exe|cfg|log)\b|/\w+/\w+|\b0x[0-9a-f]+\b", re.I)
_ORDER = (
    (Kind.SOLICITATION, None), (Kind.OFFER_OF_HELP, _OFFER), (Kind.THANKS, THANKS), (Kind.QUESTION, _QUESTION),
    (Kind.COMPLAINT, _COMPLAINT), (Kind.COMPLAINT, TROUBLE), (Kind.ANSWER, _ANSWER), (Kind.RECOMMENDATION, _RECOMMENDATION),
    (Kind.INTRODUCTION, _INTRODUCTION), (Kind.PROMISE, _PROMISE), (Kind.SOLVED, _SOLVED),
)  # fmt: skip

WORDS_OF_A_FULL_ANSWER = 40
DENSE_CHARACTERS_PER_WORD = 2  # where a script does not separate words
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def intents(cleaned: str) -> tuple[Kind, ...]:
    """All that a text prepared by ``features.clean`` is after, the main thing first; never empty."""
    bare = without_links(cleaned)
    asks = bool(solicitations(cleaned).keys() & PROMOTION)
    found = [kind for kind, rule in _ORDER if (rule.search(bare) if rule else asks)]
    if Kind.ANSWER in found and _specifics(cleaned, bare):
        found.append(Kind.FIX)
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
    specific = _specifics(cleaned, bare) + any(character.isdigit() for character in bare)
    return round(min(1.0, 0.85 * length + 0.1 * specific * length), 4)


def _specifics(cleaned: str, bare: str) -> int:
    """How many of steps, code and a link to documentation a text has."""
    links = LINK.findall(cleaned)
    return bool(_STEPS.search(bare)) + bool(_CODE.search(bare)) + any(HELP_LINK.search(link) for link in links)
