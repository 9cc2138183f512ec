"""The bad inputs' twins at the pages: characters, days and lengths that no form and no address takes."""

from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client

from tests.contract.doors import send
from tests.contract.routes import PUBLIC, TABLE
from tests.contract.test_bad_inputs import LEAKS, counted
from tests.contract.test_rights import RANDOM, fill, is_api, names_in
from tests.contract.world import World

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("files")]
NUL = "a\x00b"
LONG = "x" * 30_001
DAY_FIELDS = ("day", "by", "due_on", "starts_on", "target_on", "until", "review_on")
BAD_DAYS = ("9999-12-31", "0001-01-01", "2026-02-30", NUL)
# Of these a page reads the first it finds, or all of them in one form: here each is also sent alone.
ALONE = {
    "projects/<str:key>/gates/<str:stage>/history/": ("then", "now"),
    "projects/<str:key>/process/": ("version", "retag", "tags", "level"),
    "projects/<str:key>/subject/": ("part", "value"),
    "templates/<str:key>/draft/checks/<str:check_key>/": ("kind",),
}
# What pages read of their address, those of strict lists among them.
READ = (
    *("then", "now", "version", "retag", "tags", "kind", "part", "value", "candidate"),
    *(
        "state",
        "health",
        "stage",
        "portfolio",
        "template",
        "level",
        "tag",
        "owner",
        "verdict",
        "overdue",
        "search",
        "q",
    ),
    *("project", "category", "accepted", "likelihood", "impact", "library", "ordering", "offset", "limit", "format"),
    *("page", "page_cases", "before", "all", "despite", "left", "next", "iteration", "through"),
    "extraordinary",
)
DIGITS = "1" * 5000
# What passes for a number or a word, and is none that we know.
ODD = (DIGITS, "\u00b2", "foo")
# What forms read besides what a valid one sends: sent with every form, known there or not.
ALSO = ("next", "version", "seen", "replace", "evidence", "assessment", "ids")
STRICT = {"portfolio/": "/portfolio/", "portfolio/risks/": "/portfolio/risks/", "projects/": "/projects/"}
NAMED = sorted(
    (route, name) for route in TABLE for name in names_in(route) if f"<str:{name}>" in route and "demo/" not in route
)
WRITERS = ("owner", "contributor", "decider", "portfolio_manager")
READERS = {"journal/": "auditor"}
FORMS = sorted(route for route in TABLE if "POST" in TABLE[route] and not is_api(route) and "demo/" not in route)
PAGES = sorted(
    route
    for route, rules in TABLE.items()
    if "GET" in rules and not is_api(route) and rules["GET"].row != PUBLIC and "demo/" not in route
)


@pytest.mark.parametrize(("route", "name"), NAMED)
def test_a_null_character_in_an_address_names_nothing(
    route: str, name: str, world: World, clients: dict[str, Client], db: None
) -> None:
    for method, rule in TABLE[route].items():
        body = rule.body(world) if rule.body else None
        path = fill(route, world, rule, random=name).replace(RANDOM.get(name, "nothing"), "%00")

        for kind in ("owner", "anonymous"):
            response = send(clients[kind], method, path, body)

            assert response.status_code == 404, (method, path, kind)
            if is_api(route):
                assert response.json()["code"] == "not_found"
            assert not LEAKS.search(response.content.decode())


@pytest.mark.parametrize("route", FORMS)
def test_no_form_takes_what_no_column_holds(route: str, world: World, clients: dict[str, Client], db: None) -> None:
    rule = TABLE[route]["POST"]
    valid = rule.body(world) if rule.body else {}
    who = next(
        (name for name in ("owner", "contributor", "decider", "portfolio_manager") if name in rule.allowed), "owner"
    )
    path = fill(route, world, rule)
    bad = [{name: value} for name, value in product(valid, (NUL, LONG))]
    bad += [dict.fromkeys(DAY_FIELDS, value) for value in BAD_DAYS]
    bad += [{name: DIGITS} for name in dict.fromkeys((*valid, *ALSO))] + [{"next": "foo"}]
    before = counted()

    for wrong in bad:
        cookies = clients[who].cookies.copy()
        with transaction.atomic():
            response = clients[who].post(path, valid | wrong)
            left, days = counted(), outside() if response.status_code < 400 else []
            transaction.set_rollback(True)
        clients[who].cookies = cookies
        said = (route, next(iter(wrong.items())), response.status_code)
        assert response.status_code < 500, said
        assert response.status_code < 400 or left == before, said
        assert not days, said


@pytest.mark.parametrize("route", PAGES)
def test_no_page_stumbles_over_an_odd_query(route: str, world: World, clients: dict[str, Client], db: None) -> None:
    path = fill(route, world, TABLE[route]["GET"])

    alone = ({name: DIGITS} for name in ALONE.get(route, ()))
    for query in (*(dict.fromkeys(READ, value) for value in ODD), *alone):
        response = clients[READERS.get(route, "owner")].get(path, query)

        assert response.status_code < 500, query


@pytest.mark.parametrize("route", PAGES)
def test_a_null_character_in_a_query_breaks_no_page(
    route: str, world: World, clients: dict[str, Client], db: None
) -> None:
    path = fill(route, world, TABLE[route]["GET"])
    queries = [f"{name}=a%00b" for name in READ] if route in STRICT else ["&".join(f"{name}=a%00b" for name in READ)]

    for query in queries:
        response = send(clients[READERS.get(route, "owner")], "GET", f"{path}?{query}")

        assert response.status_code < 500, query


DAYS = [
    (model._meta.db_table, field.column)
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    if type(field) is models.DateField
]


def outside() -> list[Any]:
    """Columns that hold a day which no door lets in."""
    with connection.cursor() as cursor:
        asked = (f"SELECT '{table}.{column}', min({column}), max({column}) FROM {table}" for table, column in DAYS)  # noqa: S608 - names of our own tables
        cursor.execute(" UNION ALL ".join(asked))
        rows = cursor.fetchall()
    return [row for row in rows if row[1] and not "1970-01-01" <= str(row[1]) <= str(row[2]) <= "2199-12-31"]
