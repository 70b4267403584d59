"""The rules a machine can hold for us, so that reviews can talk about something else."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "callcenter"
MODULES = sorted(PACKAGE.rglob("*.py"))
CODE = [path for path in MODULES if "versions" not in path.parts]

MAY_IMPORT = {  # room -> other rooms it may look into; views may look anywhere, they only carry
    "calls": set(),
    "jobs": set(),
    "mail": {"people", "settings"},
    "sheets": set(),
    "asterisk": {"calls", "switchboard"},
    "people": {"calls", "settings", "customers"},
    "staff": {"people", "customers", "settings", "callbacks", "catalogues"},
    "catalogues": {"calls", "customers", "people", "sheets"},
    "customers": {"people", "calls", "catalogues", "settings"},
    "contacts": {"people", "customers", "catalogues"},
    "lists": {"people", "customers", "catalogues", "calls", "care"},
    "care": {
        *("activities", "calls", "catalogues", "customers", "pages", "people", "reports"),
    },
    "audit_log": {"people", "exports", "lists", "look_up", "pages"},
    "activities": {"calls", "people", "customers", "catalogues"},
    "documents": {"people", "customers"},
    "callbacks": {"calls", "customers", "people", "settings", "pages", "recordings"},
    "trunks": {"asterisk", "calls", "customers", "people", "popups", "settings", "switchboard"},
    "archive": {
        *("calls", "customers", "jobs", "pages", "people", "recordings", "settings"),
    },
    "assignment": {"people", "customers", "catalogues", "settings"},
    "settings": {
        *(
            "activities",
            "asterisk",
            "calls",
            "customers",
            "people",
            "recordings",
            "agents",
            "reports",
        ),
        *("catalogues", "callbacks", "prompts", "staffing", "switchboard"),
    },
    "wrap_up": {"calls", "people", "settings", "agents", "customers"},
    "agents": {"calls", "people", "settings"},
    "popups": {"calls", "agents", "people", "customers"},
    "dialling": {
        *("asterisk", "callbacks", "calls", "customers", "jobs", "people", "settings", "sheets"),
        "switchboard",
    },
    "phone": {"calls", "people"},
    "routing": {"calls", "people", "customers", "settings"},
    "prompts": {"documents"},
    "recordings": {"calls", "people", "customers"},
    "reconciler": {"calls", "people", "recordings", "settings"},
    "live": {"agents", "calls", "people", "settings", "popups", "customers"},
    "listening": {"calls", "live", "people"},
    "explain": {
        *("agents", "calls", "customers", "pages", "people", "popups", "recordings", "settings")
    },
    "sums": {"calls", "care", "people", "reports", "settings"},
    "reports": {"calls", "care", "pages", "people", "service", "settings", "staffing", "sums"},
    "service": {"calls", "pages", "people", "reports", "sums"},
    "staffing": {"agents", "calls", "pages", "people", "reports", "settings", "sums"},
    "report_files": {
        *("catalogues", "calls", "customers", "exports", "jobs", "pages", "people", "reports"),
        "settings",
    },
    "report_mail": {"jobs", "mail", "pages", "people", "report_files", "reports"},
    "switchboard": {"asterisk", "calls", "customers", "people", "prompts", "settings"},
    "exports": {"customers", "people", "catalogues", "lists", "jobs", "pages"},
    "imports": {
        *("customers", "people", "catalogues", "assignment", "jobs"),
        *("calls", "activities", "documents", "recordings", "sheets"),
    },
}
ONLY_IN = {"panoramisk": {"asterisk"}, "create_task": {"tasks"}}
CARRIES = "views.py"  # and form_views.py, where a room has many pages


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_rooms_look_only_where_they_may(path):
    room = room_of(path)
    if path.name.endswith(CARRIES) or room not in MAY_IMPORT:
        return
    looked_into = {
        node.module.split(".")[1]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("callcenter.")
    } & (MAY_IMPORT.keys() | {"carrier", "api", "pages"})

    assert looked_into - {room} <= MAY_IMPORT[room]


@pytest.mark.parametrize("word, rooms", ONLY_IN.items())
def test_some_words_have_one_home(word, rooms):
    homes = {
        room_of(path)
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == word)
        or (isinstance(node, ast.Attribute) and node.attr == word)
    }

    assert homes == rooms


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_stay_readable(path):
    source = path.read_text()
    assert source.count("\n") <= 300
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 50, node.name


PURE = [
    "calls/events.py",
    "calls/call.py",
    "calls/board.py",
    "asterisk/translate.py",
    "phone/sip.py",
    "trunks/sip.py",
    "imports/columns.py",
    "assignment/mechanisms.py",
]


@pytest.mark.parametrize("name", PURE)
def test_what_decides_does_not_wait(name):
    waits = ast.Await | ast.AsyncFunctionDef | ast.AsyncWith | ast.AsyncFor
    source = (PACKAGE / name).read_text()

    assert not any(isinstance(node, waits) for node in ast.walk(ast.parse(source)))


def test_only_the_door_the_board_and_the_letters_catch_everything():
    catchers = {
        str(path.relative_to(PACKAGE))
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
        and not (isinstance(node.body[-1], ast.Raise) and not node.body[-1].exc)  # tidies up only
    }

    assert catchers == {"asterisk/ami.py", "calls/board.py", "report_mail/guard.py"}


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))
