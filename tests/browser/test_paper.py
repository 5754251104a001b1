"""A notice on paper: as it is printed on a roll, on a sheet, over Bluetooth, and shared as a copy.

What comes out of the emulated printer is read back by what knows nothing of the application: ESC/POS
by the reader below, QR codes by zbar, PDFs by poppler.
"""

from __future__ import annotations

import re
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Locator, Page, expect

from tests import notices
from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.wire.client import Server

NOW = datetime.now(UTC)
THERMAL = Path(__file__).parent / "thermal.js"
WRITE = """async ([kind, body]) => {
  const { write } = await import('/static/phone/notebook.js');
  const page = await write({ kind, record: crypto.randomUUID(), body, draws: true }, new Date());
  location.hash = `#issued/${page.seal}`;
  return JSON.parse(page.body).number;
}"""
BLOCKS = """(paper) => [...paper.querySelectorAll('h2, h3, p, li')]
  .filter((one) => one.checkVisibility())
  .map((one) => {
    const list = one.parentElement;
    if (one.localName !== 'li') return one.textContent;
    return (list.localName === 'ol' ? `${[...list.children].indexOf(one) + 1}. ` : '- ') + one.textContent;
  })"""
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"} | {"…": "..."})
CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865"}


@dataclass
class Printed:
    """What a printer made of its bytes: lines as it would set them, codes, and cuts."""

    lines: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    cuts: int = 0

    @property
    def words(self) -> str:
        return squashed("".join(self.lines).replace("─", ""))


TOKEN = re.compile(
    rb"\x1bt(?P<letters>.)|(?P<cut>\x1dV.)|(?P<line>\n)|(?P<text>[\x20-\xff]+)"
    rb"|\x1d\(k(?P<code>..)|(?P<look>\r|\x1b@|\x1c\.|\x1b[EMa].|\x1d!.)",
    re.DOTALL,
)


def read_escpos(data: bytes) -> Printed:
    """ESC/POS, from Epson's description of its commands; any other command is an error."""
    printed, at, letters, line, stored = Printed(), 0, "cp437", "", ""
    while at < len(data):
        found = TOKEN.match(data, at)
        assert found, f"an unknown command: {data[at : at + 8]!r}"
        at, what = found.end(), found.lastgroup
        if what == "letters":
            letters = CODE_PAGES[found["letters"][0]]
        elif what == "text":
            line += found["text"].decode(letters)
        elif what == "line":
            printed.lines.append(line)
            line = ""
        elif what == "code":
            length = int.from_bytes(found["code"], "little")
            said, at = data[at : at + length], at + length
            stored = said[3:].decode() if said[:2] == b"1P" else stored
            printed.codes += [stored] if said[:2] == b"1Q" else []
        printed.cuts += what == "cut"
    return printed


def squashed(text: str) -> str:
    return re.sub(r"\s", "", text.translate(PLAIN))


def read_code(picture: Path) -> str:
    """What zbar reads in a picture."""
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip()


def poppler(program: str, *words: str | Path) -> str:
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def officer(running: Server, launch: Launch, tmp_path: Path) -> Officer:
    """On a phone with a Bluetooth printer near it."""
    officer = Officer(launch, running, tmp_path / "phone").open()
    officer.context.add_init_script(path=THERMAL)
    officer.page.reload()
    return officer.sign_in("officer06")


def issued(officer: Officer, body: dict[str, Any], kind: str = "fpn") -> str:
    """Show the paper of a notice that was just issued; its number."""
    number = officer.page.evaluate(WRITE, [kind, {**body, "number": None}])
    expect(officer.page.locator("[data-do=print]")).to_be_visible()
    return str(number)


def paper(page: Page) -> Locator:
    return page.locator("main .paper")


def paper_words(sheet: Locator) -> list[str]:
    """What stands in each block of a paper, as a roll shows it: lines of a list with their mark."""
    said: list[str] = sheet.evaluate(BLOCKS)
    return said


def printed(page: Page) -> Printed:
    return read_escpos(bytes(page.evaluate("thermal.bytes")))


