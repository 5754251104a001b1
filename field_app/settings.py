"""Every setting, its default and its meaning. Each can be set as `FIELDBOOK_<NAME>` in the environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from flask import Flask
from sqlite_utils import Database

from field_app.database import all_rows, connect

Value = str | int | bool


class Wrong(ValueError):
    """A value that a setting cannot have; the sentence says what it can be."""


@dataclass(frozen=True)
class Setting:
    """One setting. `meaning` is for whoever sets it.

    Those that change what notices and phones say, and not how the machine is run, are `at_desk`: an
    administrator changes them there, unless the environment says them. `how` is the kind of value:
    text, number, yes-no, or address (of a page, over HTTPS).
    """

    default: Value
    meaning: str
    how: str = "text"
    label: str = ""
    at_desk: bool = False
    secret: bool = False
    least: int = 0
    most: int = 0

    def read(self, typed: str) -> Value:
        """The value that somebody typed, or a page keeps. Wrong when it is none."""
        text = typed.strip()
        reading: dict[str, Callable[[str], Value]] = {
            "yes-no": self._yes_no,
            "number": self._number,
            "address": self._address,
        }
        return reading.get(self.how, str)(text)

    def _yes_no(self, text: str) -> bool:
        if text not in ("yes", "no"):
            raise Wrong("Select yes or no")
        return text == "yes"

    def _number(self, text: str) -> int:
        said = f"Enter a whole number from {self.least:,} to {self.most:,}"
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
            raise Wrong(said)
        if not self.least <= int(text) <= self.most:
            raise Wrong(said)
        return int(text)

    def _address(self, text: str) -> str:
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        placeholders = set(re.findall(r"\{[^}]*\}?|\}", text))
        sound = parts.scheme == "https" and parts.hostname and not re.search(r"\s", text)
        if not sound or "@" in parts.netloc or "{" in parts.netloc:
            raise Wrong("Enter an address that begins with https://")
        if not placeholders <= set(self.placeholders):
            names = " and ".join(self.placeholders)
            raise Wrong(f"Only {names} may stand in braces" if names else "Leave out the braces")
        return text

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What the address may leave open, as its meaning names it."""
        return tuple(re.findall(r"\{\w+\}", self.meaning))


SETTINGS: dict[str, Setting] = {
    "INSTANCE": Setting(
        "",
        "The folder with the central file, evidence and backups; instance/ when empty.",
    ),
    "SECRET_KEY": Setting(
        "",
        "Signs sessions and tokens; made once in the instance folder when empty.",
        secret=True,
    ),
    "HTTPS": Setting(
        False,
        "Whether people reach Fieldbook over HTTPS: cookies are then sent only so.",
        "yes-no",
    ),
    "PROXIES": Setting(
        0,
        "How many reverse proxies stand in front: a person's address and HTTPS are read from what they say.",
        "number",
    ),
    "BUSY_SECONDS": Setting(
        10,
        "How long a write waits for another one before the phone is asked to retry.",
        "number",
    ),
    "SIGN_IN_LIMIT": Setting("20 per minute", "Tries to sign in, per address."),
    "WIRE_LIMIT": Setting("600 per minute", "Calls of the wire, per notebook and worker process."),
    "COUNT_LIMIT": Setting("60 per minute", "Calls for the count, per key and worker process."),
    "COUNCIL": Setting(
        "the council",
        "The council’s name, as notices print it.",
        label="Name of the council",
        at_desk=True,
    ),
    "PAYEE": Setting(
        "",
        "To whom fixed penalties are paid; without it no notice is offered (R4).",
        label="Payee",
        at_desk=True,
    ),
    "PAYEE_ADDRESS": Setting(
        "",
        "The postal address at which they may be paid.",
        label="Payee’s address",
        at_desk=True,
    ),
    "PAYMENT_LINK": Setting(
        "",
        "Where they may be paid on line, as notices print it, and as a QR code; `{number}` in it "
        "becomes the notice’s number; none when empty.",
        "address",
        label="Payment link",
        at_desk=True,
    ),
    "APPEAL_COURT": Setting(
        "",
        "The magistrates’ court that hears appeals against a Community Protection Notice, as notices "
        "print it.",
        label="Appeal court",
        at_desk=True,
    ),
    "CONTACT": Setting(
        "",
        "Where to ask about a notice, as notices print it; none when empty.",
        label="Contact",
        at_desk=True,
    ),
    "REFUSE_UNCONFIRMED": Setting(
        "",
        "Whether notices on what Legal has not confirmed are refused; when empty, they are, but in "
        "demonstration data.",
        "yes-no",
        label="Refuse what is not confirmed",
        at_desk=True,
    ),
    "NOTIFY_API_KEY": Setting(
        "",
        "The key of the council’s account at GOV.UK Notify, which posts letters; none when empty.",
        secret=True,
    ),
    "NOTIFY_ADDRESS": Setting(
        "https://api.notifications.service.gov.uk",
        "Where GOV.UK Notify answers.",
        "address",
    ),
    "OPEN_DATA_SMALLEST": Setting(
        5,
        "The smallest number that the open data say; smaller ones are suppressed.",
        "number",
        label="Smallest number of the open data",
        at_desk=True,
        least=3,
        most=100,
    ),
    "SILENT_MINUTES": Setting(
        20,
        "An officer on shift whose phone was not heard from for longer is silent, and stands first on "
        "the board.",
        "number",
        label="Minutes until a phone is silent",
        at_desk=True,
        least=5,
        most=240,
    ),
    "MAP_TILES": Setting(
        "",
        "Where the desk’s maps get their pictures, such as `https://tiles.council.example/{z}/{x}/{y}.png`, "
        "from one origin; none when empty: the maps then show positions alone, and ask no other origin.",
    ),
    "MAP_ATTRIBUTION": Setting(
        "", "Whose the pictures of the maps are, as their licence asks it to be said."
    ),
    "SWEP": Setting(
        False,
        "Whether the severe-weather protocol is on: its question is asked then.",
        "yes-no",
        label="Severe-weather protocol (SWEP)",
        at_desk=True,
    ),
}
AT_DESK = tuple(name for name, one in SETTINGS.items() if one.at_desk)

