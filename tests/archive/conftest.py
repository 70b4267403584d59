"""These tests visit the pages."""

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]
