"""Notice numbers: a series, a serial, and two check digits, such as `CF26 326041 77`.

`CF` is a Fixed Penalty Notice, `CW` a Community Protection Warning, `CN` a Community Protection
Notice; then the year in which the number's book was lent. The check digits are those of ISO 7064
MOD 97-10: one wrong character, and two that changed places, are always noticed.
Numbers are kept and sent without spaces.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from itertools import pairwise

from stdnum.iso7064 import mod_97_10

LETTERS = {"fpn": "CF", "cpw": "CW", "cpn": "CN"}
"""With which letters the numbers of each kind of notice begin."""
LARGEST_SERIAL = 999_999
SERIES_PATTERN = rf"({'|'.join(LETTERS.values())})[0-9]{{2}}"
PATTERN = rf"{SERIES_PATTERN}[0-9]{{8}}"
_BETWEEN = r"[\s\-‐‑–—−]"
_LOOKS_LIKE = str.maketrans("OIL", "011")


def number(series: str, serial: int) -> str:
    """The number of a serial of a series, `CF26`."""
    before = f"{series}{serial:06}"
    return f"{before}{mod_97_10.calc_check_digits(before)}"


def is_sound(text: str) -> bool:
    """Whether these are a number as it is kept, and its own check digits.

    They are made anew and compared: to MOD 97-10 alone 01 is as good as 98.
    """
    return bool(re.fullmatch(PATTERN, text)) and text == number(*parts(text))


def parts(sound: str) -> tuple[str, int]:
    """The series and the serial of a number."""
    return sound[:4], int(sound[4:10])


def read(typed: str) -> str:
    """The number that somebody typed, however they grouped it. ValueError, with a sentence."""
    plain = re.sub(_BETWEEN, "", typed).upper()
    text = plain[:2] + plain[2:].translate(_LOOKS_LIKE)
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f"A notice number looks like {shown(number('CF26', 326041))}.")
    if not is_sound(text):
        raise ValueError("The check digits do not fit: look at the number again.")
    return text


def near(typed: str) -> list[str]:
    """The numbers that are what was typed but for one wrong character, or two that changed places: the
    check digits leave hardly any other."""
    plain = re.sub(r"[\W_]", "", typed, flags=re.ASCII).upper()
    if len(plain) != len(number("CF26", 1)):
        return []
    return [one for one in sorted(set(_one_slip_off(plain)) - {plain}) if is_sound(one)]


def _one_slip_off(plain: str) -> Iterator[str]:
    for place in range(len(plain)):
        for letter in string.digits + "CFWN":
            yield plain[:place] + letter + plain[place + 1 :]
    for one, two in pairwise(range(len(plain))):
        yield plain[:one] + plain[two] + plain[one] + plain[two + 1 :]


def shown(kept: str) -> str:
    """A number as people read it, in groups."""
    return f"{kept[:4]} {kept[4:10]} {kept[10:]}"
