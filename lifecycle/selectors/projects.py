"""Projects with where they stand in their process, for lists."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from lifecycle.models import Stage
from projects.models import Membership, Project, ProjectTag


def with_stage(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Adds the current stage's key, state and due date, and joins process and portfolio."""
    current = Stage.objects.current().filter(process__project=OuterRef("pk"))
    return projects.select_related("process", "portfolio").annotate(
        stage_key=Subquery(current.values("key")[:1]),
        stage_state=Subquery(current.values("state")[:1]),
        stage_due_on=Subquery(current.values("due_on")[:1]),
    )


def in_stage(projects: QuerySet[Project], key: str) -> QuerySet[Project]:
    return projects.filter(Exists(Stage.objects.current().filter(process__project=OuterRef("pk"), key=key)))


def owned_by(projects: QuerySet[Project], username: str) -> QuerySet[Project]:
    return projects.filter(Exists(Membership.objects.owners().filter(project=OuterRef("pk"), user__username=username)))


def tagged_with(projects: QuerySet[Project], key: str) -> QuerySet[Project]:
    return projects.filter(Exists(ProjectTag.objects.filter(project=OuterRef("pk"), key=key)))


def shown_projects(projects: Sequence[Project]) -> list[dict[str, Any]]:
    """A page of projects as JSON: owners and tags come in one query each."""
    ids = [project.pk for project in projects]
    owners, tags = defaultdict(list), defaultdict(list)
    for project, name in Membership.objects.owners().filter(project__in=ids).values_list("project", "user__username"):
        owners[project].append(name)
    for project, key in ProjectTag.objects.filter(project__in=ids).values_list("project", "key"):
        tags[project].append(key)
    return [_shown(project, owners[project.pk], tags[project.pk]) for project in projects]


COLUMNS = (
    "id",
    "key",
    "name",
    "objective",
    "exit_criteria",
    "visibility",
    "state",
    "health",
    "starts_on",
    "target_on",
    "currency",
    "expected_value",
    "links",
    "industry",
    "application",
    "domains",
    "model_class",
    "build_mode",
    "innovation_path",
    "innovation_model",
    "ai_act_tier",
    "ai_act_roles",
    "legal_hold",
    "created_at",
    "version",
)


def _shown(project: Project, owners: list[str], tags: list[str]) -> dict[str, Any]:
    return {column: getattr(project, column) for column in COLUMNS} | {
        "portfolio": project.portfolio.name if project.portfolio else None,
        "template": project.process.template_key,
        "level": project.process.level,
        "level_confirmed": project.process.level_confirmed,
        "tags": tags,
        "owner": owners,
        "stage": project.stage_key,  # type: ignore[attr-defined]  # annotated by with_stage
        "stage_state": project.stage_state,  # type: ignore[attr-defined]  # annotated by with_stage
        "due_on": project.stage_due_on,  # type: ignore[attr-defined]  # annotated by with_stage
    }
