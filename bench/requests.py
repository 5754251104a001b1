"""A request to every address of the wire and the desk, against a small central file."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import uuid
from datetime import datetime
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient

from field_app import auth, catalogue, numbers, rules
from field_app.breakdowns import BREAKDOWNS
from field_app.database import connect, insert, path_of, writing
from field_app.notebook import seal_of, write_at_desk
from field_app.times import Week, london, moment_text, now

PASSWORD = "invented for the benchmark"  # noqa: S105 - of a file that is thrown away
WARD, NOBODY = "E05013665", str(uuid.UUID(int=9))
PHOTO = b"\xff\xd8\xff an invented photo"
SHA256 = hashlib.sha256(PHOTO).hexdigest()
NOTICE_FILTERS = (
    {"officer": NOBODY},
    {"offence": "litter"},
    {"kind": "cpw"},
    {"state": "payment ended"},
    {"followed": "passed"},
    {"from": "2026-01-01", "to": "2026-12-31"},
)
WEEK_FILES = (".csv", ".xlsx", ".json", "/open-data.csv")
TYPED = (numbers.number("CF26", 326000), "example street")
FILTERS = (
    {"officer": NOBODY},
    {"ward": WARD},
    {"activity": "weapon-sweep"},
    {"place": "example"},
    {"at": "1 example street"},
    {"state": "held"},
    {"joint": "1"},
    {"category": "synagogue"},
    {"hours": "09-12"},
    {"outcome": "referral-made"},
    {"support": "outreach"},
    {"from": "2026-01-01", "to": "2026-12-31"},
)


def ask_everything(app: Flask) -> None:
    """Every address at least once, and every filter of the lists."""
    asked: set[str | None] = set()
    app.before_request(lambda: asked.add(request.endpoint))
    _make_people(app)
    phone = Phone(app.test_client())
    phone.ask()
    _ask_desk(app.test_client(), *phone.records)
    _ask_for_papers(app, phone.penalty)
    _ask_administrator(app, phone.id)
    _keep_places(app)
    _ask_for_cases(app, phone.penalty)
    _ask_for_wards(app)
    _ask_for_the_catalogue(app)
    _review(app, *phone.records[:2])
    _run_the_team(app)
    _decide(app, phone.id, phone.records[1])
    missing = {
        rule.endpoint for rule in app.url_map.iter_rules() if _is_ours(rule.endpoint)
    } - asked
    assert not missing, f"bench/requests.py does not ask for {sorted(missing)} yet"


def _is_ours(endpoint: str) -> bool:
    ours = ("api", "auth", "desk", "admin", "health", "statements", "prosecution", "letters")
    desk = ("keys", "breakdowns", "cases", "payments", "weeks", "reviews")
    team = ("team", "invitations", "settings", "search", "changes", "phones", "places", "decisions")
    lists = ("wards", "law")
    return endpoint.partition(".")[0] in (*ours, *desk, *team, *lists)


def _make_people(app: Flask) -> None:
    db = connect(path_of(app))
    with writing(db):
        for role in auth.ROLES:
            hashed = auth.passwords.hash(PASSWORD)
            row = {"id": str(uuid.uuid4()), "username": role, "name": f"Invented {role}"}
            insert(db, "officers", row | {"role": role, "password_hash": hashed})
    db.conn.close()


def _sign_in(client: FlaskClient, username: str) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
    assert token, "the sign-in page has a CSRF token"
    form = {"username": username, "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/sign-in", data=form).status_code == 302


def _csrf(client: FlaskClient) -> str:
    return str(json.loads(client.get("/api/v1/me").text)["csrf"])


class Phone:
    """A notebook with a shift, a patrol with a photo, its amendment, a held page, a held notice
    a household waste notice, and an early page."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.id, self.at = client, str(uuid.uuid4()), now()
        self.records = [str(uuid.uuid4()) for _ in range(3)]
        self.penalty = str(uuid.uuid4())
        self.pages: list[dict[str, Any]] = []
        shift, patrol, notice = self.records
        self.write("shift-start", shift, {"started_at": moment_text(self.at)})
        self.write("patrol", patrol, _patrol(self.at, shift))
        self.write("amendment", patrol, {"reason": "Example", "changes": {"notes": "Amended"}})
        self.write("patrol", str(uuid.uuid4()), _patrol(self.at, shift) | {"ward": "nowhere"})
        self.write("cpn", notice, {"warning": patrol})
        self.write("fpn", self.penalty, _penalty(self.at))
        self.write("shift-end", str(uuid.uuid4()), {"ended_at": moment_text(self.at)})

    def write(self, kind: str, record: str, body: dict[str, Any]) -> None:
        previous, number = self.pages[-1]["seal"] if self.pages else self.id, len(self.pages) + 1
        said = (kind, record, moment_text(self.at), json.dumps(body))
        names = ("kind", "record", "written_at", "body", "page", "previous", "seal")
        seal = seal_of(previous, number, *said)
        self.pages.append(dict(zip(names, (*said, number, previous, seal), strict=True)))

    def ask(self) -> None:
        """Open the notebook, send everything, read everything back."""
        _sign_in(self.client, auth.OFFICER)
        csrf = {"X-CSRFToken": _csrf(self.client)}
        here = f"/api/v1/notebooks/{self.id}"
        opened = self.client.put(here, json={"phone": {}}, headers=csrf)
        token = {"Authorization": f"Bearer {json.loads(opened.text)['token']}"}
        for _ in range(2):
            sent = self.client.post(f"{here}/pages", json={"pages": self.pages}, headers=token)
            assert sent.status_code == 201, sent.text
            photo = token | {"Content-Type": "image/jpeg"}
            self.client.put(f"{here}/evidence/{SHA256}", data=PHOTO, headers=photo)
        self.client.head(f"{here}/evidence/{SHA256}", headers=token)
        for rest in (here, f"{here}/pages?after=1", f"{here}/inbox?after=1", "/api/v1/reference"):
            assert self.client.get(rest, headers=token).status_code == 200, rest
        for rest in ("/api/v1/openapi.json", "/api/v9", "/health/live", "/health/ready"):
            self.client.get(rest)


