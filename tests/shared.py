"""What is the same for every app of a run is made once: catalogues read, templates compiled.

An app of a test lives for a second, and needs half of it for these.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import CodeType
from typing import Any

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from callcenter.pages import language, templates


class Compiled(BytecodeCache):
    """Templates compiled before, also by other apps."""

    def __init__(self) -> None:
        self._kept: dict[object, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._kept[_key(bucket)] = bucket.code


def _key(bucket: Bucket) -> object:
    """The source, and what pages/known.py writes into it: sentences, addresses of assets."""
    environment: Any = bucket.environment
    spoken = language.current()
    words = environment.known["_"].__self__
    return (
        bucket.key,
        bucket.checksum,
        tuple(environment.extensions),
        spoken,
        words.marks[spoken],
        environment.known["static"](""),
    )


@contextmanager
def shared() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_read", cache(language._read))
        patch.setattr(templates, "Environment", partial(Environment, bytecode_cache=Compiled()))
        yield
