"""What people say about a project and its things."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common import versions
from common.errors import PermissionDenied
from journal.services import record
from projects.models import Comment, Project
from projects.permissions import Action, require
from projects.selectors.people import mentioned


@transaction.atomic
def add_comment(*, project: Project, actor: Actor, now: datetime, text: str, about: str = "") -> Comment:
    """Say something, in Markdown, about the project or a thing of it (`about`: `check:12`). Tells those called `@name`.

    Comments stay open in an archived project: an auditor's question comes late.
    """
    require(actor, Action.COMMENT, project)
    comment = Comment.objects.create(project=project, about=about, text=text, written_by=actor.person, written_at=now)
    record(
        "comment.added",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"comment:{comment.pk}",
        notify=dict.fromkeys(mentioned(text, project), "mentioned"),
        about=about,
    )
    return comment


@transaction.atomic
def edit_comment(*, comment: Comment, actor: Actor, now: datetime, version: int, text: str) -> Comment:
    """Change one's own words; the journal keeps that they changed. Raises PermissionDenied, VersionMismatch."""
    require(actor, Action.COMMENT, comment.project)
    require_author(comment, actor)
    already_told = mentioned(comment.text, comment.project)
    versions.bump(Comment, comment.pk, version, text=text)
    comment.refresh_from_db()
    new = [user_id for user_id in mentioned(text, comment.project) if user_id not in already_told]
    record(
        "comment.edited",
        actor=actor,
        at=now,
        project_id=comment.project_id,
        object=f"comment:{comment.pk}",
        notify=dict.fromkeys(new, "mentioned"),
        about=comment.about,
    )
    return comment


def require_author(comment: Comment, actor: Actor) -> None:
    """Nobody puts words into another's mouth. Raises PermissionDenied."""
    if comment.written_by_id != actor.user_id:
        raise PermissionDenied(_("Only its author may edit a comment."), missing="author")
