"""The cases of tests/bad_inputs.yaml as requests: who sends them, to which address, with which body."""

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from accounts.models import SCOPES, ApiToken, User
from common import clock
from tests.contract import world as contract
from tests.contract.generators import built
from tests.contract.world import World

FILE = Path(__file__).parents[1] / "bad_inputs.yaml"
# Addresses that later issues build. Each must not resolve yet, so that this list shrinks when one comes.
UNBUILT = {
    "review.schedule",
    "import.csv",
    "import.xlsx",
    "webhook.create",
    "webhook.update",
    "webhook.deliver",
}
# The document's default is a contributor; what only an owner or an editor may do, one of those tries.
BY_OWNER = {"project.update", "webhook.create", "webhook.update"}
BY_EDITOR = {"template.import"}
FORMS = {"profile.password", "auth.login", "auth.reset"}
CSRF = "c" * 32
# Where one reads what the target writes.
LISTS = {
    "metric": "/api/v1/projects/OPEN/metrics/",
    "gate": "/api/v1/projects/OPEN/stages/requirements/reviews/",
    "evidence": "/api/v1/projects/OPEN/evidence/",
    "risk": "/api/v1/projects/OPEN/risks/",
    "comment": "/api/v1/projects/OPEN/comments/",
    "member": "/api/v1/projects/OPEN/members/",
    "template": "/api/v1/templates/",
    "token": "/api/v1/tokens/",
    "profile": "/api/v1/me/",
}


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


def cases() -> list[dict[str, Any]]:
    """Those whose target exists."""
    return [case for case in document()["cases"] if case["target"] not in UNBUILT]


def case(key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document()["cases"] if one["id"] == key)
    return found


@dataclass
class Sender:
    """A client, and what it adds to every request."""

    client: Client
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Sent:
    """One request, ready to go as often as the case says."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]

    def go(self, sender: Sender, **extra: Any) -> HttpResponse:
        headers = {**sender.headers, **self.headers}
        content_type = headers.pop("Content-Type", "application/json")
        response: HttpResponse = sender.client.generic(
            self.method, self.path, self.body, content_type=content_type, headers=headers, **extra
        )
        if response.streaming:
            response.content_read = response.getvalue()  # type: ignore[attr-defined]
        return response


def request_of(one: dict[str, Any], world: World) -> Sent:
    method, path = target(one["target"])
    given = one["request"]
    path = filled(given.get("path", path), world, one)
    if query := given.get("query") or _query(given.get("query_gen")):
        path = f"{path}?{query}"
    body, content_type = _body(one, world)
    headers = {"Content-Type": content_type} if content_type else {}
    if method in {"PATCH", "PUT", "DELETE"}:
        headers["If-Match"] = f'"v{version_of(path, world)}"'
    for name, value in given.get("headers", {}).items():
        headers.pop(name, None)
        if value is not None:
            headers[name] = value
    return Sent(given.get("method", method), path, body, headers)


def target(name: str) -> tuple[str, str]:
    method, path = document()["targets"][name].split()[:2]
    return method, path


def filled(text: str, world: World, one: dict[str, Any]) -> str:
    """`{own}` and its kind, as the world has them; `{review}` is the round that the case is about."""
    names = placeholders(world, one)
    return re.sub(r"\{(\w+)\}", lambda match: str(names[match[1]]), text)


def placeholders(world: World, one: dict[str, Any]) -> dict[str, Any]:
    things = world.things["OPEN"]
    ready, decided = world.things["RDY"]["reviews"], things["decided"]
    others = {"authz-13": ready, "authz-14": ready, "authz-15": ready, "authz-17": decided}
    review = others.get(one["id"], things["reviews"])
    return {
        "own": "OPEN",
        "other": "HIDE",
        "other_evidence": world.things["HIDE"]["evidence"],
        "other_user_id": world.people["hidden_owner"].pk,
        "review": review,
        "digest": contract.packet_of(review),
        "check": things["checks"],
        "evidence": things["evidence"],
        "risk": things["risks"],
        "user": "stranger",
        "username": {"authz-11": "owner"}.get(one["id"], "contributor"),
    }


def version_of(path: str, world: World) -> int:
    """The version of the row behind an address, as the harness's current ETag."""
    if "/members/" in path:
        username = path.rstrip("/").rpartition("/")[2]
        version: int = world.projects["OPEN"].memberships.get(user__username=username).version
        return version
    return 1


