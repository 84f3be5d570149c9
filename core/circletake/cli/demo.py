"""The whole job once, on the sample or on a film of one's own: analyse, rank, export, and where everything went."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from circletake.cli.tables import show_analysed, show_exported
from circletake.cli.waiting import wait
from circletake.errors import ExportRefused
from circletake.session.exporting import MarkChoice, TimelineFormat
from circletake.session.session import Session
from circletake_resources import sample_clip

SAMPLE_LENGTHS = (4.0, 12.0)
"""Seconds: the sample is shorter than a minute, so its clips are too."""

CLIPS = 3
"""How many are exported."""


LISTS = (TimelineFormat.OTIO, TimelineFormat.EDL, TimelineFormat.CSV)


def demo(session: Session, file: Path | None, folder: Path, *, overwrite: bool, out: Console, err: Console) -> int:
    """Analyse, print a ranked table, export the best as clips and timelines, save the project; 1 where a clip failed.

    Raises:
        ExportRefused: the folder holds an earlier demo and `overwrite` is off.
    """
    shortest, longest = SAMPLE_LENGTHS if file is None else (None, None)
    project = folder / "project.otio"
    if project.exists() and not overwrite:
        raise ExportRefused("an earlier demo is there", hint="Choose another folder, or add --overwrite.", path=project)
    session.take(wait(session.open((file or sample_clip(),)), err))
    analysed = wait(session.analyse(shortest=shortest, longest=longest, top=CLIPS), err)
    session.take(analysed)
    show_analysed(analysed, out)
    out.print()
    wish = session.wish(folder / "clips", marks=MarkChoice.PROPOSED, timelines=LISTS, overwrite=overwrite)
    exported = wait(session.export(session.plan_export(wish)), err)
    show_exported(exported, out)
    saved = session.save(project.absolute())
    out.print(f"The project is {escape(str(saved))}; every program that reads OpenTimelineIO opens it.", soft_wrap=True)
    return 1 if exported.report.failed else 0
