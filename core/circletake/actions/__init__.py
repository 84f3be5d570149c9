"""Everything a person can do, once each: a named function with typed arguments. All doors are made from these.

A function takes the session first and answers with a value, with a `Job` where the work is long, or with nothing where
it changed the project. The window draws menus and keys from `ACTIONS`, the terminal its commands.
"""

from circletake.actions import marks, timelines, work
from circletake.actions.table import ACTIONS, Action, Needs, Say

__all__ = ["ACTIONS", "Action", "Needs", "Say", "marks", "timelines", "work"]
