from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DayField, LineField
from projects.models import BudgetLine, Project


class BudgetLineForm(forms.Form):
    """A line of the budget; with a version when it changes one."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = LineField(label=_("For what"), max_length=120)
    category = LineField(label=_("Category"), max_length=40, help_text=_("One word, as people, data or compute."))
    planned = forms.DecimalField(label=_("Planned"), max_digits=16, decimal_places=2, min_value=0)

    @classmethod
    def of(cls, line: BudgetLine) -> "BudgetLineForm":
        return cls(initial={name: getattr(line, name) for name in cls.base_fields}, auto_id=f"line-{line.pk}-%s")

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "category", "planned")}


class SpendForm(forms.Form):
    """Money booked on a line of the project."""

    line = forms.ModelChoiceField(BudgetLine.objects.none(), label=_("On which line"), empty_label=None)
    amount = forms.DecimalField(
        label=_("Amount"), max_digits=16, decimal_places=2, help_text=_("A negative amount corrects, with a note.")
    )
    day = DayField(label=_("Day"), required=False, help_text=_("Today if left empty."))
    note = LineField(label=_("Note"), required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line = self.fields["line"]
        assert isinstance(line, forms.ModelChoiceField)  # noqa: S101 - declared above; for the type checker
        line.queryset = BudgetLine.objects.filter(project=project)
