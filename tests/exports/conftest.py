"""These tests visit the pages, or ask for exports as a job does."""

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]
