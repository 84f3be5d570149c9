"""Circletake: find, judge and export the takes worth clipping. No Qt in here, and torch only in `models`."""

__version__ = "0.1.0"
