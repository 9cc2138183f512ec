"""Who may do what: the whole matrix of rights on one page. The separation of duties at a gate is lifecycle's."""

from enum import StrEnum, auto
from typing import NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import User
from common.errors import HumanSessionRequired, PermissionDenied
from projects.models import Membership, Portfolio, PortfolioManager, Project, Visibility


class Action(StrEnum):
    """One member per row of the matrix."""

    SEE_PROJECT = auto()
    SEE_CONFIDENTIAL = auto()
    CREATE_PROJECT = auto()
    EDIT_PROJECT = auto()
    CHANGE_STATE = auto()
    DELETE_PROJECT = auto()
    MANAGE_MEMBERS = auto()
    BREAK_GLASS = auto()
    LEGAL_HOLD = auto()
    CONFIRM_INTAKE = auto()
    OVERRIDE_LIMIT = auto()
    WORK = auto()
    COMMENT = auto()
    WITHDRAW_EVIDENCE = auto()
    REQUEST_REVIEW = auto()
    OPEN_EXTRAORDINARY = auto()
    VOTE = auto()
    SIGN = auto()
    WAIVE = auto()
    REOPEN = auto()
    ACCEPT_RISK = auto()
    ACKNOWLEDGE_ALERT = auto()
    SNOOZE = auto()
    MANAGE_WEBHOOKS = auto()
    MANAGE_TOKENS = auto()
    EXPORT = auto()
    SEE_PORTFOLIO = auto()
    EDIT_TEMPLATES = auto()
    READ_LIBRARY = auto()
    ADMINISTER = auto()
    READ_INSTANCE_JOURNAL = auto()
    READ_PROJECT_JOURNAL = auto()
    VERIFY_JOURNAL = auto()
    OPERATE = auto()


class Standing(StrEnum):
    """What a person is to a project, or to the instance: the columns. Rights of several add up."""

    ADMIN = auto()
    PORTFOLIO_MANAGER = auto()
    AUDITOR = auto()
    OWNER = auto()
    CONTRIBUTE = auto()
    DECIDE = auto()
    VIEW = auto()
    SIGNED_IN = auto()


YES, READ, OWN = "●", "r", "own"

# ● yes, r reads only, – no, own only what one made, · does not arise. Instance roles first, then access, then anyone
# who signed in (to a project: while it is `internal`). "revoke" and "shell" are rights that other doors give.
ROWS = (
    # action                          Admin   PM   Aud  Own  Con  Dec  View Int
    (Action.SEE_PROJECT,             "r       r    r    ●    ●    ●    ●    r  "),
    (Action.SEE_CONFIDENTIAL,        "–       r    r    ●    ●    ●    –    –  "),
    (Action.CREATE_PROJECT,          "●       ●    –    ·    ·    ·    ·    ●  "),
    (Action.EDIT_PROJECT,            "–       –    –    ●    –    –    –    –  "),
    (Action.CHANGE_STATE,            "–       ●    –    ●    –    –    –    –  "),
    (Action.DELETE_PROJECT,          "●       –    –    ●    –    –    –    –  "),
    (Action.MANAGE_MEMBERS,          "–       ●    –    ●    –    –    –    –  "),
    (Action.BREAK_GLASS,             "●       –    –    –    –    –    –    –  "),
    (Action.LEGAL_HOLD,              "–       ●    ●    –    –    –    –    –  "),
    (Action.CONFIRM_INTAKE,          "–       ●    –    –    –    ●    –    –  "),
    (Action.OVERRIDE_LIMIT,          "–       ●    –    ●    –    –    –    –  "),
    (Action.WORK,                    "–       –    –    ●    ●    ●    –    –  "),
    (Action.COMMENT,                 "–       ●    ●    ●    ●    ●    ●    –  "),
    (Action.WITHDRAW_EVIDENCE,       "–       –    –    ●    own  own  –    –  "),
    (Action.REQUEST_REVIEW,          "–       –    –    ●    ●    –    –    –  "),
    (Action.OPEN_EXTRAORDINARY,      "–       ●    –    ●    –    –    –    –  "),
    (Action.VOTE,                    "–       –    –    –    –    ●    –    –  "),
    (Action.SIGN,                    "–       –    –    ●    ●    ●    –    –  "),
    (Action.WAIVE,                   "–       –    –    –    –    ●    –    –  "),
    (Action.REOPEN,                  "–       ●    –    –    –    –    –    –  "),
    (Action.ACCEPT_RISK,             "–       ●    –    –    –    ●    –    –  "),
    (Action.ACKNOWLEDGE_ALERT,       "–       ●    –    ●    ●    ●    –    –  "),
    (Action.SNOOZE,                  "●       ●    ●    ●    ●    ●    ●    ●  "),
    (Action.MANAGE_WEBHOOKS,         "–       –    –    ●    –    –    –    –  "),
    (Action.MANAGE_TOKENS,           "revoke  own  own  own  own  own  own  own"),
    (Action.EXPORT,                  "–       ●    ●    ●    ●    ●    –    –  "),
    (Action.SEE_PORTFOLIO,           "r       r    r    r    r    r    r    r  "),
    (Action.EDIT_TEMPLATES,          "●       ●    –    –    –    –    –    –  "),
    (Action.READ_LIBRARY,            "r       r    r    r    r    r    r    r  "),
    (Action.ADMINISTER,              "●       –    –    –    –    –    –    –  "),
    (Action.READ_INSTANCE_JOURNAL,   "r       –    r    –    –    –    –    –  "),
    (Action.READ_PROJECT_JOURNAL,    "–       r    r    r    –    r    –    –  "),
    (Action.VERIFY_JOURNAL,          "●       –    ●    –    –    –    –    –  "),
    (Action.OPERATE,                 "shell   –    –    –    –    –    –    –  "),
)  # fmt: skip
MATRIX: dict[Action, dict[Standing, str]] = {
    action: dict(zip(Standing, marks.split(), strict=True)) for action, marks in ROWS
}

