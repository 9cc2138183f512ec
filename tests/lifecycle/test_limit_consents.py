"""Nobody agrees to what they have not seen: own limits and baseline models at the page and at the API."""

import copy
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common import content
from journal.models import Entry
from journal.services import record
from lifecycle import services
from lifecycle.models import Baseline, LimitOverride, Process
from lifecycle.models.templates import definition_of
from projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.core, pytest.mark.usefixtures("frozen")]
LIMIT = "/api/v1/projects/RECO/checks/latency/limit/"
BASELINE = "/api/v1/projects/RECO/baseline/"
PAGE = "/projects/RECO/checks/{}/limit/"
Api = Callable[[User], APIClient]


@pytest.fixture
def officer(project: Project, holder: Callable[[Project, str], User]) -> User:
    return holder(project, "risk_officer")


@pytest.fixture
def default(project: Project, owner: User, api: Api) -> float:
    return float(api(owner).get(LIMIT).json()["default"])


def proposed(person: APIClient, threshold: float, **told: Any) -> int:
    answer = person.put(LIMIT, {"threshold": threshold, "reason": "As agreed.", **told})
    assert answer.status_code == 202
    return answer.json()["proposed"]["id"]


# --- a limit


def test_consent_is_to_the_limit_that_was_looked_at(owner: User, officer: User, api: Api, default: float) -> None:
    seen = proposed(api(owner), default * 1.1)
    waiting = proposed(api(owner), default * 100, version=1)

    answer = api(officer).post(f"{LIMIT}consent/", {"proposal": seen, "agree": True})

    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "proposal_changed")
    assert (told["seen"], told["proposed"], told["proposal"]) == (default * 1.1, default * 100, waiting)
    assert not LimitOverride.objects.standing().exists()
    assert api(officer).post(f"{LIMIT}consent/", {"proposal": waiting, "agree": True}).json()["own"] is True


def test_consent_names_a_proposal(owner: User, officer: User, api: Api, default: float) -> None:
    proposed(api(owner), default * 2)

    assert api(officer).post(f"{LIMIT}consent/", {"agree": True}).json()["errors"][0]["pointer"] == "/proposal"
    assert api(officer).post(f"{LIMIT}consent/", {"proposal": 10**9, "agree": True}).json()["seen"] is None


def test_the_page_says_which_limit_waits_now(
    owner: User, officer: User, api: Api, browse: Callable[[User], Client], default: float
) -> None:
    seen = proposed(api(owner), default * 2)
    before = browse(officer).get(PAGE.format("latency")).content.decode()
    waiting = proposed(api(owner), default * 3, version=1)
    place = f"{PAGE.format('latency')}decide/"

    late = browse(officer).post(place, {"proposal": seen, "agree": "1"})
    silent = browse(officer).post(place, {"proposal": waiting})
    agreed = browse(officer).post(place, {"proposal": waiting, "agree": "1"})

    assert f'name="proposal" value="{seen}"' in " ".join(before.split())
    assert late.status_code == 409
    assert f"You looked at {default * 2}; what is proposed now is {default * 3}." in late.content.decode()
    assert f'name="proposal" value="{waiting}"' in " ".join(late.content.decode().split())
    assert (silent.status_code, agreed.status_code) == (422, 302)
    assert LimitOverride.objects.get(declined_by=None, replaced_at=None).in_force_at


def test_the_same_limit_again_writes_nothing(owner: User, api: Api, default: float) -> None:
    given = {"threshold": default / 2, "reason": "As agreed."}

    first, again = api(owner).put(LIMIT, given), api(owner).put(LIMIT, given)

    assert (first.status_code, again.status_code, again["ETag"]) == (200, 200, '"v1"')
    assert len(again.json()["history"]) == 1
    assert Entry.objects.filter(verb="limit.set").count() == 1


def test_another_limit_says_which_version_it_replaces(owner: User, api: Api, default: float) -> None:
    def put(threshold: float, **told: Any) -> Any:
        return api(owner).put(LIMIT, {"threshold": threshold, "reason": "x", **told})

    put(default / 2)

    assert put(default / 3).status_code == 428
    stale = put(default / 3, version=7)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 1)
    headed = api(owner).put(LIMIT, {"threshold": default / 3, "reason": "x"}, headers={"if-match": '"v1"'})
    assert (headed.status_code, headed.json()["version"]) == (200, 2)
    assert put(default / 4, version=2).status_code == 200


def test_two_who_set_a_limit_at_its_page_see_each_other(
    owner: User, api: Api, browse: Callable[[User], Client], default: float
) -> None:
    place, mine = f"{PAGE.format('latency')}set/", {"threshold": default / 2, "reason": "Mine", "version": 0}
    api(owner).put(LIMIT, {"threshold": default / 3, "reason": "Theirs"})

    late = browse(owner).post(place, mine)
    kept = browse(owner).post(place, mine | {"version": 1})

    page = late.content.decode()
    assert (late.status_code, kept.status_code) == (412, 302)
    assert all(word in page for word in ("Mine", "Theirs", 'name="version" value="1"'))


# --- the model to compare with


@pytest.fixture
def comparing(process_templates: None, admin: User, now: datetime) -> Iterator[str]:
    """The key of a check whose criterion compares with the baseline, in the latest version of the template."""
    document = copy.deepcopy(content.document("eight-stage"))
    item = next(item for stage in document["stages"] for item in stage["items"] if item["kind"] == "metric")
    item["metric"] |= {"baseline": {"change": "absolute"}, "threshold": 5 if item["metric"]["operator"] == "<=" else -5}
    definition_of.cache_clear()
    services.publish_template(document=document, actor=Actor.for_user(admin), now=now)
    yield item["key"]
    definition_of.cache_clear()


