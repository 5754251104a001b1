"""Every setting, its default and its meaning. Each can be set as `FIELDBOOK_<NAME>` in the environment."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, tuple[Any, str]] = {
    "INSTANCE": (
        "",
        "The folder with the central file, evidence and backups; instance/ when empty.",
    ),
    "SECRET_KEY": ("", "Signs sessions and tokens; made once in the instance folder when empty."),
    "HTTPS": (False, "true when people reach Fieldbook over HTTPS: cookies are then sent only so."),
    "PROXIES": (
        0,
        "How many reverse proxies stand in front: a person's address and HTTPS are read from what they say.",
    ),
    "BUSY_SECONDS": (
        10,
        "How long a write waits for another one before the phone is asked to retry.",
    ),
    "SIGN_IN_LIMIT": ("20 per minute", "Tries to sign in, per address."),
    "WIRE_LIMIT": ("600 per minute", "Calls of the wire, per notebook and worker process."),
    "COUNT_LIMIT": ("60 per minute", "Calls for the count, per key and worker process."),
    "COUNCIL": ("the council", "The council’s name, as notices print it."),
    "PAYEE": ("", "To whom fixed penalties are paid; without it no notice is offered (R4)."),
    "PAYEE_ADDRESS": ("", "The postal address at which they may be paid."),
    "PAYMENT_LINK": (
        "",
        "Where they may be paid on line, as notices print it, and as a QR code; `{number}` in it "
        "becomes the notice’s number; none when empty.",
    ),
    "APPEAL_COURT": (
        "",
        "The magistrates’ court that hears appeals against a Community Protection Notice, as notices "
        "print it.",
    ),
    "CONTACT": ("", "Where to ask about a notice, as notices print it; none when empty."),
    "REFUSE_UNCONFIRMED": (
        "",
        "true: no notice on what Legal has not confirmed; when empty, false in demonstration data only.",
    ),
    "NOTIFY_API_KEY": (
        "",
        "The key of the council’s account at GOV.UK Notify, which posts letters; none when empty.",
    ),
    "NOTIFY_ADDRESS": (
        "https://api.notifications.service.gov.uk",
        "Where GOV.UK Notify answers.",
    ),
    "OPEN_DATA_SMALLEST": (
        5,
        "The smallest number that the open data say; smaller ones are suppressed.",
    ),
    "SILENT_MINUTES": (
        20,
        "An officer on shift whose phone was not heard from for longer is silent, and stands first on "
        "the board.",
    ),
    "MAP_TILES": (
        "",
        "Where the desk’s maps get their pictures, such as `https://tiles.council.example/{z}/{x}/{y}.png`, "
        "from one origin; none when empty: the maps then show positions alone, and ask no other origin.",
    ),
    "MAP_ATTRIBUTION": (
        "",
        "Whose the pictures of the maps are, as their licence asks it to be said.",
    ),
    "SWEP": (False, "true while the severe-weather protocol is on: its question is asked."),
}

DEFAULTS: dict[str, Any] = {name: default for name, (default, _) in SETTINGS.items()} | {
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
