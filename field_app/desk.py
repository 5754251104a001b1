"""The team leader's desk: today's shifts and patrols, one record with all its pages, the register.

Every page has an address that can be sent to a colleague, and works without JavaScript; htmx only
swaps the list of patrols, from an address of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import (
    Blueprint,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import board as boards
from field_app import (
    books,
    catalogue,
    counts,
    doubles,
    earlier,
    gaps,
    maps,
    paper,
    phone,
    queries,
    rules,
    settings,
    wards,
    words,
)
from field_app import not_issued as outcomes
from field_app import notices as register
from field_app.asked import A_PAGE, STATES, Asked, Question, day_in, page_in
from field_app.auth import ADMINISTRATOR, at_the_desk, csrf, kept_nowhere
from field_app.database import get_db, one_row
from field_app.due import due_now
from field_app.evidence import Store
from field_app.fields import SHA256_PATTERN, UUID_PATTERN
from field_app.history import History, history
from field_app.publishing import late_among, late_weeks
from field_app.records import FOR_ADMINISTRATORS, body_of
from field_app.reviews import shift_page
from field_app.times import Week, london, now
from field_app.views import log_views, viewers

HELD_ON_THE_BOARD = 10
WEEKS_LOOKED_AT = timedelta(weeks=8)
"""For so long after it a published week is looked at for what is late."""

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
blueprint.after_request(kept_nowhere)


@blueprint.record_once
def _for_templates(state: Any) -> None:
    state.app.jinja_env.filters |= words.FILTERS
    state.app.jinja_env.globals |= {
        "label": catalogue.label,
        "spot_code": counts.spot_code,
        "notice_about": register.what,
        "asks_for_money": register.asks_for_money,
        "how_many_held": lambda: boards.how_many_held(get_db()),
        "how_many_borne_twice": lambda: len(books.borne_twice(get_db())),
        "map_tiles": lambda: maps.tiles(current_app.config["MAP_TILES"]),
        "outlines_address": lambda: url_for("wards.geojson") if wards.in_use(get_db()) else None,
    }


@blueprint.get("")
@at_the_desk
def board() -> str:
    db, moment = get_db(), now()
    today = london(moment).date()
    day = _day_asked(today)
    asked = Asked.read({"from": day.isoformat(), "to": day.isoformat()}, today)
    return render_template(
        "desk/board.html",
        now=moment,
        today=today,
        asked_day=day,
        tomorrow=day + timedelta(days=1),
        yesterday=day - timedelta(days=1),
        held=boards.held_pages(db, HELD_ON_THE_BOARD) if day == today else [],
        shifts=boards.shifts_of_day(db, day),
        names=_officer_names(),
        **(_as_it_is_now(db, moment) if day == today else {}),
        **_results(asked),
    )


@blueprint.get("/board/now")
@at_the_desk
def board_now() -> str | Response:
    """What the board says of this very moment, alone, for htmx to put in the place of what it said."""
    if not request.headers.get("HX-Request"):  # led back here after signing in
        return redirect(url_for("desk.board"))
    db, moment = get_db(), now()
    return render_template(
        "desk/board_now.html", now=moment, names=_officer_names(), **_as_it_is_now(db, moment)
    )


def _as_it_is_now(db: Database, moment: datetime) -> dict[str, Any]:
    """Who needs attention and what waits, every officer, and where those on shift were last."""
    silent_after = timedelta(minutes=current_app.config["SILENT_MINUTES"])
    officers = boards.officers_now(db, moment, silent_after)
    on_shift = [row for row in officers if row["shift"]]
    today = london(moment).date()
    return {
        "officers": officers,
        "on_shift": on_shift,
        "silent": [row for row in officers if row["silent"]],
        "gaps": gaps.undecided(db),
        "answered": queries.answered(db),
        "due": due_now(db, today),
        "late": late_weeks(db, Week.of(moment - WEEKS_LOOKED_AT)),
        "doubles": doubles.to_decide(db, moment),
        "positions": maps.last_known(db, on_shift),
        "served": _served_version(today),
    }


def _served_version(today: date) -> str:
    """The version of the app that this server hands out. Working it out takes a while; the day, the
    catalogue and the settings change it."""
    kept = settings.layers_of(current_app).kept
    of = (today, catalogue.known().name, frozenset(kept.items()))
    known: tuple[Any, str] | None = current_app.extensions.get("fieldbook_version")
    if known is None or known[0] != of:
        known = current_app.extensions["fieldbook_version"] = (of, phone.version())
    return known[1]


def _day_asked(today: date) -> date:
    """The day in the address, today without one."""
    try:
        return day_in(request.args, today)
    except ValueError as error:
        abort(404, str(error))


def _officer_names() -> dict[str, str]:
    return {row["id"]: row["name"] for row in boards.officers(get_db())}


@blueprint.get("/held")
@at_the_desk
def held() -> str:
    """Every held page, and every gap."""
    db = get_db()
    pages = _pages_of(boards.how_many_held(db))
    page = min(page_in(request.args), pages)
    return render_template(
        "desk/held.html",
        now=now(),
        held=boards.held_pages(db, A_PAGE, (page - 1) * A_PAGE),
        gaps=gaps.standing(db),
        page=page,
        pages=pages,
    )


@blueprint.get("/patrols")
@at_the_desk
def patrols() -> tuple[str, int]:
    asked = Asked.read(request.args, london(now()).date())
    html = render_template(
        "desk/patrols.html",
        officers=boards.officers(get_db()),
        wards=catalogue.wards(),
        activities=catalogue.activities(),
        states=STATES,
        **_results(asked),
    )
    return html, 400 if asked.problems else 200


@blueprint.get("/patrols/results")
@at_the_desk
def patrol_results() -> Response:
    """The list alone, for htmx. It pushes the address of the whole page."""
    asked = Asked.read(request.args, london(now()).date())
    whole = patrols_address(asked, page=_later_page(asked))
    if not request.headers.get("HX-Request"):  # led back here after signing in
        return redirect(whole)
    if asked.problems:  # the whole page says what is wrong, at the fields
        return Response(status=204, headers={"HX-Redirect": whole})
    answer = make_response(render_template("desk/patrol_results.html", **_results(asked)))
    answer.headers["HX-Push-Url"] = whole
    return answer


def _results(asked: Asked) -> dict[str, Any]:
    """What the list of patrols shows; nothing while something asked cannot be understood."""
    db = get_db()
    total = 0 if asked.problems else counts.how_many_patrols(db, asked.span, asked.filters)
    asked.page = min(asked.page, _pages_of(total))
    found = counts.patrols_between(db, asked.span, asked.filters, A_PAGE, asked.offset)
    late = late_among(db, found)
    return {
        "asked": asked,
        "total": total,
        "pages": _pages_of(total),
        "patrols": [row | {"late": row["record"] in late} for row in found] if total else [],
        "spot": _spot(asked),
    }


def _pages_of(number: int) -> int:
    return max(1, -(-number // A_PAGE))


def _spot(asked: Asked) -> dict[str, Any] | None:
    """The one place that is asked for: its `name`, and its `record` if it is in the register; otherwise
    it is named as its officer described it."""
    if not asked.filters.spot:
        return None
    db, spot = get_db(), asked.filters.spot
    if row := one_row(db, "SELECT record, name FROM places WHERE record = ?", [spot]):
        return row
    here = counts.places_between(db, asked.span, asked.filters)
    return {"record": None, "name": here[0]["name"] if here else "a place without patrols"}


@blueprint.route("/notices", methods=["GET", "POST"])
@csrf.exempt  # it only reads, and must lead to signing in when the session has ended
@at_the_desk
def notices() -> Response | tuple[str, int]:
    """The register. What is searched for is posted: it is a name or a number, which no address has."""
    asked = _notices_asked()
    if request.method == "POST" and not asked.typed:
        return redirect(notices_address(asked, page=_later_page(asked)), 303)
    html = render_template(
        "desk/notices.html",
        unconfirmed=len(catalogue.unconfirmed(asked.today)),
        **register.choices(get_db()),
        **_notices_found(asked),
    )
    return html, 400 if asked.problems else 200


@blueprint.route("/notices/results", methods=["GET", "POST"])
@csrf.exempt
@at_the_desk
def notice_results() -> Response:
    """The list alone, for htmx. It pushes the address of the whole page, without what was typed."""
    asked = _notices_asked()
    whole = notices_address(asked, page=_later_page(asked))
    if not request.headers.get("HX-Request"):
        return redirect(whole, 303)
    if asked.problems.keys() - {"q"}:
        return Response(status=204, headers={"HX-Redirect": whole})
    answer = make_response(render_template("desk/notice_results.html", **_notices_found(asked)))
    answer.headers["HX-Push-Url"] = whole
    return answer


def _notices_asked() -> register.AskedNotices:
    posted = request.method == "POST"
    typed = request.form.get("q", "") if posted else ""
    today = london(now()).date()
    return register.AskedNotices.read(request.form if posted else request.args, typed, today)


def _notices_found(asked: register.AskedNotices) -> dict[str, Any]:
    """What the register shows; nothing while something asked cannot be understood."""
    db = get_db()
    total = 0 if asked.problems else register.how_many(db, asked)
    asked.page = min(asked.page, _pages_of(total))
    fate, book = books.fate(db, asked.number) if asked.number and not total else (None, None)
    return {
        "asked": asked,
        "total": total,
        "pages": _pages_of(total),
        "notices": register.found(db, asked) if total else [],
        "fate": fate,
        "meant": register.meant(db, asked.typed) if "q" in asked.problems else [],
        "on_paper": bool(book and book["paper"]),
        "followed": register.FOLLOWED,
    }


def _later_page(asked: Question) -> int | None:
    return asked.page if asked.page > 1 else None


@blueprint.get("/notices/not-issued")
@at_the_desk
def not_issued() -> str:
    """What officers wrote where a notice was begun and none given."""
    db = get_db()
    pages = _pages_of(outcomes.how_many(db))
    page = min(page_in(request.args), pages)
    rows = outcomes.latest(db, A_PAGE, (page - 1) * A_PAGE)
    return render_template("desk/not_issued.html", rows=rows, page=page, pages=pages)


@blueprint.get(f'/records/<regex("{UUID_PATTERN}"):record>')
@at_the_desk
def record(record: str) -> str | Response:
    found = history(get_db(), record)
    if found is None:
        abort(404, "No page about this record is in the central file.")
    if found.table in FOR_ADMINISTRATORS and current_user.role != ADMINISTRATOR:
        abort(403)
    if found.table in ("notices", "spoiled"):
        return _notice(found)
    if address := _page_of_its_own(found):
        return redirect(address)
    return render_template(
        "desk/record.html", found=found, elsewhere=wards.elsewhere(get_db(), found.row or {})
    )


def _page_of_its_own(found: History) -> str | None:
    """The address of what has a page of another shape than most records; a held one is shown as a record."""
    if found.table == "shifts":
        return url_for("desk.shift", record=found.record)
    if found.table == "team":
        return url_for("team.one", officer=found.record)
    row = found.row if found.row and found.row["state"] == "accepted" else {}
    addresses: dict[str | None, Callable[[], str]] = {
        "places": lambda: url_for("places.one", record=found.record),
        "settings": lambda: url_for("settings.one", name=row["setting"]),
        "ward_boundaries": lambda: url_for("wards.version", record=found.record),
        "published_weeks": lambda: url_for("weeks.week", name=row["week"]),
    }
    return addresses[found.table]() if row and found.table in addresses else None


def _notice(found: History) -> str:
    """One notice, or a number that was spoiled."""
    db = get_db()
    row = register.standing(db, found.record, london(now()).date())
    number = (row or found.row or {}).get("number")
    first = body_of(found.pages[0].row["body"]) or {}
    return render_template(
        "desk/record_notice.html",
        found=found,
        is_notice=row is not None,
        row=row or found.row,
        tags=register.tags(row) if row else None,
        limits=register.time_limits(row) if row else {},
        payments=register.payments(db, row["number"]) if row else [],
        other_on_paper=register.other_on_paper(first, row) if row else None,
        earlier=earlier.of(db, found.record, london(now()).date()),
        missing_ground=earlier.missing_ground(db, row) if row else [],
        also=[one for one in books.standing_with(db, number) if one != found.record],
        viewers=viewers(db, found.record),
        elsewhere=wards.elsewhere(db, row or found.row or {}),
        not_confirmed=_not_confirmed(found, row) if row else [],
    )


def _not_confirmed(found: History, row: dict[str, Any]) -> list[str]:
    """The figures that Legal had not confirmed when the notice came."""
    names = ("offence", "issued_at", "occurred_at", "pspo")
    with catalogue.as_known(found.pages[0].row["received_at"]):
        return rules.not_confirmed(row["kind"], {name: row[name] for name in names})


@blueprint.get(f'/notices/<regex("{UUID_PATTERN}"):record>.pdf')
@at_the_desk
def notice_pdf(record: str) -> Response:
    """A notice as it was handed over; `?large=1` for large print."""
    printed = paper.paper(get_db(), record)
    if printed is None:
        abort(404, "No page about this notice is in the central file.")
    try:
        data = paper.pdf(printed, london(now()).date(), large="large" in request.args)
    except paper.NoPaper as error:
        abort(error.code, str(error))
    return paper.answer(get_db(), data, record)


@blueprint.get(f'/shifts/<regex("{UUID_PATTERN}"):record>')
@at_the_desk
def shift(record: str) -> str | Response:
    found = history(get_db(), record)
    if found is None:
        abort(404, "No page about this shift is in the central file.")
    if found.table != "shifts":
        return redirect(url_for("desk.record", record=record))
    return shift_page(found)


@blueprint.get(f'/evidence/<regex("{SHA256_PATTERN}"):sha256>')
@at_the_desk
def evidence(sha256: str) -> Response:
    """A photo or signature, by the SHA-256 of its bytes; that it was shown is logged."""
    row = one_row(get_db(), "SELECT type FROM evidence WHERE sha256 = ?", [sha256])
    path = Store(Path(current_app.config["INSTANCE"]) / "evidence").path(sha256)
    if row is None or not path.exists():
        abort(404, "This photo has not been received.")
    log_views(get_db(), current_user.id, [sha256], now())
    return send_file(path, mimetype=row["type"])


@blueprint.app_template_global()
def patrols_address(asked: Asked, **changes: str | int | None) -> str:
    """The address of a list of patrols that differs from this one in some names."""
    return f"{url_for('desk.patrols')}?{urlencode(asked.address(**changes))}"


@blueprint.app_template_global()
def fragment_address(asked: Asked, page: int) -> str:
    return f"{url_for('desk.patrol_results')}?{urlencode(asked.address(page=page))}"


@blueprint.app_template_global()
def notices_address(asked: Question, **changes: str | int | None) -> str:
    """The address of a list of notices that differs from this one in some names."""
    query = urlencode(asked.address(**changes))
    return url_for("desk.notices") + (f"?{query}" if query else "")


@blueprint.app_template_global()
def notices_fragment(asked: Question, page: int) -> str:
    return f"{url_for('desk.notice_results')}?{urlencode(asked.address(page=page))}"
