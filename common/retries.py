"""Transactions that the database ended to resolve a deadlock, tried again."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")
TRIES = 3
# serialization_failure, deadlock_detected
REPEATABLE = {"40001", "40P01"}


def retried(service: Callable[P, T]) -> Callable[P, T]:
    """Run `service` again, at most twice, when it lost a deadlock. Stands above its `@transaction.atomic`.

    Inside a larger transaction nothing is repeated: what came before in it is lost as well.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for _try in range(TRIES - 1):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", None) not in REPEATABLE:
                    raise
        return service(*args, **kwargs)

    return run
