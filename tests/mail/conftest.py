"""These tests visit the pages, and send letters to a real SMTP server."""

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]
