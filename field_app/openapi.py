"""The OpenAPI description of the wire, made from the declarations."""

from __future__ import annotations

from typing import Any

from field_app import catalogue
from field_app.fields import SHA256_PATTERN, UUID_PATTERN
from field_app.records import SENT, Patrol, Record
from field_app.records.base import json_schema
from field_app.times import DAY_PATTERN, MOMENT_PATTERN

Json = dict[str, Any]

_MOMENT: Json = {"type": "string", "format": "date-time", "pattern": f"^{MOMENT_PATTERN}$"}
_DAY: Json = {"type": "string", "format": "date", "pattern": f"^{DAY_PATTERN}$"}
_UUID: Json = {"type": "string", "format": "uuid", "pattern": f"^{UUID_PATTERN}$"}
_SHA256: Json = {"type": "string", "pattern": f"^{SHA256_PATTERN}$"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_TEXT: Json = {"type": "string"}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def body_schemas() -> dict[str, Json]:
    """The JSON Schema of the body of each kind that phones send, by kind."""
    return {name: _body_schema(kind) for name, kind in SENT.items()}


def _body_schema(kind: type[Record]) -> Json:
    forms = [json_schema(form) for form in kind.forms()]
    for form, schema in zip(kind.forms(), forms, strict=True):
        code = getattr(form, "activity_code", None)
        if code:
            schema["properties"]["activity"] = {"const": code}
    if kind is Patrol and (codes := _without_a_form()):
        plain = json_schema(Patrol)
        plain["properties"]["activity"] = {"enum": codes}
        forms.append(plain)
    return forms[0] if len(forms) == 1 else {"title": kind.title, "oneOf": forms}


def _without_a_form() -> list[str]:
    """The activities that an administrator added: a patrol of one has what every patrol has."""
    declared = {vars(form).get("activity_code") for form in Patrol.forms()}
    return [one.code for one in catalogue.activities() if one.code not in declared]


def _schemas() -> Json:
    page = _object(
        page={"type": "integer", "minimum": 1},
        kind={"type": "string", "examples": list(SENT)},
        record=_UUID,
        written_at=_MOMENT,
        previous={
            "type": "string",
            "description": "The seal before, or the notebook’s id for page 1",
        },
        seal=_SHA256,
        body={"type": "string", "contentMediaType": "application/json"},
    )
    problem = _object(field=_TEXT, message=_TEXT, rule=_TEXT)
    states = {"type": "string", "enum": ["accepted", "held", "known", "forked"]}
    result = _object(
        page={"type": "integer"}, seal=_SHA256, state=states, problems=_list(_ref("Problem"))
    )
    book = _object(series=_TEXT, first=_COUNT, last=_COUNT)
    standing = _object(
        epoch=_TEXT,
        notebook_state={"type": "string", "enum": ["open", "withdrawn"]},
        received_through=_COUNT,
        last_seal=_TEXT,
        backed_up_through=_COUNT,
        books=_list(book),
        evidence_wanted=_list(_SHA256),
        server_time=_MOMENT,
    )
    phone = {
        "type": "object",
        "properties": {
            "sent_at": _MOMENT,
            "waiting": _COUNT,
            "evidence_waiting": _COUNT,
            "oldest": {"type": "integer", "minimum": 1},
            "version": _TEXT,
            "battery": _COUNT | {"maximum": 100, "description": "Per cent"},
            "storage_left": _COUNT | {"description": "Bytes"},
        },
    }
    post = _object(pages={"type": "array", "items": _ref("Page"), "maxItems": 200}, phone=phone)
    authorisation = _object(
        powers=_list({"type": "string", "enum": [one.code for one in catalogue.entries("powers")]}),
        document=_TEXT,
        starts=_DAY,
        ends={"anyOf": [_DAY, {"type": "null"}]},
    )
    receipt = {"allOf": [_ref("Standing"), _object(results=_list(_ref("Result")))]}
    opened = {"allOf": [_ref("Standing"), _object(notebook=_UUID, token=_TEXT)]}
    return {
        "Page": page,
        "Problem": problem,
        "Result": result,
        "Standing": standing,
        "Post": post,
        "Receipt": receipt,
        "Opened": opened,
        "Error": _object(error=_TEXT, message=_TEXT),
        "Me": _object(
            officer=_UUID, roles=_list(_TEXT), csrf=_TEXT, epoch=_TEXT, server_time=_MOMENT
        ),
        "Inbox": _object(items=_list({"type": "object"}), cursor=_COUNT),
        "Pages": _object(pages=_list(_ref("Page"))),
        "Count": _object(
            week=_TEXT,
            **{"from": _DAY, "to": _DAY},
            made_at=_MOMENT,
            published={"anyOf": [_published(), {"type": "null"}]},
            tables={"type": "object", "additionalProperties": _ref("CountTable")},
        ),
        "CountTable": _object(
            title=_TEXT,
            about=_TEXT,
            columns=_list(_object(name=_TEXT, heading=_TEXT, kind=_TEXT, unit=_TEXT, about=_TEXT)),
            rows=_list({"type": "object"}),
        ),
        "Reference": _object(authorisations=_list(authorisation)),
        **{f"body-{name}": schema for name, schema in body_schemas().items()},
    }


def _published() -> Json:
    return _object(version=_COUNT, published_at=_MOMENT, patrols=_COUNT, checksum=_SHA256)


def _json(name: str) -> Json:
    return {"application/json": {"schema": _ref(name)}}


def _answers(*known: tuple[int, str, str | None]) -> Json:
    answers: Json = {
        str(status): {"description": said} | ({"content": _json(name)} if name else {})
        for status, said, name in known
    }
    answers["default"] = {"description": "Any error", "content": _json("Error")}
    return answers


def _in_path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def document() -> Json:
    """The description of every call, with each kind's body as JSON Schema (`body-<kind>`)."""
    token: Json = {"security": [{"token": []}]}
    session: Json = {"security": [{"session": []}]}
    after = {"name": "after", "in": "query", "schema": _COUNT | {"default": 0}}
    notebook = {"parameters": [_in_path("notebook", _UUID)]}
    evidence = {"parameters": [_in_path("notebook", _UUID), _in_path("sha256", _SHA256)]}
    image = {"schema": {"type": "string", "format": "binary"}}
    paths: Json = {
        "/api/v1/me": {"get": session | {"responses": _answers((200, "Who is signed in", "Me"))}},
        "/api/v1/notebooks/{notebook}": notebook
        | {
            "put": session
            | {
                "responses": _answers(
                    (201, "Opened", "Opened"),
                    (200, "Was known; a fresh token", "Opened"),
                    (409, "Another officer’s", "Error"),
                )
            },
            "get": token | {"responses": _answers((200, "What the server has", "Standing"))},
        },
        "/api/v1/notebooks/{notebook}/pages": notebook
        | {
            "post": token
            | {
                "requestBody": {"required": True, "content": _json("Post")},
                "responses": _answers(
                    (201, "Committed to disk", "Receipt"),
                    (409, "The page before is not here; offer everything", "Standing"),
                    (413, "Too many pages or bytes", "Error"),
                    (422, "Not sound; nothing is kept", "Error"),
                ),
            },
            "get": token
            | {"parameters": [after], "responses": _answers((200, "As they were sent", "Pages"))},
        },
        "/api/v1/notebooks/{notebook}/evidence/{sha256}": evidence
        | {
            "put": token
            | {
                "parameters": [{"name": "Content-Range", "in": "header", "schema": _TEXT}],
                "requestBody": {
                    "required": True,
                    "content": {f"image/{kind}": image for kind in ("jpeg", "png", "webp")},
                },
                "responses": _answers(
                    (201, "Whole and stored", None),
                    (200, "Already there", None),
                    (202, "Part kept", None),
                    (409, "Wrong offset", "Error"),
                    (422, "Bytes and name differ", "Error"),
                ),
            },
            "head": token
            | {
                "responses": _answers(
                    (200, "There", None), (404, "Upload-Offset says how much", None)
                )
            },
        },
        "/api/v1/notebooks/{notebook}/inbox": notebook
        | {"get": token | {"parameters": [after], "responses": _answers((200, "Items", "Inbox"))}},
        "/api/v1/reference": {
            "get": token
            | {
                "responses": _answers(
                    (200, "What a phone needs offline", "Reference"), (304, "The same", None)
                )
            }
        },
    }
    paths["/api/v1/counts/{week}"] = {
        "parameters": [_in_path("week", _TEXT | {"examples": ["2026-W47"]})],
        "get": {"security": [{"key": []}]}
        | {
            "responses": _answers(
                (200, "The count of a week", "Count"),
                (401, "The key is not known, or was withdrawn", "Error"),
                (404, "There is no such week", "Error"),
                (429, "Too many calls; Retry-After says when", "Error"),
            )
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fieldbook wire", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }
