"""Words and orders that the gate's pages share."""

from django.utils.translation import gettext_lazy as _

from lifecycle.models import Decision

ORDER = ("not_met", "stale", "open", "deferred", "waived", "met", "not_applicable")
STATES = {
    "open": _("Open"),
    "met": _("Met"),
    "not_met": _("Not met"),
    "stale": _("Stale"),
    "deferred": _("Deferred"),
    "waived": _("Waived"),
    "not_applicable": _("Not applicable"),
}
# What opens the blocked check, in words that fit its kind.
ACTIONS = {
    "manual": _("Tick"),
    "evidence": _("Attach proof"),
    "metric": _("See the results"),
    "risk": _("Review the risk"),
    "assessment": _("Open it"),
    "approval": _("Sign"),
}
DECISIONS = {decision.value: decision.label for decision in Decision}
VOTES = {
    "go": _("Vote go"),
    "conditional_go": _("Vote conditional go"),
    "hold": _("Vote hold"),
    "recycle": _("Vote recycle"),
    "kill": _("Vote kill"),
}
CLOSES = {
    "go": _("Vote go and close the round"),
    "conditional_go": _("Vote conditional go and close the round"),
    "hold": _("Vote hold and close the round"),
    "recycle": _("Vote recycle and close the round"),
    "kill": _("Vote kill and close the round"),
}


# The fields of the vote's form that only this decision has; conditions have a form of their own.
BOUND: dict[str, tuple[str, ...]] = {"hold": ("until",), "recycle": ("return_to", "reason")}


LEVELS = {"low": _("low"), "medium": _("medium"), "high": _("high"), "critical": _("critical")}


PARTS = {"model": _("Model"), "dataset": _("Training data"), "prompt": _("Prompt"), "code": _("Code")}


def number(value: float) -> str:
    """At most six significant digits: 9.4, 1420."""
    return f"{value:.6g}"
