"""Process templates to read; editing them comes with their own room."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from lifecycle.models import TemplateVersion
from lifecycle.selectors import template_shown


@login_required
@require_GET
def templates(request: PageRequest) -> HttpResponse:
    rows = TemplateVersion.objects.newest().select_related("template").defer("document")
    return render(request, "lifecycle/templates.html", {"rows": [template_shown(row) for row in rows]})


@login_required
@require_GET
def template(request: PageRequest, key: str) -> HttpResponse:
    version = get_object_or_404(TemplateVersion.objects.newest().select_related("template"), template__key=key)
    return render(
        request, "lifecycle/template.html", {"template": template_shown(version), "definition": version.definition}
    )
