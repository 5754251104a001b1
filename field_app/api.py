"""The wire, version 1 (docs/wire.md). Every answer is JSON, errors too; no redirect ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

import brotli
from flask import Blueprint, Response, current_app, jsonify, make_response, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from pysqlite3 import dbapi2 as sqlite3
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from field_app import books, evidence, inbox, keys, notebook, openapi, reference, week_files
from field_app.auth import Token, csrf, limiter, new_token, token_here
from field_app.books import BooksTrouble
from field_app.database import get_db, insert, one_row, setting, writing
from field_app.notebook import BadEnvelope, NotYours, OutOfChain, Phone
from field_app.times import Week, london, moment_text, now, read_moment

LARGEST_POST = 2 * 1024 * 1024
LARGEST_OPENING = 64 * 1024

blueprint = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(blueprint)

Answer = Response | tuple[Response, int]


def trouble(status: int, error: str, message: str, **more: Any) -> Response:
    """An error as JSON: what kind, and a sentence."""
    answer = jsonify(error=error, message=message, **more)
    answer.status_code = status
    if status in (429, 503):
        answer.headers.setdefault("Retry-After", "5")
    return answer


class Refused(Exception):
    """A call that is answered with an error."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


@blueprint.errorhandler(Refused)
def refused(error: Refused) -> Response:
    return error.answer


@blueprint.errorhandler(HTTPException)
def http_trouble(error: HTTPException) -> Response:
    name = "too-large" if error.code == 413 else error.name.lower().replace(" ", "-")
    answer = trouble(error.code or 500, name, error.description or "")
    for name, value in error.get_response().headers.items():
        if name in ("Retry-After", "Allow"):
            answer.headers[name] = value
    return answer


@blueprint.errorhandler(CSRFError)
def csrf_trouble(_error: CSRFError) -> Response:
    return trouble(
        400, "csrf", "The X-CSRFToken header is missing or old; ask GET /api/v1/me for it."
    )


@blueprint.errorhandler(sqlite3.OperationalError)
def database_trouble(error: sqlite3.OperationalError) -> Response:
    """Busy or full: nothing of this call is kept, and the phone is asked to come again."""
    current_app.logger.error("database: %s", error)
    return trouble(
        503, "busy", "The central file cannot be written just now. Nothing is lost; send again."
    )


@blueprint.after_request
def never_kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Authorization, Cookie"
    return answer


