"""The README and the data dictionary say what the declarations say."""

from __future__ import annotations

from field_app.dictionary import dictionary, kinds_table
from tools.dictionary import BETWEEN, ROOT

MEND = "run: .venv/bin/python -m tools.dictionary"


def test_readme_lists_the_kinds_that_are_declared() -> None:
    found = BETWEEN.search((ROOT / "README.md").read_text())
    assert found
    assert found[0] == f"<!-- kinds -->\n{kinds_table()}\n<!-- /kinds -->", MEND


def test_data_dictionary_lists_the_fields_that_are_declared() -> None:
    assert (ROOT / "docs" / "data-dictionary.md").read_text() == dictionary(), MEND
