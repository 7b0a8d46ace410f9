"""The generosity ledger of a tie, and what one act of the brand says of the brand itself.

What needs one person's state is in the tie (counters of both sides, promises made, kept and open). What is about the
brand as a whole is an aggregate over the acts, which SQL makes from one row per act: the share ``about_others``, the same
text to many, links nobody asked for, answers that nobody answered, and the trust of the brand's own acts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from events import Content, Direction, Interaction
from scoring.actor import Actor, actor_confidence, actor_log_odds, fold_actor
from scoring.combine import WEIGHTS, Judgement, Weights, combine
from scoring.ties.state import Act, Side, Tie
from scoring.ties.threads import DAY_MINUTES, MINUTE_MS, PROMISED

BROKEN_AFTER_DAYS = 7.0
OF_OTHERS = frozenset({"answer", "thanks", "offer_of_help", "recommendation", "question"})

# A line per group of languages reads better than wrapped alternatives.
# ruff: noqa: E501
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


@dataclass(frozen=True, slots=True)
class Generosity:
    """Units (conversation and day) in which a side spoke first, gave unasked, thanked, helped, gave credit; of ``acts``."""

    acts: int
    first: int
    unasked: int
    thanks: int
    help: int
    credit: int
    gave: float


@dataclass(frozen=True, slots=True)
class Promises:
    """``broken``: open for more than a week without a later word; what is open for less is neither kept nor broken."""

    made: int
    kept: int
    open: int
    broken: int


def promises(cleaned: str) -> bool:
    """Whether a text (prepared by ``features.clean``) says that its writer will come back: "we will look into it"."""
    return _PROMISE.search(cleaned[:2_000]) is not None


def solved(cleaned: str) -> bool:
    """Whether a text (prepared by ``features.clean``) says that what was asked for is no longer needed."""
    return _SOLVED.search(cleaned[:2_000]) is not None


def generosity(side: Side) -> Generosity:
    """The ledger of one side. ``gave`` is trust x effort, as of the tie's last act."""
    return Generosity(side.acts, side.started, side.free, side.thanks, side.help, side.credit, side.gave / 10_000)


def promises_of(tie: Tie, at_ms: int) -> Promises:
    """What the brand promised this person. Promises in conversations forgotten since are made and not kept: broken."""
    minute = at_ms // MINUTE_MS
    waits = [minute - thread.since for thread in tie.threads if thread.marks & PROMISED]
    young = sum(wait <= BROKEN_AFTER_DAYS * DAY_MINUTES for wait in waits)
    return Promises(tie.promises, tie.kept, len(waits), max(0, tie.promises - tie.kept - young))


def about_others(act: Act) -> bool:
    """Whether an act of the brand is about somebody else: an answer, thanks, help, a question to them, sharing theirs.

    The share over the brand's acts, per platform and month, is the self-audit's first line.
    """
    return act.answers or act.helps_third_person or (not OF_OTHERS.isdisjoint(act.intents) and act.addresses)


def as_stranger(acts: Iterable[tuple[Interaction, Content]], weights: Weights = WEIGHTS) -> list[Judgement]:
    """What the scorer of strangers says of each act, given in order of time, with the reading of its text.

    Nothing is known of who speaks but these acts: no bonus for a declared account, no campaign, no correction. Each
    account has a history of its own. Whom it answers are other people, as they are when a stranger answers them.
    """
    histories: dict[str, Actor] = {}
    judged = []
    for interaction, content in acts:
        history = histories.get(interaction.actor.id, Actor())
        said = actor_log_odds(history, interaction)
        judgement = combine(content, said, known=actor_confidence(history), weights=weights)
        answered = interaction.in_reply_to.actor if interaction.in_reply_to else ""
        direction = Direction.INBOUND if answered in ("", interaction.actor.id) else Direction.PEER
        histories[interaction.actor.id] = fold_actor(
            history, interaction, direction, judgement.trust, said[1], weights=weights
        )
        judged.append(judgement)
    return judged
