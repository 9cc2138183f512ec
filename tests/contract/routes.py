"""The explicit table: every route and method, the row of the matrix of rights it falls under, and who may.

Rows are those of the document of rights, numbered as there. A route that is missing here fails `test_rights`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common import content
from tests.contract.world import World, best, in_days, packet_of

ALL = frozenset(
    {"stranger", "viewer", "contributor", "decider", "owner", "portfolio_manager", "admin", "auditor", "guest"}
)
TEAM = frozenset({"owner", "contributor", "decider"})
# Row: who may, in an internal project that the stranger reads too. `decider` is sponsor, ethics reviewer, risk officer.
RIGHTS: dict[int, frozenset[str]] = {
    1: ALL,
    3: ALL - {"auditor", "guest"},
    4: frozenset({"owner"}),
    5: frozenset({"owner", "portfolio_manager"}),
    7: frozenset({"owner", "portfolio_manager"}),
    9: frozenset({"portfolio_manager", "auditor"}),
    10: frozenset({"decider", "portfolio_manager"}),  # the decider is risk officer
    11: frozenset({"owner", "portfolio_manager"}),
    12: TEAM,
    13: ALL - {"admin", "stranger"},
    14: frozenset({"owner", "contributor"}),  # the contributor's own evidence
    15: frozenset({"owner", "contributor"}),
    17: frozenset({"decider"}),
    18: frozenset({"decider"}),  # the one who holds the role that signs
    19: frozenset({"decider"}),
    20: frozenset({"portfolio_manager"}),
    21: frozenset({"decider", "portfolio_manager"}),
    23: ALL,
    25: ALL,
    26: TEAM | {"portfolio_manager", "auditor"},
    27: ALL,
    28: frozenset({"admin", "portfolio_manager"}),
    29: ALL,
    30: frozenset({"admin"}),
    31: frozenset({"admin", "auditor"}),
    32: frozenset({"owner", "decider", "portfolio_manager", "auditor"}),
}
# Standing roles: who manages members, of a portfolio.
RUNS = frozenset({"admin", "portfolio_manager"})
# Who opened the change, and the owner.
OPENER = frozenset({"owner", "contributor"})
Body = Callable[[World], dict[str, Any]]
PUBLIC, OWN = "public", "own"


@dataclass(frozen=True)
class Rule:
    """Who may use one method of one route."""

    row: int | str
    # Whom the row's fine print names; `hidden`: to everybody else the thing does not exist.
    who: frozenset[str] | None = None
    hidden: bool = False
    human: bool = False
    any_token: bool = False
    body: Body | None = None
    # Which thing of the world stands in the path, when it is not the one the path is named after.
    thing: str = ""

    @property
    def allowed(self) -> frozenset[str]:
        if self.who is not None:
            return self.who
        return ALL if isinstance(self.row, str) else RIGHTS[self.row]


def given(**fields: Any) -> Body:
    return lambda _world: fields


def mine(row: int | str = OWN, *, also: frozenset[str] = frozenset(), **more: Any) -> Rule:
    """A thing of the owner's that others do not see."""
    return Rule(row, who=frozenset({"owner"}) | also, hidden=True, human=True, **more)


SEE, EDIT, WORK, TALK = Rule(1), Rule(4), Rule(12), Rule(13)
GOAL = given(indicator="Returns", target=2)
VERSIONED = given(version=1)
RISK = given(title="Leak", category="security", likelihood=2, impact=2)
ACTION = given(text="Ask", owner="contributor", due_on=in_days(5).isoformat())
UNTIL = given(until=in_days(20).isoformat(), reason="A pause")
MEMBER = given(user="stranger", access=["view"])
DEPUTY = given(deputy="contributor", starts_on=in_days(1).isoformat(), ends_on=in_days(9).isoformat())
PROJECT_DATA = given(version=1, name="New name", objective="Same", visibility="internal", currency="EUR")


