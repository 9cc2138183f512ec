"""What only the product itself can say, as one JSON document: a token, a session, which projects, how many queries.

DJANGO_SETTINGS_MODULE=benchmarks.settings python -m benchmarks.inside
"""

import sys
from collections.abc import Iterable

import django

django.setup()

import orjson  # noqa: E402 - the product's modules ask for a Django that stands
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.actor import Actor  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.services import create_token  # noqa: E402
from benchmarks.paths import LARGE_GATE, PERSON, measured  # noqa: E402
from common import clock  # noqa: E402
from projects.models import Project  # noqa: E402

SAMPLE = 40


def main() -> None:
    sys.stdout.write(orjson.dumps(_told()).decode())


def _told() -> dict[str, object]:
    person = User.objects.get(username=PERSON)
    _token, secret = create_token(
        actor=Actor.for_user(person), user=person, name="benchmark", scopes=["reader"], now=clock.now()
    )
    script = Client(SERVER_NAME="127.0.0.1", headers={"authorization": f"Bearer {secret}"})
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(person)
    seen = Project.objects.visible_to(Actor.for_user(person)).exclude(key=LARGE_GATE)
    keys = list(seen.order_by("key").values_list("key", flat=True))
    keys = keys[:: max(1, len(keys) // SAMPLE)]
    return {
        "token": secret,
        "session": browser.cookies[settings.SESSION_COOKIE_NAME].value,
        "keys": keys,
        "queries": {
            name: _queries(browser if path_of.by_browser else script, path_of.of(keys))
            for name, path_of in measured().items()
        },
    }


def _queries(client: Client, paths: Iterable[str]) -> int:
    """The most queries that any of these needs, sign-in included.

    Each is asked twice, since the first time fills what a process keeps.
    """
    most = 0
    for path in paths:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        most = max(most, len(captured))
    return most


if __name__ == "__main__":
    main()
