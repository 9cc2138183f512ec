from lifecycle.forms.templates.checks import KIND_NAMES, CheckForm
from lifecycle.forms.templates.stages import GateForm, RulesForm, StageForm
from lifecycle.forms.templates.whole import ImportForm, LookForm, NewTemplateForm, TemplateForm, WordsForm

__all__ = [
    "KIND_NAMES",
    "CheckForm",
    "GateForm",
    "ImportForm",
    "LookForm",
    "NewTemplateForm",
    "RulesForm",
    "StageForm",
    "TemplateForm",
    "WordsForm",
]
