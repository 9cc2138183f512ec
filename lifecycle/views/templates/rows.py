"""A template's stages, checks and deciders as people read them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import content
from common.texts import listed, localised
from lifecycle.forms.templates import KIND_NAMES
from lifecycle.models.definition import ANY, Definition, GateRules, Item, StageDefinition
from lifecycle.selectors.templates import LEVEL_NAMES, limit_words


def stage_rows(definition: Definition) -> list[dict[str, Any]]:
    """Every stage with its checks and, level by level, who decides its gate."""
    return [
        {
            "stage": stage,
            "checks": [{"item": item, "facts": check_facts(item)} for item in stage.items],
            "levels": _levels(stage),
        }
        for stage in definition.stages
    ]


def check_facts(item: Item) -> list[str]:
    """What a check asks, in a few words each: its kind, its limit, for whom it is required."""
    facts = [str(KIND_NAMES[item.kind])]
    if item.kind == "metric":
        facts.append(limit_words(item.criterion))
    facts.append(_("from %(level)s") % {"level": LEVEL_NAMES[item.from_level]})
    facts.append(_("required") if item.required else _("optional"))
    if item.required_when:
        known = content.tags()
        tags = listed(localised(known[tag]["name"]) if tag in known else tag for tag in item.required_when)
        facts.append(_("required with %(tags)s") % {"tags": tags})
    if item.material:
        facts.append(_("material"))
    return facts


def _levels(stage: StageDefinition) -> list[dict[str, str]]:
    return [{"name": str(LEVEL_NAMES[level]), "words": who_decides(rules)} for level, rules in stage.rules.items()]


def who_decides(rules: GateRules) -> str:
    """As “2 votes: Sponsor, Risk officer; with Sponsor in favour”."""
    votes = ngettext("%(n)s vote", "%(n)s votes", rules.quorum) % {"n": rules.quorum}
    who = _("anybody who may decide") if rules.deciders == (ANY,) else _roles(rules.deciders)
    words = f"{votes}: {who}"
    if rules.must_include:
        words += "; " + _("with %(who)s in favour") % {"who": _roles(rules.must_include)}
    return words


def _roles(keys: tuple[str, ...]) -> str:
    known = content.roles()
    return listed(localised(known[key]["name"]) if key in known else key for key in keys)
