"""Tests that draw their own cases: which ones, and how many."""

from hypothesis import settings

# `make test` draws the same cases at every run: it fails for what was changed, not for bad luck.
settings.register_profile("repeated", derandomize=True, deadline=None)  # none fails for being slow
# `make explore` draws new ones, and those again that failed before (.hypothesis).
settings.register_profile(
    "explore", derandomize=False, deadline=None, max_examples=1000, print_blob=True
)


def cases(count: int) -> int:
    """So many for `make test`, ten times as many for `make explore`."""
    return count * settings.default.max_examples // 100
