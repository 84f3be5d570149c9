"""Settings are data: one table, from which the file, the form, the terminal's defaults and the page in docs come."""

from circletake.settings.files import load_settings, settings_path, write_settings
from circletake.settings.page import settings_page
from circletake.settings.table import (
    CACHE_MEGABYTES,
    CPU_THREADS,
    EXPORT_MODE,
    EXPORT_QUALITY,
    EXPORT_TIMELINES,
    FAST,
    MARK_THRESHOLD,
    MAX_SECONDS,
    MIN_SECONDS,
    OVERWRITE,
    SETTINGS,
    THUMBNAIL_COUNT,
    TOP,
    Kind,
    Setting,
    SettingValue,
    find_setting,
)
from circletake.settings.values import Origin, Settings

__all__ = [
    "CACHE_MEGABYTES",
    "CPU_THREADS",
    "EXPORT_MODE",
    "EXPORT_QUALITY",
    "EXPORT_TIMELINES",
    "FAST",
    "MARK_THRESHOLD",
    "MAX_SECONDS",
    "MIN_SECONDS",
    "OVERWRITE",
    "SETTINGS",
    "THUMBNAIL_COUNT",
    "TOP",
    "Kind",
    "Origin",
    "Setting",
    "SettingValue",
    "Settings",
    "find_setting",
    "load_settings",
    "settings_page",
    "settings_path",
    "write_settings",
]
