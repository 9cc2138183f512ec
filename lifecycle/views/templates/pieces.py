"""What every page of a draft does: find the draft, save one piece of it, say what is in the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError, VersionMismatch
from lifecycle import services
from lifecycle.forms.templates import LookForm
from lifecycle.forms.templates.pieces import PieceForm
from lifecycle.models import TemplateVersion
from lifecycle.models.format import Document
from lifecycle.selectors.templates import shown
from lifecycle.services.templates.edits import Edit

# What a piece says, as the initial values of its form.
Stands = Callable[[Document], Mapping[str, Any]]
TRIES = 3
NEVER = -1


def draft_of(request: PageRequest, key: str) -> TemplateVersion:
    """The draft of a template, for those who edit templates. Raises Http404."""
    rows = TemplateVersion.objects.visible_to(request.actor).drafts().select_related("template", "edited_by")
    found = rows.filter(template__key=key).first()
    if found is None:
        raise Http404
    return found


def stage_in(document: Document, key: str) -> Document:
    """A stage of a document. Raises Http404."""
    return _found(next((stage for stage in document["stages"] if stage["key"] == key), None))


def check_in(document: Document, key: str) -> tuple[Document, Document]:
    """A check of a document with the stage it stands in. Raises Http404."""
    for stage in document["stages"]:
        for item in stage["items"]:
            if item["key"] == key:
                return stage, item
    raise Http404


def _found(row: Document | None) -> Document:
    if row is None:
        raise Http404
    return row


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a piece was not saved: the form says it; `lost` shows both texts where somebody else was faster."""

    status: int
    lost: tuple[dict[str, str], ...] = ()


def refused(
    request: PageRequest, draft: TemplateVersion, form: PieceForm, edit: Callable[[], Edit], stands: Stands
) -> Refusal | None:
    """Save one piece; None once it is saved.

    Somebody else may have changed the draft meanwhile: if not this very piece, it is saved all the same.
    """
    if not form.is_valid():
        return Refusal(422)
    version: int = form.cleaned_data["version"]
    for _again in range(TRIES):
        try:
            services.save_draft(draft=draft, edit=edit(), actor=request.actor, version=version, now=clock.now())
        except VersionMismatch as error:
            now_says = stands(draft_of(request, draft.template.key).document)
            if now_says.get("seen", "") != form.cleaned_data["seen"]:
                return _overtaken(form, error, now_says)
            version = error.current
        except DomainError as error:
            form.refuse(error)
            return Refusal(error.status)
        else:
            return None
    form.add_error(None, _("Others keep changing this draft. Save once more."))
    return Refusal(412)


def _overtaken(form: PieceForm, error: VersionMismatch, now_says: Mapping[str, Any]) -> Refusal:
    """The form keeps what was typed and takes the newer version, so that saving once more is a decision."""
    mine = dict(form.cleaned_data)
    detail = _("Somebody changed this while you were writing. Nothing you typed is lost: saving replaces theirs.")
    form.add_error(None, detail)
    given: Any = cast("Any", form.data).copy()
    given[form.add_prefix("version")], given[form.add_prefix("seen")] = error.current, now_says["seen"]
    form.data = given
    pairs = {name: (mine.get(name) or None, now_says[name] or None) for name in form.fields if name in now_says}
    rows = (
        {"label": str(form.fields[name].label), "mine": shown(ours), "theirs": shown(theirs)}
        for name, (ours, theirs) in pairs.items()
        if name != "seen" and ours != theirs
    )
    return Refusal(412, tuple(rows))


def version_in(request: PageRequest) -> int:
    """The version of the draft that the reader of a button saw; one that never matches where none is sent."""
    form = LookForm(request.POST)
    return int(form.cleaned_data["version"]) if form.is_valid() else NEVER


def moved(request: PageRequest, draft: TemplateVersion, edit: Callable[[LookForm], Edit], to: str) -> HttpResponse:
    """A button that changes the draft, then back to `to`; a refusal is said there."""
    form = LookForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This button does not say what it does."))
        return redirect(to)
    try:
        services.save_draft(
            draft=draft, edit=edit(form), actor=request.actor, version=form.cleaned_data["version"], now=clock.now()
        )
    except VersionMismatch:
        messages.error(
            request, _("Somebody changed the draft meanwhile. This is how it is now; do it again if it still fits.")
        )
    except DomainError as error:
        if error.status in {401, 403, 404}:
            raise
        messages.error(request, str(error.errors[0].detail if error.errors else error))
    return redirect(to)
