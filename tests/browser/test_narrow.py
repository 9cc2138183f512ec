"""On a phone what stands in columns elsewhere keeps an order that one can see."""

import pytest

from accounts.models import User
from common import clock
from projects.models import Project
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLACES = """rows => rows.map(row => [...row.cells].map(cell => {
    const box = cell.getBoundingClientRect();
    return [Math.round(box.top), Math.round(box.left), Math.round(box.bottom)];
}))"""


def test_a_stage_is_a_block_with_its_facts_below_each_other(
    project: Project, owner: User, visit: Visit, time: clock.Frozen
) -> None:
    page = visit(owner, viewport={"width": 360, "height": 800}).open("/projects/RECO/stages/").page

    rows = page.locator("table tbody tr").evaluate_all(PLACES)

    assert len(rows) == 8
    for number, name, state, checks, plan, gate in rows:
        assert number[1] < name[1] < state[1]
        assert max(number[0], name[0], state[0]) < min(number[2], name[2], state[2]), "not in one line"
        assert name[2] <= checks[0] < checks[2] <= plan[0] < plan[2] <= gate[0]
    assert len({tuple(cell[1] for cell in row[3:]) for row in rows}) == 1, "the labels are no column"
    assert page.locator("table tbody td:first-child").all_inner_texts() == [str(n) for n in range(1, 9)]
