"""The trade's own field types.

One declared field carries everything about itself: how a person fills it in (the GOV.UK component and
the constraints the browser checks), how a body from the wire is checked, which column it fills, and
its JSON Schema. The sentences a person reads when it is wrong stand here too, once, for phone and server.

A body's value that is absent, null, false, "" or [] is *not given*.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, ClassVar

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import Length, NumberRange, Regexp, StopValidation, ValidationError

from field_app import catalogue, numbers
from field_app.times import (
    DAY_PATTERN,
    MOMENT_PATTERN,
    Week,
    is_moment,
    london,
    moment_text,
    read_moment,
)

UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SHA256_PATTERN = r"[0-9a-f]{64}"
# What JavaScript's trim() takes off; Python's strip() would take off other characters.
BLANK = (
    "\t\n\v\f\r \u00a0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

JsonSchema = dict[str, Any]


def not_given(value: Any) -> bool:
    """True for what counts as no answer at all."""
    return value is None or value is False or value in ("", [])


def clean(text: str) -> str:
    """Text as it may stand in a column: control characters and lone surrogates shown as U+FFFD.

    The page keeps them as they were written.
    """
    return _UNKEEPABLE.sub("\ufffd", text)


class NotBefore:
    """This moment may not be before the one in another field, of the same page or of an earlier one."""

    def __init__(self, other: str) -> None:
        self.other = other

    def __call__(self, form: BaseForm, field: Declared) -> None:
        begun = form[self.other].data if self.other in form else None
        if begun is not None and field.data < begun:
            raise ValidationError(field.wording["not-before"])


class NotInFuture:
    """This moment may not be after the one at which the phone wrote the page, by the same clock."""

    def __call__(self, form: BaseForm, field: Declared) -> None:
        if field.data > vars(form)["written_at"]:
            raise ValidationError(field.wording["future"])


class NotAfterToday:
    """This day may not be after London's, when the page was written."""

    def __call__(self, form: BaseForm, field: Declared) -> None:
        if field.data > london(vars(form)["written_at"]).date().isoformat():
            raise ValidationError(field.wording["future"])


class Ended:
    """This week had ended when the page was written."""

    def __call__(self, form: BaseForm, field: Declared) -> None:
        if Week.parse(field.data).ends > vars(form)["written_at"]:
            raise ValidationError(field.wording["future"])


class AsSaid:
    """What was counted is as many as the total beside it says, and has the checksum beside it."""

    def __call__(self, form: BaseForm, field: Declared) -> None:
        said = form["total"].data, form["checksum"].data
        if said != (len(field.data), checksum_of(field.data)):
            raise ValidationError(field.wording["differs"])


class Declared(Field):
    """A field of a record.

    `read` turns a body's JSON value into Python or raises ValueError; `column` says what the table
    keeps; `schema` is the JSON Schema of the value.
    """

    sql: ClassVar[str] = "TEXT"
    shown_as: ClassVar[str] = "input"
    unseen = False
    """Filled in by the phone itself."""
    data_type: ClassVar[str] = "text"
    sentences: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        label: str,
        validators: Sequence[Callable[..., Any]] = (),
        *,
        required: bool = False,
        required_unless: str | None = None,
        hint: str = "",
        rare: bool = False,
        wording: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """`rare` fields stand behind "More" on the phone; `wording` replaces sentences by rule."""
        self.wording = self._sentences(label) | (wording or {})
        super().__init__(label, list(validators), description=hint, **kwargs)
        self.required, self.required_unless, self.rare = required, required_unless, rare
        self.flags.required = required

    @classmethod
    @cache  # a form is bound for every page that arrives
    def _sentences(cls, label: str) -> dict[str, str]:
        said = {"required": "Enter {lower}", "type": "{label} cannot be read"}
        for ancestor in reversed(cls.__mro__):
            said |= vars(ancestor).get("sentences", {})
        lower = label[:1].lower() + label[1:]
        return {rule: text.format(label=label, lower=lower) for rule, text in said.items()}

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if valuelist:
            try:
                self.data = self.read(valuelist[0])
            except (ValueError, TypeError) as error:
                raise ValueError(self.wording[str(error)]) from error

    def read(self, value: Any) -> Any:
        """The value in Python. ValueError naming the rule it breaks (a key of `wording`)."""
        if not isinstance(value, str):
            raise ValueError("type")
        return value

    def pre_validate(self, form: BaseForm) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.data is not None:
            return
        spared = self.required_unless and form[self.required_unless].data is not None
        if self.required or (self.required_unless and not spared):
            raise StopValidation(self.wording["required"])
        raise StopValidation()

    def rule(self, sentence: str) -> str:
        """Which rule a sentence speaks for."""
        return next((rule for rule, text in self.wording.items() if text == sentence), "wrong")

    def column(self) -> Any:
        """What the table keeps of a sound value."""
        return clean(self.data) if isinstance(self.data, str) else self.data

    def schema(self) -> JsonSchema:
        return {"type": "string"}

    def constraints(self) -> dict[str, str]:
        """HTML attributes for what the browser can check by itself."""
        names = ("required", "maxlength", "min", "max", "pattern")
        found = {name: getattr(self.flags, name) for name in names if getattr(self.flags, name)}
        return {name: "" if value is True else str(value) for name, value in found.items()}

    def marks(self) -> dict[str, str]:
        """What forms.js needs to know about the field, as data attributes of its group."""
        marks = {
            "data-field": self.name,
            "data-type": self.data_type,
            "data-label": self.label.text,
            "data-messages": json.dumps(self.wording),
        }
        for name in ("required", "required_unless", "not_before", "past"):
            value = getattr(self, name, None) or getattr(self.flags, name)
            if value:
                marks["data-" + name.replace("_", "-")] = "" if value is True else str(value)
        return marks


