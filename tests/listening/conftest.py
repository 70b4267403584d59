"""Some of these tests visit pages."""

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]
