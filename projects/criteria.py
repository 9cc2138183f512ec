"""What the answers to the intake propose: legal tier and role, tags and level. Pure; its rules are content/intake.yaml.

A chosen option sets facts. Where several speak of one fact, `merge` says whether the strictest counts or all of them.
The first rule that holds gives the level. The source of the rules is the file; its legal part is from memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common import content

Answers = Mapping[str, Sequence[str]]
Facts = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`facts` by name, each with its values; the level, the rule that gave it, and whether counsel has to speak first.

    `decided_by`: the questions whose answers the rule rests on. `open`: the questions nobody has answered.
    """

    facts: Facts
    level: str
    rule: str
    stop: bool
    decided_by: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def tier(self) -> str:
        return self.facts["ai_act_tier"][0]

    @property
    def roles(self) -> list[str]:
        return self.facts["ai_act_role"]

    @property
    def tags(self) -> list[str]:
        return self.facts["tags"]

    def as_dict(self) -> dict[str, Any]:
        return {**self.facts, "level": self.level, "rule": self.rule, "stop": self.stop}


def questions() -> dict[str, dict[str, Any]]:
    return content.keyed("intake", "questions")


def propose(answers: Answers) -> Proposal:
    """What these answers, {question: chosen options}, propose. Unknown questions and options count for nothing."""
    set_by = _set_by(answers)
    facts = {fact["key"]: _merged(fact, set_by.get(fact["key"], {})) for fact in content.document("intake")["facts"]}
    rule = next(rule for rule in content.document("intake")["rules"] if _holds(rule["when"], facts))
    return Proposal(
        facts=facts,
        level=rule["level"],
        rule=rule["key"],
        stop=rule["stop"],
        decided_by=tuple(_behind(rule["when"], facts, set_by)),
        open=tuple(key for key in questions() if not answers.get(key)),
    )


def plain(answers: Answers) -> dict[str, list[str]]:
    """`answers`, with the plain one to every open question: the one option that sets nothing beyond the defaults.

    A question with none or several such options stays open: which of them holds only people know.
    """
    defaults = content.document("intake")["defaults"]
    given = {key: list(chosen) for key, chosen in answers.items() if chosen}
    for key, question in questions().items():
        free = [
            option["key"]
            for option in question["options"]
            if all(values == defaults[fact] for fact, values in option["sets"].items())
        ]
        if key not in given and len(free) == 1:
            given[key] = free
    return given


def adds(answers: Answers, question: str) -> dict[str, list[str]]:
    """What the answer to one question adds to the facts that the others give: {fact: values}, the level among them."""
    without = propose({key: chosen for key, chosen in answers.items() if key != question})
    whole = propose(answers)
    found = {
        name: [value for value in values if value not in without.facts[name]] for name, values in whole.facts.items()
    }
    found["level"] = [whole.level] if whole.level != without.level else []
    return {name: values for name, values in found.items() if values}


def _set_by(answers: Answers) -> dict[str, dict[str, set[str]]]:
    """{fact: {value: the questions whose answers set it}}."""
    found: dict[str, dict[str, set[str]]] = {}
    for key, question in questions().items():
        chosen = set(answers.get(key, ()))
        for option in question["options"]:
            for fact, values in option["sets"].items() if option["key"] in chosen else ():
                for value in values:
                    found.setdefault(fact, {}).setdefault(value, set()).add(key)
    return found


def _merged(fact: Mapping[str, Any], given: Iterable[str]) -> list[str]:
    """In the order of the file: the strictest stands first there."""
    values = list(given)
    if not values:
        return list(content.document("intake")["defaults"][fact["key"]])
    known = [row["key"] for row in content.document("intake")["results"].get(fact["key"], ())] or list(content.tags())
    ordered = sorted(values, key=known.index)
    return ordered[:1] if fact["merge"] == "strictest" else ordered


def _holds(when: Mapping[str, Sequence[str]], facts: Facts) -> bool:
    return all(set(facts[name]) & set(wanted) for name, wanted in when.items())


def _behind(
    when: Mapping[str, Sequence[str]], facts: Facts, set_by: Mapping[str, Mapping[str, set[str]]]
) -> Iterable[str]:
    """The questions, in their order, whose answers make the rule hold; of the rule that always holds, none."""
    spoke = {
        question
        for name, wanted in when.items()
        for value in wanted
        if value in facts[name]
        for question in set_by.get(name, {}).get(value, ())
    }
    return (key for key in questions() if key in spoke)
