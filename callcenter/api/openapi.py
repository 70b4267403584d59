"""The OpenAPI 3.1 document, made of the table and its types."""

from http import HTTPStatus
from typing import Any

import msgspec

from callcenter.api.table import PLACES, PREFIX, Entry, Table
from callcenter.api.wire import Error
from callcenter.people.permissions import Door

REF = "#/components/schemas/{name}"


def document(table: Table, version: str) -> dict[str, Any]:
    """What is under PREFIX, as JSON."""
    kinds = [kind for entry in table.entries for kind in (entry.answer, entry.body) if kind]
    schemas, components = msgspec.json.schema_components([*kinds, Error], ref_template=REF)
    found = {id(kind): schema for kind, schema in zip([*kinds, Error], schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for entry in table.entries:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _operation(entry, found)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Call center",
            "version": version,
            "description": "What pages do, programs can do, with the same rights. Times are UTC, "
            "lengths are seconds. A session's unsafe requests need the header X-CSRF-Token.",
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made by `callcenter token`.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "callcenter",
                    "description": "The cookie of a signed-in page.",
                },
            },
        },
    }


def _operation(entry: Entry, schemas: dict[int, dict[str, Any]]) -> dict[str, Any]:
    answers = {
        str(entry.status): _answer(HTTPStatus(entry.status).phrase, schemas[id(entry.answer)])
    }
    for error in entry.all_errors:
        answers[str(error.status)] = _answer(error.code, schemas[id(Error)])
    operation: dict[str, Any] = {
        "operationId": entry.name,
        "summary": entry.summary,
        "tags": [entry.path.split("/")[1].split(".")[0]],
        "responses": answers,
    }
    if parameters := _in_path(entry) + _in_query(entry):
        operation["parameters"] = parameters
    if entry.body:
        operation["requestBody"] = {"required": True, **_json(schemas[id(entry.body)])}
    if entry.needs is Door.ANYONE:
        operation["security"] = []
    return operation


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, **_json(schema)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _in_path(entry: Entry) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": PLACES[name][1]}
        for name in entry.places
    ]


def _in_query(entry: Entry) -> list[dict[str, Any]]:
    if entry.query is None:
        return []
    schema = _inlined(entry.query)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": {key: value for key, value in kind.items() if key != "description"},
            **({"description": kind["description"]} if "description" in kind else {}),
        }
        for name, kind in schema["properties"].items()
    ]


def _inlined(kind: type) -> dict[str, Any]:
    """The schema of a query's struct, with what it refers to put in its place."""
    _, components = msgspec.json.schema_components([kind], ref_template="{name}")

    def whole(schema: Any) -> Any:
        if isinstance(schema, list):
            return [whole(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return whole(components[schema["$ref"]])
        return {key: whole(value) for key, value in schema.items()}

    found: dict[str, Any] = whole(components[kind.__name__])
    return found
