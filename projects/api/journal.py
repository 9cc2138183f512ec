from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from common.api import ListQuery
from common.api.filters import instant, text
from journal.models import Entry
from projects.api.loading import project_for
from projects.permissions import Action, require
from projects.selectors import journal_rows
from projects.serializers import EntryOutput

FIELDS = tuple(EntryOutput().fields)


def shown(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in FIELDS} for row in journal_rows(entries)]


def _as_it_is(rows: Any, _key: str) -> Any:
    """`project` was read before: it decides which right is asked for."""
    return rows


class Journal(APIView):
    """What happened, newest first: of one project with `?project=KEY`, else of the whole instance."""

    scopes = {"GET": "audit:read"}
    query = ListQuery(
        filters={
            "project": text(_as_it_is),
            "verb": text("verb"),
            "object": text("object"),
            "from": instant("at__gte"),
            "to": instant("at__lt"),
        },
        orderings={"seq": "seq"},
        default="-seq",
        large=True,
    )

    @extend_schema(parameters=query.parameters, responses=EntryOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        key = request.query_params.get("project")
        if key is None:
            require(request.actor, Action.READ_INSTANCE_JOURNAL)
            return self.query.answer(request, Entry.objects.newest_first(), shown)
        project = project_for(request.actor, key, Action.READ_PROJECT_JOURNAL)
        return self.query.answer(request, Entry.objects.of_project(project.pk), shown)