def tap_bluetooth(page: Page, then: str) -> None:
    page.get_by_role("button", name="Print on a Bluetooth printer").click()
    expect(page.locator("[data-slot=printed]")).to_contain_text(then)
    expect(page.get_by_role("button", name="Print on a Bluetooth printer")).to_be_enabled()


def shown_number(number: str) -> str:
    return f"{number[:4]} {number[4:10]} {number[10:]}"


def in_words(day: str) -> str:
    read = date.fromisoformat(day)
    return f"{read:%A} {read.day} {read:%B %Y}"


@pytest.mark.parametrize("kind", ["fpn", "cpw", "cpn"])
def test_a_bluetooth_printer_prints_every_word_of_the_paper(officer: Officer, kind: str) -> None:
    body = getattr(notices, kind)(NOW, recipient_name="Zoë O’Invented")
    number, page = issued(officer, body, kind), officer.page
    tap_bluetooth(page, "Sent to MPT-II. Check that all of it came out")
    out = printed(page)
    assert out.words == squashed("".join(paper_words(paper(page))))
    assert squashed(shown_number(number)) in out.words
    assert squashed("Zoë O'Invented") in out.words
    assert max(len(line) for line in out.lines) <= 48
    assert out.cuts == 1
    said = [body["amount"] // 100, body["pay_by"]] if kind == "fpn" else [None, body["comply_by"]]
    assert squashed(in_words(str(said[1]))) in out.words
    assert kind != "fpn" or f"£{said[0]}" in out.words


def test_the_qr_code_on_screen_and_on_the_roll_leads_to_the_payment_address(
    officer: Officer, tmp_path: Path
) -> None:
    number, page = issued(officer, notices.fpn(NOW)), officer.page
    address = f"https://pay.council.example/{number}"
    expect(paper(page)).to_contain_text(address)
    paper(page).locator("svg").screenshot(path=tmp_path / "screen.png")
    assert read_code(tmp_path / "screen.png") == address
    tap_bluetooth(page, "Sent to MPT-II")
    [code] = printed(page).codes
    segno.make_qr(code, error="m").save(str(tmp_path / "roll.png"), scale=6)
    assert read_code(tmp_path / "roll.png") == address


def test_a_narrow_roll_has_shorter_lines_and_the_same_words(officer: Officer) -> None:
    issued(officer, notices.fpn(NOW))
    page = officer.page
    page.get_by_role("button", name="58 mm roll").click()
    tap_bluetooth(page, "Sent to MPT-II")
    out = printed(page)
    assert max(len(line) for line in out.lines) <= 32
    assert out.words == squashed("".join(paper_words(paper(page))))


def test_printing_twice_gives_the_same_notice_twice_and_asks_for_the_printer_once(
    officer: Officer,
) -> None:
    issued(officer, notices.fpn(NOW))
    page = officer.page
    tap_bluetooth(page, "Sent to MPT-II")
    once = page.evaluate("thermal.bytes")
    tap_bluetooth(page, "Sent to MPT-II")
    assert page.evaluate("thermal.bytes") == once * 2
    page.evaluate("thermal.sleep()")
    tap_bluetooth(page, "Sent to MPT-II")
    assert page.evaluate("thermal.bytes") == once * 3
    assert page.evaluate("thermal.asked") == 1
    page.reload()
    tap_bluetooth(page, "Sent to MPT-II")
    assert page.evaluate("thermal.bytes") == once
    assert page.evaluate("thermal.asked") == 0


def test_what_goes_wrong_at_the_printer_is_said_and_offered_again(officer: Officer) -> None:
    issued(officer, notices.fpn(NOW))
    page = officer.page
    page.evaluate("thermal.on = false")
    tap_bluetooth(page, "No printer is connected")
    page.evaluate("thermal.on = true; thermal.paper = false")
    tap_bluetooth(page, "MPT-II is out of paper.")
    assert page.evaluate("thermal.bytes") == []
    page.evaluate("thermal.paper = true; thermal.losesAt = 5")
    tap_bluetooth(page, "The connection to MPT-II was lost. Throw away what came out")
    assert page.evaluate("thermal.writes") == 5  # and nothing of the rest
    page.evaluate("thermal.bytes = []; thermal.losesAt = 0")
    tap_bluetooth(page, "Sent to MPT-II")
    assert printed(page).words == squashed("".join(paper_words(paper(page))))
    page.evaluate("thermal.mute = true; thermal.bytes = []")
    tap_bluetooth(page, "Sent to MPT-II")
    assert printed(page).cuts == 1


def test_a_letter_the_printer_lacks_is_no_question_mark(officer: Officer) -> None:
    issued(officer, notices.fpn(NOW, recipient_name="Łucja Invented"))
    tap_bluetooth(officer.page, "MPT-II cannot print “Ł”. Tap Print instead.")
    assert officer.page.evaluate("thermal.bytes") == []


def test_a_phone_without_bluetooth_is_sent_to_print(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    phone = Officer(launch, running, tmp_path / "phone").open().sign_in("officer06")
    phone.page.evaluate("Object.defineProperty(navigator, 'bluetooth', { value: undefined })")
    issued(phone, notices.fpn(NOW))
    tap_bluetooth(phone.page, "cannot reach Bluetooth printers")


@pytest.mark.parametrize(
    ("choice", "millimetres", "points"),
    [
        ("80 mm roll", (80, 297), 10),
        ("58 mm roll", (58, 297), 9),
        ("A5 sheet", (148, 210), 10),
        ("Large print", (210, 297), 18),
    ],
)
def test_nothing_but_the_notice_is_printed_on_the_paper_that_was_chosen(
    officer: Officer,
    tmp_path: Path,
    choice: str,
    millimetres: tuple[int, int],
    points: int,
) -> None:
    issued(officer, notices.fpn(NOW))
    page = officer.page
    page.get_by_role("button", name=choice).click()
    officer.page.reload()  # the choice is remembered
    expect(page.get_by_role("button", name=choice)).to_have_attribute("aria-pressed", "true")
    words = squashed(paper(page).inner_text())
    file = tmp_path / "notice.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    size = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", poppler("pdfinfo", file))
    assert size
    found = (float(size[1]) / 72 * 25.4, float(size[2]) / 72 * 25.4)
    assert found == pytest.approx(millimetres, abs=0.5)
    assert squashed(poppler("pdftotext", "-raw", file, "-").replace("•", "")) == words
    fonts = poppler("pdftohtml", "-xml", "-i", "-zoom", "1", "-stdout", file)
    assert (
        min(int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', fonts)) == points
    )


def test_a_copy_is_shared_where_the_phone_can(officer: Officer, tmp_path: Path) -> None:
    page = officer.page
    number = issued(officer, notices.fpn(NOW))
    share = page.get_by_role("button", name="Share a copy")
    expect(share).to_be_hidden()  # this browser cannot
    page.evaluate("""() => {
      navigator.canShare = ({ files }) => files.every(({ type }) => type === 'text/html');
      navigator.share = async ({ files: [file] }) => Object.assign(window, { shared: file });
    }""")
    page.evaluate("dispatchEvent(new HashChangeEvent('hashchange'))")
    expect(share).to_be_visible()
    expect(page.get_by_text("A copy only: sharing it is not service.")).to_be_visible()
    share.click()
    name, copy = page.evaluate("async () => [shared.name, await shared.text()]")
    assert name == f"{number}.html"
    assert "This is a copy. Sending it is not service." in copy
    expect(paper(page)).to_be_visible()
    words = squashed("".join(paper_words(paper(page))))
    (tmp_path / name).write_text(copy, encoding="utf-8")
    with closing(officer.context.new_page()) as reader:
        reader.goto((tmp_path / name).as_uri())
        expect(reader.locator(".paper svg")).to_be_visible()
        assert squashed("".join(paper_words(reader.locator(".paper")))) == words


def test_a_community_protection_notice_is_never_offered_as_a_copy(officer: Officer) -> None:
    page = officer.page
    page.evaluate("navigator.canShare = () => true")
    issued(officer, notices.cpw(NOW), "cpw")
    expect(page.get_by_role("button", name="Share a copy")).to_be_visible()
    issued(officer, notices.cpn(NOW), "cpn")
    expect(page.get_by_role("heading", name="Community Protection Notice")).to_be_visible()
    expect(page.get_by_role("button", name="Share a copy")).to_be_hidden()