DEFAULTS: dict[str, Any] = {name: one.default for name, one in SETTINGS.items()} | {
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page left open must still work
    "RATELIMIT_HEADERS_ENABLED": True,
    # Only what is said to be compressed is (the phone's files): a page that mixes what somebody sent
    # with a secret, compressed, gives the secret away by its length.
    "COMPRESS_REGISTER": False,
    "COMPRESS_BR_LEVEL": 11,  # a phone fetches a version once
    "COMPRESS_ALGORITHM": ["br", "gzip"],
    "COMPRESS_ALGORITHM_STREAMING": ["br", "deflate"],
}


@dataclass
class Layers:
    """Where an app's settings come from: `fixed` are those that its environment says; `otherwise` is what
    each of AT_DESK says while the desk says nothing; `kept` is what the desk said when it was last asked,
    as text."""

    fixed: frozenset[str]
    otherwise: dict[str, Value]
    kept: dict[str, str] = field(default_factory=dict)


def layers_of(app: Flask) -> Layers:
    layers: Layers = app.extensions["fieldbook_settings"]
    return layers


def arrange(app: Flask, fixed: frozenset[str]) -> None:
    """Remember what the settings are before the desk is asked."""
    otherwise = {name: app.config[name] for name in AT_DESK}
    app.extensions["fieldbook_settings"] = Layers(fixed, otherwise)


def refresh(app: Flask, db: Database) -> None:
    """Have `app.config` say what the desk says now. Each worker process does so before each request:
    a change needs no restart."""
    layers = layers_of(app)
    rows = all_rows(db, "SELECT setting, value FROM settings WHERE state = 'accepted'")
    kept = {row["setting"]: row["value"] for row in rows if row["value"] is not None}
    if kept == layers.kept:
        return
    for name in AT_DESK:
        if name not in layers.fixed and kept.get(name) != layers.kept.get(name):
            app.config[name] = _value(layers, name, kept.get(name))
    layers.kept = kept


def refresh_from(app: Flask, file: Path) -> None:
    """The same, at the start, when no request has opened the central file."""
    db = connect(file)
    with closing(db.conn):
        refresh(app, db)


def _value(layers: Layers, name: str, text: str | None) -> Value:
    """What a page said may break a rule that came later: then it says nothing."""
    try:
        return layers.otherwise[name] if text is None else SETTINGS[name].read(text)
    except Wrong:
        return layers.otherwise[name]


def record_of(name: str) -> str:
    """The record that the pages about a setting are about."""
    return str(uuid5(NAMESPACE_URL, f"fieldbook:setting:{name}"))
