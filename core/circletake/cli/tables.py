"""Answers as tables for people at a terminal."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from circletake.export.report import ClipReport
from circletake.session.analysing import Analysed, AnalysedFilm
from circletake.session.converting import Converted
from circletake.session.doctor import Check, Health
from circletake.session.exporting import Exported
from circletake.session.importing import ImportedCut, MarksTaken
from circletake.session.relinking import Relinked
from circletake.session.sending import Parcel, Sent
from circletake.settings import Settings
from circletake.timebase import format_clock
from circletake.timeline.model import Clip, Mark, MarkState

SHORT_ID = 8
"""Characters of a mark's id shown: enough to name it."""

MOST_CLIPS = 200
"""Clips of a timeline shown: more scroll by unread, and take seconds to lay out."""

_HEALTH = {Health.OK: "[green]ok[/]", Health.NOTE: "[yellow]note[/]", Health.FAULT: "[red]fault[/]"}
_STATE = {MarkState.KEPT: "[green]kept[/]", MarkState.PROPOSED: "[blue]proposed[/]", MarkState.REJECTED: "rejected"}


def _table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        fixed = column in right or column == "id"
        table.add_column(column, justify="right" if column in right else "left", no_wrap=fixed)
    return table


def show_analysed(analysed: Analysed, console: Console) -> None:
    """A ranked table a film, with what scored it and how long it took."""
    for film in analysed.films:
        console.print(_heading(film), highlight=False)
        console.print(_segments(film))
        for warning in film.analysis.warnings:
            console.print(f"[yellow]Note:[/] {escape(warning)}", highlight=False)


def _heading(film: AnalysedFilm) -> str:
    analysis = film.analysis
    seconds = analysis.media.duration.to_seconds()
    took = "from the cache" if analysis.cached else f"in {film.seconds:.1f} s"
    name = escape(analysis.media.path.name)
    return f"[bold]{name}[/]  {format_clock(seconds)}, {took}, by {escape(analysis.method)}"


def _segments(film: AnalysedFilm) -> RenderableType:
    if not film.analysis.segments:
        return "Nothing stands out."
    table = _table(
        "#", "score", "from", "to", "length", "what carried it", right=("#", "score", "from", "to", "length")
    )
    for rank, segment in enumerate(film.analysis.segments, 1):
        start, end = segment.range.start_time, segment.range.end_time_exclusive
        table.add_row(
            str(rank),
            f"{segment.score:.1f}",
            format_clock(start.seconds),
            format_clock(end.seconds),
            f"{segment.range.duration.to_seconds():.1f} s",
            escape(segment.title),
        )
    return table


def show_exported(exported: Exported, console: Console) -> None:
    """A line a clip: what is in it, or why it is not there."""
    table = _table("file", "cut", "frames", "MB", "remark", right=("frames", "MB"))
    for clip in exported.report.clips:
        table.add_row(*_clip_row(clip))
    console.print(table)
    for path in exported.lists:
        console.print(f"Wrote {escape(str(path))}", highlight=False, soft_wrap=True)
    console.print(f"Clips are in {escape(str(exported.report.folder))}", highlight=False, soft_wrap=True)


def _clip_row(clip: ClipReport) -> tuple[str, str, str, str, str]:
    if clip.written is None:
        reason = clip.error.message if clip.error else "not written"
        return escape(clip.path.name), "[red]failed[/]", "", "", escape(reason)
    written = clip.written
    remarks = [clip.reason, *written.warnings]
    if written.start_early > 0:
        remarks.append(f"starts {float(written.start_early):.2f} s early, on a key frame")
    if written.end_late > 0:
        remarks.append(f"ends {float(written.end_late):.2f} s late")
    share = f"{written.frames_copied} of {written.frames} frames copied" if written.frames_copied else ""
    text = " ".join(part for part in (*remarks, share) if part)
    return escape(clip.path.name), str(written.mode), str(written.frames), f"{clip.size / 1e6:.1f}", escape(text)


def show_marks(marks: tuple[Mark, ...], console: Console) -> None:
    """A line a mark, with the start of its id."""
    if not marks:
        console.print("There are no marks.")
        return
    table = _table("id", "state", "score", "from", "to", "name", "scored by", right=("score", "from", "to"))
    for mark in marks:
        start, end = mark.range.start_time, mark.range.end_time_exclusive
        table.add_row(
            mark.id[:SHORT_ID],
            _STATE[mark.state],
            "" if mark.score is None else f"{mark.score:.1f}",
            format_clock(start.seconds),
            format_clock(end.seconds),
            escape(mark.name),
            escape(mark.source),
        )
    console.print(table)


def show_checks(checks: tuple[Check, ...], console: Console) -> None:
    """A line a check, with the remedy under it."""
    table = _table("", "", "")
    for check in checks:
        remedy = f"\n[dim]{escape(check.remedy)}[/]" if check.remedy else ""
        table.add_row(_HEALTH[check.health], check.name, escape(check.found) + remedy)
    console.print(table)