def _patrol(at: datetime, shift: str) -> dict[str, Any]:
    return {
        "activity": "faith-reassurance",
        "shift": shift,
        "started_at": moment_text(at),
        "ended_at": moment_text(at),
        "address": "1 Example Street",
        "ward": WARD,
        "outcomes": ["nothing-unusual"],
        "photos": [{"sha256": SHA256, "taken_at": moment_text(at)}],
    }


def _penalty(at: datetime) -> dict[str, Any]:
    body: dict[str, Any] = {
        "number": numbers.number("CF26", 326001),
        "issued_at": moment_text(at),
        "occurred_at": moment_text(at),
        "offence": "household-waste",
        "basis": "reported",
        "particulars": "Example",
        "proportionate": "Example",
        "caution": "given",
        "caution_at": moment_text(at),
        "address": "1 Example Street",
        "ward": WARD,
        "recipient": "person",
        "recipient_name": "Alex Invented",
        "recipient_address": "9 Sample Road",
        "identity": "known",
        "age": "18-over",
        "age_checked": "plain",
        "vulnerability": ["none-seen"],
        "authorisation": "Example",
        "photos": [{"sha256": SHA256, "taken_at": moment_text(at)}],
    }
    points = next(one.points for one in catalogue.offences() if one.code == body["offence"])
    body["points"] = {point.code: "Example" for point in points}
    due = rules.facts(body)["due"]
    names = ("amount", "discount", "discount_until", "pay_by")
    return body | {name: due[name] for name in names if due[name] is not None}


def _ask_for_papers(app: Flask, record: str) -> None:
    """The officer signs the statement; a team leader makes the file, and sends letters and the copy."""
    officer, here = app.test_client(), f"/statements/{record}"
    _sign_in(officer, auth.OFFICER)
    csrf, name = {"csrf_token": _csrf(officer)}, {"signed_name": f"Invented {auth.OFFICER}"}
    for form, path in (({"statement": "Example"}, here), (name, f"{here}/sign")):
        page = officer.get(path).text
        seen = re.search(r'name="seen" value="([^"]*)"', page)
        assert seen, path
        said = csrf | form | {"seen": seen[1]}
        assert officer.post(path, data=said).status_code == 303, path
    for path in ("/statements", here):
        assert officer.get(path).status_code == 200, path
    leader, desk = app.test_client(), f"/desk/notices/{record}"
    _sign_in(leader, auth.TEAM_LEADER)
    csrf = {"csrf_token": _csrf(leader)}
    today = london(now()).date().isoformat()
    for path in ("letters", "letters/notice.pdf", "prosecution.pdf"):
        assert leader.get(f"{desk}/{path}").status_code == 200, path
    for path, field in (("letters/notice", "posted_on"), ("copies", "agency_copy_on")):
        said = csrf | {field: today} | _seen(leader, f"/desk/records/{record}")
        assert leader.post(f"{desk}/{path}", data=said).status_code == 303, path


