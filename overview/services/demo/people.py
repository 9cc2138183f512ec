"""The people of the demo and the portfolio that its projects lie in."""

from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.actor import Actor
from accounts.models import User
from accounts.services import ensure_user
from common import content
from projects.models import Portfolio
from projects.services import add_portfolio_manager, ensure_portfolio

PASSWORD = "eightgate-demo"  # noqa: S105 - the demo's password is public
MANAGER = "portfolio-manager"
BESIDES: list[dict[str, Any]] = [
    {"key": "admin", "name": {"en": "Administrator", "zh": "系统管理员"}},
    {"key": MANAGER, "name": {"en": "Portfolio manager", "zh": "项目组合经理"}},
]
INSTANCE_ROLES: dict[str, dict[str, Any]] = {"admin": {"is_admin": True}, "auditor": {"is_auditor": True}}


def address(key: str) -> str:
    """The mail address of a person of the demo; example.org belongs to nobody, so it tells them from real people."""
    return f"{key}@example.org"


def demo_people() -> list[dict[str, Any]]:
    """Key and name of everyone who appears: those of the content, an admin and the portfolio's manager."""
    return [*content.document("demo")["people"], *BESIDES]


def portfolio_name() -> str:
    return str(content.document("demo")["organisation"]["name"]["en"])


def make_people(*, now: datetime) -> dict[str, User]:
    """Everyone of the demo by key, with the demo's password. Somebody real who has the name stays as they are."""
    there = set(User.objects.values_list("username", flat=True))
    people = {person["key"]: _person(person, now) for person in demo_people()}
    fresh = [user.pk for key, user in people.items() if key not in there]
    # One hash for all: Argon2 takes its time on purpose, and there is no secret to keep.
    User.objects.filter(pk__in=fresh).update(password=make_password(PASSWORD))
    return people


def _person(person: dict[str, Any], now: datetime) -> User:
    key, name = person["key"], person["name"]
    return ensure_user(
        actor=Actor.system(),
        username=key,
        email=address(key),
        name=name["en"],
        name_zh=name["zh"],
        now=now,
        **INSTANCE_ROLES.get(key, {}),
    )


def make_portfolio(*, manager: User, now: datetime) -> Portfolio:
    portfolio = ensure_portfolio(actor=Actor.system(), now=now, name=portfolio_name())
    add_portfolio_manager(portfolio=portfolio, user=manager, actor=Actor.system(), now=now)
    return portfolio
