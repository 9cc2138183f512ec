"""The list of projects, the page of one, and the form that starts one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from common.tables import FORMATS
from lifecycle import services
from overview.forms.filters import ORDERINGS, project_query, words
from overview.forms.project import NewProjectForm
from overview.selectors.listing import list_rows
from overview.selectors.project import page_of
from overview.selectors.project.headline import Headline, gap
from overview.views.asked import asked, counted, pager
from overview.views.files import file_answer
from projects.models import Project
from projects.permissions import Action, may, require, rights


@login_required
@require_GET
def project_list(request: PageRequest) -> HttpResponseBase:
    """All projects that the query names, ended ones too; `?format=csv` or `xlsx` gives them as a file."""
    today = clock.now().date()
    given = asked(request, project_query(request.actor, today, default="key"), formats=FORMATS)
    rows = given.every.order_by(*given.page.ordering, "pk")
    if given.form:
        return file_answer(request, given, rows, "projects")
    shown = list(rows[given.page.offset : given.page.offset + given.page.limit])
    total = counted(rows, len(shown), given.page)
    context = {
        "rows": list_rows(shown, today=today),
        "total": total,
        "pager": pager(given.page, len(shown), total, request.GET),
        "words": words(given.page, request.GET),
        "search": given.page.search,
        "kept": [(name, value) for name, value in request.GET.items() if name not in {"search", "offset"}],
        "ordering": request.GET.get("ordering", "key"),
        "orderings": list(ORDERINGS),
        "files": FORMATS,
        "may_create": may(request.actor, Action.CREATE_PROJECT),
    }
    return render(request, "overview/projects.html", context)


@login_required
@require_GET
def project_page(request: PageRequest, key: str) -> HttpResponse:
    """Where the project stands, whether it helps, what it costs, what comes next."""
    project = get_object_or_404(Project.objects.visible_to(request.actor).select_related("portfolio"), key=key)
    page = page_of(project, actor=request.actor, today=clock.now().date())
    context = {
        "page": page,
        "project": project,
        "tab": "overview",
        "rights": {right.value for right in rights(request.actor, project)},
    }
    return render(request, "overview/project.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_project(request: PageRequest) -> HttpResponseBase:
    """Start a project; its creator becomes its owner."""
    require(request.actor, Action.CREATE_PROJECT)
    form = NewProjectForm(request.POST) if request.method == "POST" else NewProjectForm()
    status = 200
    if form.is_bound and form.is_valid():
        try:
            project = services.start_project(actor=request.actor, now=clock.now(), **form.fields_given())
            return redirect(project)
        except DomainError as error:
            refuse(form, error)
            status = error.status
    elif form.is_bound:
        status = 422
    headline = Headline(
        "", _("A new project."), rest=gap() + _("It starts at its first stage, with you as its owner."), sign=False
    )
    return render(request, "overview/new_project.html", {"form": form, "headline": headline}, status=status)