def _ask_desk(client: FlaskClient, shift: str, patrol: str, notice: str) -> None:
    _sign_in(client, auth.TEAM_LEADER)
    week = f"/desk/count/{Week.of(now())}"
    one = [f"/desk/records/{patrol}", f"/desk/shifts/{shift}", f"/desk/evidence/{SHA256}"]
    one.append(f"/desk/notices/{notice}.pdf")
    for address in ("/desk", "/desk/held", *one, week, f"{week}.csv", f"{week}/places"):
        assert client.get(address).status_code == 200, address
    client.get("/desk/count")
    assert client.get("/desk/board/now", headers={"HX-Request": "true"}).status_code == 200
    _ask_for_counts(client)
    for asked in ({}, *FILTERS, {"week": str(Week.of(now()))}):
        assert client.get("/desk/patrols", query_string=asked).status_code == 200, asked
        client.get("/desk/patrols/results", query_string=asked, headers={"HX-Request": "true"})
    _ask_register(client)
    csrf = {"X-CSRFToken": _csrf(client)}
    client.post("/sign-out", headers=csrf)


def _ask_for_counts(client: FlaskClient) -> None:
    """Publish the week that ended last; the patrols of some days."""
    week = f"/desk/count/{Week.of(now()).previous()}"
    page = client.get(week).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen, week
    said = {"csrf_token": _csrf(client), "follows": "0", "seen": seen[1]}
    assert client.post(f"{week}/publish", data=said).status_code == 303
    for asked in ({}, {"activity": "weapon-sweep"}, {"ward": WARD, "with_police": "yes"}):
        for address in ("/desk/count/period", "/desk/count/period.csv"):
            assert client.get(address, query_string=asked).status_code == 200, asked
    for address in (week, *(f"{week}{rest}" for rest in WEEK_FILES), f"{week}/versions/1"):
        assert client.get(address).status_code == 200, address
    for code in BREAKDOWNS:
        for of in (week, "/desk/count/period"):
            for rest in ("", ".csv"):
                assert client.get(f"{of}/by/{code}{rest}").status_code == 200, code
    _ask_with_a_key(client)
    for rest in ("places", "places?hours=09-12", "shifts", "shifts?open=yes"):
        assert client.get(f"/desk/count/period/{rest}").status_code == 200, rest


def _ask_with_a_key(client: FlaskClient) -> None:
    """A key is made, reads the week that ended last, and is withdrawn."""
    here, record = "/desk/keys", str(uuid.uuid4())
    said = {"csrf_token": _csrf(client), "record": record, "purpose": "Example"}
    key = re.search(r'class="key">([^<]+)<', client.post(here, data=said).text)
    assert key
    bearer = {"Authorization": f"Bearer {key[1]}"}
    week = Week.of(now()).previous()
    assert client.get(f"/api/v1/counts/{week}", headers=bearer).status_code == 200
    assert client.get(f"{here}/{record}/withdraw").status_code == 200
    said |= {"withdrawn_reason": "Example"}
    assert client.post(f"{here}/{record}/withdraw", data=said).status_code == 303
    assert client.get(here).status_code == 200


def _ask_register(client: FlaskClient) -> None:
    htmx = {"HX-Request": "true"}
    for asked in ({}, *NOTICE_FILTERS):
        assert client.get("/desk/notices", query_string=asked).status_code == 200, asked
        client.get("/desk/notices/results", query_string=asked, headers=htmx)
    for typed in TYPED:
        assert client.post("/desk/notices", data={"q": typed}).status_code == 200, typed
    for typed in ("", *TYPED, NOBODY, "2026-W47", "22 November 2026"):
        assert client.post("/desk/search", data={"q": typed}).status_code == 200, typed
    for address in ("/desk/law", "/desk/notices/not-issued", "/desk/search"):
        assert client.get(address).status_code == 200, address


