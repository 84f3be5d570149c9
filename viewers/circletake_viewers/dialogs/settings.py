"""The settings form, drawn wholly from the table of settings; each change is in force at once."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from circletake.errors import CircletakeError, ErrorInfo
from circletake.settings import SETTINGS, Origin, Settings, settings_path
from circletake.settings.table import Setting, SettingValue
from circletake_viewers.desk import Desk, Problem
from circletake_viewers.dialogs.frame import Dialog, Inline, wrapped
from circletake_viewers.dialogs.setting_fields import Field, field_for
from circletake_viewers.parts import button, label, plain_tip, row

TITLES = {
    "analysis": "Finding clips",
    "media": "Footage",
    "export": "Export",
    "player": "Player",
    "window": "Window",
    "cache": "Stored results",
    "jobs": "Work",
}
"""What sections are called; a section without an entry is called by its own name."""


class SettingRow(QWidget):
    """One setting: its control, what it does, where its value comes from, and what was wrong with the last one."""

    wanted = Signal(str, str)

    def __init__(self, setting: Setting[SettingValue], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self.field: Field = field_for(setting)
        self.field.given.connect(lambda text: self.wanted.emit(setting.key, text))
        self.origin = label(look="hint")
        self.back = button("Back to default", "link")
        self.back.setToolTip(plain_tip(f"Back to {shown_value(setting, setting.default)}"))
        self.back.clicked.connect(lambda: self.wanted.emit(setting.key, "default"))
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # a value set must not move the rows below
        self.back.setSizePolicy(policy)
        self.error = Inline()
        title = QLabel(setting.title)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setBuddy(self.field.focus_widget)
        self.field.focus_widget.setAccessibleName(setting.title)
        self.field.focus_widget.setAccessibleDescription(setting.text)
        head = row(title, None, self.field.widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(wrapped(setting.text, "caption"))
        layout.addLayout(row(self.origin, self.back, None))
        layout.addWidget(self.error)

    @property
    def words(self) -> str:
        """What a search looks through."""
        section = TITLES.get(self.setting.section, self.setting.section)
        return f"{section} {self.setting.title} {self.setting.text} {self.setting.key}".casefold()

    def show_value(self, settings: Settings) -> None:
        """Show the value in force, and where it comes from."""
        origin = settings.origin(self.setting)
        self.field.show_value(settings.get(self.setting))
        free = origin in (Origin.DEFAULT, Origin.FILE)
        self.field.widget.setEnabled(free)
        self.back.setVisible(origin is Origin.FILE)
        self.origin.setText(
            {
                Origin.DEFAULT: "default",
                Origin.FILE: "your choice",
                Origin.ENVIRONMENT: f"set by {self.setting.variable}, so it cannot be changed here",
                Origin.OVERRIDE: "set when the program was started, so it cannot be changed here",
            }[origin]
        )


class SettingsDialog(Dialog):
    """`changed` names a setting whose new value is in force."""

    changed = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Settings", QSize(680, 620), parent)
        self._desk = desk
        self.search = QLineEdit(placeholderText="Find a setting", clearButtonEnabled=True)
        self.search.setAccessibleName("Find a setting")
        self.search.textChanged.connect(self._find)
        self.rows = {setting.key: SettingRow(setting) for setting in SETTINGS}
        self._headings = {name: label(TITLES.get(name, name), "title") for name in _sections()}
        self._nothing = label("No setting is called so.", "hint")
        self._nothing.hide()
        self._lay_out()
        for each in self.rows.values():
            each.wanted.connect(self._change)
        self.show_values()
        self.search.setFocus()

    def show_values(self) -> None:
        """Show what is in force."""
        for each in self.rows.values():
            each.show_value(self._desk.session.settings)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(0)
        for name, heading in self._headings.items():
            heading.setContentsMargins(0, 12, 0, 4)
            column.addWidget(heading)
            for each in self.rows.values():
                if each.setting.section == name:
                    column.addWidget(each)
        column.addWidget(self._nothing)
        column.addStretch(1)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        self.body.addWidget(self.search)
        self.body.addWidget(self._scroll, 1)
        close = button("Close")
        close.clicked.connect(self.close)
        place = label(str(settings_path()), "hint")
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.set_foot(place, None, close)

    def _change(self, key: str, text: str) -> None:
        error = self._refusal(key, text) or self._store(key, text)
        self.rows[key].error.show_error(error)
        self.show_values()
        if error is None:
            for each in self.rows.values():
                each.error.show_error(None)
            self.changed.emit(key)

    def _refusal(self, key: str, text: str) -> ErrorInfo | None:
        """What contradicts the new value, found before anything is stored."""
        setting = self.rows[key].setting
        try:
            value = setting.default if text == "default" else setting.parsed(text)
            self._desk.session.settings.with_value(setting, value, Origin.FILE)
        except CircletakeError as error:
            return ErrorInfo.of(error)
        except ValueError as error:
            return ErrorInfo("settings_error", str(error), f"Give {setting.allowed}.")
        return None

    def _store(self, key: str, text: str) -> ErrorInfo | None:
        """Store the value; what went wrong, which the desk tells the whole window too."""
        problems: list[Problem] = []
        self._desk.troubled.connect(problems.append)
        stored = self._desk.do("settings", key, text)
        self._desk.troubled.disconnect(problems.append)
        return None if stored is not None else problems[-1].error

    def _find(self, text: str) -> None:
        wanted = text.casefold().split()
        for each in self.rows.values():
            each.setVisible(all(word in each.words for word in wanted))
        for name, heading in self._headings.items():
            rows = (each for each in self.rows.values() if each.setting.section == name)
            heading.setVisible(any(not each.isHidden() for each in rows))
        self._nothing.setVisible(all(each.isHidden() for each in self.rows.values()))
        self._scroll.verticalScrollBar().setValue(0)


def _sections() -> tuple[str, ...]:
    return tuple(dict.fromkeys(setting.section for setting in SETTINGS))


def shown_value(setting: Setting[SettingValue], value: SettingValue) -> str:
    """A value for people: `15 seconds`, `on`, `otio and edl`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " and ".join(value) or "none"
    text = f"{value:g}" if isinstance(value, int | float) else value
    return f"{text} {setting.unit}".strip()
