"""The page's first sentence: the gate's own words, cut into the parts that link to what they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.eightgate import day, figure, percent_of
from common.texts import language
from lifecycle.criteria import Readiness, wording
from lifecycle.models import Stage
from overview.selectors.outlooks import RUNNING
from projects.models import Health, Project, ProjectState

HEALTH = {
    Health.ON_TRACK: ("pass", "met"),
    Health.AT_RISK: ("stale", "risk"),
    Health.OFF_TRACK: ("fail", "fail"),
}


@dataclass(frozen=True, slots=True)
class Tag:
    """The shape of components/_tag.html."""

    text: str
    tone: str = ""
    icon: str = ""
    sign: str = ""
    plain: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    text: str = ""
    url: str = ""
    number: int = 0
    before: str = ""
    strong: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    strong: str = ""
    rest: str = ""
    late: bool = False
    tag: Tag | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """The shape of components/_verdict.html."""

    tone: str
    word: str
    parts: tuple[Part, ...] = ()
    rest: str = ""
    facts: tuple[Fact, ...] = field(default=())
    sign: bool = True
    under: str = ""


def headline(project: Project, stage: Stage | None, answer: Readiness | None, facts: Sequence[Fact]) -> Headline:
    """The live sentence of the current gate; of a project that is over, that it is."""
    if stage is None or answer is None or project.state not in RUNNING:
        word = f"{project.get_state_display()}."
        return Headline("none", word, rest=f"{gap()}{project.display_objective}", facts=tuple(facts))
    sentence = wording.sentence(answer)
    tone = answer.verdict.value if project.state == ProjectState.ACTIVE else "none"
    return Headline(tone, sentence.word, tuple(parts(sentence, answer)), facts=tuple(facts))


def parts(sentence: wording.Sentence, answer: Readiness) -> list[Part]:
    """Each clause links to its blocker on the gate's page and has its number there."""
    found = [Part(text=sentence.lead)]
    many = len(sentence.clauses) > 1
    for clause, joint in zip(sentence.clauses, sentence.joints, strict=True):
        if clause.blocker is None:
            continue
        place = answer.blockers.index(clause.blocker) + 1
        found.append(
            Part(
                url=f"{answer.facts.url}#b{place}",
                number=place if many else 0,
                before=clause.before,
                strong=clause.fact,
                after=clause.after,
            )
        )
        found.append(Part(text=joint))
    return found


def gap() -> str:
    """What stands between two sentences of one line: nothing in Chinese."""
    return "" if language() == "zh" else " "


def health_tag(health: str) -> Tag:
    tone, icon = HEALTH[Health(health)]
    return Tag(str(Health(health).label), tone, icon)


def facts_of(
    project: Project,
    answer: Readiness | None,
    *,
    go_live: date | None,
    slip: int,
    planned: Decimal,
    spent: Decimal,
    today: date,
) -> list[Fact]:
    """At most five short facts below the sentence."""
    found = []
    if answer:
        met = _("%(met)s of %(required)s") % {"met": answer.met, "required": answer.required}
        found.append(Fact(met, _("required checks met")))
    found.append(Fact(tag=health_tag(project.health)))
    if go_live:
        late = ngettext("%(n)s day after plan", "%(n)s days after plan", slip) % {"n": slip}
        said = _("forecast, on plan") if not slip else _("forecast, %(late)s") % {"late": late}
        found.append(Fact(_("Go-live %(day)s") % {"day": day(go_live, today)}, said, late=slip > 0))
    if planned:
        total = _("of %(currency)s %(sum)s spent") % {"currency": project.currency, "sum": short_sum(planned)}
        found.append(Fact(f"{percent_of(spent, planned)}%", total, late=spent > planned))
    if answer and (subject := answer.facts.subject):
        on = _("on %(dataset)s") % {"dataset": subject["dataset"]} if subject.get("dataset") else ""
        found.append(Fact(subject.get("model", ""), on if subject.get("model") else subject.get("dataset", "")))
    return found


def short_sum(amount: Decimal) -> str:
    """Money as people say it: "4.36 million", "850,000"."""
    if abs(amount) >= 1_000_000:
        return _("%(n)s million") % {"n": figure(round(amount / 1_000_000, 2))}
    return figure(round(amount))
