"""What the documents list is what the code has: settings, commands, calls of the wire."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Flask

from field_app import openapi
from field_app.commands import COMMANDS
from field_app.records import SENT
from field_app.settings import SETTINGS

DOCS = Path(__file__).resolve().parent.parent / "docs"
DEPLOYMENT = (DOCS / "deployment.md").read_text(encoding="utf-8")
WIRE = (DOCS / "wire.md").read_text(encoding="utf-8")


def shown(default: Any) -> str:
    """A default, as the settings table writes it."""
    return str(default).lower() if isinstance(default, bool) else str(default) or "(empty)"


def test_settings_table_is_what_the_settings_say() -> None:
    rows = re.findall(r"^\| `FIELDBOOK_(\w+)` \| (.*?) \| (.*) \|$", DEPLOYMENT, re.MULTILINE)
    assert rows == [(name, shown(one.default), one.meaning) for name, one in SETTINGS.items()]


def test_every_setting_that_is_mentioned_exists() -> None:
    texts = [file.read_text(encoding="utf-8") for file in [*DOCS.glob("*.md"), *_python()]]
    mentioned = set(re.findall(r"\bFIELDBOOK_([A-Z_]+)\b", "".join(texts)))
    assert mentioned - SETTINGS.keys() == set()


def _python() -> list[Path]:
    return list((DOCS.parent / "field_app").rglob("*.py"))


def test_commands_table_lists_every_command() -> None:
    section = DEPLOYMENT.split("\n## Commands\n")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \| ", section, re.MULTILINE)
    assert listed == [
        "init",
        "add-officer",
        *(command.name for command in COMMANDS if command.name not in ("init", "add-officer")),
    ]


def test_every_command_that_is_mentioned_exists(app: Flask) -> None:
    mentioned = set(re.findall(r"flask --app field_app ([a-z-]+)", DEPLOYMENT))
    assert mentioned - app.cli.commands.keys() == set()


def test_wire_lists_every_call_that_the_server_answers(app: Flask) -> None:
    listed = re.findall(r"^\| `([A-Z]+) (/api/v1/[^`?]*)", WIRE, re.MULTILINE)
    answered = {
        (method, re.sub(r"<\S+?:(\w+)>", r"<\1>", rule.rule).replace("notebook_id", "notebook"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS"}
        if rule.rule.startswith("/api/v1/") and not _head_of_a_get(method, rule.methods)
    }
    assert set(listed) == answered
    assert len(listed) == len(answered)


def _head_of_a_get(method: str, methods: set[str] | None) -> bool:
    return method == "HEAD" and "GET" in (methods or set())


def test_openapi_describes_every_call_that_the_wire_lists() -> None:
    listed = re.findall(r"^\| `([A-Z]+) (/api/v1/[^`?]*)", WIRE, re.MULTILINE)
    described = [
        (method.upper(), path.replace("{", "<").replace("}", ">"))
        for path, item in openapi.document()["paths"].items()
        for method in item
        if method != "parameters"
    ]
    assert sorted([*described, ("GET", "/api/v1/openapi.json")]) == sorted(listed)


def test_wire_names_every_kind_of_page() -> None:
    named = re.search(r"`kind`: what the page is: (.*?)\. It is made", WIRE, re.DOTALL)
    assert named
    assert re.findall(r"`([a-z-]+)`", named[1]) == list(SENT)
