"""What others wrote is exactly what docs/vendored.md lists, and asks nobody else for anything."""

import hashlib
import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "static" / "vendor"
IMPORTED = re.compile(r"from '\.\.?/vendor/([^']+)';")
ROW = re.compile(r"^\| (\S+) \| \S+ \| \S+ \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def test_every_vendored_file_has_the_listed_sha256() -> None:
    listed = dict(ROW.findall((ROOT / "docs" / "vendored.md").read_text(encoding="utf-8")))
    vendored = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.iterdir()
    }
    assert vendored == listed


def test_every_vendored_file_has_its_licence_beside_it() -> None:
    without = [
        file.name
        for file in VENDOR.iterdir()
        if not (VENDOR / f"{package(file.name)}.LICENSE.txt").exists()
    ]
    assert without == []


def test_no_vendored_css_refers_to_another_file_or_origin() -> None:
    references = {
        file.name: re.findall(r"url\(|image-set\(|@import|@font-face", text(file))
        for file in VENDOR.glob("*.css")
    }
    assert [name for name, found in references.items() if found] == []


def test_no_vendored_css_names_the_gov_uk_typeface_or_crown() -> None:
    css = "".join(text(file).lower() for file in VENDOR.glob("*.css"))
    assert [word for word in ("gds transport", "crown", "crest") if word in css] == []


def test_every_vendored_script_a_module_imports_is_here_and_handed_out_offline(app: Flask) -> None:
    modules = (ROOT / "static" / "phone").glob("*.js")
    imported = {name for file in modules for name in IMPORTED.findall(text(file))}
    desk = {
        name for file in (ROOT / "static").glob("*.js") for name in IMPORTED.findall(text(file))
    }
    assert {name for name in desk if not (VENDOR / name).exists()} == set()
    listed = FlaskClient(app).get("/sw.js").text
    assert {name for name in imported if not (VENDOR / name).exists()} == set()
    assert {name for name in imported if f"/static/vendor/{name}" not in listed} == set()
    assert {name for name in desk if f"/static/vendor/{name}" in listed} == set()
    others = {file.name for file in VENDOR.glob("*.js")} - imported - desk
    assert [name for name in others if not name.startswith("htmx")] == []


def package(name: str) -> str:
    return re.split(r"-\d|\.", name)[0]


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
