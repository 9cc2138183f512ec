"""What the documents promise, held against the code."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
CALLS = r"env\.(?:text|flag|number|words)\(\"([A-Z_]+)\"|secret\(\"([A-Z_]+)\"|environ(?:\.get)?[\[(]\"([A-Z_]+)\""
PLACES = ("config", "common", "accounts", "overview", "deploy")
# Of the machine or of the tests, not of Eightgate.
FOREIGN = {"PATH", "CHROMIUM", "DJANGO_SETTINGS_MODULE"}


def test_the_readme_names_every_variable():
    sources = [path.read_text() for place in PLACES for path in (ROOT / place).rglob("*.py")]
    used = {name for text in sources for found in re.findall(CALLS, text) for name in found if name}
    compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())) - {"EIGHTGATE_VERSION"}
    named = set(re.findall(r"`([A-Z_]+)`", (ROOT / "README.md").read_text()))

    assert (used | compose) - FOREIGN <= named


def test_links_between_the_documents_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_calls_of_the_api_page_work_for_the_member_of_the_demo_that_it_names():
    page = (ROOT / "docs/api.md").read_text()
    person = re.search(r"In the demo `([a-z-]+)` is a member", page)[1]
    calls = set(re.findall(r"/projects/([A-Z]+)/(?:gates/current/check|metrics)/", page))
    demo = yaml.safe_load((ROOT / "content/demo.yaml").read_text())
    member_of = {one["code"] for one in demo["projects"] if person in {member["person"] for member in one["members"]}}

    assert calls <= member_of
    # A fixed day would lie in the future of some reader, and be refused.
    assert not re.search(r'"measured_at":"\d', page)


def test_the_manage_commands_that_the_documents_name_exist():
    named = set(re.findall(r"manage\.py ([a-z_]+)", (ROOT / "README.md").read_text()))
    for page in (ROOT / "docs").rglob("*.md"):
        named |= set(re.findall(r"manage\.py ([a-z_]+)", page.read_text()))
    ours = {path.stem for path in ROOT.glob("*/management/commands/*.py")}

    assert named - {"check", "makemessages", "migrate"} <= ours
