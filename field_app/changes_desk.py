"""What administrators changed: every page that says all of a record, whatever the kind, newest first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from sqlite_utils import Database

from field_app import registers
from field_app.asked import A_PAGE, Question, given_in, page_in
from field_app.auth import ADMINISTRATOR, kept_nowhere, may
from field_app.database import all_rows, get_db
from field_app.history import History, history

blueprint = Blueprint("changes", __name__, url_prefix="/desk/admin/changes")
blueprint.after_request(kept_nowhere)
looking = may("See what administrators changed", ADMINISTRATOR)


@blueprint.get("")
@looking
def changes() -> tuple[str, int]:
    db = get_db()
    kinds, people = registers.kinds(), _people(db)
    asked = Question(given=given_in(request.args, ("kind", "by")), page=page_in(request.args))
    asked.choose("kind", kinds, "kinds")
    asked.choose("by", people, "people")
    wrong = bool(asked.problems)
    total = 0 if wrong else registers.how_many_changes(db, **_chosen(asked))
    pages = max(1, -(-total // A_PAGE))
    asked.page = min(asked.page, pages)
    rows = registers.changes(db, A_PAGE, asked.offset, **_chosen(asked)) if total else []
    page = render_template(
        "desk/changes.html",
        asked=asked,
        kinds=kinds,
        people=people,
        total=total,
        pages=pages,
        lines=_lines(db, rows),
    )
    return page, 400 if wrong else 200


def _chosen(asked: Question) -> dict[str, str | None]:
    return {name: asked.given.get(name) for name in ("kind", "by")}


def _people(db: Database) -> dict[str, str]:
    """Who has a notebook at the desk, by id."""
    rows = all_rows(
        db,
        "SELECT officers.id, name FROM notebooks JOIN officers ON officers.id = officer "
        "WHERE at_desk AND NOT paper ORDER BY name, officers.id",
    )
    return {row["id"]: row["name"] for row in rows}


def _lines(db: Database, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each page with what it is about and what it changed; the first page about a record changed nothing,
    and says all."""
    stories = {row["record"]: history(db, row["record"]) for row in rows}
    return [row | _read(stories[row["record"]], row["seal"]) for row in rows]


def _read(story: History | None, seal: str) -> dict[str, Any]:
    assert story is not None, "the page is about it"
    [page] = [one for one in story.pages if one.row["seal"] == seal]
    name = next((one for one in story.stands if one.how == "text"), None)
    return {"title": story.title, "name": name, "page": page}


@blueprint.app_template_global()
def changes_address(asked: Question, **more: str | int | None) -> str:
    """The address of the list, with changes; None leaves a name out."""
    query = urlencode(asked.address(**more))
    return url_for("changes.changes") + (f"?{query}" if query else "")
