from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from common import canonical

pytestmark = pytest.mark.core


def test_the_order_of_keys_does_not_matter() -> None:
    assert (
        canonical.encode({"b": 1, "a": [2, {"d": None, "c": "项目"}]})
        == '{"a":[2,{"c":"项目","d":null}],"b":1}'.encode()
    )


def test_one_moment_has_one_spelling() -> None:
    berlin = timezone(timedelta(hours=2))

    assert canonical.digest(datetime(2026, 7, 6, 11, tzinfo=berlin)) == canonical.digest(
        datetime(2026, 7, 6, 9, tzinfo=UTC)
    )
    assert canonical.encode(date(2026, 7, 6)) == b'"2026-07-06"'


@pytest.mark.parametrize("same", ["0.50", "0.5", "0.500"])
def test_one_decimal_has_one_spelling(same: str) -> None:
    assert canonical.encode(Decimal(same)) == b'"0.5"'


def test_large_decimals_are_written_out() -> None:
    assert canonical.encode(Decimal("1E+3")) == b'"1000"'


def test_what_is_not_a_number_has_no_form() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical.encode(float("nan"))


def test_a_digest_names_its_method() -> None:
    assert canonical.digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