def _ask_administrator(app: Flask, phone: str) -> None:
    client, here = app.test_client(), "/desk/admin"
    officer, record = _an_authorisation(app)
    _sign_in(client, auth.ADMINISTRATOR)
    csrf = {"csrf_token": _csrf(client)}
    end, withdraw = f"/authorisations/{officer}/{record}/end", f"/phones/{phone}/withdraw"
    said = csrf | {"document": "Example", "starts": "2026-01-01", "powers": "epa-88"}
    said |= {"record": str(uuid.uuid4())}
    assert client.post(f"{here}/authorisations/{officer}", data=said).status_code == 303
    lent = client.post(
        f"{here}/paper/lend", data=csrf | {"lend-officer": officer, "lend-kind": "cpw"}
    )
    assert lent.status_code == 303
    pages = ("", "/books", "/phones", "/orders", "/authorisations", "/paper", end, withdraw)
    addresses = [f"{here}{page}" for page in (*pages, f"/authorisations/{officer}")]
    for address in (*addresses, lent.location):
        assert client.get(address).status_code == 200, address
    series, first = lent.location.split("/")[-2:]
    number = csrf | {"number": numbers.number(series, int(first))}
    assert client.post(f"{here}/paper/notice", data=number).status_code == 200
    said = number | {"issued_at": "2026-01-01T10:00"}
    entered = client.post(f"{here}/paper/notice/entered", data=said)
    assert entered.status_code == 303
    amend = f"{here}/paper/notice/{entered.location.split('/')[-1]}/amend"
    said |= {"reason": "Example"} | _seen(client, amend)
    assert client.post(amend, data=said).status_code == 400  # little is known of this notice
    said = csrf | {"ends": "2026-01-02", "ended_reason": "Example"}
    assert client.post(f"{here}{end}", data=said | _seen(client, here + end)).status_code == 303
    said = csrf | {"withdrawn_reason": "Example", "confirmed": "yes"}
    assert client.post(f"{here}{withdraw}", data=said).status_code == 303


def _run_the_team(app: Flask) -> None:
    """Somebody is added, sets a password, is renamed, leaves, and comes back."""
    client, here = app.test_client(), "/desk/admin/officers"
    _sign_in(client, auth.ADMINISTRATOR)
    csrf, record = {"csrf_token": _csrf(client)}, str(uuid.uuid4())
    said = {"name": "Example", "username": "example", "role": "officer", "record": record}
    said |= {"invitation": str(uuid.uuid4())}
    link = _link(client.post(f"{here}/add", data=csrf | said).text)
    for address in (here, f"{here}/add", f"{here}/{record}", f"{here}/{record}/password", link):
        assert client.get(address).status_code == 200, address
    set_now = {"password": PASSWORD, "again": PASSWORD}
    assert client.post(link, data=csrf | set_now).status_code == 200
    for way in ("change", "leave", "return"):
        page = f"{here}/{record}/{way}"
        sent = csrf | {"name": "Example again", "role": "officer"} | _seen(client, page)
        assert client.post(page, data=sent).status_code == 303, page
    setting = "/desk/admin/settings/COUNCIL"
    said = csrf | {"value": "Example"} | _seen(client, setting)
    assert client.post(setting, data=said).status_code == 303
    for page in ("settings", "changes", "changes?kind=setting", "changes?kind=officer&page=2"):
        assert client.get(f"/desk/admin/{page}").status_code == 200, page
    again = csrf | {"invitation": str(uuid.uuid4())}
    assert _link(client.post(f"{here}/{record}/password", data=again).text)


def _link(page: str) -> str:
    found = re.search(r'value="https?://[^/]+(/invitation/[^"]+)"', page)
    assert found, "the page shows an invitation"
    return found[1]