def vote(world: World) -> dict[str, Any]:
    packet = packet_of(world.things["OPEN"]["reviews"])
    return {"decision": "hold", "rationale": "Not yet", "packet": packet, "until": in_days(9).isoformat()}


def vote_form(world: World) -> dict[str, Any]:
    return {**vote(world), "conditions-TOTAL_FORMS": "0", "conditions-INITIAL_FORMS": "0"}


def new_project(world: World) -> dict[str, Any]:
    return {"key": "FRESH", "name": "Fresh", "objective": "Try"}


def spend(world: World) -> dict[str, Any]:
    return {"line": world.things["OPEN"]["budget"], "amount": "5.00"}


def signature(world: World) -> dict[str, Any]:
    return {"assessment": world.things["OPEN"]["submitted"]}


def template(world: World) -> dict[str, Any]:
    """A document as the API takes it in JSON too."""
    return {**content.document("six-step"), "key": "ours"}


P, V = "projects/<str:key>/", "api/v1/"
API: dict[str, dict[str, Rule]] = {
    f"{V}me/": {"GET": Rule(OWN, any_token=True), "PATCH": Rule(23, human=True, body=given(version=1, name="Me"))},
    f"{V}users/<str:username>/": {
        "GET": Rule(30, human=True),
        "PATCH": Rule(30, human=True, body=given(version=1, active_until=in_days(90).isoformat())),
    },
    f"{V}projects/": {"GET": SEE, "POST": Rule(3, body=new_project)},
    f"{V}{P}": {
        "GET": SEE,
        "PATCH": Rule(4, body=given(version=1, name="New name")),
        "PUT": Rule(4),
    },
    f"{V}{P}status/": {"GET": SEE},
    f"{V}{P}hold/": {"POST": Rule(5, body=UNTIL)},
    f"{V}{P}resume/": {"POST": Rule(5)},
    f"{V}{P}archive/": {"POST": Rule(5)},
    f"{V}{P}restore/": {"POST": Rule(5)},
    f"{V}{P}legal-hold/": {"POST": Rule(9, human=True, body=given(reason="A law suit"))},
    f"{V}{P}intake/": {"GET": SEE, "PUT": Rule(4, body=given(answers={"in_harm": ["harm_slight"]}))},
    f"{V}{P}intake/confirm/": {"POST": Rule(10, human=True, body=VERSIONED)},
    f"{V}{P}level/": {"POST": Rule(10, body=given(level="lean", reason="Small"))},
    f"{V}{P}template-version/": {"POST": Rule(5, body=given(version=1))},
    f"{V}{P}gates/<str:stage>/check/": {"GET": SEE},
    f"{V}{P}stages/": {"GET": SEE},
    f"{V}{P}stages/<str:stage>/": {"GET": SEE, "PATCH": Rule(4, body=given(version=1, due_on=in_days(40).isoformat()))},
    f"{V}{P}stages/<str:stage>/checks/": {"GET": SEE},
    f"{V}{P}stages/<str:stage>/reviews/": {"GET": SEE, "POST": Rule(15, body=given(despite_blockers=True))},
    f"{V}{P}baseline/": {"GET": SEE, "PUT": Rule(11, body=given(model="legacy 1", reason="What runs today"))},
    f"{V}{P}baseline/consent/": {
        "POST": Rule(11, who=frozenset({"decider"}), human=True, body=given(proposal=1, agree=True)),
    },
    f"{V}{P}checks/<str:check_key>/limit/": {
        "GET": Rule(1, thing="corpus_safety"),
        "PUT": Rule(11, thing="corpus_safety", body=given(threshold=97, reason="Ours is stricter")),
    },
    f"{V}{P}checks/<str:check_key>/limit/consent/": {
        "POST": Rule(
            11, who=frozenset({"decider"}), human=True, thing="corpus_safety", body=given(proposal=1, agree=True)
        ),
    },
    f"{V}{P}checks/<str:check_key>/limit/source/": {
        "POST": Rule(11, who=frozenset(), human=True, thing="corpus_safety", body=given(reference="Art. 10")),
    },
    f"{V}{P}checks/<str:check_key>/": {"GET": SEE, "PATCH": Rule(12, body=given(version=1, note="Seen"))},
    f"{V}checks/<int:pk>/": {"GET": SEE, "PATCH": Rule(12, body=given(version=1, note="Seen"))},
    f"{V}checks/<int:pk>/evidence/": {"GET": SEE, "POST": Rule(12, body=given(url="https://x.example/", title="x"))},
    f"{V}checks/<int:pk>/waivers/": {"GET": SEE, "POST": Rule(19, human=True, body=UNTIL)},
    f"{V}reviews/<int:pk>/": {"GET": SEE},
    f"{V}reviews/<int:pk>/votes/": {"POST": Rule(17, human=True, body=vote)},
    f"{V}reviews/<int:pk>/votes/mine/": {"DELETE": Rule(17, human=True)},
    f"{V}reviews/<int:pk>/withdraw/": {"POST": Rule(15)},
    f"{V}reviews/<int:pk>/recuse/": {"POST": Rule(17, human=True, body=given(reason="My sister sells it"))},
    f"{V}reviews/<int:pk>/reopen/": {
        "POST": Rule(20, human=True, thing="decided", body=given(reason="New facts")),
    },
    f"{V}reviews/<int:pk>/pack/": {"GET": Rule(26, thing="decided")},
    f"{V}{P}changes/": {"GET": SEE, "POST": Rule(12, body=given(text="Other prompt", subject={"prompt": "p3"}))},
    f"{V}changes/<int:pk>/": {"GET": SEE},
    f"{V}changes/<int:pk>/confirm/": {"POST": Rule(19, human=True)},
    f"{V}changes/<int:pk>/withdraw/": {"POST": Rule(12, who=OPENER, body=given(reason="Rolled back"))},
    f"{V}conditions/<int:pk>/": {"GET": SEE, "PATCH": Rule(12, human=True)},
    f"{V}conditions/<int:pk>/extension/": {"POST": Rule(19, human=True, body=UNTIL)},
    f"{V}templates/": {"GET": Rule(29)},
    f"{V}templates/import/": {"POST": Rule(28, body=template)},
    f"{V}templates/plan/": {"POST": Rule(28, body=template)},
    f"{V}templates/schema/": {"GET": Rule(29)},
    f"{V}templates/<str:key>/versions/<int:number>/": {"GET": Rule(29)},
    f"{V}templates/<str:key>/versions/<int:number>/publish/": {"POST": Rule(28, human=True)},
    f"{V}{P}members/": {"GET": SEE, "POST": Rule(7, human=True, body=MEMBER)},
    f"{V}{P}members/<str:username>/": {
        "GET": SEE,
        "PATCH": Rule(7, human=True, body=given(version=1, access=["view"])),
        "DELETE": Rule(7, human=True, body=VERSIONED),
    },
    f"{V}{P}members/<str:username>/inherit/": {"POST": Rule(7, human=True)},
    f"{V}{P}deputies/": {"GET": SEE, "POST": Rule(23, human=True, body=DEPUTY)},
    f"{V}deputies/<int:pk>/": {
        "GET": SEE,
        "DELETE": Rule(23, who=frozenset({"decider", "contributor"}), human=True, body=VERSIONED),
    },
    f"{V}{P}progress/": {"GET": SEE, "POST": Rule(12, body=given(text="On", health="on_track"))},
    f"{V}{P}comments/": {"GET": SEE, "POST": Rule(13, body=given(text="hello"))},
    f"{V}{P}actions/": {"GET": SEE, "POST": Rule(12, body=ACTION)},
    f"{V}{P}budget/": {"GET": SEE, "POST": Rule(4, body=given(category="data", name="Labels", planned="5.00"))},
    f"{V}{P}spend/": {"GET": SEE, "POST": Rule(4, body=spend)},
    f"{V}{P}goals/": {"GET": SEE, "POST": Rule(4, body=GOAL)},
    f"{V}{P}stakeholders/": {"GET": SEE, "POST": Rule(4, body=given(role="Staff"))},
    f"{V}comments/<int:pk>/": {
        "GET": SEE,
        "PATCH": Rule(13, who=frozenset({"contributor"}), body=given(version=1, text="changed")),
    },
    f"{V}actions/<int:pk>/": {"GET": SEE, "PATCH": Rule(12, body=given(version=1, done=True))},
    f"{V}budget/<int:pk>/": {"GET": SEE, "PATCH": EDIT, "DELETE": Rule(4, body=VERSIONED)},
    f"{V}goals/<int:pk>/": {"GET": SEE, "PATCH": EDIT, "DELETE": Rule(4, body=VERSIONED)},
    f"{V}stakeholders/<int:pk>/": {"GET": SEE, "PATCH": EDIT, "DELETE": Rule(4, body=VERSIONED)},
    f"{V}portfolios/": {"GET": Rule(27), "POST": Rule(30, human=True, body=given(name="Banking", parent=None))},
    f"{V}portfolios/<int:pk>/": {
        "GET": Rule(27),
        "PATCH": Rule(30, human=True, body=given(version=1, name="Shops")),
    },
    f"{V}portfolios/<int:pk>/managers/": {
        "GET": Rule(27),
        "POST": Rule(30, human=True, body=given(user="stranger")),
    },
    f"{V}portfolios/<int:pk>/managers/<str:username>/": {"DELETE": Rule(30, human=True)},
    f"{V}portfolios/<int:pk>/roles/": {"GET": Rule(27), "POST": Rule(7, who=RUNS, human=True, body=MEMBER)},
    f"{V}portfolios/<int:pk>/roles/<int:role>/": {
        "GET": Rule(27),
        "PATCH": Rule(7, who=RUNS, human=True, body=given(version=1, access=["view"])),
        "DELETE": Rule(7, who=RUNS, human=True, body=VERSIONED),
    },
    f"{V}inbox/": {"GET": Rule(23)},
    f"{V}inbox/read/": {"POST": Rule(23, human=True, body=given(all=True))},
    f"{V}inbox/<int:pk>/snooze/": {"POST": mine(23, thing="inbox:owner")},
    f"{V}tokens/": {"GET": Rule(25, human=True), "POST": Rule(25, human=True, body=given(name="x", scopes=["ci"]))},
    f"{V}tokens/<int:pk>/": {"DELETE": mine(25, also=frozenset({"admin"}))},
    f"{V}journal/": {"GET": Rule(31)},
    f"{V}{P}metrics/": {"GET": SEE, "POST": Rule(12)},
    f"{V}{P}subject/": {"GET": SEE, "POST": Rule(12, body=given(model="reco 1.0"))},
    f"{V}{P}evidence/": {"GET": SEE},
    f"{V}{P}evidence/<int:pk>/download/": {"GET": SEE},
    f"{V}evidence/<int:pk>/download/": {"GET": SEE},
    f"{V}evidence/<int:pk>/": {"GET": SEE},
    f"{V}evidence/<int:pk>/revisions/": {"POST": Rule(14, body=given(url="https://x.example/", title="x"))},
    f"{V}evidence/<int:pk>/withdraw/": {"POST": Rule(14, body=given(version=1, reason="Wrong file"))},
    f"{V}metric-definitions/": {"GET": Rule(29, any_token=True)},
    f"{V}{P}risks/": {"GET": SEE, "POST": Rule(12, body=RISK)},
    f"{V}risks/<int:pk>/": {"GET": SEE, "PATCH": Rule(12, body=given(version=1, title="Drift again"))},
    f"{V}risks/<int:pk>/acceptances/": {"GET": SEE, "POST": Rule(21, body=given(plan="Watch it"))},
    f"{V}{P}assessments/": {"GET": SEE, "POST": Rule(12, body=given(key="data_protection"))},
    f"{V}assessments/<int:pk>/": {"GET": SEE, "PATCH": Rule(12, body=given(version=1, answers={}))},
    f"{V}assessments/<int:pk>/signatures/": {"POST": Rule(18, thing="submitted")},
}

