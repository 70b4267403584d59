from tests.imports.conftest import upload

__all__ = ["upload"]
