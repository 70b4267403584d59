"""The house of the API, with its pages' rights and tables; the site, where one looks at pages."""

from tests.api.conftest import house
from tests.pages.site import password_hash, site

__all__ = ["house", "password_hash", "site"]
