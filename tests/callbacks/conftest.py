"""These tests visit pages, and talk to an inbox without one."""

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]
