"""The conditions of a gate's rounds, each with what this reader may do about it."""

from collections.abc import Sequence
from typing import Any

from common.texts import localised
from lifecycle.forms import ExtensionForm
from lifecycle.models import Condition, ConditionState, GateReview, Stage
from lifecycle.views.menus import Typed
from lifecycle.views.readers import Reader
from projects.permissions import Action


def shown_conditions(rounds: Sequence[GateReview], stage: Stage, reader: Reader, typed: Typed) -> list[dict[str, Any]]:
    return [_shown(condition, stage, reader, typed) for one in rounds for condition in one.conditions.all()]


def _shown(condition: Condition, stage: Stage, reader: Reader, typed: Typed) -> dict[str, Any]:
    row: dict[str, Any] = {"it": condition, "check": _check_text(condition.check_key, stage)}
    if condition.closed_at is not None:
        return row
    mine = condition.action.owner_id == reader.actor.user_id
    proposed = condition.state == ConditionState.PROPOSED
    row["may_propose"] = not proposed and (mine or Action.WORK in reader.rights)
    # Nobody closes or extends their own.
    row["may_close"] = Action.WAIVE in reader.rights and not mine
    if row["may_close"]:
        place = f"extend-{condition.pk}"
        row["form"] = typed.get(place) or ExtensionForm(initial={"version": condition.version}, auto_id=f"{place}-%s")
    return row


def _check_text(key: str, stage: Stage) -> str:
    """The check's own words, also where the process asks it no longer; "" for none."""
    if not key:
        return ""
    found = stage.template.find(key) or stage.process.definition.find(key)
    return localised(found[1].text) if found else key
