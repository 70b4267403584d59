import pytest

from callcenter.imports.sheets import read


@pytest.fixture
def upload(tmp_path):
    """Reads bytes as the file somebody uploaded, whose name says nothing."""

    def upload(content, caps=None):
        path = tmp_path / "upload"
        path.write_bytes(content)
        return read(path, caps)

    return upload
