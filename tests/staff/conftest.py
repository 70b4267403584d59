"""These tests visit the pages of administration."""

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]
