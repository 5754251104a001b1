"""The settings: what each one says and where that comes from, and changing those that need no machine."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import registers, settings
from field_app.auth import ADMINISTRATOR, kept_nowhere, may
from field_app.database import all_rows, get_db, writing
from field_app.desk_forms import say_done
from field_app.history import history
from field_app.notebook import NotWritten
from field_app.records import Problem
from field_app.records.setting import Setting
from field_app.settings import AT_DESK, SETTINGS, layers_of
from field_app.times import now
from field_app.words import moment_in_words

blueprint = Blueprint("settings", __name__, url_prefix="/desk/admin/settings")
blueprint.after_request(kept_nowhere)
setting_things = may("See the settings, and change those that need no machine", ADMINISTRATOR)


@blueprint.get("")
@setting_things
def every() -> str:
    db = get_db()
    return render_template(
        "desk/settings.html",
        here_changed=[_line(db, name) for name in AT_DESK],
        on_machine=[_line(db, name) for name in SETTINGS if name not in AT_DESK],
    )


def _line(db: Database, name: str) -> dict[str, Any]:
    """A setting as the page shows it: its `value` in words, where it comes `from`, and whether the
    environment has `fixed` it. Of a secret only whether it is set."""
    one, layers = SETTINGS[name], layers_of(current_app)
    value = current_app.config[name]
    return {
        "name": name,
        "label": one.label or name,
        "meaning": one.meaning,
        "value": ("Set" if value else "Not set") if one.secret else _in_words(value),
        "default": _in_words(layers.otherwise.get(name, one.default)),
        "fixed": name in layers.fixed or not one.at_desk,
        "changed": name in layers.kept or name in layers.fixed,
        "from": _where_from(db, name),
    }


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value) if value != "" else "Nothing"


def _where_from(db: Database, name: str) -> str:
    layers = layers_of(current_app)
    if name in layers.fixed:
        return "The machine’s environment"
    if name not in layers.kept:
        return "The default"
    written = all_rows(
        db,
        "SELECT officers.name, received_at FROM pages JOIN notebooks ON notebooks.id = pages.notebook "
        "JOIN officers ON officers.id = notebooks.officer WHERE record = ? AND at_desk "
        "ORDER BY received_at DESC, page DESC LIMIT 1",
        [settings.record_of(name)],
    )
    return f"Set by {written[0]['name']}, {moment_in_words(written[0]['received_at'])}"


@blueprint.route("/<name>", methods=["GET", "POST"])
@setting_things
def one(name: str) -> str | Response | tuple[str, int]:
    """One setting: its form, and every page about it."""
    if name not in AT_DESK:
        abort(404, "There is no such setting at the desk.")
    db, record = get_db(), settings.record_of(name)
    stands, seal = registers.standing(db, record)
    typed, problems = str(stands.get("value", "")), list[Problem]()
    if request.method == "POST":
        typed = request.form.get("value", "").strip()
        try:
            _change(db, name, typed)
        except NotWritten as error:
            problems = error.problems
        else:
            say_done(f"{SETTINGS[name].label}: saved, and in force.")
            return redirect(url_for("settings.every", _anchor=name), 303)
    page = render_template(
        "desk/setting.html",
        setting=SETTINGS[name],
        line=_line(db, name),
        typed=typed,
        problems=problems,
        seen=seal,
        found=history(db, record),
    )
    return page, 400 if problems else 200


def _change(db: Database, name: str, typed: str) -> None:
    """Have a setting say what was typed; nothing typed: what it says by itself. NotWritten when it
    cannot say that."""
    if name in layers_of(current_app).fixed:
        said = "The machine’s environment says this setting: it is changed there."
        raise NotWritten([Problem("value", said, "fixed")])
    try:
        if typed:
            SETTINGS[name].read(typed)
    except settings.Wrong as error:
        raise NotWritten([Problem("value", str(error), "wrong")]) from error
    said_of = {"setting": name} | ({"value": typed} if typed else {})
    record, seen = settings.record_of(name), request.form.get("seen") or None
    if not typed and registers.standing(db, record).seal is None:
        return
    with writing(db):
        registers.keep(db, current_user.id, Setting.kind, record, said_of, seen, now())
