"""Is the process alive, is it ready. Answers for machines: no session, no language."""

import tempfile
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """200 once migrations and content are in; afterwards as long as the process answers.

    A database that goes away later does not end the process: restarting it would help nobody.
    """
    global _was_live  # noqa: PLW0603 - one flag per process is the point
    missing = [] if _was_live else _missing()
    _was_live = not missing
    return _answer(missing)


_was_live = False


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, migrations are applied and files can be written; else 503."""
    return _answer([*_migrations(), *_storage()])


def _answer(missing: list[str]) -> JsonResponse:
    status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
    response = JsonResponse({"status": "unavailable" if missing else "ok", "missing": missing}, status=status)
    if missing:
        response["Retry-After"] = "5"
    return response


def _missing() -> list[str]:
    found = _migrations()
    if not found:
        found = [text for name in settings.LIVE_CHECKS if (text := import_string(name)())]
    return found


def _migrations() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return ["database"]
    return ["migrations"] if waiting else []


def _storage() -> list[str]:
    try:
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.MEDIA_ROOT):
            return []
    except OSError:
        return ["storage"]
