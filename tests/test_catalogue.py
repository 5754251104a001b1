"""The catalogue: what its files say, and what happens when one of them is malformed."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from field_app import catalogue
from field_app.catalogue import CatalogueError, Entry
from field_app.fields import Choice
from field_app.records import KINDS
from field_app.records.notice import Cpn, Cpw, Fpn

FILES = Path(catalogue.__file__).parent
TODAY = date(2026, 11, 22)


def test_there_are_eight_activities() -> None:
    assert [activity.code for activity in catalogue.activities()] == [
        "faith-reassurance",
        "street-trading",
        "rough-sleeping",
        "antisocial-behaviour",
        "enviro-crime",
        "evening-safety",
        "weapon-sweep",
        "joint-operation",
    ]


def test_there_are_twenty_wards_in_one_run_of_codes() -> None:
    codes = [ward.code for ward in catalogue.wards()]
    assert codes == [f"E050{number}" for number in range(13652, 13672)]


def test_no_ward_is_confirmed_and_each_says_how_sure_it_is() -> None:
    wards = catalogue.wards()
    assert {ward.confirmed for ward in wards} == {False}
    assert [ward.label for ward in wards if ward.sure == "K"] == [
        "Bloomsbury",
        "Camden Square",
        "Camden Town",
        "Highgate",
        "Kentish Town North",
        "King's Cross",
        "Regent's Park",
    ]
    assert {ward.sure for ward in wards} == {"K", "S2"}


def test_every_list_that_the_forms_ask_for_is_there_and_no_other() -> None:
    named = json.loads((FILES / "lists.json").read_text())["lists"]
    columns = [field for kind in KINDS.values() for field in kind.columns().values()]
    asked = {field.of for field in columns if isinstance(field, Choice)}
    in_files_of_their_own = set(catalogue.names()) - set(named)
    assert set(named) == asked - in_files_of_their_own


def test_what_the_first_release_leaves_out_is_not_offered() -> None:
    lists = catalogue.read(FILES)
    offered = [entries for name, entries in lists.items() if name != "gates"]
    labels = [entry.label for entries in offered for entry in entries]
    left_out = re.compile(
        "smok|idling|noise|household|seiz|confiscat|remov|belongings|begging", re.I
    )
    assert [label for label in labels if left_out.search(label)] == []


def test_a_contact_has_a_role_and_never_a_faith() -> None:
    labels = " ".join(entry.label for entry in catalogue.entries("contact_roles")).lower()
    faiths = ("rabbi", "imam", "vicar", "priest", "jew", "muslim", "christian", "hindu", "sikh")
    assert [faith for faith in faiths if faith in labels] == []


def test_an_entry_is_in_force_on_its_first_and_last_day() -> None:
    entry = Entry(code="a", label="A", starts=date(2026, 1, 2), ends=date(2026, 1, 4))
    days = [date(2026, 1, day) for day in range(1, 6)]
    assert [entry.in_force(day) for day in days] == [False, True, True, True, False]


def test_an_entry_without_dates_is_always_in_force() -> None:
    assert Entry(code="a", label="A").in_force(date(1999, 1, 1))


def test_a_code_is_shown_in_words() -> None:
    assert catalogue.label("moods", "tense") == "Tense"


def test_a_code_that_no_list_knows_is_shown_as_it_is() -> None:
    assert catalogue.label("moods", "angry") == "angry"


def test_a_list_that_is_not_there_is_named() -> None:
    with pytest.raises(CatalogueError, match="There is no list called colours; there are activ"):
        catalogue.entries("colours")


def test_every_category_of_place_proposes_an_activity() -> None:
    proposed = {
        category: activity.code
        for activity in reversed(catalogue.activities())  # the phone takes the first that fits
        for category in activity.place_categories
    }
    assert proposed == {
        "synagogue": "faith-reassurance",
        "mosque": "faith-reassurance",
        "church": "faith-reassurance",
        "temple": "faith-reassurance",
        "gurdwara": "faith-reassurance",
        "other-faith": "faith-reassurance",
        "priority-location": "faith-reassurance",
        "market": "street-trading",
        "estate": "antisocial-behaviour",
        "park": "antisocial-behaviour",
        "high-street": "enviro-crime",
        "transport-hub": "antisocial-behaviour",
        "night-time-area": "evening-safety",
        "street-activity-spot": "rough-sleeping",
        "business": "enviro-crime",
        "waste-spot": "enviro-crime",
    }


Change = Callable[[Any], object]


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        (
            "wards.json",
            lambda whole: whole.pop("source"),
            "wards.json: it does not say its source.",
        ),
        ("wards.json", lambda whole: whole.pop("entries"), 'wards.json: there is no "entries".'),
        (
            "place_categories.json",
            lambda whole: whole["entries"].clear(),
            "place_categories.json: it is not a list with entries.",
        ),
        (
            "activities.json",
            lambda whole: whole["entries"][1].pop("label"),
            "activities.json, entry 2 (street-trading): label is missing.",
        ),
        (
            "activities.json",
            lambda whole: whole["entries"][1].update(label=" "),
            "activities.json, entry 2 (street-trading): label must be words, not ' '.",
        ),
        (
            "activities.json",
            lambda whole: whole["entries"][0].update(code="Faith"),
            "activities.json, entry 1 (Faith): "
            "code must be lower-case words joined by hyphens, not 'Faith'.",
        ),
        (
            "activities.json",
            lambda whole: whole["entries"][0].update(colour="red"),
            "activities.json, entry 1 (faith-reassurance): nothing reads 'colour'.",
        ),
        (
            "activities.json",
            lambda whole: whole["entries"][0].update(place_categories=["lighthouse"]),
            "activities.json (faith-reassurance): place_categories.json has no lighthouse.",
        ),
        (
            "activities.json",
            lambda whole: whole["entries"][0].update(place_categories="church"),
            "activities.json, entry 1 (faith-reassurance): "
            "place_categories must be a list of codes, not 'church'.",
        ),
        (
            "wards.json",
            lambda whole: whole["entries"][0].update(confirmed="no"),
            "wards.json, entry 1 (E05013652): confirmed must be true or false, not 'no'.",
        ),
        (
            "lists.json",
            lambda whole: whole["lists"]["moods"].append({"code": "calm", "label": "Again"}),
            "lists.json, moods, entry 4: the code calm is there twice.",
        ),
        (
            "lists.json",
            lambda whole: whole["lists"]["moods"].append("angry"),
            "lists.json, moods, entry 4: it is not an object.",
        ),
        (
            "lists.json",
            lambda whole: whole["lists"]["moods"][0].update(starts="2026-02-30"),
            "lists.json, moods, entry 1 (calm): "
            "starts must be a day like 2026-11-22, not '2026-02-30'.",
        ),
        (
            "lists.json",
            lambda whole: whole["lists"]["moods"][0].update(starts="2026-02-02", ends="2026-02-01"),
            "lists.json, moods, entry 1 (calm): it ends before it starts.",
        ),
    ],
)
def test_a_malformed_file_is_named_with_its_entry(
    tmp_path: Path, file: str, change: Change, said: str
) -> None:
    folder = shutil.copytree(FILES, tmp_path / "catalogue")
    whole = json.loads((folder / file).read_text())
    change(whole)
    (folder / file).write_text(json.dumps(whole))
    with pytest.raises(CatalogueError) as caught:
        catalogue.read(folder)
    assert str(caught.value) == said


def test_a_file_that_is_not_json_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(FILES, tmp_path / "catalogue")
    (folder / "lists.json").write_text("{")
    with pytest.raises(CatalogueError, match=r"^lists\.json cannot be read: "):
        catalogue.read(folder)


def test_phrases_answer_what_is_asked() -> None:
    asked = {name for kind in (Fpn, Cpw, Cpn) for names in kind.STEPS.values() for name in names}
    fields = {answered for answered in catalogue.phrases() if "." not in answered}
    assert fields <= asked


@pytest.mark.parametrize(
    ("phrases", "said"),
    [
        ({"litter.nothing": ["A"]}, "offences.json has no litter.nothing"),
        ({"litter.item": "A"}, "litter.item is not a list of words"),
        ({"litter.item": [""]}, "litter.item is not a list of words"),
    ],
)
def test_phrases_that_answer_nothing_are_refused(
    tmp_path: Path, phrases: dict[str, Any], said: str
) -> None:
    file = tmp_path / "phrases.json"
    file.write_text(json.dumps({"source": "Invented", "phrases": phrases}))
    with pytest.raises(catalogue.CatalogueError, match=said):
        catalogue.read_phrases(file)
