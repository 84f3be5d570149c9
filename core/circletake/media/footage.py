"""Which files count as footage, by name: what is taken from a folder, and what a timeline's media may be called."""

from __future__ import annotations

PICTURES = ("mp4", "mov", "m4v", "mkv", "webm", "avi", "mts", "m2ts", "ts", "mxf", "mpg", "mpeg", "vob", "wmv", "flv",
            "3gp", "ogv", "dv", "insv")  # fmt: skip
SOUNDS = ("wav", "mp3", "m4a", "aac", "flac", "ogg", "opus", "aif", "aiff")
FOOTAGE = frozenset(f".{name}" for name in (*PICTURES, *SOUNDS))
"""Suffixes, lower case; files a person names one by one are looked at whatever they are called."""
