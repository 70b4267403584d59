"""Tests of long work: with pages where they ask for `site`, and without."""

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]
