"""The table as a page for people."""

from __future__ import annotations

from typing import Any

from circletake.settings.table import SETTINGS, Setting, SettingValue

_HEAD = """\
# Settings

Settings live in `settings.toml` in the user's configuration folder (`CIRCLETAKE_CONFIG_DIR` names another). Each can
also be set by an environment variable, and many by a flag. A later one wins: default, file, environment, flag.

```toml
version = 1

[analysis]
min_seconds = 20
```

This page is made from the table in `core/circletake/settings/table.py` by
`python -c "import circletake.settings as s; print(s.settings_page(), end='')"`.
"""


def settings_page() -> str:
    """Markdown with every setting; `docs/settings.md` is this."""
    parts = [_HEAD]
    for section in dict.fromkeys(setting.section for setting in SETTINGS):
        parts += [f"\n## [{section}]\n", *(_entry(s) for s in SETTINGS if s.section == section)]
    return "".join(parts)


def _entry(setting: Setting[Any]) -> str:
    unit = f" ({setting.unit})" if setting.unit else ""
    return (
        f"\n### {setting.name}: {setting.title}\n\n{setting.text}\n\n"
        f"- Takes {setting.allowed}{unit}; default `{_as_toml(setting.default)}`\n"
        f"- Environment: `{setting.variable}`\n"
    )


def _as_toml(value: SettingValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{each}"' for each in value) + "]"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"