def show_settings(settings: Settings, console: Console) -> None:
    """A line a setting, with where its value comes from."""
    table = _table("setting", "value", "from", "meaning")
    for row, value, origin in settings.items():
        shown = ",".join(value) if isinstance(value, tuple) else str(value)
        table.add_row(row.key, escape(shown), str(origin), escape(f"{row.title}. {row.text}"))
    console.print(table)


def show_cut(cut: ImportedCut, console: Console) -> None:
    """A line a clip, track by track, then the markers and what the file held beside."""
    timeline = cut.timeline
    length = format_clock(timeline.duration.seconds)
    rate = f"{float(timeline.rate):.3f}".rstrip("0").rstrip(".") + (" DF" if timeline.drop_frame else "")
    name, title = escape(timeline.name), escape(cut.imported.form.title)
    console.print(f"[bold]{name}[/]  {length}, {rate} frames a second, {title}", highlight=False)
    table = _table("track", "at", "length", "from", "clip", "media", right=("at", "length", "from"))
    clips = [
        (track.name, placed, item)
        for track in timeline.tracks
        for placed, item in track.placed(timeline.rate)
        if isinstance(item, Clip)
    ]
    for name, placed, clip in clips[:MOST_CLIPS]:
        media = clip.media.target_url if clip.media else ""
        start = format_clock(placed.start_time.seconds), f"{placed.duration.to_seconds():.2f} s"
        source = format_clock(clip.source_range.start_time.seconds)
        table.add_row(escape(name), *start, source, escape(clip.name), escape(media))
    console.print(table)
    if len(clips) > MOST_CLIPS:
        console.print(f"and {len(clips) - MOST_CLIPS} more clips; --json lists them all", highlight=False)
    for marker in timeline.markers:
        place = format_clock(marker.range.start_time.seconds)
        console.print(f"{place}  {escape(marker.name)}  {escape(marker.comment)}".rstrip(), highlight=False)
    if timeline.marks:
        show_marks(timeline.marks, console)
    for missing in cut.imported.missing:
        text = escape(f"{missing.url}: {missing.reason}")
        console.print(f"[yellow]Missing:[/] {text}", highlight=False, soft_wrap=True)
    for name in cut.imported.others:
        console.print(f"[yellow]Not read:[/] the sequence {escape(name)}", highlight=False, soft_wrap=True)
    for warning in cut.imported.warnings:
        console.print(f"[yellow]Note:[/] {escape(warning)}", highlight=False, soft_wrap=True)


def show_taken(taken: MarksTaken, console: Console) -> None:
    """How many marks came, and why others did not."""
    counts = f"{taken.added} added, {taken.updated} updated, {taken.left_out} left out"
    console.print(f"Marks of {escape(taken.path.name)}: {counts}", highlight=False, soft_wrap=True)
    for warning in taken.warnings:
        console.print(f"[yellow]Note:[/] {escape(warning)}", highlight=False, soft_wrap=True)


def show_relinked(relinked: Relinked, console: Console) -> None:
    """A line a medium: where it is now, or why it is not found."""
    for url, info in relinked.found:
        console.print(f"Found {escape(str(info.path))} for {escape(url)}", highlight=False, soft_wrap=True)
    for url in relinked.missing:
        reason = relinked.reasons.get(url, "it was not looked for elsewhere")
        console.print(f"[yellow]Missing:[/] {escape(f'{url}: {reason}')}", highlight=False, soft_wrap=True)


def show_converted(converted: Converted, console: Console) -> None:
    """What was written, and what was lost."""
    show_parcel(converted.parcel, console, in_full=converted.in_full)
    for warning in converted.cut.imported.warnings:
        console.print(f"[yellow]Note:[/] {escape(warning)}", highlight=False, soft_wrap=True)


def show_sent(sent: Sent, console: Console) -> None:
    """A line a file with its losses, and how it is opened."""
    for parcel in sent.parcels:
        show_parcel(parcel, console, in_full=False)
    console.print(f"In {escape(sent.editor.title)}: {escape(sent.editor.how)}", highlight=False, soft_wrap=True)


def show_parcel(parcel: Parcel, console: Console, *, in_full: bool) -> None:
    """A file written, and a line for each thing its format lost; `in_full` names the places."""
    console.print(f"Wrote {escape(str(parcel.path))}", highlight=False, soft_wrap=True)
    by_sentence = {loss.sentence: loss for loss in sorted(parcel.losses, key=lambda loss: loss.count)}
    for sentence in dict.fromkeys(loss.sentence for loss in parcel.losses):
        loss = by_sentence[sentence]  # of several with one sentence, the one that happens most
        times = f" ({loss.count} times)" if loss.count > 1 else ""
        places = f"  {', '.join(loss.places)}" if in_full else ""
        console.print(f"  {escape(sentence)}{times}{escape(places)}", highlight=False, soft_wrap=True)
    if in_full and not parcel.losses:
        console.print("  Nothing is lost.", highlight=False)
