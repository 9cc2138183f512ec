"""The words of a gate: one module per language builds them, this one picks it. Same functions, same order, in both."""

from types import ModuleType

from common.texts import language
from lifecycle.criteria.findings import Blocker
from lifecycle.criteria.readiness import Readiness
from lifecycle.criteria.wording import chinese, english
from lifecycle.criteria.wording.shapes import Clause, Decided, Sentence, metric_name

__all__ = ["Clause", "Decided", "Sentence", "decided", "detail", "metric_name", "sentence", "title"]


def _tongue() -> ModuleType:
    return chinese if language() == "zh" else english


def sentence(readiness: Readiness) -> Sentence:
    """The gate page's top line; its plain text is the API's `sentence`, the mail's subject and the digest's row."""
    built: Sentence = _tongue().sentence(readiness)
    return built


def decided(facts: Decided) -> Sentence:
    """The top line of a gate that was decided."""
    built: Sentence = _tongue().decided(facts)
    return built


def title(blocker: Blocker) -> str:
    """The heading of a blocker's row: the thing with its value and limit."""
    return str(_tongue().title(blocker))


def detail(blocker: Blocker) -> str:
    """One sentence with value and limit, or with what moved; the API's `detail`."""
    return str(_tongue().detail(blocker))
