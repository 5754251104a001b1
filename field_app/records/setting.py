"""A setting that is changed at the desk, and not on the machine."""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import Text
from field_app.records.base import Record


class SettingName(Text):
    """One of the settings, as settings.py names it."""

    data_type = "setting-name"


class Setting(Record):
    """What one setting says from this page on; without a value, what it says by itself."""

    kind = "setting"
    title = "Setting"
    table = "settings"
    at_desk = True
    whole: ClassVar[bool] = True
    for_administrators: ClassVar[bool] = True

    setting = SettingName("Setting", required=True, longest=64)
    value = Text("Value", longest=500)
