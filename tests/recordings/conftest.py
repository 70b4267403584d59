"""The same house as the API's: its pages' rights, its tables."""

from tests.api.conftest import house

__all__ = ["house"]