class Text(Declared):
    """One line of text."""

    sentences: ClassVar[dict[str, str]] = {"line": "{label} must be on one line"}

    def __init__(
        self,
        label: str,
        validators: Sequence[Callable[..., Any]] = (),
        *,
        longest: int = 200,
        pattern: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.longest = longest
        self.wording.setdefault("length", f"{label} must be {longest:,} characters or fewer")
        self.wording.setdefault("pattern", f"{label} is not written as it should be")
        checks: list[Any] = [Length(max=longest, message=self.wording["length"])]
        if pattern:
            shape: Any = Regexp  # its type stubs are of WTForms 3.2, which had no html_pattern
            message = self.wording["pattern"]
            checks.append(shape(pattern, message=message, html_pattern=True, matcher=re.fullmatch))
        self.pattern = pattern
        self.validators = [*checks, *validators]
        for check in checks:
            for flag, value in getattr(check, "field_flags", {}).items():
                setattr(self.flags, flag, value)

    def read(self, value: Any) -> str | None:
        text = str(super().read(value))
        if not text.strip(BLANK):
            return None
        if self.shown_as != "textarea" and re.search(r"[\r\n]", text):
            raise ValueError("line")
        return text

    def schema(self) -> JsonSchema:
        schema: JsonSchema = {"type": "string", "maxLength": self.longest}
        return schema | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


class Notes(Text):
    """Text of several lines."""

    shown_as = "textarea"
    data_type = "notes"

    def __init__(self, label: str, *, longest: int = 10_000, **kwargs: Any) -> None:
        super().__init__(label, longest=longest, **kwargs)


class Number(Declared):
    """A number from `least` to `most`, whole unless the subclass says otherwise."""

    sql = "INTEGER"
    data_type = "number"
    whole = True
    prefix = ""
    """What stands before the box."""

    def __init__(self, label: str, *, least: float = 0, most: float = 999, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        kind = "a whole number" if self.whole else "a number"
        sentence = f"{label} must be {kind} from {least} to {most}"
        self.wording |= {"range": sentence, "type": sentence}
        self.least, self.most = least, most
        self.validators = [NumberRange(least, most, sentence)]
        self.flags.min, self.flags.max = str(least), str(most)

    def read(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("type")
        if self.whole and not (isinstance(value, int) or value.is_integer()):
            raise ValueError("type")
        if not self.least <= value <= self.most:
            raise ValueError("range")
        return int(value) if self.whole else float(value) + 0.0  # SQLite keeps no -0.0

    def schema(self) -> JsonSchema:
        kind = "integer" if self.whole else "number"
        return {"type": kind, "minimum": self.least, "maximum": self.most}


class Measure(Number):
    """A number that need not be whole: degrees WGS84, metres."""

    sql = "REAL"
    whole = False


class YesNo(Declared):
    """A tick: true, or not given."""

    sql = "INTEGER"
    shown_as = "tick"
    data_type = "yes-no"

    def __init__(self, label: str, *, unseen: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.unseen = unseen

    def read(self, value: Any) -> bool:
        if value is not True:
            raise ValueError("type")
        return True

    def column(self) -> int:
        return int(self.data is True)

    def schema(self) -> JsonSchema:
        return {"type": "boolean"}


@catalogue.of_edition
def _codes(of: str) -> frozenset[str]:
    return frozenset(entry.code for entry in catalogue.entries(of))


class Choice(Declared):
    """One entry of a catalogue list, by its code. A code that has ended is still understood."""

    shown_as = "radios"
    data_type = "choice"
    sentences: ClassVar[dict[str, str]] = {
        "required": "Select {lower}",
        "choice": "{label} is not one of the choices",
    }

    def __init__(self, label: str, *, of: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.of = of

    @property
    def codes(self) -> frozenset[str]:
        """Those of the catalogue's present edition, or of the one that a page was received under."""
        return _codes(self.of)

    def read(self, value: Any) -> str:
        if super().read(value) not in self.codes:
            raise ValueError("choice")
        return str(value)

    def choices(self, on: date) -> list[catalogue.Entry]:
        """The entries a person may choose on a day."""
        return [entry for entry in catalogue.entries(self.of) if entry.in_force(on)]

    def items(self, on: date) -> list[dict[str, Any]]:
        """Every entry as a GOV.UK component's item. One not in force stays unseen unless a record
        that is being amended has it."""
        offered = self.choices(on)
        return [
            {
                "value": entry.code,
                "text": entry.label,
                "attributes": {} if entry in offered else {"data-ended": "", "hidden": ""},
            }
            for entry in catalogue.entries(self.of)
        ]

    def schema(self) -> JsonSchema:
        return {"type": "string", "enum": sorted(self.codes)}


class Ward(Choice):
    """One of the borough's wards, by its ONS code."""

    shown_as = "select"

    def __init__(self, label: str = "Ward", **kwargs: Any) -> None:
        super().__init__(label, of="wards", **kwargs)


class Choices(Choice):
    """Any entries of a catalogue list; a JSON list in body and column."""

    shown_as = "ticks"
    data_type = "choices"

    def read(self, value: Any) -> list[str]:  # type: ignore[override]
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise ValueError("type")
        if len(set(value)) < len(value) or not self.codes.issuperset(value):
            raise ValueError("choice")
        return value

    def column(self) -> str | None:
        return json.dumps(self.data) if self.data else None

    def schema(self) -> JsonSchema:
        return {"type": "array", "uniqueItems": True, "items": super().schema()}


class Moment(Declared):
    """A moment that has been: UTC in the body and the column, London time on the screen."""

    data_type = "moment"
    sentences: ClassVar[dict[str, str]] = {
        "type": "{label} must be a real date and time",
        "not-before": "{label} is before it began",
        "future": "{label} is in the future",
    }

    def __init__(
        self, label: str, *, not_before: str | None = None, unseen: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.unseen = unseen
        self.validators = [NotBefore(not_before)] if not_before else []
        self.validators.append(NotInFuture())
        self.flags.not_before, self.flags.past = not_before, True

    def read(self, value: Any) -> Any:
        try:
            return read_moment(super().read(value))
        except ValueError as error:
            raise ValueError("type") from error

    def column(self) -> str | None:
        return moment_text(self.data) if self.data else None

    def schema(self) -> JsonSchema:
        return {"type": "string", "format": "date-time", "pattern": f"^{MOMENT_PATTERN}$"}


class Day(Declared):
    """A day of the calendar, which may come: London's, with no time of day."""

    data_type = "day"
    sentences: ClassVar[dict[str, str]] = {
        "type": "{label} must be a real date",
        "future": "{label} is in the future",
    }

    def __init__(
        self, label: str, *, unseen: bool = False, past: bool = False, **kwargs: Any
    ) -> None:
        """`past`: the day has been, or is the one on which the page is written."""
        super().__init__(label, **kwargs)
        self.unseen = unseen
        self.validators = [NotAfterToday()] if past else []

    def read(self, value: Any) -> str:
        if not is_moment(f"{super().read(value)}T00:00:00Z"):
            raise ValueError("type")
        return str(value)

    def schema(self) -> JsonSchema:
        return {"type": "string", "format": "date", "pattern": f"^{DAY_PATTERN}$"}


class Reference(Text):
    """The id of a place or of another record."""

    shown_as = "hidden"
    data_type = "reference"

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, longest=36, pattern=UUID_PATTERN, **kwargs)


class Seal(Text):
    """A page, by its seal."""

    shown_as = "hidden"
    data_type = "seal"

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, longest=64, pattern=SHA256_PATTERN, **kwargs)


class Unseen(Text):
    """Text that the phone fills in by itself."""

    shown_as = "hidden"


class Metres(Measure):
    """A distance in metres that the phone fills in by itself."""

    shown_as = "hidden"


class Degrees(Measure):
    """Latitude or longitude, WGS84, that the phone fills in by itself."""

    shown_as = "hidden"


class Pence(Number):
    """Pounds as whole pence, which the phone works out by itself."""

    shown_as = "hidden"
    prefix = "£"

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, most=100_000_00, **kwargs)


class NoticeNumber(Text):
    """A number out of a book, without spaces; the last two digits check the others (ISO 7064).

    One that is `typed`, and not drawn, has a box on the form. One that is drawn for a notice has the
    letters of the notice's kind, one that is `of` another kind has that kind's.
    """

    shown_as = "hidden"
    data_type = "notice-number"

    def __init__(self, label: str, *, typed: bool = False, of: str = "", **kwargs: Any) -> None:
        kind = "" if typed else getattr(kwargs.get("_form"), "kind", "")
        self.letters = numbers.LETTERS.get(of or kind)
        if self.letters:
            said = f"The number of such a notice begins with {self.letters}: look at it again."
            kwargs["wording"] = {"pattern": said} | (kwargs.get("wording") or {})
        pattern = rf"{self.letters or 'C[FWN]'}\d{{10}}"
        super().__init__(label, longest=12, pattern=pattern, **kwargs)
        self.shown_as = "input" if typed else "hidden"  # type: ignore[misc]
        self.wording["check"] = "The check digits do not fit: look at the number again."

    def read(self, value: Any) -> str | None:
        text = super().read(value)
        if text and re.fullmatch(str(self.pattern), text) and not numbers.is_sound(text):
            raise ValueError("check")
        return text


class Points(Declared):
    """What the officer answered to the offence's points to prove: words by the point's code."""

    shown_as = "drawn"
    data_type = "points"

    def read(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(map(_is_answer, value.values())):
            raise ValueError("type")
        return value

    def column(self) -> str | None:
        return json.dumps(self.data, ensure_ascii=False) if self.data else None

    def schema(self) -> JsonSchema:
        answer = {"type": "string", "maxLength": LONGEST_ANSWER}
        return {"type": "object", "additionalProperties": answer}


LONGEST_ANSWER = 500


def _is_answer(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_ANSWER


class Requirements(Declared):
    """What a person must stop, do or achieve: the three kinds that the law allows, in order.

    ASBCPA 2014 s43(3).
    """

    KINDS: ClassVar[dict[str, str]] = {
        "stop": "Stop",
        "do": "Do",
        "achieve": "Take reasonable steps to achieve",
    }

    shown_as = "drawn"
    data_type = "requirements"

    def read(self, value: Any) -> list[dict[str, str]]:
        if not isinstance(value, list) or not all(map(self._is_one, value)):
            raise ValueError("type")
        return value

    def _is_one(self, item: Any) -> bool:
        if not isinstance(item, dict) or item.get("kind") not in list(self.KINDS):
            return False
        what = item.get("what")
        return isinstance(what, str) and _is_answer(what) and bool(what.strip(BLANK))

    def column(self) -> str | None:
        return json.dumps(self.data, ensure_ascii=False) if self.data else None

    def schema(self) -> JsonSchema:
        one = {
            "type": "object",
            "required": ["kind", "what"],
            "properties": {
                "kind": {"enum": list(self.KINDS)},
                "what": {"type": "string", "maxLength": LONGEST_ANSWER, "pattern": r"\S"},
            },
        }
        return {"type": "array", "items": one}


class References(Declared):
    """Other records, by id."""

    shown_as = "none"
    data_type = "references"

    def read(self, value: Any) -> list[str]:
        if not isinstance(value, list) or len(set(map(str, value))) < len(value):
            raise ValueError("type")
        if not all(isinstance(one, str) and re.fullmatch(UUID_PATTERN, one) for one in value):
            raise ValueError("type")
        return value

    def column(self) -> str | None:
        return json.dumps(self.data) if self.data else None

    def schema(self) -> JsonSchema:
        one = {"type": "string", "format": "uuid", "pattern": f"^{UUID_PATTERN}$"}
        return {"type": "array", "uniqueItems": True, "items": one}


class Colleagues(References):
    """Other officers, by id. The phone lists those it knows."""

    shown_as = "colleagues"
    data_type = "colleagues"


class Photos(Declared):
    """Evidence listed in the page: each photo's SHA-256 and when it was taken."""

    shown_as = "photos"
    data_type = "photos"

    def read(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(map(_is_photo, value)):
            raise ValueError("type")
        return value

    def column(self) -> str | None:
        return json.dumps([photo["sha256"] for photo in self.data]) if self.data else None

    def schema(self) -> JsonSchema:
        photo = {
            "type": "object",
            "required": ["sha256", "taken_at"],
            "properties": {
                "sha256": {"type": "string", "pattern": f"^{SHA256_PATTERN}$"},
                "taken_at": {"type": "string", "pattern": f"^{MOMENT_PATTERN}$"},
            },
        }
        return {"type": "array", "items": photo}


def _is_photo(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    name, taken = item.get("sha256"), item.get("taken_at")
    if not isinstance(name, str) or not isinstance(taken, str):
        return False
    return bool(re.fullmatch(SHA256_PATTERN, name) and is_moment(taken))


class Signature(Photos):
    """A signature written on the screen: evidence as a photo is, and never more than one."""

    shown_as = "signature"
    data_type = "signature"

    def read(self, value: Any) -> list[dict[str, Any]]:
        if len(super().read(value)) > 1:
            raise ValueError("type")
        return list(value)

    def schema(self) -> JsonSchema:
        return super().schema() | {"maxItems": 1}


class WeekName(Text):
    """A week that has ended, as ISO 8601 names it: 2026-W47."""

    sentences: ClassVar[dict[str, str]] = {
        "type": "{label} is not in the calendar",
        "future": "This week has not ended: it can be published from Monday on",
    }

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, longest=8, validators=[Ended()], **kwargs)

    def read(self, value: Any) -> str:
        try:
            return str(Week.parse(str(super().read(value))))
        except ValueError as error:
            raise ValueError("type") from error


Counted = dict[str, dict[str, str | int | None]]
"""Patrols by id, and what was counted of each by its name."""


def checksum_of(counted: Counted) -> str:
    """SHA-256 of the JSON text of what was counted: names in order, no spaces."""
    text = json.dumps(counted, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class CountedPatrols(Declared):
    """The patrols of a published count, and what was counted of each."""

    shown_as = "none"
    data_type = "counted"
    sentences: ClassVar[dict[str, str]] = {
        "differs": "The total or the checksum is not that of what was counted"
    }

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, validators=[AsSaid()], **kwargs)

    def read(self, value: Any) -> Counted:
        if not isinstance(value, dict) or not all(map(_was_counted, value.items())):
            raise ValueError("type")
        return value

    def column(self) -> str | None:
        return None if self.data is None else json.dumps(self.data, ensure_ascii=False)

    def schema(self) -> JsonSchema:
        what = {"type": ["string", "integer", "null"]}
        each = {"type": "object", "additionalProperties": what}
        named = {"type": "string", "pattern": f"^{UUID_PATTERN}$"}
        return {"type": "object", "propertyNames": named, "additionalProperties": each}


def _was_counted(item: tuple[str, Any]) -> bool:
    record, what = item
    if not re.fullmatch(UUID_PATTERN, record) or not isinstance(what, dict):
        return False
    return all(one is None or isinstance(one, str | int) for one in what.values())


Outlines = dict[str, list[list[list[list[float]]]]]
"""Wards by code, each with the coordinates of a GeoJSON MultiPolygon."""


class WardOutlines(Declared):
    """The outlines of wards, by the ward's code."""

    shown_as = "none"
    data_type = "outlines"

    def read(self, value: Any) -> Outlines:
        if not isinstance(value, dict) or not _codes("wards").issuperset(value):
            raise ValueError("type")
        if not all(_is_outline(polygons) for polygons in value.values()):
            raise ValueError("type")
        return value

    def column(self) -> str | None:
        return json.dumps(self.data, separators=(",", ":")) if self.data else None

    def schema(self) -> JsonSchema:
        position = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        ring = {"type": "array", "items": position, "minItems": 4}
        polygons = {"type": "array", "items": {"type": "array", "items": ring}, "minItems": 1}
        return {"type": "object", "additionalProperties": polygons}


def _is_outline(polygons: Any) -> bool:
    if not isinstance(polygons, list) or not polygons:
        return False
    if not all(isinstance(rings, list) and rings for rings in polygons):
        return False
    return all(_is_ring(ring) for rings in polygons for ring in rings)


def _is_ring(ring: Any) -> bool:
    return (
        isinstance(ring, list)
        and len(ring) >= 4
        and all(map(catalogue.is_position, ring))
        and ring[0] == ring[-1]
    )


class Changes(Declared):
    """What an amendment changes: a merge patch (RFC 7396) on the record's body."""

    shown_as = "none"
    data_type = "changes"

    def read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("type")
        return value

    def column(self) -> str | None:
        return json.dumps(self.data) if self.data else None

    def schema(self) -> JsonSchema:
        return {"type": "object"}
