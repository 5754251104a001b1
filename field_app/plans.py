"""The plan of visits: how many visits a week a place should have."""

from __future__ import annotations

PLANNED = (
    "SELECT record, name, visits_a_week FROM places "
    "WHERE state = 'accepted' AND NOT retired AND visits_a_week > 0"
)
"""The places with a plan, as the register has it now."""
VISIT = "activity = 'faith-reassurance'"
"""Which of the patrols that count is a visit."""
