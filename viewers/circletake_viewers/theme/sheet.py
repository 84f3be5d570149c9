"""The one style sheet. Parts name what they are by `setObjectName` or the property `look`; it says how that looks."""

from __future__ import annotations

from circletake_viewers.theme.table import BIG, BODY, CAPTION, RADIUS_BUTTON, RADIUS_CHIP, SMALL, TITLE, Theme


def style_sheet(theme: Theme) -> str:
    """Every rule, in the theme's colours."""
    return "\n".join((_words(theme), _buttons(theme), _fields(theme), _frames(theme)))


def _words(t: Theme) -> str:
    return f"""
    QWidget {{ color: {t.text}; font-size: {BODY}px; }}
    QLabel {{ background: transparent; }}
    QLabel[look="title"] {{ font-size: {TITLE}px; font-weight: 600; }}
    QLabel[look="caption"] {{ font-size: {CAPTION}px; color: {t.muted}; }}
    QLabel[look="hint"] {{ font-size: {CAPTION}px; color: {t.faint}; }}
    QLabel[look="big"] {{ font-size: {BIG}px; font-weight: 600; }}
    QLabel[look="error"] {{ color: {t.error}; }}
    QLabel[look="key"] {{
        font-size: {SMALL}px; color: {t.muted}; border: 1px solid {t.line}; border-radius: 3px;
        background: {t.raised}; padding: 0 4px;
    }}
    QLabel[look="chip"] {{
        font-size: {CAPTION}px; color: {t.muted}; border: 1px solid {t.line}; border-radius: {RADIUS_CHIP}px;
        padding: 2px 10px;
    }}
    QToolTip {{ color: {t.text}; background: {t.raised}; border: 1px solid {t.line}; padding: 4px 6px; }}
    """


def _buttons(t: Theme) -> str:
    return f"""
    QPushButton, QToolButton {{
        background: {t.raised}; border: 1px solid transparent; border-radius: {RADIUS_BUTTON}px;
        padding: 5px 12px; min-height: 16px;
    }}
    QPushButton:hover, QToolButton:hover {{ background: {t.hover}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {t.line}; }}
    QPushButton:focus, QToolButton:focus {{ border-color: {t.muted}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {t.faint}; background: {t.panel}; border-color: {t.line}; }}
    QPushButton[look="main"] {{ background: {t.accent}; color: {t.on_accent}; font-weight: 600; }}
    QPushButton[look="main"]:hover, QPushButton[look="main"]:focus {{ border-color: {t.text}; }}
    QPushButton[look="main"]:disabled {{ background: {t.raised}; color: {t.faint}; border-color: {t.line}; }}
    QPushButton[look="danger"] {{ color: {t.error}; }}
    QToolButton[look="flat"], QPushButton[look="flat"] {{ background: transparent; padding: 4px; }}
    QToolButton[look="flat"]:hover, QPushButton[look="flat"]:hover {{ background: {t.raised}; }}
    QToolButton[look="flat"]:disabled, QPushButton[look="flat"]:disabled {{
        background: transparent; border-color: transparent;
    }}
    QToolButton[look="flat"]:checked {{ background: {t.raised}; }}
    QPushButton[look="link"] {{
        background: transparent; color: {t.muted}; font-size: {CAPTION}px; padding: 2px 6px; min-height: 20px;
    }}
    QPushButton[look="link"]:hover {{ color: {t.text}; background: {t.raised}; }}
    QPushButton[look="link"]:disabled {{ color: {t.faint}; background: transparent; border-color: transparent; }}
    QPushButton[look="chip"] {{
        background: transparent; border: 1px solid {t.line}; border-radius: {RADIUS_CHIP}px; padding: 2px 10px;
        font-size: {CAPTION}px; color: {t.muted};
    }}
    QPushButton[look="chip"]:hover {{ color: {t.text}; background: {t.raised}; }}
    QPushButton[look="chip"]:checked {{ color: {t.text}; border-color: {t.muted}; background: {t.raised}; }}
    QToolButton::menu-indicator {{ image: none; width: 0; }}
    """


def _fields(t: Theme) -> str:
    return f"""
    QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QKeySequenceEdit {{
        background: {t.raised}; border: 1px solid {t.line}; border-radius: {RADIUS_BUTTON}px; padding: 4px 8px;
        selection-background-color: {t.accent}; selection-color: {t.on_accent};
    }}
    QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {{
        border-color: {t.accent};
    }}
    QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{
        color: {t.faint}; background: {t.panel};
    }}
    QComboBox {{ padding-right: 24px; }}
    QComboBox::drop-down {{ border: none; width: 24px; }}
    QComboBox::down-arrow, QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
        width: 0; height: 0; border-left: 4px solid {t.raised}; border-right: 4px solid {t.raised};
        border-top: 5px solid {t.muted};
    }}
    QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{
        width: 0; height: 0; border-left: 4px solid {t.raised}; border-right: 4px solid {t.raised};
        border-bottom: 5px solid {t.muted};
    }}
    QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{
        border: none; background: transparent; width: 20px;
    }}
    QCheckBox::indicator, QRadioButton::indicator {{
        width: 12px; height: 12px; border: 1px solid {t.faint}; background: {t.raised};
    }}
    QCheckBox::indicator {{ border-radius: 3px; }}
    QRadioButton::indicator {{ border-radius: 7px; }}
    QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {t.text}; }}
    QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {t.text}; }}
    QCheckBox::indicator:checked, QRadioButton::indicator:checked {{
        width: 6px; height: 6px; border: 4px solid {t.accent}; background: {t.on_accent};
    }}
    QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {t.line}; }}
    QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.line}; }}
    QCheckBox, QRadioButton {{ spacing: 8px; min-height: 24px; }}
    QProgressBar {{ background: {t.line}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
    QSlider::groove:horizontal {{ height: 4px; background: {t.line}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.muted}; border-radius: 2px; }}
    QSlider::handle:horizontal {{ width: 12px; margin: -4px 0; border-radius: 6px; background: {t.text}; }}
    """


def _frames(t: Theme) -> str:
    return f"""
    QMainWindow, QDialog {{ background: {t.panel}; }}
    QWidget#panel {{ background: {t.panel}; }}
    QWidget#ground {{ background: {t.ground}; }}
    QFrame#card {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {RADIUS_BUTTON}px; }}
    QFrame#line {{ background: {t.line}; border: none; }}
    QMainWindow::separator, QSplitter::handle {{ background: {t.line}; }}
    QAbstractItemView {{ background: {t.panel}; border: none; outline: none; }}
    QAbstractItemView::item:selected {{ background: {t.accent_fill}; color: {t.text}; }}
    QTableView::item {{ padding: 0 8px; }}
    QHeaderView::section {{
        background: {t.panel}; color: {t.muted}; border: none; border-bottom: 1px solid {t.line}; padding: 4px 8px;
        font-size: {CAPTION}px;
    }}
    QScrollArea {{ border: none; background: transparent; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; }}
    QScrollBar::handle {{ background: {t.hover}; border-radius: 4px; min-height: 28px; min-width: 28px; margin: 2px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QMenu {{ background: {t.raised}; border: 1px solid {t.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {t.hover}; }}
    QMenu::item:disabled {{ color: {t.faint}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 6px 12px; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
    QTabWidget::pane {{ border: none; }}
    """