def valid_body(one: dict[str, Any], world: World) -> dict[str, Any]:
    body = document()["valid"].get(one["target"], {}) | one["request"].get("merge", {})
    return {name: filled(value, world, one) if isinstance(value, str) else value for name, value in body.items()}


def _body(one: dict[str, Any], world: World) -> tuple[bytes, str]:
    given = one["request"]
    if "raw" in given:
        return given["raw"].encode(), ""
    if "raw_b64" in given:
        return base64.b64decode(given["raw_b64"]), ""
    if "gen" in given:
        return built(given["gen"], valid_body(one, world)), ""
    if "file" in given:
        return multipart(given["file"]), MULTIPART_CONTENT
    if "json" in given:
        return _encoded(given["json"]), "application/json"
    if target(one["target"])[0] == "GET":
        return b"", ""
    if one["target"] in FORMS:
        return _form(valid_body(one, world)), "application/x-www-form-urlencoded"
    return _encoded(valid_body(one, world)), "application/json"


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def _form(values: dict[str, Any]) -> bytes:
    return "&".join(f"{quote(name)}={quote(str(value))}" for name, value in values.items()).encode()


def multipart(file: dict[str, Any]) -> bytes:
    """The part `file`; a name that no quoted string holds goes percent-encoded, and so arrives as it is."""
    name = file["name"]
    plain = name.isascii() and name.isprintable() and '"' not in name
    shown = f'filename="{name}"' if plain else f"filename*=UTF-8''{quote(name)}"
    data = built(file["gen"], {}) if "gen" in file else file["text"].encode()
    head = f'Content-Disposition: form-data; name="file"; {shown}\r\nContent-Type: {file["content_type"]}'
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def _query(gen: dict[str, Any] | None) -> str:
    return gen["prefix"] + gen["unit"] * gen["times"] if gen else ""


# --- who sends


def sender_of(one: dict[str, Any], world: World) -> Sender:
    by = {**dict.fromkeys(BY_OWNER, "owner"), **dict.fromkeys(BY_EDITOR, "portfolio_manager")}
    default = by.get(one["target"], "contributor")
    name = one.get("as", default)
    if name in TOKENS:
        return TOKENS[name](world)
    if name == "anonymous":
        return browser(None)
    username = {"member_session": "member", "gatekeeper": "decider"}.get(name, name)
    if name == "member_session_no_csrf":
        return Sender(browser(world.people["member"]).client)
    return browser(world.people[username])


def browser(user: User | None) -> Sender:
    """A session with its CSRF mark; the checks that a test client usually leaves out are on."""
    client = Client(enforce_csrf_checks=True)
    if user:
        # As the database has them: a case before may have changed what was undone since.
        client.force_login(User.objects.get(pk=user.pk))
    client.cookies["csrftoken"] = CSRF
    return Sender(client, {"X-CSRFToken": CSRF})


def script(user: User, scopes: Any, project: Any = None) -> Sender:
    secret = contract.token_of(user, scopes, project)
    return Sender(Client(enforce_csrf_checks=True), {"Authorization": f"Bearer {secret}"})


def _expired(world: World) -> Sender:
    sender = script(world.people["contributor"], SCOPES)
    long_ago = clock.now() - timedelta(days=90)
    newest = ApiToken.objects.order_by("-pk")[0].pk
    ApiToken.objects.filter(pk=newest).update(created_at=long_ago, expires_at=clock.now() - timedelta(days=1))
    return sender


def _revoked(world: World) -> Sender:
    sender = script(world.people["contributor"], SCOPES)
    owner = browser(world.people["contributor"])
    newest = ApiToken.objects.order_by("-pk")[0].pk
    assert Sent("DELETE", f"/api/v1/tokens/{newest}/", b"", {}).go(owner).status_code == 204
    return sender


def _deactivated(world: World) -> Sender:
    sender = script(world.people["contributor"], SCOPES)
    User.objects.filter(pk=world.people["contributor"].pk).update(is_active=False)
    return sender


TOKENS = {
    "token_expired": _expired,
    "token_revoked": _revoked,
    "token_deactivated_user": _deactivated,
    "token_read_only": lambda world: script(world.people["contributor"], ["projects:read"]),
    "token_project_a": lambda world: script(world.people["owner"], SCOPES, world.projects["OPEN"]),
    "token_all_scopes": lambda world: script(world.people["decider"], SCOPES),
}
