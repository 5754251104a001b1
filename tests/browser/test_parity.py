"""The phone's checks and the server's give the same verdict on the same body."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from field_app.records import KINDS, check
from tests.browser.bodies import bodies, through_json
from tests.browser.engines import Launch
from tests.wire.client import Server

SEVERAL = 600
TEMPLATES = {
    "shift-start": "shift",
    "shift-end": "end-shift",
    "patrol": "patrol",
    "amendment": "amend-patrol",
}

WRITE = """async ([template, texts]) => {
  const forms = await import('/static/phone/forms.js');
  const screen = document.getElementById(template).content.firstElementChild.cloneNode(true);
  document.body.append(screen);
  const form = screen.querySelector('form');
  return texts.map((text) => {
    forms.fill(form, JSON.parse(text));
    return forms.check(form).length ? null : JSON.stringify(forms.read(form));
  });
}"""

CHECK = """async ([template, texts]) => {
  const forms = await import('/static/phone/forms.js');
  const screen = document.getElementById(template).content.firstElementChild.cloneNode(true);
  document.body.append(screen);
  const form = screen.querySelector('form');
  return texts.map((text) => {
    const problems = forms.checkBody(form, JSON.parse(text));
    return problems.map(({ field }) => field).sort();
  });
}"""


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_phone_and_server_find_the_same_fields_wrong(
    kind: str, server: Server, launch: Launch, tmp_path: Path
) -> None:
    made = [through_json(body) for body in bodies(kind, seed=7, several=SEVERAL)]
    page = launch("chromium", tmp_path / "profile").new_page()
    page.goto(f"http://127.0.0.1:{server.port}/")
    phone = page.evaluate(CHECK, [TEMPLATES[kind], [json.dumps(body) for body in made]])
    ours = [sorted(problem.field for problem in check(KINDS[kind], body).problems) for body in made]
    differing = [
        (body, here, there)
        for body, here, there in zip(made, ours, phone, strict=True)
        if here != there
    ]
    assert differing == []
    sound = sum(not fields for fields in ours)
    assert SEVERAL * 0.2 < sound < SEVERAL * 0.8, "the bodies are not a fair mixture"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_the_phone_would_save_is_sound_at_the_server(
    kind: str, server: Server, launch: Launch, tmp_path: Path
) -> None:
    texts = [json.dumps(body) for body in bodies(kind, seed=11, several=SEVERAL)]
    page = launch("chromium", tmp_path / "profile").new_page()
    page.goto(f"http://127.0.0.1:{server.port}/")
    written = [json.loads(text) for text in page.evaluate(WRITE, [TEMPLATES[kind], texts]) if text]
    assert [
        (body, check(KINDS[kind], body).problems)
        for body in written
        if check(KINDS[kind], body).problems
    ] == []
    assert len(written) > SEVERAL * 0.2