# Row 10: of those who decide, only these. Row 16: the sponsor too. Rows 17, 18 and 21 ask for the role that the gate,
# the check or the risk names; the services that know it ask for it.
DECIDERS_HOLDING: dict[Action, frozenset[str]] = {Action.CONFIRM_INTAKE: frozenset({"legal_counsel", "risk_officer"})}
ALSO_HOLDING: dict[Action, frozenset[str]] = {Action.OPEN_EXTRAORDINARY: frozenset({"sponsor"})}
# No scope grants these to a token.
HUMANS_ONLY = frozenset(
    {Action.VOTE, Action.MANAGE_MEMBERS, Action.MANAGE_TOKENS, Action.BREAK_GLASS, Action.ADMINISTER}
)

# What the refusal says is missing.
WORDS: dict[Action, str | Promise] = {
    Action.SEE_PROJECT: _("see this project"),
    Action.SEE_CONFIDENTIAL: _("see confidential files"),
    Action.CREATE_PROJECT: _("create projects"),
    Action.EDIT_PROJECT: _("edit the project's data, goals, schedule and budget"),
    Action.CHANGE_STATE: _("archive, restore, hold or resume the project"),
    Action.DELETE_PROJECT: _("delete the project"),
    Action.MANAGE_MEMBERS: _("manage members"),
    Action.BREAK_GLASS: _("break glass"),
    Action.LEGAL_HOLD: _("set or lift a legal hold"),
    Action.CONFIRM_INTAKE: _("confirm level, tags and legal tier"),
    Action.OVERRIDE_LIMIT: _("override limits"),
    Action.WORK: _("contribute"),
    Action.COMMENT: _("comment"),
    Action.WITHDRAW_EVIDENCE: _("withdraw evidence"),
    Action.REQUEST_REVIEW: _("ask for a gate review"),
    Action.OPEN_EXTRAORDINARY: _("open an extraordinary review"),
    Action.VOTE: _("vote at gates"),
    Action.SIGN: _("sign"),
    Action.WAIVE: _("waive checks and close conditions"),
    Action.REOPEN: _("reopen a decided gate"),
    Action.ACCEPT_RISK: _("accept risks"),
    Action.ACKNOWLEDGE_ALERT: _("acknowledge alerts and schedule reviews"),
    Action.SNOOZE: _("snooze reminders"),
    Action.MANAGE_WEBHOOKS: _("manage webhooks"),
    Action.MANAGE_TOKENS: _("manage these tokens"),
    Action.EXPORT: _("export"),
    Action.SEE_PORTFOLIO: _("see the portfolio"),
    Action.EDIT_TEMPLATES: _("edit templates and the library"),
    Action.READ_LIBRARY: _("read the library"),
    Action.ADMINISTER: _("run the instance"),
    Action.READ_INSTANCE_JOURNAL: _("read the journal of the instance"),
    Action.READ_PROJECT_JOURNAL: _("read the journal of the project"),
    Action.VERIFY_JOURNAL: _("verify the journal"),
    Action.OPERATE: _("operate the server"),
}


# What a person is given in a project: access and functional roles.
Own = tuple[frozenset[str], frozenset[str]]


class Ties(NamedTuple):
    """Everything the matrix asks of one person and one project."""

    standing: frozenset[Standing]
    roles: frozenset[str]


def may(actor: Actor, action: Action, project: Project | None = None, *, mine: bool = False) -> bool:
    """Whether `actor` may; `mine` says that the thing is of the actor's own making (rows marked `own`)."""
    return _allows(actor, action, _ties(actor, project), mine=mine)


