"""What is asked, by the figure's name."""

from collections.abc import Sequence
from dataclasses import dataclass

PORTFOLIO = "Volume%20001"
# Who asks, and the project whose first gate benchmarks/large_gate.py fills.
PERSON, LARGE_GATE = "vol-050", "LARGE"


@dataclass(frozen=True)
class Asked:
    """An address of the product, and the floor's; `{key}` stands for a project's."""

    ours: str
    floor: str = ""
    by_browser: bool = False

    def of(self, keys: Sequence[str]) -> list[str]:
        return [self.ours.format(key=key) for key in keys] if "{key}" in self.ours else [self.ours]

    def floor_of(self, keys: Sequence[str]) -> list[str]:
        return [self.floor.format(key=key) for key in keys] if "{key}" in self.floor else [self.floor]


def against_the_floor() -> dict[str, Asked]:
    return {
        "project_list": Asked("/api/v1/projects/", "/api/v1/floor/projects/"),
        "project_status": Asked("/api/v1/projects/{key}/status/", "/api/v1/floor/projects/{key}/status/"),
        "gate_check": Asked(
            "/api/v1/projects/{key}/gates/current/check/", "/api/v1/floor/projects/{key}/gates/current/check/"
        ),
    }


def against_a_tenth() -> dict[str, Asked]:
    """The same question to a tenth of the volume: what has to stay as it is, however much there is besides."""
    return {
        "portfolio": Asked(f"/portfolio/?portfolio={PORTFOLIO}", by_browser=True),
        "portfolio_summary": Asked(f"/api/v1/portfolio/summary/?portfolio={PORTFOLIO}"),
        "portfolio_all": Asked("/portfolio/", by_browser=True),
        "portfolio_summary_all": Asked("/api/v1/portfolio/summary/"),
        "status_growth": Asked("/api/v1/projects/{key}/status/"),
        "gate_page": Asked(f"/projects/{LARGE_GATE}/gates/initiation/", by_browser=True),
    }


def measured() -> dict[str, Asked]:
    return against_the_floor() | against_a_tenth()
