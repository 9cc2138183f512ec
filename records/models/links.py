"""What a pasted link points at, read from its address alone: nobody is asked, nothing is loaded.

A host that is known by name is trusted by its whole name; servers of one's own (GitLab, Jira, Confluence, MLflow) are
known by the shape of their paths. What is not recognised is a link without a kind, shown by its address.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text_rules import is_blank, is_web_address, line_flaw

LONGEST_TITLE = 200
LONGEST_ADDRESS = 2000
SHORT_HASH, SHORT_ID = 7, 8
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
HASH = re.compile(r"[0-9a-f]{7,64}")
NUMBER = re.compile(r"[0-9]{1,19}")
ISSUE = re.compile(r"[A-Z][A-Z0-9_]{1,19}-[0-9]{1,9}")
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,80}")

KINDS: dict[str, str | Promise] = {
    "github": "GitHub",
    "gitlab": "GitLab",
    "jira": "Jira",
    "confluence": "Confluence",
    "mlflow": "MLflow",
    "huggingface": "Hugging Face",
    "feishu": gettext_lazy("Feishu"),
    "lark": "Lark",
}


@dataclass(frozen=True, slots=True)
class Link:
    """`kind` is one of KINDS or "", `title` short or "": empty is what the address does not say."""

    kind: str = ""
    title: str = ""

    @property
    def label(self) -> str:
        return str(KINDS.get(self.kind, ""))


@dataclass(frozen=True, slots=True)
class Address:
    """The pieces of an address that are safe to read; a name that is not plain text is no piece."""

    host: str
    path: tuple[str, ...]
    query: dict[str, list[str]]
    fragment: tuple[str, ...]

    def after(self, word: str) -> tuple[str, ...]:
        return self.path[self.path.index(word) + 1 :] if word in self.path else ()


ELSEWHERE = Link()
# Returns None where the address is not of this kind.
Reader = Callable[[Address], str | None]


def read_link(url: str) -> Link:
    """Kind and short title of a web address; `Link()` for whatever is not recognised. Never raises."""
    address = _address(url)
    if address is None:
        return ELSEWHERE
    for kind, reader in READERS:
        title = reader(address)
        if title is not None:
            return Link(kind, _fit(title))
    return ELSEWHERE


def _address(url: str) -> Address | None:
    if len(url) > LONGEST_ADDRESS or line_flaw(url) or not is_web_address(url):
        return None
    parts = urlsplit(url)
    # A backslash is a slash to browsers, and letters of other scripts look like ours: neither stands in a known host.
    if "\\" in url or not parts.netloc.isascii():
        return None
    try:
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    fragment = parts.fragment.partition("?")[0]
    fragment = fragment if fragment.startswith("/") else ""
    return Address((parts.hostname or "").rstrip("."), _pieces(parts.path), query, _pieces(fragment))


def _pieces(path: str) -> tuple[str, ...]:
    return tuple(piece for piece in path.split("/") if piece)


def _fit(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _under(host: str, *domains: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _are_names(*pieces: str) -> bool:
    return all(NAME.fullmatch(piece) for piece in pieces)


def _words(piece: str, *, plus: bool = False) -> str:
    """A piece of a path as its author wrote it; "" when it hides something or cannot be read."""
    try:
        text = unquote_plus(piece, errors="strict") if plus else unquote(piece, errors="strict")
    except UnicodeDecodeError:
        return ""
    return "" if is_blank(text) or line_flaw(text) else " ".join(text.split())


# --- GitHub


def _github(address: Address) -> str | None:
    if address.host not in {"github.com", "www.github.com", "gist.github.com"}:
        return None
    if len(address.path) < 2 or not _are_names(*address.path[:2]):
        return ""
    if address.host == "gist.github.com":
        return f"{address.path[0]}/{address.path[1][:SHORT_HASH]}"
    project = "/".join(address.path[:2]).removesuffix(".git")
    match address.path[2:]:
        case ("issues" | "pull" | "discussions", number, *_rest) if NUMBER.fullmatch(number):
            return f"{project}#{number}"
        case ("actions", "runs", number, *_rest) if NUMBER.fullmatch(number):
            return _("run %(number)s of %(name)s") % {"number": number, "name": project}
        case ("releases", "tag", version, *_rest):
            return f"{project} {_words(version)}".strip()
        case rest:
            return _of_git(project, rest)


def _of_git(project: str, rest: tuple[str, ...]) -> str:
    """What hosts of git share: commits, files, branches; else the project itself."""
    match rest:
        case ("commit" | "commits", name, *_rest) if HASH.fullmatch(name):
            return f"{project}@{name[:SHORT_HASH]}"
        case ("tree", name) if _words(name):
            return f"{project}@{_words(name)}"
        case ("blob" | "raw" | "resolve", _name, *_folders, file) if _words(file):
            return f"{project}: {_words(file)}"
    return project


# --- GitLab


def _gitlab(address: Address) -> str | None:
    if "-" in address.path[1:]:
        place = address.path.index("-", 1)
        return _of_gitlab(address.path[:place], address.path[place + 1 :]) if place >= 2 else None
    if address.host != "gitlab.com":
        return None
    return "/".join(address.path).removesuffix(".git") if len(address.path) >= 2 and _are_names(*address.path) else ""


def _of_gitlab(names: tuple[str, ...], rest: tuple[str, ...]) -> str | None:
    """`/-/` parts the project from what is looked at, on every GitLab."""
    if not _are_names(*names) or rest[:1] not in GITLAB_PLACES:
        return None
    project = "/".join(names[1:] if names[0] == "groups" else names)
    match rest:
        case ("merge_requests", number, *_rest) if NUMBER.fullmatch(number):
            return f"{project}!{number}"
        case ("issues" | "work_items" | "epics", number, *_rest) if NUMBER.fullmatch(number):
            return f"{project}#{number}"
        case ("pipelines", number, *_rest) if NUMBER.fullmatch(number):
            return _("pipeline %(number)s of %(name)s") % {"number": number, "name": project}
        case ("jobs", number, *_rest) if NUMBER.fullmatch(number):
            return _("job %(number)s of %(name)s") % {"number": number, "name": project}
        case ("releases" | "tags", version, *_rest) if _words(version):
            return f"{project} {_words(version)}"
    return _of_git(project, rest)


GITLAB_PLACES = {
    (place,)
    for place in (
        "blob", "boards", "commit", "commits", "compare", "environments", "epics", "issues", "jobs", "merge_requests",
        "milestones", "ml", "packages", "pipelines", "raw", "releases", "snippets", "tags", "tree", "wikis",
        "work_items",
    )
}  # fmt: skip


# --- Atlassian


def _jira(address: Address) -> str | None:
    chosen = address.query.get("selectedIssue", [""])[0]
    if ISSUE.fullmatch(chosen) and "jira" in (*address.path, *address.host.split(".")):
        return chosen
    for word in ("browse", "issues"):
        key = (*address.after(word), "")[0]
        if ISSUE.fullmatch(key) and (word == "browse" or "jira" in address.path):
            return key
    return "" if _under(address.host, "atlassian.net") and address.path[:1] in {("jira",), ("browse",)} else None


def _confluence(address: Address) -> str | None:
    cloud = _under(address.host, "atlassian.net") and address.path[:1] == ("wiki",)
    match address.after("spaces"):
        case (_space, "pages", number, title, *_rest) if NUMBER.fullmatch(number):
            return _words(title, plus=True) or _page(number)
        case (_space, "pages", number) if NUMBER.fullmatch(number):
            return _page(number)
    match address.after("display"):
        case (space, title) if _are_names(space.removeprefix("~")):
            return _words(title, plus=True)
    if address.path[-1:] == ("viewpage.action",) and "pages" in address.path:
        number = address.query.get("pageId", [""])[0]
        return _page(number) if NUMBER.fullmatch(number) else ""
    return "" if cloud else None


def _page(number: str) -> str:
    return _("page %(number)s") % {"number": number}


# --- MLflow


def _mlflow(address: Address) -> str | None:
    """Its pages stand behind the `#`; on Databricks below `/ml/`."""
    for pieces in (address.fragment, address.after("ml")):
        match pieces:
            case ("experiments", number, "runs", run, *_rest) if NUMBER.fullmatch(number) and HASH.fullmatch(run):
                return _("run %(run)s of experiment %(number)s") % {"run": run[:SHORT_ID], "number": number}
            case ("experiments", number, *_rest) if NUMBER.fullmatch(number):
                return _("experiment %(number)s") % {"number": number}
            case ("models", name, "versions" | "version", version, *_rest) if NUMBER.fullmatch(version):
                return f"{_words(name)} v{version}".strip()
            case ("models", name, *_rest) if _words(name):
                return _words(name)
    return None


# --- Hugging Face


def _hugging_face(address: Address) -> str | None:
    if address.host not in {"huggingface.co", "www.huggingface.co", "hf.co"}:
        return None
    sort = address.path[0] if address.path[:1] in {("datasets",), ("spaces",)} else ""
    pieces = address.path[1:] if sort else address.path
    if not _are_names(*pieces[:2]) or pieces[:1] in NOT_PEOPLE:
        return ""
    if len(pieces) < 2:
        return "".join(pieces)
    name = f"{sort}/{pieces[0]}/{pieces[1]}" if sort else f"{pieces[0]}/{pieces[1]}"
    match pieces[2:]:
        case ("tree" | "commit", revision, *_rest) if _words(revision):
            return f"{name} @ {_revision(_words(revision))}"
        case ("discussions", number, *_rest) if NUMBER.fullmatch(number):
            return f"{name}#{number}"
    return _of_git(name, pieces[2:])


NOT_PEOPLE = {
    (word,)
    for word in ("api", "blog", "collections", "docs", "join", "learn", "login", "models", "new", "organizations",
                 "papers", "pricing", "settings", "tasks")
}  # fmt: skip


def _revision(name: str) -> str:
    return name[:SHORT_HASH] if HASH.fullmatch(name) and len(name) >= 40 else name


# --- Feishu, Lark

PAGES: dict[str, str | Promise] = {
    "base": gettext_lazy("base"),
    "bitable": gettext_lazy("base"),
    "doc": gettext_lazy("document"),
    "docs": gettext_lazy("document"),
    "docx": gettext_lazy("document"),
    "file": gettext_lazy("file"),
    "mindnotes": gettext_lazy("mind map"),
    "minutes": gettext_lazy("minutes"),
    "sheets": gettext_lazy("sheet"),
    "slides": gettext_lazy("slides"),
    "wiki": gettext_lazy("wiki page"),
}


def _feishu(address: Address) -> str | None:
    return _of_feishu(address) if _under(address.host, "feishu.cn") else None


def _lark(address: Address) -> str | None:
    return _of_feishu(address) if _under(address.host, "larksuite.com", "larkoffice.com") else None


def _of_feishu(address: Address) -> str:
    match address.path:
        case (sort, token, *_rest) if sort in PAGES and TOKEN.fullmatch(token):
            return f"{PAGES[sort]} {token[:SHORT_ID]}"
    return ""


# Whole hosts first, shapes of paths after them.
READERS: tuple[tuple[str, Reader], ...] = (
    ("github", _github),
    ("huggingface", _hugging_face),
    ("feishu", _feishu),
    ("lark", _lark),
    ("gitlab", _gitlab),
    ("confluence", _confluence),
    ("jira", _jira),
    ("mlflow", _mlflow),
)