@pytest.fixture
def compared(comparing: str, project: Project, owner: User, officer: User) -> Process:
    """The project of a template that compares."""
    process = Process.objects.select_related("project").get(project=project)
    assert process.definition.comparing == (comparing,)
    return process


def named(person: APIClient, model: str, **told: Any) -> Any:
    return person.put(BASELINE, {"model": model, "reason": f"Because of {model}", **told})


def test_the_first_model_waits_for_a_risk_officer_too(compared: Process, owner: User, officer: User, api: Api) -> None:
    answer = named(api(owner), "weak")

    waiting = answer.json()["proposed"]
    assert (answer.status_code, answer.json()["model"], waiting["model"]) == (202, "", "weak")
    assert api(owner).post(f"{BASELINE}consent/", {"proposal": waiting["id"], "agree": True}).status_code == 403
    agreed = api(officer).post(f"{BASELINE}consent/", {"proposal": waiting["id"], "agree": True})
    assert (agreed.status_code, agreed.json()["model"], agreed["ETag"]) == (200, "weak", '"v2"')


def test_an_easier_model_changes_no_check_until_it_is_agreed_to(
    compared: Process, comparing: str, owner: User, officer: User, api: Api, browse: Callable[[User], Client]
) -> None:
    first = named(api(owner), "legacy 1").json()["proposed"]["id"]
    api(officer).post(f"{BASELINE}consent/", {"proposal": first, "agree": True})

    easier = named(api(owner), "junk", version=2)
    limit = api(owner).get(f"/api/v1/projects/RECO/checks/{comparing}/limit/").json()
    page = browse(owner).get(PAGE.format(comparing)).content.decode()

    assert (easier.status_code, easier.json()["model"], limit["baseline"]) == (202, "legacy 1", "legacy 1")
    assert [row["model"] for row in limit["baselines"]] == ["legacy 1", "junk"]
    assert all(word in page for word in ("legacy 1", "junk", "Because of junk", "waits for consent"))
    declined = api(officer).post(f"{BASELINE}consent/", {"proposal": easier.json()["proposed"]["id"], "agree": False})
    assert declined.json()["history"][1]["declined_by"] == officer.username
    assert Process.objects.get(pk=compared.pk).baseline_model == "legacy 1"


def test_the_page_asks_the_risk_officer_and_takes_the_word_for_what_was_seen(
    compared: Process, comparing: str, owner: User, officer: User, api: Api, browse: Callable[[User], Client]
) -> None:
    first = named(api(owner), "legacy 1").json()["proposed"]["id"]
    page = browse(officer).get(PAGE.format(comparing)).content.decode()
    second = named(api(owner), "junk", version=1).json()["proposed"]["id"]
    place = f"{PAGE.format(comparing)}baseline/decide/"

    late = browse(officer).post(place, {"proposal": first, "agree": "1"})
    agreed = browse(officer).post(place, {"proposal": second, "agree": "1"})

    assert "Agree to compare with legacy 1" in page
    assert "You looked at legacy 1; what is proposed now is junk." in late.content.decode()
    assert (late.status_code, agreed.status_code) == (409, 302)
    assert Process.objects.get(pk=compared.pk).baseline_model == "junk"


def test_no_model_stands_at_once_and_the_next_waits_again(
    compared: Process, owner: User, officer: User, api: Api
) -> None:
    first = named(api(owner), "legacy 1").json()["proposed"]["id"]
    api(officer).post(f"{BASELINE}consent/", {"proposal": first, "agree": True})

    cleared, again = named(api(owner), "", version=2), named(api(owner), "junk", version=3)

    assert (cleared.status_code, cleared.json()["model"]) == (200, "")
    assert (again.status_code, again.json()["model"]) == (202, "")
    assert list(Baseline.objects.values_list("model", flat=True)) == ["legacy 1", "", "junk"]


def test_a_model_named_before_anything_compares_waits_as_well(
    project: Project, owner: User, officer: User, api: Api
) -> None:
    assert named(api(owner), "junk").status_code == 202
    assert Process.objects.get(project=project).baseline_model == ""


def test_a_baseline_says_its_version(compared: Process, owner: User, api: Api) -> None:
    none = api(owner).get(BASELINE)
    first, same = named(api(owner), "legacy 1"), named(api(owner), "legacy 1")

    assert (none.status_code, none["ETag"], none.json()["history"]) == (200, '"v0"', [])
    assert (first.status_code, same.status_code, len(same.json()["history"])) == (202, 202, 1)
    assert named(api(owner), "junk").status_code == 428
    assert named(api(owner), "junk", version=0).status_code == 412
    assert named(api(owner), "junk", version=1).status_code == 202


def test_who_may_not_move_limits_names_no_baseline(compared: Process, contributor: User, api: Api) -> None:
    assert named(api(contributor), "junk").status_code == 403


def test_a_baseline_named_before_keeps_who_named_it(project: Project, owner: User, now: datetime) -> None:
    migration = import_module("lifecycle.migrations.0023_baselines_named_before_stand")
    Process.objects.filter(project=project).update(baseline_model="legacy 1")
    facts = {"object": f"project:{project.pk}", "reason": "It runs today.", "before": "", "after": "legacy 1"}
    record("baseline.set", actor=Actor.for_user(owner), at=now, project_id=project.pk, **facts)

    migration.keep_the_last(apps, None)

    kept = Baseline.objects.standing().get()
    assert (kept.model, kept.reason, kept.set_by) == ("legacy 1", "It runs today.", owner)