def by_token(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """The call carries this notebook's token; the view gets the notebook's id."""

    @wraps(view)
    def guarded(notebook_id: UUID, **kwargs: Any) -> Answer:
        if _token().notebook != str(notebook_id):
            raise Refused(trouble(401, "token", "This token is another notebook’s."))
        return view(str(notebook_id), **kwargs)

    return guarded


def _token() -> Token:
    token = token_here(get_db())
    if token is None:
        raise Refused(trouble(401, "token", "This notebook’s token is not known. Sign in again."))
    return token


def given_out(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Nothing is given out to a notebook that was withdrawn, or whose officer is retired. Pages are taken
    from them all the same."""

    @wraps(view)
    def guarded(notebook_id: str, **kwargs: Any) -> Answer:
        _refuse_to_give_out(_token())
        return view(notebook_id, **kwargs)

    return guarded


def _refuse_to_give_out(token: Token) -> None:
    _refuse_withdrawn(token.notebook)
    retired = "SELECT 1 FROM officers WHERE id = ? AND retired_at IS NOT NULL"
    if one_row(get_db(), retired, [token.officer]):
        raise Refused(trouble(403, "retired", "This officer is not on the team any more."))


def _refuse_withdrawn(notebook_id: str) -> None:
    if _withdrawn(notebook_id):
        raise Refused(trouble(403, "withdrawn", "This notebook was withdrawn."))


def _withdrawn(notebook_id: str) -> bool:
    row = one_row(get_db(), "SELECT withdrawn_at FROM notebooks WHERE id = ?", [notebook_id])
    return bool(row and row["withdrawn_at"])


def sent_bytes(most: int) -> bytes:
    """The body of this call. Refused when it is larger: of one that comes in chunks, Werkzeug would
    hand over the first bytes as if they were all."""
    request.max_content_length = most + 1
    data = request.get_data()
    if len(data) > most:
        raise RequestEntityTooLarge
    return data


def sent_json(most: int) -> dict[str, Any]:
    data = sent_bytes(most)
    try:
        sent = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(trouble(422, "json", "The post is not JSON.", page=None)) from error
    if not isinstance(sent, dict):
        raise Refused(trouble(422, "json", "The post is not a JSON object.", page=None))
    return sent


@blueprint.get("/v1/me")
def me() -> Answer:
    _signed_in()
    return jsonify(
        officer=current_user.id,
        username=current_user.username,
        name=current_user.name,
        roles=[current_user.role],
        csrf=generate_csrf(),
        epoch=setting(get_db(), "epoch"),
        server_time=moment_text(now()),
    )


def _signed_in() -> None:
    if not current_user.is_authenticated:
        raise Refused(trouble(401, "session", "Sign in first."))


@blueprint.put("/v1/notebooks/<uuid:notebook_id>")
def put_notebook(notebook_id: UUID) -> Answer:
    _signed_in()
    csrf.protect()
    phone = _said_of_itself(sent_json(LARGEST_OPENING))
    db, name = get_db(), str(notebook_id)
    with writing(db):
        _refuse_withdrawn(name)
        at = now()
        token, serial = new_token(db, name, current_user.id, at)
        try:
            new = notebook.open_notebook(db, name, current_user.id, serial, at)
        except NotYours as error:
            raise Refused(
                trouble(409, "not-yours", "This notebook is another officer’s.")
            ) from error
        db.conn.execute(
            "UPDATE notebooks SET label = ?, user_agent = ?, persisted = ?, last_contact = ? WHERE id = ?",
            [
                _short(phone.get("label")),
                _short(phone.get("user_agent")),
                phone.get("persisted") is True,
                moment_text(at),
                name,
            ],
        )
        _lend(name, at)
        standing = notebook.standing(db, name, at)
    return jsonify(notebook=name, token=token, **standing), 201 if new else 200


def _short(value: Any) -> str | None:
    return value.encode(errors="replace").decode()[:300] if isinstance(value, str) else None


@blueprint.get("/v1/notebooks/<uuid:notebook_id>")
@by_token
def get_notebook(notebook_id: str) -> Answer:
    return jsonify(notebook.standing(get_db(), notebook_id, now()))


@blueprint.post("/v1/notebooks/<uuid:notebook_id>/pages")
@by_token
def post_pages(notebook_id: str) -> Answer:
    """Take pages; the answer is their receipt, and is made only after they are on disk."""
    sent, db = sent_json(LARGEST_POST), get_db()
    said = _said_of_itself(sent)
    pages = notebook.read_pages(sent.get("pages"), notebook_id)
    if len(pages) > notebook.MOST_PAGES:
        return trouble(413, "too-large", f"At most {notebook.MOST_PAGES} pages a post.")
    try:
        with writing(db):
            token, at = _token(), now()  # asked anew: another write may have taken seconds
            notebook.open_notebook(db, notebook_id, token.officer, token.serial, at)
            notebook.hear_of_books(db, notebook_id, said.get("books"), at)
            results = notebook.append(db, notebook_id, pages, _phone(said), at)
            _lend(notebook_id, at)
    except OutOfChain:
        return jsonify(notebook.standing(db, notebook_id, now())), 409
    return jsonify(**notebook.standing(db, notebook_id, at), results=results), 201


def _lend(notebook_id: str, at: datetime) -> None:
    """Lend the notebook the numbers it lacks. When that cannot be done its pages are taken all the same."""
    if not notebook.may_hold_books(get_db(), notebook_id):
        books.take_back(get_db(), notebook_id, at)
        return
    try:
        books.top_up(get_db(), notebook_id, at, books.Floors(current_app.config["INSTANCE"]))
    except (BooksTrouble, OSError) as error:
        current_app.logger.error("books: %s", error)


@blueprint.errorhandler(BadEnvelope)
def bad_envelope(error: BadEnvelope) -> Response:
    return trouble(422, "envelope", error.message, page=error.page)


def _said_of_itself(sent: dict[str, Any]) -> dict[str, Any]:
    """What a phone says of itself in a call."""
    phone = sent.get("phone")
    return phone if isinstance(phone, dict) else {}


def _phone(sent: dict[str, Any]) -> Phone:
    """What the phone says of itself; anything unreadable in it is left out, never refused."""
    most = dict.fromkeys(("waiting", "evidence_waiting", "oldest", "storage_left"), 2**53 - 1)
    sound = {
        name: value if isinstance(value := sent.get(name), int) and 0 <= value <= limit else None
        for name, limit in (most | {"battery": 100}).items()
    }
    try:
        sent_at = read_moment(str(sent.get("sent_at")))
    except ValueError:
        sent_at = None
    return Phone(sent_at=sent_at, version=_short(sent.get("version")), **sound)


@blueprint.get("/v1/notebooks/<uuid:notebook_id>/pages")
@by_token
@given_out
def get_pages(notebook_id: str) -> Answer:
    return jsonify(pages=notebook.pages_after(get_db(), notebook_id, _after()))


@blueprint.get("/v1/notebooks/<uuid:notebook_id>/inbox")
@by_token
@given_out
def get_inbox(notebook_id: str) -> Answer:
    after = _after()
    items = inbox.since(get_db(), notebook_id, after)
    return jsonify(items=items, cursor=items[-1]["id"] if items else after)


def _after() -> int:
    text = request.args.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refused(trouble(422, "after", "“after” is a whole number."))
    return int(text)


@blueprint.get("/v1/reference")
def get_reference() -> Answer:
    """What the phone needs offline. The token names its notebook; nothing else does."""
    token = _token()
    _refuse_to_give_out(token)
    known = reference.reference(get_db(), token.officer, london(now()).date())
    body = json.dumps(known, sort_keys=True, separators=(",", ":")).encode()
    answer = make_response(body)
    answer.content_type = "application/json"
    coding = request.accept_encodings.best_match(["br"], "")
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32] + coding)
    answer.vary.add("Accept-Encoding")
    answer.make_conditional(request)
    if coding and answer.status_code == 200:
        # Quickly, and not by Flask-Compress: it would compress what a phone has already, as hard as it can.
        answer.set_data(brotli.compress(body, quality=REFERENCE_QUALITY))
        answer.content_encoding = coding
    return answer


REFERENCE_QUALITY = 5
"""Of brotli: a fifth larger than the best, in a fortieth of the time."""


def _store() -> evidence.Store:
    return evidence.Store(current_app.config["INSTANCE"] / "evidence")


def _known_evidence(sha256: str) -> bool:
    return one_row(get_db(), "SELECT 1 FROM evidence WHERE sha256 = ?", [sha256]) is not None


@blueprint.route(
    '/v1/notebooks/<uuid:notebook_id>/evidence/<regex("[0-9a-f]{64}"):sha256>', methods=["HEAD"]
)
@by_token
def head_evidence(notebook_id: str, sha256: str) -> Answer:
    if _known_evidence(sha256):
        return make_response("", 200)
    answer = make_response("", 404)
    answer.headers["Upload-Offset"] = str(_store().received(notebook_id, sha256))
    return answer


@blueprint.put('/v1/notebooks/<uuid:notebook_id>/evidence/<regex("[0-9a-f]{64}"):sha256>')
@by_token
def put_evidence(notebook_id: str, sha256: str) -> Answer:
    """Take a photo or signature, or a part of one."""
    kind, data, store = request.mimetype, sent_bytes(evidence.LARGEST), _store()
    if _known_evidence(sha256):
        return jsonify(sha256=sha256)
    if kind not in evidence.TYPES:
        return trouble(415, "type", "Evidence is image/jpeg, image/png or image/webp.")
    try:
        part = evidence.read_range(request.headers.get("Content-Range"), len(data))
        received = store.take(notebook_id, sha256, kind, part, data)
    except evidence.WrongOffset:
        offset = store.received(notebook_id, sha256)
        return trouble(409, "offset", "Send on from “received”.", received=offset)
    except (evidence.WrongBytes, ValueError) as error:
        return trouble(422, "bytes", str(error) or "The bytes are not those of the name.")
    if received is not None:
        return jsonify(received=received), 202
    _keep_evidence(notebook_id, sha256, kind, part.total)
    return jsonify(sha256=sha256), 201


def _keep_evidence(notebook_id: str, sha256: str, kind: str, size: int) -> None:
    db = get_db()
    with writing(db):
        token, at = _token(), now()
        notebook.open_notebook(db, notebook_id, token.officer, token.serial, at)
        if not _known_evidence(sha256):
            insert(
                db,
                "evidence",
                {
                    "sha256": sha256,
                    "type": kind,
                    "bytes": size,
                    "notebook": notebook_id,
                    "received_at": moment_text(at),
                },
            )


def _key() -> str | None:
    """The record of the key to the count in this call, if it is in use."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return keys.known(get_db(), key.strip()) if scheme.lower() == "bearer" else None


def _reader() -> str:
    """Whose calls for the count are counted together: a key's; without one, an address's."""
    return _key() or request.remote_addr or ""


@blueprint.get("/v1/counts/<week>")
@limiter.limit(lambda: current_app.config["COUNT_LIMIT"], key_func=_reader)
def count_of_week(week: str) -> Answer:
    """The count of a week, for a program that has a key to it."""
    key = _key()
    if key is None:
        raise Refused(trouble(401, "key", "This key to the count is not known, or was withdrawn."))
    try:
        asked = Week.parse(week)
    except ValueError as error:
        raise Refused(trouble(404, "week", str(error))) from error
    at = now()
    keys.note_use(get_db(), key, at)
    data = week_files.as_json(week_files.make(get_db(), asked, at))
    return Response(data, mimetype="application/json")


@blueprint.get("/v1/openapi.json")
def get_openapi() -> Answer:
    return jsonify(openapi.document())


_ANY = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]


@blueprint.route('/v<regex("0|[2-9]|[1-9][0-9]+"):_version>', methods=_ANY)
@blueprint.route('/v<regex("0|[2-9]|[1-9][0-9]+"):_version>/<path:_rest>', methods=_ANY)
def other_version(_version: str, _rest: str = "") -> Answer:
    return trouble(426, "version", "This server speaks version 1. Update the app.")


def _caller() -> str:
    return request.headers.get("Authorization") or request.remote_addr or ""


limiter.limit(lambda: current_app.config["WIRE_LIMIT"], key_func=_caller)(blueprint)
