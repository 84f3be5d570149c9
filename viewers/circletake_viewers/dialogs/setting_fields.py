"""A control for each kind of setting: it shows a value, and gives what the user set as text the settings read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from circletake.settings.table import Kind, Setting, SettingValue
from circletake_viewers.parts import row

WIDTH = 180
"""Of fields that hold a word or a number, in pixels."""


class Field(QObject):
    """`given` carries a new value as text. `widget` is shown, `focus_widget` is where the keyboard goes."""

    given = Signal(str)

    def __init__(self, widget: QWidget, focus_widget: QWidget | None = None) -> None:
        super().__init__(widget)
        self.widget = widget
        self.focus_widget = focus_widget or widget

    def show_value(self, value: SettingValue) -> None:
        """Show a value without giving it."""
        raise NotImplementedError


class _Switch(Field):
    def __init__(self, _: Setting[SettingValue]) -> None:
        self._box = QCheckBox()
        super().__init__(self._box)
        self._box.toggled.connect(lambda on: self.given.emit("true" if on else "false"))

    def show_value(self, value: SettingValue) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(value))


class _Choice(Field):
    def __init__(self, setting: Setting[SettingValue]) -> None:
        self._box = QComboBox()
        self._box.setFixedWidth(WIDTH)
        self._box.addItems(setting.choices)
        super().__init__(self._box)
        self._box.textActivated.connect(self.given)
        _ignore_wheel(self._box)

    def show_value(self, value: SettingValue) -> None:
        self._box.setCurrentText(str(value))


class _Choices(Field):
    def __init__(self, setting: Setting[SettingValue]) -> None:
        self._boxes = [QCheckBox(each) for each in setting.choices]
        holder = QWidget()
        holder.setLayout(row(*self._boxes, gap=16))
        super().__init__(holder, self._boxes[0])
        for each in self._boxes:
            each.toggled.connect(self._give)

    def _give(self) -> None:
        self.given.emit(",".join(each.text() for each in self._boxes if each.isChecked()))

    def show_value(self, value: SettingValue) -> None:
        chosen = value if isinstance(value, tuple) else ()
        for each in self._boxes:
            with QSignalBlocker(each):
                each.setChecked(each.text() in chosen)


class _Number(Field):
    """A number is given once it is whole: on Enter, on leaving the field, or with each step of its arrows."""

    def __init__(self, setting: Setting[SettingValue]) -> None:
        whole = setting.kind is Kind.WHOLE_NUMBER
        self._box: QSpinBox | QDoubleSpinBox = QSpinBox() if whole else QDoubleSpinBox(decimals=1)
        super().__init__(self._box)
        low, high = setting.minimum or 0, setting.maximum or 0
        if isinstance(self._box, QSpinBox):
            self._box.setRange(int(low), int(high))
        else:
            self._box.setRange(low, high)
        self._box.setSuffix(f" {setting.unit}" if setting.unit else "")
        self._box.setToolTip(f"{low:g} to {high:g}")
        self._box.setFixedWidth(WIDTH)
        self._box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._box.setKeyboardTracking(False)
        self._box.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)
        self._box.valueChanged.connect(lambda value: self.given.emit(f"{value}" if whole else f"{value:g}"))
        _ignore_wheel(self._box)

    def show_value(self, value: SettingValue) -> None:
        with QSignalBlocker(self._box):
            if isinstance(self._box, QSpinBox):
                self._box.setValue(int(value) if isinstance(value, int | float) else 0)
            else:
                self._box.setValue(float(value) if isinstance(value, int | float) else 0.0)


class _NoWheel(QObject):
    """Lets the wheel scroll the form; a value under the mouse is not changed by passing over it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _ignore_wheel(widget: QWidget) -> None:
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_NoWheel(widget))


_FIELDS: Mapping[Kind, Callable[[Setting[SettingValue]], Field]] = MappingProxyType(
    {
        Kind.SWITCH: _Switch,
        Kind.CHOICE: _Choice,
        Kind.CHOICES: _Choices,
        Kind.NUMBER: _Number,
        Kind.WHOLE_NUMBER: _Number,
    }
)


def field_for(setting: Setting[SettingValue]) -> Field:
    """The control that a setting of this kind gets."""
    return _FIELDS[setting.kind](setting)
