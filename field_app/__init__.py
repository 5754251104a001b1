"""Fieldbook: a pocket notebook that cannot lose a page, for community safety officers."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, current_app, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
)
from jinja2.utils import missing
from pysqlite3 import dbapi2 as sqlite3
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse

from field_app import (
    admin,
    api,
    auth,
    breakdowns_desk,
    cases,
    catalogue_desk,
    changes_desk,
    commands,
    database,
    decisions,
    demonstration,
    desk,
    health,
    invitations,
    keys_desk,
    letters,
    maps,
    overlay,
    payments_desk,
    phone,
    phones_desk,
    places_desk,
    prosecution,
    reviews,
    schema,
    search_desk,
    settings,
    settings_desk,
    statements,
    team_desk,
    wards_desk,
    weeks_desk,
)

ROOT = Path(__file__).resolve().parent.parent


class RegexConverter(BaseConverter):
    """`<regex("[0-9a-f]{64}"):name>` in a route."""

    def __init__(self, url_map: Any, pattern: str) -> None:
        super().__init__(url_map)
        self.regex = pattern


class UnknownName(Undefined):
    """A name that a template was never given is an error; what a mapping lacks is just not there,
    because the GOV.UK macros ask their `params` for every option they know."""

    def __new__(cls, hint: str | None = None, obj: Any = missing, *rest: Any, **more: Any) -> Any:
        kind = StrictUndefined if obj is missing and hint is None else Undefined
        return kind(hint, obj, *rest, **more)


def create_app(given: dict[str, Any] | None = None) -> Flask:
    """The application. Settings come from the environment (FIELDBOOK_…), then from `given`; those that
    neither says may be changed at the desk."""
    app = Flask(
        "field_app",
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="static",
    )
    app.config.from_mapping(settings.DEFAULTS)
    app.config.from_prefixed_env(_PREFIX.rstrip("_"))
    app.config.from_mapping(given or {})
    fixed = _said_outside(given or {})
    app.config["INSTANCE"] = Path(app.config["INSTANCE"] or ROOT / "instance").absolute()
    # The environment's values are read as JSON, so a key of digits would be a number.
    app.config["SECRET_KEY"] = str(app.config["SECRET_KEY"] or _secret(app.config["INSTANCE"]))
    app.config["SESSION_COOKIE_SECURE"] = app.config["HTTPS"]
    app.url_map.converters["regex"] = RegexConverter
    app.url_map.merge_slashes = False  # it would answer the wire with a redirect
    _prepare(app, fixed)
    app.teardown_appcontext(database.close_db)
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies)  # type: ignore[method-assign]
    _templates(app)
    _extensions(app)
    for module in (
        auth,
        api,
        phone,
        desk,
        weeks_desk,
        breakdowns_desk,
        keys_desk,
        reviews,
        decisions,
        cases,
        payments_desk,
        admin,
        places_desk,
        catalogue_desk,
        wards_desk,
        health,
        statements,
        prosecution,
        letters,
        invitations,
        team_desk,
        settings_desk,
        search_desk,
        changes_desk,
        phones_desk,
    ):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(HTTPException, _trouble)
    app.before_request(_newest_settings)
    app.before_request(_know_the_catalogue)
    app.after_request(_safe_headers)
    commands.register(app)
    return app


def _said_outside(given: dict[str, Any]) -> frozenset[str]:
    """The settings that the environment says, or who makes the app; an empty one says nothing."""
    said = {
        name.removeprefix(_PREFIX): value
        for name, value in os.environ.items()
        if name.startswith(_PREFIX)
    }
    return frozenset(name for name, value in (said | given).items() if value != "")


_PREFIX = "FIELDBOOK_"


def _prepare(app: Flask, fixed: frozenset[str]) -> None:
    """A ruined file must not keep `restore` from running; /health/ready says that it is ruined."""
    path = database.path_of(app)
    invented = False
    try:
        schema.prepare(path)
        invented = database.is_demonstration(path)
    except sqlite3.DatabaseError as error:
        app.logger.critical(
            "The central file cannot be used (%s). Restore a backup: docs/deployment.md", error
        )
    if invented and not app.config["PAYEE"]:
        app.config |= {
            name: said for name, said in demonstration.COUNCIL.items() if name not in fixed
        }
    if app.config["REFUSE_UNCONFIRMED"] == "":
        app.config["REFUSE_UNCONFIRMED"] = not invented
    settings.arrange(app, fixed)
    with suppress(sqlite3.DatabaseError):
        settings.refresh_from(app, path)


def _newest_settings() -> None:
    """What an administrator has changed meanwhile; a file that cannot be read changes nothing."""
    if request.endpoint not in ("static", "health.live"):
        with suppress(sqlite3.DatabaseError, database.DatabaseTrouble):
            settings.refresh(current_app, database.get_db())


def _know_the_catalogue() -> None:
    """What an administrator changed holds for the next request, in every process."""
    if request.endpoint in ("static", "phone.module") or request.blueprint == "health":
        return
    with suppress(sqlite3.DatabaseError):  # ruined: the phone's app is handed out all the same
        overlay.use(database.get_db())


def _secret(instance: Path) -> str:
    """The key that signs sessions and tokens: made once, beside the file and not in it, so that a
    restored file still knows its phones."""
    path = instance / "secret-key"
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        made = instance / f"secret-key.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(made, path)  # whole or not at all, and the first worker process wins
        made.unlink()
    return path.read_text()


def _templates(app: Flask) -> None:
    app.jinja_env.undefined = UnknownName
    # The GOV.UK macros say these as Nunjucks does.
    app.jinja_env.globals |= dict.fromkeys(("undefined", "null"), Undefined())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_loader = ChoiceLoader([FileSystemLoader(str(ROOT / "templates")), govuk])


def _extensions(app: Flask) -> None:
    auth.login_manager.init_app(app)
    auth.csrf.init_app(app)
    auth.limiter.init_app(app)
    phone.compress.init_app(app)
    app.view_functions["static"] = phone.compress.compressed()(app.view_functions["static"])


def _trouble(error: HTTPException) -> BaseResponse | tuple[str, int]:
    """What a person or a phone is told when something is not there, not allowed, or broke."""
    code = error.code or 500
    if _is_call(request):
        return api.http_trouble(error)
    if code == 405 and request.method in ("GET", "HEAD"):
        return redirect(_page_of_form(request.path))
    shown = 401 if isinstance(error, CSRFError) else code
    return render_template("error.html", code=shown, said=error.description), code


def _page_of_form(path: str) -> str:
    """The page on which a form stands, by the address to which it is only sent."""
    pages = current_app.create_url_adapter(request)
    while path := path.rpartition("/")[0]:
        if pages and pages.test(path, "GET"):
            return path
    return "/"


def _is_call(request: Request) -> bool:
    return request.path.startswith("/api/")


def _tiles_at_the_desk() -> str:
    """Where the desk's maps may get their pictures, besides here."""
    origin = maps.tiles_origin(current_app.config["MAP_TILES"])
    return f" {origin}" if origin and request.path.startswith("/desk") else ""


def _safe_headers(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' blob: data:{_tiles_at_the_desk()}; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return answer


__all__ = ["create_app"]
