"""What benchmarks have in common: a folder and enough files, a process that is the load, a report
that is printed and kept in var/bench.
"""

import asyncio
import json
import platform
import resource
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from callcenter.config import home

LONGEST_LINE = 2**20  # bytes


def found_by(measured: Callable[[Path], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
    """What it finds in a folder of its own, with as many open files as there may be."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="callcenter-bench-") as folder:
        return asyncio.run(measured(Path(folder)))


class Load:
    """Another process of ours, asked and answering in lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout
        self._process, self._in, self._out = process, process.stdin, process.stdout

    def ask(self, what: Any) -> None:
        self._in.write(json.dumps(what).encode() + b"\n")

    async def answer(self) -> Any:
        return json.loads(await self._out.readline())

    async def ends(self) -> None:
        """There is nothing more to ask."""
        self._in.close()
        await self._process.wait()


@asynccontextmanager
async def load(module: str) -> AsyncIterator[Load]:
    """`python -m tests.bench.MODULE`, for as long as the block lasts."""
    command = (sys.executable, "-m", f"tests.bench.{module}")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE
    )
    try:
        yield Load(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def judged(reached: Mapping[str, float], goals: Mapping[str, float]) -> dict[str, Any]:
    """The end of a report: `goals` are what each figure may reach at most."""
    good = all(reached[name] <= goal for name, goal in goals.items())
    return {**reached, "goals": goals, "good": good, "python": platform.python_version()}


def keep(report: Mapping[str, Any]) -> None:
    """Print it, and keep it under its name."""
    folder = home() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=2, ensure_ascii=False)
    (folder / f"{report['name']}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
