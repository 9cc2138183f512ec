"""What an address says by itself. Nobody is asked: this module knows no network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text_rules import line_flaw
from records.models.links import KINDS, Link, read_link

HASH = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


@pytest.mark.parametrize(
    ("url", "kind", "title"),
    [
        ("https://github.com/org/repo", "github", "org/repo"),
        ("https://github.com/org/repo.git", "github", "org/repo"),
        ("https://www.github.com/org/repo/", "github", "org/repo"),
        ("https://GitHub.COM/Org/Repo/pull/12/files?diff=split#r1", "github", "Org/Repo#12"),
        ("https://github.com/org/repo/issues/12", "github", "org/repo#12"),
        ("https://github.com/org/repo/discussions/3", "github", "org/repo#3"),
        (f"https://github.com/org/repo/commit/{HASH}", "github", "org/repo@0a1b2c3"),
        ("https://github.com/org/repo/tree/main", "github", "org/repo@main"),
        ("https://github.com/org/repo/blob/main/docs/model%20card.md", "github", "org/repo: model card.md"),
        ("https://github.com/org/repo/actions/runs/987/job/1", "github", "run 987 of org/repo"),
        ("https://github.com/org/repo/releases/tag/v1.2.0", "github", "org/repo v1.2.0"),
        (f"https://gist.github.com/ann/{HASH}", "github", "ann/0a1b2c3"),
        ("https://github.com/features", "github", ""),
        ("https://gitlab.com/group/sub/project", "gitlab", "group/sub/project"),
        ("https://gitlab.com/group/project/-/merge_requests/4", "gitlab", "group/project!4"),
        ("https://git.example.org/group/sub/project/-/issues/7#note_1", "gitlab", "group/sub/project#7"),
        ("https://git.example.org/group/project/-/pipelines/88", "gitlab", "pipeline 88 of group/project"),
        ("https://git.example.org/group/project/-/jobs/89", "gitlab", "job 89 of group/project"),
        (f"https://git.example.org/group/project/-/commit/{HASH}", "gitlab", "group/project@0a1b2c3"),
        (
            "https://git.example.org/group/project/-/blob/main/a/eval.py?ref=x",
            "gitlab",
            "group/project: eval.py",
        ),
        ("https://git.example.org/group/project/-/releases/v2", "gitlab", "group/project v2"),
        ("https://git.example.org/groups/group/sub/-/epics/5", "gitlab", "group/sub#5"),
        ("https://acme.atlassian.net/browse/PROJ-123", "jira", "PROJ-123"),
        ("https://jira.example.org/secure/browse/OPS_2-9?focus=1", "jira", "OPS_2-9"),
        ("https://acme.atlassian.net/jira/software/projects/PROJ/boards/1?selectedIssue=PROJ-7", "jira", "PROJ-7"),
        ("https://acme.atlassian.net/jira/software/projects/PROJ/issues/PROJ-8", "jira", "PROJ-8"),
        ("https://acme.atlassian.net/jira/dashboards/1", "jira", ""),
        ("https://acme.atlassian.net/wiki/spaces/ML/pages/4711/Model+card+of+RECO", "confluence", "Model card of RECO"),
        ("https://acme.atlassian.net/wiki/spaces/ML/pages/4711", "confluence", "page 4711"),
        ("https://wiki.example.org/display/ML/Test+plan", "confluence", "Test plan"),
        ("https://wiki.example.org/display/~ann/%E8%AE%A1%E5%88%92", "confluence", "计划"),
        ("https://wiki.example.org/pages/viewpage.action?pageId=4711", "confluence", "page 4711"),
        ("https://acme.atlassian.net/wiki/x/AbC1", "confluence", ""),
        (f"https://mlflow.example.org/#/experiments/4/runs/{HASH[:32]}", "mlflow", "run 0a1b2c3d of experiment 4"),
        ("https://mlflow.example.org/#/experiments/4?searchFilter=", "mlflow", "experiment 4"),
        ("https://mlflow.example.org/base/#/models/reco/versions/3", "mlflow", "reco v3"),
        (f"https://dbc.example.org/ml/experiments/40/runs/{HASH[:32]}?o=1", "mlflow", "run 0a1b2c3d of experiment 40"),
        ("https://huggingface.co/org/model", "huggingface", "org/model"),
        ("https://huggingface.co/org/model/tree/v1.2", "huggingface", "org/model @ v1.2"),
        (f"https://huggingface.co/org/model/tree/{HASH}", "huggingface", "org/model @ 0a1b2c3"),
        ("https://huggingface.co/org/model/blob/main/README.md", "huggingface", "org/model: README.md"),
        ("https://huggingface.co/datasets/org/data", "huggingface", "datasets/org/data"),
        ("https://hf.co/spaces/org/app", "huggingface", "spaces/org/app"),
        ("https://huggingface.co/org/model/discussions/3", "huggingface", "org/model#3"),
        ("https://huggingface.co/gpt2", "huggingface", "gpt2"),
        ("https://huggingface.co/docs/hub/index", "huggingface", ""),
        ("https://acme.feishu.cn/docx/AbCdEfGhIjKl", "feishu", "document AbCdEfGh"),
        ("https://acme.feishu.cn/wiki/wikcnX9", "feishu", "wiki page wikcnX9"),
        ("https://acme.larksuite.com/sheets/shtcnAB12?sheet=1", "lark", "sheet shtcnAB1"),
        ("https://acme.larkoffice.com/base/bascn12345", "lark", "base bascn123"),
        ("https://acme.feishu.cn/drive/home/", "feishu", ""),
    ],
)
def test_an_address_tells_its_kind_and_a_title(url: str, kind: str, title: str) -> None:
    assert read_link(url) == Link(kind, title)


@pytest.mark.parametrize(
    "url",
    [
        "https://docs.example.org/charter",
        "https://example.org/",
        "https://example.org/group/project",
        "https://example.org/a/b/-/c",
        # made to look like a host that is known
        "https://github.com.evil.example/org/repo",
        "https://notgithub.com/org/repo",
        "https://evil.example/github.com/org/repo",
        "https://github.com@evil.example/org/repo",
        "https://github.com:x@evil.example/org/repo/pull/1",
        "https://evil.example\\@github.com/org/repo",
        "https://evil.example#@github.com/org/repo",
        "https://evil.example?github.com/org/repo",
        "https://gіthub.com/org/repo",
        "https://xn--gthub-n4a.com/org/repo",
        "https://feishu.cn.evil.example/docx/AbC",
        "https://evilfeishu.cn/docx/AbC",
        "https://atlassian.net.evil.example/wiki/x/1",
        "javascript:alert(1)//github.com/org/repo",
        "data:text/html,https://github.com/org/repo",
        "ftp://github.com/org/repo",
        "//github.com/org/repo",
        "github.com/org/repo",
        "https://github.com\n.evil.example/org/repo",
        "https://[::1/org/repo",
        "https://github.com:99999/org/repo/",
        "https://",
        "",
        "https://github.com/" + "a" * 2000,
    ],
)
def test_what_only_looks_known_has_no_kind(url: str) -> None:
    assert read_link(url) == Link()


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/../repo",
        "https://github.com/org/%2e%2e",
        "https://github.com/<script>/repo",
        "https://huggingface.co/datasets/../x",
        "https://wiki.example.org/display/ML/%E2%80%AEgpj.exe",
        "https://wiki.example.org/display/ML/%00",
        "https://wiki.example.org/display/ML/%ff%fe",
        "https://wiki.example.org/display/ML/%E2%80%8B",
    ],
)
def test_names_that_hide_something_are_not_shown(url: str) -> None:
    found = read_link(url)

    assert found.kind
    assert found.title == ""


def test_a_title_is_short() -> None:
    title = read_link("https://wiki.example.org/display/ML/" + "a" * 1900).title

    assert len(title) == 200
    assert title.endswith("…")


@given(st.text(max_size=300) | st.text(max_size=200).map(lambda tail: f"https://github.com/{tail}"))
def test_no_address_is_an_error_and_every_title_is_one_line(url: str) -> None:
    found = read_link(url)

    assert found.kind in {"", *KINDS}
    assert line_flaw(found.title) is None
