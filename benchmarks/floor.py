"""The floor of each figure: the same server, middleware and sign-in, and the same JSON from one raw SQL query.

The list is put together by its query from the product's own tables. A status and a gate check hold sentences that no
SQL writes; their floor reads the finished answer, stored beforehand, as one row by its key. So it does no work at all
besides the question who may see the project, which makes it the lowest floor there can be.
"""

from typing import Any

import orjson
from django.db import connection
from django.http import Http404
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest

ANSWERS = "benchmark_answer"
# Row 1 of the rights, as ProjectQuerySet.visible_to asks it of a person without an instance role.
SEEN = """(
    p.visibility = 'internal'
    OR p.id IN (SELECT m.project_id FROM projects_membership m WHERE m.user_id = %(user)s)
    OR p.portfolio_id IN (
        SELECT own.id FROM projects_portfoliomanager pm
        JOIN projects_portfolio above ON above.id = pm.portfolio_id
        JOIN projects_portfolio own ON own.path LIKE above.path || '%%'
        WHERE pm.user_id = %(user)s
    )
)"""
LIST = f"""
    WITH page AS (SELECT * FROM projects_project p WHERE {SEEN} ORDER BY p.key, p.id LIMIT 50)
    SELECT
        (SELECT count(*) FROM projects_project p WHERE {SEEN}) AS count,
        p.id, p.key, p.name, p.objective, p.exit_criteria, p.visibility, p.state, p.health, p.starts_on, p.target_on,
        p.currency, p.expected_value, p.links, p.industry, p.application, p.domains, p.model_class, p.build_mode,
        p.innovation_path, p.innovation_model, p.ai_act_tier, p.ai_act_roles, p.legal_hold, p.created_at, p.version,
        portfolio.name AS portfolio, process.template_key AS template, process.level,
        process.level_confirmed,
        ARRAY(SELECT t.key FROM projects_projecttag t WHERE t.project_id = p.id ORDER BY t.id) AS tags,
        ARRAY(
            SELECT u.username FROM projects_membership m JOIN accounts_user u ON u.id = m.user_id
            WHERE m.project_id = p.id AND m.owner ORDER BY m.id
        ) AS owner,
        s.key AS stage, s.state AS stage_state, s.due_on
    FROM page p
    JOIN lifecycle_process process ON process.project_id = p.id
    LEFT JOIN projects_portfolio portfolio ON portfolio.id = p.portfolio_id
    LEFT JOIN lifecycle_stage s ON s.process_id = process.id AND s.state IN ('active', 'in_review')
    ORDER BY p.key, p.id
"""
ANSWER = f"""
    SELECT a.body FROM {ANSWERS} a JOIN projects_project p ON p.key = a.key
    WHERE a.key = %(key)s AND a.about = %(about)s AND {SEEN}
"""
JSON_COLUMNS = ("links", "domains", "ai_act_roles")


class FloorProjects(APIView):
    """The first page of the list of projects."""

    scopes = {"GET": "projects:read"}

    def get(self, request: ApiRequest) -> Response:
        with connection.cursor() as cursor:
            cursor.execute(LIST, {"user": request.actor.user_id})
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        count = rows[0]["count"] if rows else 0
        for row in rows:
            del row["count"]
            for name in JSON_COLUMNS:
                row[name] = orjson.loads(row[name])
        following = request.build_absolute_uri("/api/v1/projects/?offset=50") if count > len(rows) else None
        return Response({"count": count, "next": following, "previous": None, "results": rows})


class FloorAnswer(APIView):
    """A status or a gate check as it was answered before."""

    scopes = {"GET": "projects:read"}

    def get(self, request: ApiRequest, key: str, about: str) -> Response:
        with connection.cursor() as cursor:
            cursor.execute(ANSWER, {"key": key, "about": about, "user": request.actor.user_id})
            row = cursor.fetchone()
        if row is None:
            raise Http404
        body: Any = orjson.loads(row[0])
        return Response(body)
