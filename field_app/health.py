"""Whether this server lives, and whether it can do its work just now."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, jsonify
from pysqlite3 import dbapi2 as sqlite3

from field_app import backups, paper
from field_app.database import DatabaseTrouble, connect, path_of, setting

READY_SECONDS = 1  # a load balancer does not wait as long as a phone

blueprint = Blueprint("health", __name__, url_prefix="/health")

Answer = Response | tuple[Response, int]


@blueprint.before_app_request
def serve_unless_restoring() -> None:
    """What was written while the file is being replaced would be lost behind its receipt."""
    if not backups.serving(current_app):
        abort(503, "A backup is being restored. Nothing is lost; try again in a few minutes.")


@blueprint.get("/live")
def live() -> Answer:
    return _never_kept(jsonify(status="live"))


@blueprint.get("/ready")
def ready() -> Answer:
    """Ready is a central file that can be read and written. `paper` says whether PDFs can be made too:
    phones do without them."""
    try:
        epoch = _epoch_while_writing()
    except (DatabaseTrouble, sqlite3.DatabaseError, OSError) as error:
        current_app.logger.error("not ready: %s", error)
        return _never_kept(jsonify(status="not ready", message=str(error))), 503
    return _never_kept(jsonify(status="ready", epoch=epoch, paper=paper.missing() or "ready"))


def _epoch_while_writing() -> str:
    db = connect(path_of(current_app), READY_SECONDS)
    try:
        db.conn.execute("BEGIN IMMEDIATE")
        epoch = setting(db, "epoch")
        db.conn.execute("ROLLBACK")
    finally:
        db.conn.close()
    return epoch


def _never_kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
