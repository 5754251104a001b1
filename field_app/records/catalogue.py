"""What an administrator says of the catalogue: each page says all of one thing, from then on.

field_app/catalogue/changes.py lays them over the files.
"""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import SHA256_PATTERN, Choices, Day, Notes, Pence, Text, YesNo
from field_app.records.base import Record

CODE = r"[a-z0-9]+(-[a-z0-9]+)*|E05\d{6}"


class FigureConfirmed(Record):
    """Legal has confirmed a figure, a rule or words of the catalogue, as they stood then."""

    kind = "figure-confirmed"
    title = "Confirmation by Legal"
    table = "catalogue_changes"
    at_desk = True
    whole: ClassVar[bool] = True

    of_list = Text("List", longest=40, required=True)
    code = Text("Code", longest=80, pattern=CODE, required=True)
    edition = Day("In force from")
    said_sha256 = Text("SHA-256 of what it said", longest=64, pattern=SHA256_PATTERN, required=True)
    confirmed_by = Text(
        "Confirmed by",
        required=True,
        longest=100,
        hint="Who of Legal, with their post",
        wording={"required": "Say who confirmed it"},
    )
    document = Text(
        "On what document",
        required=True,
        longest=300,
        hint="The advice, decision or sealed order, by its reference",
        wording={"required": "Say on what document"},
    )
    confirmed_on = Day("On which day", required=True, past=True)
    taken_back = YesNo("No longer confirmed")


class AmountSet(Record):
    """What a notice asks for an offence committed from a day on."""

    kind = "amount-set"
    title = "Amount from a day on"
    table = "catalogue_changes"
    at_desk = True
    whole: ClassVar[bool] = True

    offence = Text("Offence", longest=80, pattern=CODE, required=True)
    starts = Day("From", required=True, hint="The first day of an offence that costs this")
    council_amount = Pence("Full amount", required=True)
    council_discount = Pence("If paid early", hint="Leave empty where nothing is taken off")
    minimum = Pence("Least that the law allows", hint="Leave empty where it names none")
    maximum = Pence("Most that the law allows", required=True)
    discount_floor = Pence("Least early payment that the law allows")
    decision = Text(
        "Who decided it, and where that stands",
        required=True,
        longest=300,
        wording={"required": "Say who decided it, and where that stands"},
    )
    taken_back = YesNo("Entered by mistake: it does not hold")


class OrderKept(Record):
    """A Public Spaces Protection Order, as it is known from this page on."""

    kind = "order"
    title = "Public Spaces Protection Order"
    table = "catalogue_changes"
    at_desk = True
    whole: ClassVar[bool] = True

    code = Text("Code", longest=80, pattern=CODE, required=True)
    label = Text("Short name", longest=80, required=True, hint="As officers choose it")
    full_title = Text("Title", longest=200, required=True, hint="As it is printed on a notice")
    made = Day("Made on", required=True, past=True)
    starts = Day("In force from", required=True)
    ends = Day("Last day", required=True, hint="At most 3 years on, unless it was extended")
    extended = YesNo("It was extended, so it may last for more than 3 years")
    whole_borough = YesNo("It holds in the whole borough")
    area_words = Text("Where it holds, in words", longest=300)
    area_points = Notes(
        "Corners of its area",
        longest=4_000,
        hint="If it is a simple shape: one corner a line, latitude and longitude. Phones then refuse a "
        "notice outside it",
    )
    articles = Notes(
        "What it forbids or asks",
        longest=4_000,
        required=True,
        hint="One article a line, in the words of the order",
        wording={"required": "Enter at least one article"},
    )
    alcohol_request = YesNo("Officers may ask for alcohol to be given up under it")
    decision = Text(
        "Where the order was read",
        longest=300,
        required=True,
        hint="The sealed copy, by its reference",
    )


class ListEntry(Record):
    """An entry of a plain list of the catalogue, as it is offered from this page on."""

    kind = "list-entry"
    title = "Entry of a list"
    table = "catalogue_changes"
    at_desk = True
    whole: ClassVar[bool] = True

    of_list = Text("List", longest=40, required=True)
    code = Text("Code", longest=80, pattern=CODE, required=True)
    label = Text("Words", longest=100, required=True)
    button = Text("Short name on the phone", longest=24)
    place_categories = Choices(
        "Proposed at", of="place_categories", hint="Kinds of place at which this activity is usual"
    )
    starts = Day("Offered from")
    ends = Day("Last day", hint="Leave empty while it is offered. What was chosen before stays")
