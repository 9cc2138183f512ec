"""A check of a draft shown as another kind: what was typed comes along, and nothing is saved."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HERE = "/templates/eight_stage/draft/"


@pytest.mark.parametrize("place", ["stages/design/checks/new/?kind=manual", "checks/charter/"])
def test_another_kind_keeps_what_was_typed(draft, admin, browse, place):
    said = {"version": draft.version, "text_en": "TYPED", "guidance_zh": "写好的", "kind": "metric", "show": "1"}

    page = browse(admin).post(f"{HERE}{place}", said)

    draft.refresh_from_db()
    shown = page.content.decode()
    assert (page.status_code, page.context["form"].kind) == (200, "metric")
    assert "TYPED" in shown
    assert "写好的" in shown
    assert "eg-field-error" not in shown
    assert draft.version == said["version"]


def test_a_kind_that_is_none_is_not_found(draft, admin, browse):
    said = {"version": draft.version, "kind": "foo", "show": "1"}

    assert browse(admin).post(f"{HERE}checks/charter/", said).status_code == 404