def _keep_places(app: Flask) -> None:
    """One place by hand, retired and brought back; one out of a file; the list with every filter."""
    client, here = app.test_client(), "/desk/admin/places"
    _sign_in(client, auth.ADMINISTRATOR)
    csrf, record = {"csrf_token": _csrf(client)}, str(uuid.uuid4())
    said = csrf | {"name": "Example Hall", "category": "church", "ward": WARD, "record": record}
    added = client.post(f"{here}/add", data=said | {"position": "51.5, -0.14"})
    assert added.status_code == 303
    one = f"{here}/{record}"
    for address in (f"{here}/add", f"{here}/file", f"{here}.csv", one, f"{one}/change"):
        assert client.get(address).status_code == 200, address
    for doing in ("retire", "bring-back"):
        seen = _seen(client, one)
        assert client.post(f"{one}/{doing}", data=csrf | seen).status_code == 303, doing
    kept = base64.b64encode(f"Name,Ward,Category\nExample,{WARD},church\n".encode()).decode()
    page = client.post(f"{here}/file", data=csrf | {"kept": kept})
    digest = re.search(r'name="digest" value="([^"]+)"', page.text)
    assert digest, page.text
    said = csrf | {"kept": kept, "digest": digest[1], "record": str(uuid.uuid4())}
    assert client.post(f"{here}/file", data=said).status_code == 303
    for asked in ({}, {"q": "hall"}, {"category": "church"}, {"ward": WARD}, {"state": "in-use"}):
        assert client.get(here, query_string=asked).status_code == 200, asked


def _ask_for_cases(app: Flask, penalty: str) -> None:
    """One payment by hand and one out of a file, that one matched and set aside; a representation."""
    client = app.test_client()
    _sign_in(client, auth.TEAM_LEADER)
    csrf, payments = {"csrf_token": _csrf(client)}, "/desk/payments"
    paid = {"number": "Example", "amount": "1", "paid_on": "2026-01-01", "source": "post"}
    paid |= {"payment_reference": "Example", "keep": "yes", "record": str(uuid.uuid4())}
    assert client.post(f"{payments}/enter", data=csrf | paid).status_code == 303
    kept = base64.b64encode(b"number,amount,paid_on\nCF26,2,2026-01-01\n").decode()
    columns = {f"column-{name}": name for name in ("number", "amount", "paid_on")}
    said = csrf | columns | {"kept": kept}
    for more, status in (({"choose": "yes"}, 200), ({}, 200), ({"take": "yes"}, 303)):
        assert client.post(f"{payments}/file", data=said | more).status_code == status, more
    one = f"{payments}/{paid['record']}"
    for address in (payments, f"{payments}/enter?notice={penalty}", one, "/desk/due"):
        assert client.get(address).status_code == 200, address
    said = csrf | {"number": TYPED[0], "match_reason": "Example"}
    client.post(f"{one}/match", data=said | _seen(client, one))
    back = {"paid_back": "1", "paid_back_on": "2026-01-02", "paid_back_proof": "Example"}
    posted = client.post(f"{one}/paid-back", data=csrf | back | _seen(client, one))
    assert posted.status_code == 303
    aside = csrf | {"dismissed_reason": "Example"} | _seen(client, one)
    assert client.post(f"{one}/set-aside", data=aside).status_code == 303
    step = f"/desk/notices/{penalty}/representation"
    said = csrf | {"grounds": "Example", "represented_on": london(now()).date().isoformat()}
    client.post(step, data=said | _seen(client, step))


def _ask_for_wards(app: Flask) -> None:
    """A boundary file with every ward, squares in a row, is taken into use."""
    client, here = app.test_client(), "/desk/admin/wards"
    _sign_in(client, auth.ADMINISTRATOR)
    csrf = {"csrf_token": _csrf(client)}
    squares = [
        {
            "type": "Feature",
            "properties": {"code": ward.code},
            "geometry": {"type": "Polygon", "coordinates": [_square(nth / 100)]},
        }
        for nth, ward in enumerate(catalogue.wards())
    ]
    said = json.dumps({"type": "FeatureCollection", "features": squares}).encode()
    form = csrf | {"source": "Example", "file": (io.BytesIO(said), "example.geojson")}
    kept = re.search(r'name="kept" value="([^"]+)"', client.post(f"{here}/file", data=form).text)
    assert kept
    assert client.post(f"{here}/take", data=csrf | {"kept": kept[1]}).status_code == 303
    page = client.get(here).text
    version = re.search(rf'href="({here}/[0-9a-f-]+)"', page)
    assert version
    for address in (version[1], "/desk/wards.geojson"):
        assert client.get(address).status_code == 200, address