def require(actor: Actor, action: Action, project: Project | None = None, *, mine: bool = False) -> None:
    """Raises HumanSessionRequired for a token where only a person may, PermissionDenied naming the missing right."""
    if actor.via == "token" and action in HUMANS_ONLY:
        raise HumanSessionRequired(gettext("A token may not %(what)s.") % {"what": WORDS[action]})
    if not may(actor, action, project, mine=mine):
        raise refusal(action, project)


def runs(actor: Actor, portfolio: Portfolio) -> bool:
    """Row 7 for a whole portfolio: its managers, those of one above, and who runs the instance; never by token."""
    if actor.user is None:
        return actor.is_system
    if actor.via == "token" or not actor.user.is_active:
        return False
    if actor.user.is_guest:
        return False
    return actor.user.is_admin or PortfolioManager.objects.of(portfolio, actor.user.pk).exists()


def require_to_run(actor: Actor, portfolio: Portfolio) -> None:
    """Raises HumanSessionRequired, PermissionDenied for who does not run the portfolio."""
    if actor.via == "token":
        raise HumanSessionRequired(gettext("A token may not %(what)s.") % {"what": WORDS[Action.MANAGE_MEMBERS]})
    if not runs(actor, portfolio):
        raise refusal(Action.MANAGE_MEMBERS, portfolio)


def refusal(action: Action, project: Project | Portfolio | None = None) -> PermissionDenied:
    """What `require` raises, for who knows already that the right is missing."""
    words = {"what": WORDS[action], "where": project}
    detail = (
        gettext("You lack the right to %(what)s in %(where)s.")
        if project
        else gettext("You lack the right to %(what)s.")
    )
    return PermissionDenied(detail % words, missing=action.value)


def rights(
    actor: Actor, project: Project | None = None, *, own: Own | None = None, mine: bool = False
) -> frozenset[Action]:
    """All the actor may do to the project (`mine`: to their own things in it): two queries, not two per button.

    One with `own`, the actor's access and functional roles in the project, where the page has read them already.
    """
    ties = _ties(actor, project, own)
    return frozenset(action for action in Action if _allows(actor, action, ties, mine=mine))


def standing(actor: Actor, project: Project | None = None) -> frozenset[Standing]:
    """The actor's columns of the matrix; empty for strangers to a private project, the deactivated and the system."""
    return _ties(actor, project).standing


def roles_of(user: User, project: Project) -> frozenset[str]:
    """The functional roles a person holds in the project; they give no access by themselves."""
    return Membership.objects.ties(project.pk, user.pk)[1]


def _allows(actor: Actor, action: Action, ties: Ties, *, mine: bool) -> bool:
    if actor.user is None:
        return actor.is_system
    if actor.via == "token" and action in HUMANS_ONLY:
        return False
    if ties.roles & ALSO_HOLDING.get(action, frozenset()):
        return True
    columns = ties.standing
    if action in DECIDERS_HOLDING and not ties.roles & DECIDERS_HOLDING[action]:
        columns = columns - {Standing.DECIDE}
    bound = actor.project_id is not None or actor.user.is_guest
    if action == Action.CREATE_PROJECT and (bound or not settings.MEMBERS_MAY_CREATE):
        columns = columns - {Standing.SIGNED_IN}
    marks = {MATRIX[action][column] for column in columns}
    return bool(marks & ({YES, READ, OWN} if mine else {YES, READ}))


def _ties(actor: Actor, project: Project | None, own: Own | None = None) -> Ties:
    user = actor.user
    if user is None or not user.is_active:
        return Ties(frozenset(), frozenset())
    if actor.project_id is not None and (project is None or project.pk != actor.project_id):
        # A token bound to one project reads what everybody reads, and speaks for no other project.
        return Ties(frozenset() if project else frozenset({Standing.SIGNED_IN}), frozenset())
    if project is None:
        return Ties(frozenset({Standing.SIGNED_IN}) if user.is_guest else _instance_columns(user, None), frozenset())
    access, roles = own or Membership.objects.ties(project.pk, user.pk)
    columns = _guest_columns(user, access) if user.is_guest else _instance_columns(user, project)
    return Ties(columns | {Standing(name) for name in access}, roles)


def _guest_columns(user: User, access: frozenset[str]) -> frozenset[Standing]:
    """A guest is in a project what they are as its member; an external auditor audits it, and nothing else."""
    return frozenset({Standing.AUDITOR}) if user.is_auditor and access else frozenset()


def _instance_columns(user: User, project: Project | None) -> frozenset[Standing]:
    is_open = project is None or project.visibility == Visibility.INTERNAL
    held = {
        Standing.ADMIN: user.is_admin,
        Standing.PORTFOLIO_MANAGER: PortfolioManager.objects.above(project, user.pk).exists(),
        Standing.AUDITOR: user.is_auditor,
        # An auditor reads by that role alone; the last column is for people without one.
        Standing.SIGNED_IN: is_open and not user.is_auditor,
    }
    return frozenset(column for column, holds in held.items() if holds)
