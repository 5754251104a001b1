"""One box for everything a role may see: what is typed, and where it stands.

What is typed may be somebody's name, so it is posted, and never stands in an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database

from field_app import books, catalogue, counts, notices, numbers, settings, team, words
from field_app.auth import ADMINISTRATOR, at_the_desk, csrf, kept_nowhere
from field_app.board import officers
from field_app.database import all_rows, get_db
from field_app.fields import clean
from field_app.fold import columns_of
from field_app.notices import plain
from field_app.records import KINDS
from field_app.times import Week, london, london_day, moment_text, now

FIRST = 10
"""How many of each group are shown; the rest is in the list that the group leads to."""
PATROLS_OF = timedelta(days=28)
"""How far back the words of patrols are looked through: all of them would take too long."""
LONGEST = 200
SHORTEST_BEGINNING = 8
"""Letters of an id or seal; the desk shows as many."""
_MOST_WORDS = 10

blueprint = Blueprint("search", __name__, url_prefix="/desk/search")
blueprint.after_request(kept_nowhere)


class Found(NamedTuple):
    """One thing that was found: its name, what is said of it, and its address."""

    text: str
    said: str
    href: str


@dataclass(frozen=True)
class Group:
    """What was found of one sort: the first of `total`; `more` is the address of the full list, to which
    what was typed is posted where `posted`. `note` is said where nothing can be found."""

    title: str
    found: list[Found]
    total: int = 0
    more: str | None = None
    posted: bool = False
    note: str = ""


@dataclass
class Search:
    """What somebody asks, and who they are: nobody finds what their role may not see."""

    db: Database
    typed: str
    now: datetime
    administrator: bool
    words: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = plain(self.typed).split()[:_MOST_WORDS]

    @property
    def today(self) -> date:
        return london(self.now).date()

    def fits(self, *texts: str | None) -> bool:
        """Whether every word that was typed stands in these texts."""
        text = plain(" ".join(one for one in texts if one))
        return all(word in text for word in self.words)


@blueprint.route("", methods=["GET", "POST"])
@csrf.exempt  # it only reads, and must lead to signing in when the session has ended
@at_the_desk
def results() -> str:
    typed = clean(request.form.get("q", "")).strip()[:LONGEST]
    administrator = current_user.role == ADMINISTRATOR
    groups = list(searched(typed, administrator=administrator)) if typed else []
    return render_template("desk/search.html", typed=typed, groups=groups, first=FIRST)


def searched(typed: str, *, administrator: bool) -> Iterator[Group]:
    """Every group in which something was found, or something is to be said."""
    asked = Search(get_db(), typed, now(), administrator)
    for look in LOOKS:
        group = look(asked)
        if group.found or group.note:
            yield group


def _days(asked: Search) -> Group:
    """A week, or a day, as people write them."""
    title = "Weeks and days"
    name = re.sub(
        r"[\s-]*w(eek)?\s*(\d\d?)$", lambda m: f"-W{int(m[2]):02}", asked.typed, flags=re.I
    )
    try:
        return Group(title, [_week(Week.parse(name.strip()))], 1)
    except ValueError:
        pass
    day = read_day(asked.typed, asked.today)
    if day is None:
        return Group(title, [])
    spoken, one = words.day(day), f"?from={day}&to={day}"
    found = [
        Found(f"The board of {spoken}", "Shifts and patrols", url_for("desk.board", day=day)),
        Found(f"Patrols of {spoken}", "", url_for("desk.patrols") + one),
        Found(f"Notices of {spoken}", "", url_for("desk.notices") + one),
        _week(Week(day - timedelta(days=day.weekday()))),
    ]
    return Group(title, found, len(found))


def _week(week: Week) -> Found:
    return Found(f"Weekly count {week}", words.week(week), url_for("weeks.week", name=week))


def read_day(typed: str, today: date) -> date | None:
    """The day that somebody means: 2026-11-22, 22/11/2026, 22 November 2026, 22 Nov; None for none."""
    text = re.sub(r"[.,]|(?<=\d)(st|nd|rd|th)\b", "", typed.strip().lower())
    text = re.sub(r"^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\s+", "", text)
    if re.fullmatch(r"\d\d?\s+[a-z]+", text):
        text += f" {today.year}"
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if 2000 <= day.year < 2200 else None
    return None


def _notices(asked: Search) -> Group:
    title = "Notices"
    register = notices.AskedNotices.read({}, asked.typed, asked.today)
    if wrong := register.problems.get("q"):
        return Group(title, [], note=wrong)
    if not register.number and not asked.words:
        return Group(title, [])
    rows = notices.found(asked.db, register)
    found = [_notice(row) for row in rows[:FIRST]]
    if not found and register.number:
        fate, _ = books.fate(asked.db, register.number)
        shown = numbers.shown(register.number)
        said = books.fate_sentence(fate) if fate else f"{shown}: never lent, and on no notice here"
        return Group(title, [], note=f"{said}.")
    total = notices.how_many(asked.db, register)
    return Group(title, found, total, url_for("desk.notices"), posted=True)


def _notice(row: dict[str, Any]) -> Found:
    number = numbers.shown(row["number"]) if row["number"] else "No number"
    state = ", ".join(said for said, _ in row["tags"])
    said = [row["what"], row["recipient_name"], row["place_name"], state]
    return Found(
        number, " · ".join(one for one in said if one), url_for("desk.record", record=row["record"])
    )


def _people(asked: Search) -> Group:
    """Officers; for an administrator everybody, by username too."""
    if asked.administrator:
        rows = [one for one in team.everybody(asked.db) if asked.fits(one["name"], one["username"])]
        found = [
            Found(one["name"], one["username"], url_for("team.one", officer=one["id"]))
            for one in rows
        ]
        return Group("Officers", found[:FIRST], len(rows), url_for("team.everybody"))
    rows = [one for one in officers(asked.db) if asked.fits(one["name"])]
    found = [
        Found(one["name"], "Patrols of four weeks", url_for("desk.patrols", officer=one["id"]))
        for one in rows
    ]
    return Group("Officers", found[:FIRST], len(rows))


def _places(asked: Search) -> Group:
    rows = [
        row
        for row in all_rows(
            asked.db,
            "SELECT record, name, address, ward, retired FROM places WHERE state = 'accepted' "
            "ORDER BY retired, name",
        )
        if asked.fits(row["name"], row["address"])
    ]
    found = [
        Found(
            row["name"],
            " · ".join(
                one
                for one in (
                    row["address"],
                    catalogue.label("wards", row["ward"]),
                    "No longer in use" if row["retired"] else "",
                )
                if one
            ),
            url_for("desk.patrols", at=row["record"]),
        )
        for row in rows[:FIRST]
    ]
    return Group("Places and the patrols there", found, len(rows))


def _patrols(asked: Search) -> Group:
    """What officers wrote on the patrols of four weeks."""
    title = f"Patrols of {PATROLS_OF.days} days, by their words"
    if not any(len(word) > 2 for word in asked.words):
        return Group(title, [])
    asked.db.conn.create_function("plain", 1, plain, deterministic=True)
    written = ", ".join(f'"{name}"' for name in _words_of_patrols())
    fits = " AND ".join(f"instr(written, :word{n})" for n in range(len(asked.words)))
    rows = all_rows(
        asked.db,
        f"SELECT record FROM (SELECT record, started_at, plain(concat_ws(' ', {written})) AS written "
        "FROM patrols WHERE started_at >= :since AND state <> 'entered in error') "
        f"WHERE {fits} ORDER BY started_at DESC",
        {f"word{n}": word for n, word in enumerate(asked.words)}
        | {"since": moment_text(london_day(asked.today - PATROLS_OF)[0])},
    )
    shown = counts.these_patrols(asked.db, [row["record"] for row in rows[:FIRST]])
    return Group(title, [_patrol(row) for row in shown], len(rows))


def _words_of_patrols() -> list[str]:
    """The columns of a patrol in which an officer writes freely."""
    free = ("text", "notes")
    return [name for name, one in columns_of("patrols").items() if one.data_type in free]


def _patrol(row: dict[str, Any]) -> Found:
    activity = catalogue.label("activities", row["activity"]) if row["activity"] else "Patrol"
    began = row["started_at"]
    said = [row["place_name"], row["officer_name"]]
    return Found(
        f"{words.short_day(began)}, {words.clock(began)}: {activity}",
        " · ".join(one for one in said if one),
        url_for("desk.record", record=row["record"]),
    )


def _pages(asked: Search) -> Group:
    """A record by its id, a page by its seal; their beginning is enough."""
    title, begins = "Records and pages", asked.typed.lower().removeprefix("seal").strip()
    if not re.fullmatch(rf"[0-9a-f-]{{{SHORTEST_BEGINNING},64}}", begins):
        return Group(title, [])
    rows = all_rows(
        asked.db,
        "SELECT record, kind, page, seal, written_at, officers.name FROM pages "
        "JOIN notebooks ON notebooks.id = pages.notebook "
        "JOIN officers ON officers.id = notebooks.officer "
        "WHERE record >= ?1 AND record < ?2 OR seal >= ?1 AND seal < ?2 "
        "ORDER BY written_at DESC, seal LIMIT 200",
        [begins, f"{begins}~"],
    )
    seen = [row for row in rows if asked.administrator or not _for_administrators(row["kind"])]
    found = [
        Found(
            f"{_title(row['kind'])}, page {row['page']}",
            f"{row['name']} · {words.moment_in_words(row['written_at'])} · seal {row['seal'][:12]}",
            url_for("desk.record", record=row["record"]),
        )
        for row in seen[:FIRST]
    ]
    return Group(title, found, len(seen))


def _for_administrators(kind: str) -> bool:
    return kind in KINDS and KINDS[kind].for_administrators


def _title(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else kind


def _law(asked: Search) -> Group:
    """Offences, and the figures of law that wait for Legal."""
    offences = [one for one in catalogue.offences() if asked.fits(one.label, one.code)]
    found = [
        Found(one.label, "Notices for it", url_for("desk.notices", offence=one.code))
        for one in offences
    ]
    waiting = [one for one in catalogue.unconfirmed(asked.today) if asked.fits(one.label, one.code)]
    found += [
        Found(one.label, f"Awaits confirmation ({one.file})", url_for("law.overview"))
        for one in waiting
    ]
    return Group("Offences and figures of law", found[:FIRST], len(found), url_for("law.overview"))


def _settings(asked: Search) -> Group:
    if not asked.administrator:
        return Group("Settings", [])
    fitting = [
        (name, one)
        for name, one in settings.SETTINGS.items()
        if one.at_desk and asked.fits(one.label, name, one.meaning)
    ]
    found = [
        Found(one.label, one.meaning, url_for("settings.one", name=name)) for name, one in fitting
    ]
    return Group("Settings", found[:FIRST], len(found), url_for("settings.every"))


LOOKS = (_days, _notices, _people, _places, _pages, _law, _settings, _patrols)
