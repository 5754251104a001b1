"""Takes the README's pictures of phone and desk, from a server with demonstration data of its own.

`python -m tools.pictures [FOLDER]` puts them into docs/screenshots, or into the folder that is named.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, Playwright, sync_playwright

from tests.browser.engines import Browsers
from tests.browser.officer import Officer, password_of
from tests.wire.client import ROOT, Server

FOLDER = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "screenshots"
DESK = {
    "desk-board": "desk",
    "desk-count": "desk/count",
    "desk-patrols": "desk/patrols",
    "desk-notices": "desk/notices",
}


@contextmanager
def demonstration(folder: Path) -> Iterator[Server]:
    server = Server(folder / "instance")
    server.flask("demonstrate")
    yield server.start()
    server.stop()


def phone_pictures(playwright: Playwright, server: Server, folder: Path) -> None:
    def launch(_engine: str, profile: Path, **options: object) -> object:
        return Browsers(playwright).launch("chromium", profile, **options)

    officer = Officer(launch, server, folder / "phone", device_scale_factor=2)  # type: ignore[arg-type]
    officer.open().sign_in("officer22")
    officer.start_shift()
    officer.page.locator(".home > .places .place").first.click()
    take(officer.page, "phone-patrol")
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()
    take(officer.page, "phone-saved")
    officer.home()
    take(officer.page, "phone-home")
    server.stop()
    officer.begin("evening-safety")
    officer.fill(address="Outside the sample club", ward="Camden Town", outcomes="Advice given")
    officer.save()
    officer.today()
    take(officer.page, "phone-today")
    officer.close()
    server.start()


def desk_pictures(playwright: Playwright, server: Server, folder: Path) -> None:
    context = Browsers(playwright).launch(
        "chromium", folder / "desk", viewport={"width": 1280, "height": 800}, is_mobile=False
    )
    page = context.pages[0]
    page.goto(f"{server.address}desk")
    page.get_by_label("Username").fill("leader1")
    page.get_by_label("Password").fill(password_of(server))
    page.get_by_role("button", name="Sign in").click()
    for name, path in DESK.items():
        page.goto(f"{server.address}{path}")
        take(page, name)
    page.goto(f"{server.address}desk/shifts")
    page.locator("tbody tr", has_text="Complete").get_by_role("link").nth(1).click()
    take(page, "desk-shift")
    take_paper(page, server)
    context.close()


def take_paper(page: Page, server: Server) -> None:
    """The first sheet of a Fixed Penalty Notice, as the desk prints it."""
    page.goto(f"{server.address}desk/notices?offence=litter")
    page.locator("#results tbody a").first.click()
    address = page.get_by_role("link", name="Paper (PDF)").get_attribute("href")
    sheet = page.request.get(f"{server.address}{str(address).lstrip('/')}").body()
    to_png = ["pdftoppm", "-r", "72", "-singlefile", "-png", "-", str(FOLDER / "notice")]
    subprocess.run(to_png, input=sheet, check=True)


def take(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as made,
        sync_playwright() as playwright,
        demonstration(Path(made)) as server,
    ):
        phone_pictures(playwright, server, Path(made))
        desk_pictures(playwright, server, Path(made))


if __name__ == "__main__":
    main()
