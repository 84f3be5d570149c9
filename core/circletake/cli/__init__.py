"""The terminal door: its commands are made from the actions."""

from circletake.cli.app import main

__all__ = ["main"]
