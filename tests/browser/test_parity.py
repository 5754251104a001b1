"""The phone's checks and the server's give the same verdict on the same body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from field_app.fields import BLANK, Declared, Text, not_given
from field_app.fold import check_all
from field_app.records import KINDS, SENT, Record, check
from tests.browser.bodies import Body, bodies, through_json
from tests.browser.engines import Launch
from tests.wire.client import Server

SEVERAL = 600
TEMPLATES = {
    "shift-start": "shift",
    "shift-end": "end-shift",
    "patrol": "patrol",
    "fpn": "fpn",
    "cpw": "cpw",
    "cpn": "cpn",
    "served": "issued",
    "not-issued": "not-issued",
    "photos-added": "photos-added",
    "answer": "answer",
    "amendment": "amend",
}

WRITTEN = datetime(2026, 11, 22, 14, tzinfo=UTC)
SAVED = WRITTEN.isoformat()

TRY = """async ([template, written, texts, which = 'form']) => {
  const forms = await import('/static/phone/forms.js');
  await (await import('/static/phone/screens.js')).bringScreens();
  const { shut } = await import('/static/phone/rules.js');
  const screen = document.getElementById(template).content.firstElementChild.cloneNode(true);
  document.body.append(screen);
  const form = screen.querySelector(which);
  return texts.map((text) => {
    forms.fill(form, JSON.parse(text));
    const gates = form.dataset.gated === undefined ? undefined : shut;
    const wrong = forms.check(form, new Date(written), undefined, gates);
    return JSON.stringify([wrong.map(({ field }) => field), forms.read(form)]);
  });
}"""


def several(kind: str) -> int:
    """Notices have the most to disagree about."""
    return 1_000 if KINDS[kind].gated else SEVERAL


def test_every_kind_is_tried_that_a_phone_can_write() -> None:
    assert set(SENT) - set(TEMPLATES) == {"spoiled"}


@pytest.fixture(scope="module")
def asking(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks every question, the severe-weather one too."""
    folder = copytree(made, tmp_path_factory.mktemp("asking") / "instance")
    started = Server(folder, SWEP="true").start()
    yield started
    started.stop()


def given(field: Declared, value: Any) -> Any:
    """A value as a form can hold it: None for what is not given, lists in any order."""
    blank = isinstance(field, Text) and isinstance(value, str) and not value.strip(BLANK)
    if not_given(value) or blank:
        return None
    if isinstance(value, str):
        return re.sub(r"\r\n?", "\n", value)
    return sorted(map(json.dumps, value)) if isinstance(value, list) else value


def unsaid(form: type[Record], body: Body, said: Body) -> set[str]:
    """The fields of a body that the form could not hold, and so does not accept."""
    return {
        field.name
        for field in form.fields()
        if given(field, body.get(field.name)) != given(field, said.get(field.name))
    }


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_phone_and_server_find_the_same_fields_wrong(
    kind: str, asking: Server, launch: Launch, tmp_path: Path
) -> None:
    made = [through_json(body) for body in bodies(kind, seed=7, several=several(kind))]
    page = launch("chromium", tmp_path / "profile").new_page()
    page.goto(asking.address)
    tried = page.evaluate(TRY, [TEMPLATES[kind], SAVED, [json.dumps(body) for body in made]])
    differing, sound = [], 0
    for body, answer in zip(made, tried, strict=True):
        wrong, said = json.loads(answer)
        there = set(wrong) | unsaid(KINDS[kind].form_for(body), body, said)
        here = {problem.field for problem in check(KINDS[kind], body, WRITTEN).problems}
        sound += not here
        # Where the form lost a place, it does not ask for an address beside it.
        if bool(here) != bool(there) or (here ^ there) - {"address"}:
            differing.append((body, here, there))
    assert differing == []
    assert several(kind) * 0.2 < sound < several(kind) * 0.8, "the bodies are not a fair mixture"


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_what_the_phone_would_save_is_sound_at_the_server(
    kind: str, asking: Server, launch: Launch, tmp_path: Path
) -> None:
    texts = [json.dumps(body) for body in bodies(kind, seed=11, several=SEVERAL)]
    page = launch("chromium", tmp_path / "profile").new_page()
    page.goto(asking.address)
    tried = [json.loads(answer) for answer in page.evaluate(TRY, [TEMPLATES[kind], SAVED, texts])]
    written = [said for wrong, said in tried if not wrong]
    assert [
        (body, check(KINDS[kind], body, WRITTEN).problems)
        for body in written
        if check(KINDS[kind], body, WRITTEN).problems
    ] == []
    assert len(written) > SEVERAL * 0.2


def test_phone_and_server_find_the_same_fields_wrong_in_a_shift_that_is_amended(
    asking: Server, launch: Launch, tmp_path: Path
) -> None:
    starts, ends = (bodies(kind, 13, SEVERAL) for kind in ("shift-start", "shift-end"))
    texts = [json.dumps(one | other) for one, other in zip(starts, ends, strict=True)]
    page = launch("chromium", tmp_path / "profile").new_page()
    page.goto(asking.address)
    which = "form[data-kind=shift-start]"
    answers = page.evaluate(TRY, ["amend-shift-start", SAVED, texts, which])
    differing, early, future = [], 0, 0
    for wrong, said in map(json.loads, answers):
        problems = check_all(KINDS["shift-start"], said, WRITTEN).problems
        early += any(problem.rule == "not-before" for problem in problems)
        future += any(problem.rule == "future" for problem in problems)
        if "ended_at" in said and {problem.field for problem in problems} != set(wrong):
            differing.append((said, problems, wrong))
    assert differing == []
    assert early > SEVERAL * 0.2, "too few shifts end before they began"
    assert future > SEVERAL * 0.1, "too few shifts lie in the future"
