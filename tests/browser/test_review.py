"""A team leader asks, the officer answers with no signal, the leader closes it and signs the shift off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.officer import Officer
from tests.browser.test_earlier import SEND
from tests.browser.test_phone import pages_of
from tests.wire.client import Server

QUESTION = "Who was the contact?"
ANSWER = "The caretaker, at the side door"


def ask_about_the_patrol(page: Page, server: Server) -> str:
    """As a team leader does, from the board; the shift's address."""
    page.goto(f"{server.address}desk")
    page.get_by_role("region", name="Shifts to sign off").get_by_role("link").first.click()
    expect(page.get_by_text("Complete: pages 1–3, all received.")).to_be_visible()
    address = page.url
    page.get_by_role("link", name="Ask about page 2").click()
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Not answered yet")).to_be_visible()
    page.goto(address)
    expect(page.get_by_text("1 question about it is not closed.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign off", exact=True)).to_have_count(0)
    return address


def close_what_was_answered(page: Page, server: Server) -> None:
    """As a team leader does, from the board."""
    page.goto(f"{server.address}desk")
    waiting = page.get_by_role("listitem").filter(has_text=QUESTION)
    waiting.get_by_role("link", name=re.compile("answered$")).click()
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    page.get_by_role("link", name="Close the question").click()
    page.get_by_role("button", name="Close the question").click()
    expect(page.get_by_text("closed it on")).to_be_visible()


def test_a_question_is_answered_with_no_signal_and_then_the_shift_is_signed_off(
    demonstration: Server, shift_over: Officer, desk: Callable[[], Page]
) -> None:
    officer = shift_over
    leader, phone = desk(), officer.page
    address = ask_about_the_patrol(leader, demonstration)
    card = phone.locator("main .card", has_text="asks about page 2")
    phone.wait_for_timeout(3_000)
    phone.evaluate(SEND)
    expect(card).to_contain_text(QUESTION)

    demonstration.stop()
    phone.reload()
    expect(card).to_contain_text(QUESTION)
    card.get_by_role("link", name="Answer").click()
    phone.get_by_role("button", name="Save the answer").click()
    expect(phone.locator(".govuk-error-summary")).to_contain_text("Enter your answer")
    officer.fill(answer="The caretaker")
    officer.kept("The caretaker")
    officer.home()
    card.get_by_role("link", name="Continue the answer").click()
    phone.reload()
    expect(phone.locator("main textarea")).to_have_value("The caretaker")
    officer.fill(answer=ANSWER)
    phone.get_by_role("button", name="Save the answer").click()
    assert officer.saved() == 4
    officer.home()
    expect(card).to_have_count(0)
    assert officer.today()[0] == ("Answered: page 2", "waiting")
    phone.locator(".page-line").first.click()
    expect(phone.locator("main .history")).to_contain_text(ANSWER)
    expect(phone.locator("main [data-slot=body]")).not_to_contain_text(ANSWER)
    officer.close()
    officer.open()
    expect(officer.page.get_by_role("heading", name="Log a patrol")).to_be_visible()
    expect(officer.page.locator("main .card", has_text=QUESTION)).to_have_count(0)

    demonstration.start()
    officer.all_sent()
    shift, patrol, _, answer = pages_of(demonstration, "officer22")
    query = json.loads(answer["body"])["query"]
    assert (answer["kind"], answer["record"]) == ("answer", patrol["record"])
    assert json.loads(answer["body"]) == {"query": query, "answer": ANSWER}
    close_what_was_answered(leader, demonstration)
    leader.goto(address)
    leader.get_by_label("Note").fill("Thank you")
    leader.get_by_role("button", name="Sign off").click()
    expect(leader.locator("main")).to_contain_text("Signed off by Xenia Example-Leader")
    expect(leader.get_by_role("button", name="Sign off")).to_have_count(0)
    leader.goto(f"{demonstration.address}desk/shifts")
    expect(leader.locator(f'a[href="/desk/shifts/{shift["record"]}"]')).to_have_count(0)
    verified = demonstration.flask("verify")
    assert (verified.returncode, verified.stderr) == (0, "")


def test_a_question_that_is_closed_leaves_the_phone_and_an_answer_that_was_begun_stays(
    demonstration: Server, shift_over: Officer, desk: Callable[[], Page]
) -> None:
    officer = shift_over
    leader, phone = desk(), officer.page
    address = ask_about_the_patrol(leader, demonstration)
    phone.evaluate(SEND)
    phone.reload()
    phone.get_by_role("link", name="Answer").click()
    officer.fill(answer=ANSWER)
    officer.kept(ANSWER)
    leader.goto(address)
    leader.get_by_role("link", name="Close the question").click()
    leader.get_by_role("button", name="Close the question").click()
    expect(leader.get_by_text("closed it on")).to_be_visible()
    phone.evaluate(SEND)
    phone.reload()
    expect(phone.locator("main textarea")).to_have_value(ANSWER)
    phone.get_by_role("button", name="Delete this draft").click()
    expect(phone.get_by_role("heading", name="Log a patrol")).to_be_visible()
    expect(phone.locator("main .card", has_text=QUESTION)).to_have_count(0)