def _ask_for_the_catalogue(app: Flask) -> None:
    """A figure is confirmed, and that taken back; an amount, an order and an outcome are added."""
    client, here = app.test_client(), "/desk/law"
    _sign_in(client, auth.ADMINISTRATOR)
    csrf, today = {"csrf_token": _csrf(client)}, london(now()).date().isoformat()
    figure = re.search(r'name="figure" [^>]*value="(wards[^"]+)"', client.get(here).text)
    assert figure
    by = {"confirmed_by": "Example", "document": "Example", "confirmed_on": today}
    said = csrf | by | {"figure": html.unescape(figure[1])}
    assert client.post(f"{here}/confirm", data=said).status_code == 303
    _, code, edition, _ = figure[1].split("|")
    one = f"{here}/figures/wards/{code}?from={edition}"
    assert client.post(one, data=csrf | _seen(client, one)).status_code == 303
    amount = {
        "starts": "2099-01-01",
        "council_amount": "100",
        "maximum": "200",
        "decision": "Example",
    }
    order = {
        "label": "Example",
        "full_title": "Example",
        "made": today,
        "starts": today,
        "ends": today,
    }
    order |= {"whole_borough": "yes", "articles": "Example", "decision": "Example"}
    new = {
        "amounts/litter": amount,
        "orders/new": order,
        "lists/outcomes/new": {"label": "Example"},
    }
    for path, body in new.items():
        form = {"record": str(uuid.uuid4()), "seen": ""}
        assert client.post(f"{here}/{path}", data=csrf | form | body).status_code == 303, path
    kept = re.search(rf'href="({here}/amounts/litter/[^"]+)"', client.get(f"{here}/amounts").text)
    assert kept
    pages = ("all", "lists", "lists/outcomes", "lists/outcomes/entries/example", "orders/dogs-2023")
    for address in (kept[1], *(f"{here}/{page}" for page in pages)):
        assert client.get(address).status_code == 200, address


def _square(east: float) -> list[list[float]]:
    corners = ((0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01), (0, 0))
    return [[round(east + x, 2), 51 + y] for x, y in corners]


def _review(app: Flask, shift: str, patrol: str) -> None:
    """A question is asked and closed; the shift, which has a held page, is not signed off."""
    client = app.test_client()
    _sign_in(client, auth.TEAM_LEADER)
    csrf, record = {"csrf_token": _csrf(client)}, f"/desk/records/{patrol}"
    for form, said in (("query", {"question": "Example"}), ("close", {})):
        found = re.search(rf'href="(/desk/[^"]+/{form}[^"]*)"', client.get(record).text)
        assert found, form
        posted = client.post(found[1], data=csrf | said | _seen(client, found[1]))
        assert posted.status_code == 303, form
    for address in ("/desk", "/desk/shifts", f"/desk/shifts/{shift}"):
        assert client.get(address).status_code == 200, address
    assert client.post(f"/desk/shifts/{shift}/sign-off", data=csrf).status_code == 400


def _decide(app: Flask, notebook: str, patrol: str) -> None:
    """Pages of a phone are lost for ever; two patrols may be one."""
    client, gap = app.test_client(), f"/desk/gaps/{notebook}/{SHA256}"
    db = connect(path_of(app))
    lost = {"notebook": notebook, "after_page": 90, "before_page": 92, "previous": SHA256}
    with writing(db):
        insert(db, "gaps", lost | {"recorded_at": moment_text(now())})
    db.conn.close()
    _sign_in(client, auth.TEAM_LEADER)
    csrf = {"csrf_token": _csrf(client)}
    assert client.get(gap).status_code == 200
    assert client.post(gap, data=csrf | {"lost_reason": "Example"}).status_code == 303
    assert client.get("/desk/doubles").status_code == 200
    decided = client.post(f"/desk/doubles/{patrol}/{NOBODY}", data=csrf | {"decision": "two"})
    assert decided.status_code == 404


def _seen(client: FlaskClient, address: str) -> dict[str, str]:
    """What a form says of the last page that it had seen."""
    found = re.search(r'name="seen" value="([^"]+)"', client.get(address).text)
    return {"seen": found[1] if found else ""}


def _an_authorisation(app: Flask) -> tuple[str, str]:
    """An officer, and the record of a written authorisation of theirs."""
    db, record = connect(path_of(app)), str(uuid.uuid4())
    people = {row["role"]: row["id"] for row in db.query("SELECT role, id FROM officers")}
    officer = people[auth.OFFICER]
    said = {"granted_to": officer, "powers": ["epa-88"], "document": "Example"}
    with writing(db):
        body = said | {"starts": "2026-01-01"}
        write_at_desk(db, people[auth.ADMINISTRATOR], "authorisation", record, body, now())
    db.conn.close()
    return officer, record