S, L, B = f"{P}settings/", f"{P}log/", f"{P}budget/"
STEP = given(version=1, step="done")
# Drafts do not exist to those who do not edit templates.
D, DRAFT = "templates/<str:key>/draft/", Rule(28, hidden=True)
PIECES = ("stages/new", "stages/<str:stage>", "stages/<str:stage>/checks/new", "checks/<str:check_key>")
PAGES: dict[str, dict[str, Rule]] = {
    "livez": {"GET": Rule(PUBLIC)},
    "readyz": {"GET": Rule(PUBLIC)},
    "api/schema/": {"GET": Rule(PUBLIC)},
    "api/docs/": {"GET": Rule(PUBLIC)},
    "api/docs/problems/": {"GET": Rule(PUBLIC)},
    "api/problems/": {"GET": Rule(PUBLIC)},
    "accounts/login/": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC)},
    "accounts/login/as/": {"POST": Rule(PUBLIC, body=given(persona="auditor"))},
    "accounts/logout/": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC)},
    "accounts/signup/": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC)},
    "accounts/inactive/": {"GET": Rule(PUBLIC)},
    "accounts/reauthenticate/": {"GET": Rule(OWN), "POST": Rule(OWN)},
    "accounts/password/change/": {"GET": Rule(OWN), "POST": Rule(OWN)},
    "accounts/password/set/": {"GET": Rule(OWN), "POST": Rule(OWN)},
    "accounts/password/reset/": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC)},
    "accounts/password/reset/done/": {"GET": Rule(PUBLIC)},
    "accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/": {"GET": Rule(PUBLIC), "POST": Rule(PUBLIC)},
    "accounts/password/reset/key/done/": {"GET": Rule(PUBLIC)},
    "profile/": {"GET": Rule(OWN), "POST": Rule(23)},
    "profile/switch/": {"POST": Rule(PUBLIC, body=given(theme="dark"))},
    "profile/deputies/": {"GET": Rule(23)},
    "profile/tokens/": {"GET": Rule(25), "POST": Rule(25)},
    "profile/tokens/<int:pk>/revoke/": {"POST": mine(25, also=frozenset({"admin"}))},
    L: {"GET": SEE},
    f"{L}progress/": {"POST": Rule(12, body=given(text="On", health="on_track"))},
    f"{L}comments/": {"POST": Rule(13, body=given(text="hello"))},
    f"{L}comments/<int:pk>/": {"POST": Rule(13, who=frozenset({"contributor"}), body=given(version=1, text="changed"))},
    f"{L}actions/": {"POST": Rule(12, body=ACTION)},
    f"{L}actions/<int:pk>/": {"POST": Rule(12, body=STEP)},
    B: {"GET": SEE},
    f"{B}lines/": {"POST": Rule(4, body=given(category="data", name="Labels", planned="5.00"))},
    f"{B}lines/<int:pk>/": {"POST": Rule(4, body=given(version=1, category="data", name="Labels", planned="5.00"))},
    f"{B}spend/": {"POST": Rule(4, body=spend)},
    S: {"GET": SEE},
    f"{S}data/": {"POST": Rule(4, body=PROJECT_DATA)},
    f"{S}members/": {"POST": Rule(7, body=MEMBER)},
    f"{S}members/<int:pk>/": {"POST": Rule(7, body=given(version=1, access=["view"]))},
    f"{S}members/<int:pk>/remove/": {"POST": Rule(7, body=VERSIONED)},
    f"{S}members/inherit/<str:username>/": {"POST": Rule(7)},
    f"{S}deputies/": {"POST": Rule(23, body=DEPUTY)},
    f"{S}deputies/<int:pk>/end/": {
        "POST": Rule(23, who=frozenset({"decider", "contributor"}), body=VERSIONED),
    },
    f"{S}goals/": {"POST": Rule(4, body=GOAL)},
    f"{S}goals/<int:pk>/": {"POST": Rule(4, body=given(version=1, indicator="Returns", target=2))},
    f"{S}goals/<int:pk>/remove/": {"POST": Rule(4, body=VERSIONED)},
    f"{S}stakeholders/": {"POST": Rule(4, body=given(name="Staff"))},
    f"{S}stakeholders/<int:pk>/": {"POST": Rule(4, body=given(version=1, name="Staff"))},
    f"{S}stakeholders/<int:pk>/remove/": {"POST": Rule(4, body=VERSIONED)},
    f"{S}archive/": {"POST": Rule(5)},
    f"{S}restore/": {"POST": Rule(5)},
    f"{P}journal/": {"GET": Rule(32)},
    f"{P}reminders/": {"GET": Rule(32)},
    "portfolios/": {"GET": Rule(27)},
    "portfolios/new/": {"POST": Rule(30, body=given(name="Banking"))},
    "portfolios/<int:pk>/": {"GET": Rule(27)},
    "portfolios/<int:pk>/change/": {"POST": Rule(30, body=given(version=1, name="Shops"))},
    "portfolios/<int:pk>/managers/": {"POST": Rule(30, body=given(user="stranger"))},
    "portfolios/<int:pk>/managers/<str:username>/remove/": {"POST": Rule(30)},
    "portfolios/<int:pk>/roles/": {"POST": Rule(7, who=RUNS, body=MEMBER)},
    "portfolios/<int:pk>/roles/<int:role>/": {"POST": Rule(7, who=RUNS, body=given(version=1, access=["view"]))},
    "portfolios/<int:pk>/roles/<int:role>/remove/": {"POST": Rule(7, who=RUNS, body=VERSIONED)},
    "journal/": {"GET": Rule(31)},
    "inbox/": {"GET": Rule(23)},
    "inbox/read/": {"POST": Rule(23)},
    "inbox/<int:pk>/open/": {"POST": mine(23, thing="inbox:owner")},
    "inbox/<int:pk>/snooze/": {"POST": mine(23, thing="inbox:owner")},
    f"{P}records/": {"GET": SEE},
    "risks/": {"GET": Rule(27)},
    "risks/<int:pk>/": {"GET": SEE},
    "risks/<int:pk>/change/": {"POST": Rule(12)},
    "risks/<int:pk>/accept/": {"POST": Rule(21, body=given(plan="Watch it"))},
    f"{P}risks/": {"GET": SEE},
    f"{P}risks/new/": {"POST": Rule(12, body=RISK)},
    f"{P}assessments/<str:questionnaire>/": {"GET": SEE},
    f"{P}assessments/<str:questionnaire>/begin/": {"POST": Rule(12)},
    f"{P}assessments/<str:questionnaire>/answers/": {
        "POST": Rule(12, thing="ip_clearance", body=lambda _world: {"version": 1, **best("ip_clearance")})
    },
    f"{P}assessments/<str:questionnaire>/signature/": {"POST": Rule(18, body=signature)},
    f"{P}gates/<str:stage>/": {"GET": SEE},
    f"{P}gates/<str:stage>/ask/": {"POST": Rule(15)},
    f"{P}gates/<str:stage>/history/": {"GET": SEE},
    f"{P}gates/<str:stage>/candidates/": {"GET": SEE},
    f"{P}subject/": {"GET": SEE},
    f"{P}subject/current/": {"POST": Rule(12, body=given(part="model", value="reco 1.0"))},
    f"{P}stages/": {"GET": SEE},
    f"{P}intake/": {"GET": SEE, "POST": Rule(4, body=given(version=0, in_harm="harm_slight"))},
    f"{P}intake/confirm/": {"POST": Rule(10, body=VERSIONED)},
    f"{P}process/": {"GET": SEE},
    f"{P}process/level/": {"POST": Rule(10, body=given(level="lean", reason="Small"))},
    f"{P}process/tags/": {"POST": Rule(4, who=frozenset({"owner", "decider", "portfolio_manager"}), body=VERSIONED)},
    f"{P}process/version/": {"POST": Rule(5, body=given(version=1))},
    f"{P}stages/<str:stage>/": {"GET": SEE},
    f"{P}stages/<str:stage>/plan/": {"POST": Rule(4, body=VERSIONED)},
    f"{P}checks/<str:check_key>/limit/": {"GET": Rule(1, thing="corpus_safety")},
    f"{P}checks/<str:check_key>/limit/set/": {
        "POST": Rule(11, thing="corpus_safety", body=given(threshold=99.5, reason="Ours is stricter"))
    },
    f"{P}checks/<str:check_key>/limit/decide/": {
        "POST": Rule(11, who=frozenset({"decider"}), thing="corpus_safety", body=given(proposal=1, agree="1"))
    },
    f"{P}checks/<str:check_key>/limit/source/": {
        "POST": Rule(11, who=frozenset(), thing="corpus_safety", body=given(reference="Art. 10"))
    },
    f"{P}checks/<str:check_key>/limit/baseline/": {
        "POST": Rule(11, thing="corpus_safety", body=given(model="legacy 1", reason="What runs today"))
    },
    f"{P}checks/<str:check_key>/limit/baseline/decide/": {
        "POST": Rule(11, who=frozenset({"decider"}), thing="corpus_safety", body=given(proposal=1, agree="1"))
    },
    f"{P}hold/": {"POST": Rule(5, body=UNTIL)},
    f"{P}resume/": {"POST": Rule(5)},
    "reviews/<int:pk>/pack/": {"GET": Rule(26, thing="decided")},
    "reviews/<int:pk>/vote/": {"POST": Rule(17, body=vote_form)},
    "reviews/<int:pk>/withdraw-vote/": {"POST": Rule(17)},
    "reviews/<int:pk>/withdraw/": {"POST": Rule(15)},
    "reviews/<int:pk>/recuse/": {"POST": Rule(17, body=given(reason="My sister sells it"))},
    "reviews/<int:pk>/reopen/": {"POST": Rule(20, thing="decided", body=given(reason="New facts"))},
    "checks/<int:pk>/answer/": {"POST": Rule(12, thing="manual", body=given(version=1, state="met"))},
    "checks/<int:pk>/evidence/": {"POST": Rule(12, body=given(url="https://x.example/", title="x"))},
    "checks/<int:pk>/evidence/withdraw/": {
        "POST": Rule(
            14,
            thing="proved",
            body=lambda world: {"evidence": world.things["OPEN"]["evidence"], "version": 1, "reason": "Wrong file"},
        )
    },
    "checks/<int:pk>/proof/": {"GET": SEE},
    "checks/<int:pk>/proof/add/": {"POST": Rule(12, body=given(url="https://x.example/", title="x"))},
    "evidence/<int:pk>/": {"GET": SEE},
    "evidence/<int:pk>/revise/": {"POST": Rule(14, body=given(url="https://x.example/", title="x"))},
    "evidence/<int:pk>/withdraw/": {"POST": Rule(14, body=given(version=1, reason="Wrong file"))},
    "evidence/<int:pk>/preview/": {"GET": SEE},
    "evidence/<int:pk>/inline/": {"GET": Rule(1, thing="picture")},
    "checks/<int:pk>/waive/": {"POST": Rule(19, body=UNTIL)},
    f"{P}changes/": {"GET": SEE, "POST": Rule(12, body=given(text="Other prompt", prompt="p3"))},
    "changes/<int:pk>/": {"GET": SEE},
    "changes/<int:pk>/confirm/": {"POST": Rule(19)},
    "changes/<int:pk>/review/": {"POST": Rule(15)},
    "changes/<int:pk>/withdraw/": {"POST": Rule(12, who=OPENER, body=given(reason="Rolled back"))},
    "conditions/<int:pk>/propose/": {"POST": Rule(12, body=VERSIONED)},
    "conditions/<int:pk>/close/": {"POST": Rule(19, body=VERSIONED)},
    "conditions/<int:pk>/extend/": {"POST": Rule(19, body=lambda world: UNTIL(world) | {"version": 1})},
    "templates/": {"GET": Rule(29)},
    "templates/<str:key>/": {"GET": Rule(29)},
    "templates/<str:key>/versions/<int:number>/": {"GET": Rule(29)},
    "templates/<str:key>/projects/": {"GET": Rule(28)},
    "templates/import/": {"GET": Rule(28), "POST": Rule(28)},
    "templates/new/": {"GET": Rule(28), "POST": Rule(28)},
    f"{D}start/": {"POST": Rule(28)},
    D: {"GET": DRAFT},
    **{f"{D}{step}/": {"POST": DRAFT} for step in ("discard", "publish", "data", "words/<str:section>/<str:word>")},
    **{f"{D}{page}/": {"GET": DRAFT} for page in ("review", "words")},
    **{f"{D}{piece}/": {"GET": DRAFT, "POST": DRAFT} for piece in PIECES},
    **{f"{D}stages/<str:stage>/{step}/": {"POST": DRAFT} for step in ("move", "remove", "gate", "gate/<str:level>")},
    **{f"{D}checks/<str:check_key>/{step}/": {"POST": DRAFT} for step in ("move", "remove")},
}
NEW_PROJECT = given(
    key="FRESH", name="Fresh", objective="Try", template="eight_stage", level="standard", visibility="internal"
)
NOBODY: frozenset[str] = frozenset()
PAGES |= {
    "": {"GET": Rule(23)},
    "work/checks/<int:pk>/answer/": {"POST": Rule(12, thing="manual", body=given(version=1, state="met"))},
    "work/checks/<int:pk>/evidence/": {"POST": Rule(12, body=given(url="https://x.example/", title="x"))},
    "work/actions/<int:pk>/done/": {"POST": Rule(12, body=VERSIONED)},
    "portfolio/": {"GET": Rule(27)},
    "portfolio/risks/": {"GET": Rule(27)},
    "projects/": {"GET": SEE},
    "projects/new/": {"GET": Rule(3), "POST": Rule(3, body=NEW_PROJECT)},
    P: {"GET": SEE},
    "search/": {"GET": Rule(27)},
    # Outside the demo its first steps are nowhere.
    "demo/seen/": {"POST": Rule(OWN, who=NOBODY, hidden=True)},
    "demo/token/": {"POST": Rule(OWN, who=NOBODY, hidden=True)},
    "demo/checks/<int:pk>/call/": {"GET": Rule(OWN, who=NOBODY, hidden=True)},
    "demo/checks/<int:pk>/": {"GET": Rule(OWN, who=NOBODY, hidden=True)},
    "demo/mail/": {"GET": Rule(OWN, who=NOBODY, hidden=True)},
    "demo/mail/<str:name>/": {"GET": Rule(OWN, who=NOBODY, hidden=True)},
    "cases/": {"GET": Rule(29)},
    "cases/<str:key>/": {"GET": Rule(29)},
}
API |= {
    "healthz/details": {"GET": Rule(30, any_token=True)},
    f"{V}portfolio/summary/": {"GET": Rule(27)},
    f"{V}search/": {"GET": Rule(27)},
    f"{V}cases/": {"GET": Rule(29, any_token=True)},
    f"{V}cases/<str:key>/": {"GET": Rule(29, any_token=True)},
}
TABLE = API | PAGES
