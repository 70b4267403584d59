"""Some of these tests ask the API, others visit the pages."""

from tests.api.conftest import house
from tests.pages.site import password_hash, site

__all__ = ["house", "password_hash", "site"]
