import re

import pytest

from common.markdown import render

pytestmark = pytest.mark.core
HOSTILE = [
    "[x](javascript:alert(1))",
    "[x](\njavascript:alert(1))",
    "[x](&#32;javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    '``` { ."><script/}\nalert(1)\n```',
    "<img src=x onerror=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "![x](https://evil.example/p.png)",
    "![x][y]\n\n[y]: https://evil.example/p.png",
    '<a href="https://example.org" onclick="alert(1)" style="color:red">x</a>',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_survives(text: str) -> None:
    html = render(text)

    tags = "".join(re.findall(r"<[^>]*>", html)).lower()
    assert not re.search(r"<script|<img|<style|<math|\son\w+=|style=|javascript:|data:", tags)
    assert "src=" not in tags


def test_links_carry_no_weight() -> None:
    assert render("[x](https://example.org)") == (
        '<p><a href="https://example.org" rel="nofollow noopener noreferrer">x</a></p>\n'
    )


def test_headings_start_below_those_of_the_page() -> None:
    assert render("# One\n## Two") == "<h3>One</h3>\n<h4>Two</h4>\n"


def test_tables_lists_and_code_stay() -> None:
    html = render("| a |\n|---|\n| b |\n\n- c\n\n`d`")

    assert all(f"<{tag}>" in html for tag in ("table", "td", "li", "code"))
