"""Checks answers against an OpenAPI document. Knows the words our document uses, and no others."""

import re
from datetime import date, datetime
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
SAYS_NOTHING = {"title", "description", "default"}


class Document:
    def __init__(self, document: dict[str, Any]) -> None:
        self.all = document
        self.paths: dict[str, dict[str, Any]] = document["paths"]

    def check(self, method: str, path: str, status: int, body: Any) -> None:
        """Raises AssertionError when `body` is not what the document promises there."""
        operation = self.operation(method, path)
        assert str(status) in operation["responses"], f"{method} {path}: {status} is not described"
        [schema] = [
            each["schema"] for each in operation["responses"][str(status)]["content"].values()
        ]
        self.holds(schema, body, f"{method} {path}")

    def operation(self, method: str, path: str) -> dict[str, Any]:
        for template, operations in self.paths.items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
                found: dict[str, Any] = operations[method.lower()]
                return found
        raise AssertionError(f"{path} is not described")

    def holds(self, schema: dict[str, Any], value: Any, at: str) -> None:
        for word, meant in schema.items():
            if word not in SAYS_NOTHING:
                self._holds(word, meant, schema, value, at)

    def _holds(self, word: str, meant: Any, schema: dict[str, Any], value: Any, at: str) -> None:
        match word:
            case "$ref":
                name = meant.removeprefix("#/components/schemas/")
                self.holds(self.all["components"]["schemas"][name], value, at)
            case "type":
                assert isinstance(value, TYPES[meant]), f"{at}: {value!r} is not {meant}"
                assert not (meant in ("integer", "number") and isinstance(value, bool)), at
            case "anyOf":
                assert any(self._may_be(each, value) for each in meant), f"{at}: {value!r}"
            case "enum":
                assert value in meant, f"{at}: {value!r} is none of {meant}"
            case "properties":
                for name, each in meant.items():
                    if name in value:
                        self.holds(each, value[name], f"{at}.{name}")
            case "required":
                assert set(meant) <= set(value), f"{at}: {set(meant) - set(value)} missing"
            case "additionalProperties":
                more = set(value) - set(schema.get("properties", ()))
                assert meant is not False or not more, f"{at}: too much"
                for name in more:
                    self.holds(meant, value[name], f"{at}.{name}")
            case "items":
                for place, each in enumerate(value):
                    self.holds(meant, each, f"{at}[{place}]")
            case "format":
                {"date-time": datetime, "date": date}[meant].fromisoformat(value)
            case "minimum":
                assert value >= meant, at
            case "maximum":
                assert value <= meant, at
            case _:
                raise AssertionError(f"{at}: this check does not know the word {word}")

    def _may_be(self, schema: dict[str, Any], value: Any) -> bool:
        try:
            self.holds(schema, value, "")
        except AssertionError:
            return False
        return True
