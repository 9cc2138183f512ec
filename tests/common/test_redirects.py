"""Going back to where a form stood: to a path of ours, and nowhere else."""

import pytest
from django.test import RequestFactory

from common.redirects import back

pytestmark = pytest.mark.core


@pytest.mark.parametrize("wanted", ["/projects/RECO/#vote", "/"])
def test_a_form_leads_back_to_where_it_stood(wanted):
    assert back(RequestFactory().post("/x/", {"next": wanted}), "/home/").url == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "foo",
        "projects",
        "//example.org/",
        "/\\example.org",
        "https://example.org/",
        "javascript:alert(1)",
        "#vote",
        "1" * 5000,
    ],
)
def test_what_is_no_path_of_ours_leads_elsewhere(wanted):
    assert back(RequestFactory().post("/x/", {"next": wanted}), "/home/").url == "/home/"
