"""What OpenShot, GES (Pitivi's engine) and Blender make of our files, to the frame."""

from __future__ import annotations

import json
import os
import subprocess
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import av
import pytest
from tests.films import make, read_number
from tests.hosts.numbered import (
    FILM,
    FRAMES,
    NTSC,
    SHOWN,
    ask,
    back,
    cut,
    needed,
    needs_module,
    numbers_in,
    places,
    shot,
    write,
)

from circletake.interchange import blender, openshot, xges
from circletake.timebase import RationalTime, TimeRange
from circletake.timeline.model import Clip, MediaReference, Timeline, Track, TrackKind

pytestmark = pytest.mark.hosts


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 numbered frames at 30000/1001, with sound, in a name that needs care; each frame stands alone."""
    return make(FILM, tmp_path_factory.mktemp("a folder é & 100%"))


OPENSHOT = """
import json, sys, openshot
openshot.Settings.Instance().PATH_OPENSHOT_INSTALL = "/usr/lib/python3/dist-packages/openshot_qt"
timeline = openshot.Timeline(sys.argv[1], False)
timeline.Open()
for number in map(int, sys.argv[3:]):
    timeline.GetFrame(number + 1).Save(f"{sys.argv[2]}/{number}.png", 1.0, "PNG", 100)
clips = [[c.Position(), c.Start(), c.End(), c.Layer(), c.has_audio.GetInt(1)] for c in timeline.Clips()]
fps = timeline.info.fps
print(json.dumps([[fps.num, fps.den], timeline.GetMaxFrame(), clips]))
"""


def test_openshots_engine_shows_the_same_frames(film: Path, tmp_path: Path) -> None:
    needs_module("openshot")
    path = write(openshot.FORMAT, cut(film), tmp_path / "cut.osp", film)
    fps, last, clips = ask(OPENSHOT, path, tmp_path, *map(str, SHOWN))
    assert fps == [30000, 1001]
    assert last - 1 == 180, "the engine counts from 1 and adds one"
    rate = float(NTSC)
    assert sorted(
        (round(position * rate), int(start * rate), round((end - start) * rate), layer, sound)
        for position, start, end, layer, sound in clips
    ) == [(0, 30, 60, 1_000_000, -1), (105, 100, 57, 1_000_000, -1), (140, 200, 40, 2_000_000, 0)]
    assert numbers_in(tmp_path, SHOWN) == SHOWN


@pytest.mark.parametrize(
    ("speed", "shown"),
    [
        (Fraction(2), {0: 100, 1: 102, 30: 160, 59: 218}),
        (Fraction(1, 2), {0: 100, 2: 101, 30: 115, 58: 129}),
        (Fraction(-1), {0: 159, 1: 158, 59: 100}),
        (Fraction(0), {0: 100, 1: 100, 59: 100}),
    ],
)
def test_openshots_engine_plays_at_our_speed(
    film: Path, tmp_path: Path, speed: Fraction, shown: dict[int, int]
) -> None:
    needs_module("openshot")
    timeline = Timeline("cut", NTSC, (Track("V1", TrackKind.VIDEO, (shot(film, "fast", 100, 60, speed),)),))
    path = write(openshot.FORMAT, timeline, tmp_path / "cut.osp", film)
    ask(OPENSHOT, path, tmp_path, *map(str, shown))
    assert numbers_in(tmp_path, shown) == shown


WINDOW = """
openshot-qt "$1" > "$HOME/log" 2>&1 &
window=$!
touch -r "$1" "$HOME/before"
for _ in $(seq 50); do
    sleep 1
    if ! xdotool search --name "cut .*OpenShot" > /dev/null 2>&1; then
        xdotool key Escape  # no sound card, says a dialog, and waits
    elif [ "$1" -nt "$HOME/before" ]; then
        break
    else
        xdotool key Escape key ctrl+s
    fi
done
sleep 1
kill -9 $window
"""


@pytest.mark.slow
def test_openshots_window_opens_and_saves_our_project(film: Path, tmp_path: Path) -> None:
    programs = [needed(name) for name in ("openshot-qt", "xvfb-run", "dbus-run-session", "xdotool", "bash")]
    path = write(openshot.FORMAT, cut(film), tmp_path / "cut.osp", film)
    before = back(openshot.FORMAT, path)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True, mode=0o700)
    screen = "-screen 0 1600x900x24 -nolisten tcp -noreset +extension GLX"
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "QT_QPA_PLATFORM": "xcb",
    }
    command = [programs[1], "-a", "-s", screen, programs[2], "--", programs[4], "-c", WINDOW, "window", str(path)]
    subprocess.run(command, capture_output=True, timeout=120, env=environment, check=False)
    assert path.stat().st_mtime > 1_000_000_000, (home / "log").read_text(encoding="utf-8")[-2000:]
    after = back(openshot.FORMAT, path)
    assert (after.rate, after.markers, after.marks) == (before.rate, before.markers, before.marks)
    assert [track.name for track in after.tracks] == [track.name for track in before.tracks]
    assert [places(after, kind) for kind in TrackKind] == [places(before, kind) for kind in TrackKind]
    clip = after.tracks[0].items[0]
    assert isinstance(clip, Clip)
    assert clip.media
    assert clip.media.target_url.startswith(".."), "OpenShot saves relative paths"
    assert (path.parent / clip.media.target_url).resolve() == film


GES = """
import json, sys, gi
gi.require_version("GES", "1.0")
from gi.repository import GES, GLib, Gst
Gst.init(None)
GES.init()
project, loop, errors = GES.Project.new(sys.argv[1]), GLib.MainLoop(), []
timeline = project.extract()
project.connect("loaded", lambda *_: loop.quit())
project.connect("error-loading-asset", lambda _, error, name, kind: errors.append([str(error), name]))
GLib.timeout_add_seconds(30, loop.quit)
loop.run()
clips = [
    [layer.get_priority(), clip.get_string("name"), clip.get_start(), clip.get_inpoint(), clip.get_duration(),
     int(clip.get_supported_formats()), [effect.get_asset().get_id() for effect in clip.get_top_effects()]]
    for layer in timeline.get_layers() for clip in layer.get_clips()
]
markers = [
    [marker.props.position, marker.get_string("comment"), marker.get_uint("marker-color")[1]]
    for marker in timeline.get_marker_list("markers").get_markers()
]
caps = [track.get_restriction_caps().get_structure(0).get_fraction("framerate") for track in timeline.get_tracks()]
timeline.save_to_uri(sys.argv[2], None, True)
print(json.dumps([clips, markers, [list(each[1:]) for each in caps if each[0]], timeline.get_duration(), errors]))
"""


def nanoseconds(frames: int) -> int:
    return round(frames / NTSC * 10**9)


def test_ges_sees_and_keeps_our_clips_and_markers(film: Path, tmp_path: Path) -> None:
    needs_module("gi")
    path, saved = write(xges.FORMAT, cut(film), tmp_path / "cut.xges", film), tmp_path / "saved.xges"
    clips, markers, caps, length, errors = ask(GES, path.as_uri(), saved.as_uri())
    assert errors == []
    assert caps == [[30000, 1001]]
    assert length == nanoseconds(180)
    expected = [(0, "over", 140, 200, 40, 4), (1, 'Hook "é" & <b>', 0, 30, 60, 6), (1, "Payoff", 105, 100, 57, 6)]
    assert clips == [
        [layer, name, *map(nanoseconds, (start, first)), nanoseconds(start + length) - nanoseconds(start), kind, []]
        for layer, name, start, first, length, kind in expected
    ]
    assert markers == [[nanoseconds(12), 'Laugh "1" é; {x} [ct:0123456789ab k 88 40f]', 0xFF00AD00]]
    assert back(xges.FORMAT, saved) == back(xges.FORMAT, path)


@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 2)])
def test_ges_plays_at_our_speed(film: Path, tmp_path: Path, speed: Fraction) -> None:
    needs_module("gi")
    items = (shot(film, "fast", FRAMES - int(60 * speed), 60, speed),)
    tracks = (Track("V1", TrackKind.VIDEO, items), Track("A1", TrackKind.AUDIO, items))
    path = write(xges.FORMAT, Timeline("cut", NTSC, tracks), tmp_path / "cut.xges", film)
    saved = tmp_path / "saved.xges"
    ((*_, first, length, _, effects),), *_, errors = ask(GES, path.as_uri(), saved.as_uri())
    assert errors == []
    assert (first, length) == (nanoseconds(FRAMES - int(60 * speed)), nanoseconds(60))
    assert sorted(effects) == [f"audio pitch tempo={float(speed)}", f"video videorate rate={float(speed)}"]
    read = back(xges.FORMAT, saved)
    assert places(read, TrackKind.VIDEO) == [(0, 60, FRAMES - int(60 * speed), speed)]
    assert places(read, TrackKind.AUDIO) == places(read, TrackKind.VIDEO)


GES_SHOWN = """
import json, sys, gi
gi.require_version("GES", "1.0")
from gi.repository import GES, GLib, Gst
Gst.init(None)
GES.init()
project, loop = GES.Project.new(sys.argv[1]), GLib.MainLoop()
timeline = project.extract()
project.connect("loaded", lambda *_: loop.quit())
loop.run()
pipeline = GES.Pipeline()
pipeline.set_timeline(timeline)
pipeline.set_mode(GES.PipelineFlags.FULL_PREVIEW)
pictures = f'videoconvert ! pngenc ! multifilesink location="{sys.argv[2]}/%03d.png" sync=false'
pipeline.preview_set_video_sink(Gst.parse_bin_from_description(pictures, True))
pipeline.preview_set_audio_sink(Gst.ElementFactory.make("fakesink"))
pipeline.set_state(Gst.State.PLAYING)
ended = pipeline.get_bus().timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
pipeline.set_state(Gst.State.NULL)
print(json.dumps(ended is not None and ended.type == Gst.MessageType.EOS))
"""


def test_ges_shows_every_frame_in_its_order(film: Path, tmp_path: Path) -> None:
    needs_module("gi")
    path, folder = write(xges.FORMAT, cut(film), tmp_path / "cut.xges", film), tmp_path / "shown"
    folder.mkdir()
    assert ask(GES_SHOWN, path.as_uri(), folder) is True
    numbers = []
    for each in sorted(folder.iterdir()):
        with av.open(str(each)) as picture:
            numbers.append(read_number(next(picture.decode(video=0)).reformat(format="rgb24")))
    # Where a clip on another layer ends, GES begins anew, a nanosecond early, and shows the frame before once more.
    assert len(numbers) in (180, 181)
    assert [number for number, _ in groupby(numbers)] == [*range(30, 90), -1, *range(100, 135), *range(200, 240)]
    assert numbers.count(-1) == 45


def test_ges_launch_plays_the_cut_to_its_end(film: Path, tmp_path: Path) -> None:
    path = write(xges.FORMAT, cut(film), tmp_path / "cut.xges", film)
    sinks = ["--videosink", "fakesink", "--audiosink", "fakesink"]
    command = [needed("ges-launch-1.0"), "--load", str(path), *sinks]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stdout + done.stderr


BLENDER = """
import bpy, json
scene = bpy.context.scene
editor = scene.sequence_editor
strips = editor.strips if hasattr(editor, "strips") else editor.sequences
print("SEEN" + json.dumps([
    [scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end],
    sorted(
        [s.channel, s.type, s.name, s.frame_final_start, s.frame_final_duration, s.frame_offset_start] for s in strips
    ),
    sorted([marker.frame, marker.name] for marker in scene.timeline_markers),
    [scene.render.resolution_x, scene.render.resolution_y],
]))
"""


RENDER = """
import bpy, json, sys
folder, *frames = sys.argv[sys.argv.index("--") + 1 :]
scene = bpy.context.scene
scene.render.image_settings.file_format = "PNG"
for number in map(int, frames):
    scene.frame_set(number + 1)
    scene.render.filepath = f"{folder}/{number}.png"
    bpy.ops.render.render(write_still=True)
"""


def in_blender(script: Path, folder: Path) -> tuple[Any, str]:
    """What Blender holds after the script, and after it saved and opened its own file again; what it printed."""
    look, saved = folder / "look.py", folder / "saved.blend"
    look.write_text(BLENDER, encoding="utf-8")
    start = [needed("blender"), "-b", "--factory-startup"]
    runs = ["--python", script, "--python", look, "--", saved], [saved, "--python", look]
    seen, said = [], ""
    for arguments in runs:
        command = [*start, *map(str, arguments)] if arguments[0] != saved else [start[0], "-b", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        said += done.stdout
        seen += [json.loads(line[4:]) for line in done.stdout.splitlines() if line.startswith("SEEN")]
    first, again = seen
    assert first == again, "what was saved is what was built"
    return first, said


def test_blender_lays_our_clips_and_markers(film: Path, tmp_path: Path) -> None:
    path = write(blender.FORMAT, cut(film), tmp_path / "cut.py", film)
    (render, strips, markers, size), said = in_blender(path, tmp_path)
    assert render == [30, pytest.approx(1.001, abs=1e-6), 1, 180]
    assert size == [128, 72]
    assert strips == [
        [1, "SOUND", 'Hook "é" & <b>', 1, 60, 30],
        [1, "SOUND", "Payoff", 106, 57, 100],
        [2, "MOVIE", 'Hook "é" & <b>.001', 1, 60, 30],
        [2, "MOVIE", "Payoff.001", 106, 57, 100],
        [3, "MOVIE", "over", 141, 40, 200],
    ]
    assert markers == [[13, 'Laugh "1" é; {x} [ct:0123456789ab k 88 40f]']]
    assert "Circletake: 5 strips, 1 markers, 0 files not found" in said
    assert shown_in_blender(tmp_path, SHOWN) == SHOWN


def shown_in_blender(folder: Path, frames: dict[int, int]) -> dict[int, int]:
    """Which frame of the film each of `frames` shows in the file that Blender saved."""
    script = folder / "render.py"
    script.write_text(RENDER, encoding="utf-8")
    command = [needed("blender"), "-b", folder / "saved.blend", "--python", script, "--", folder]
    subprocess.run([*map(str, command), *map(str, frames)], capture_output=True, timeout=100, check=True)
    return numbers_in(folder, frames)


def test_blender_plays_at_our_speed(film: Path, tmp_path: Path) -> None:
    speeds = (2, -1, 0, -2, 1)
    items = tuple(shot(film, f"at {speed}", 100, 20, Fraction(speed)) for speed in speeds)
    under = Track("V1", TrackKind.VIDEO, (shot(film, "under", 0, 100),))
    timeline = Timeline("cut", NTSC, (under, Track("V2", TrackKind.VIDEO, items)))
    in_blender(write(blender.FORMAT, timeline, tmp_path / "cut.py", film), tmp_path)
    fast, back, held, fast_back = {0: 100, 1: 102, 19: 138}, {20: 119, 39: 100}, {40: 100, 59: 100}, {60: 139, 79: 101}
    shown = {**fast, **back, **held, **fast_back, 80: 100, 99: 119}
    assert shown_in_blender(tmp_path, shown) == shown


def test_blender_goes_on_without_a_film_and_no_name_is_code(tmp_path: Path) -> None:
    name = "\"\"\" ' \\' + __import__('os').system('touch owned') #\u2028"
    gone = tmp_path / 'it\'s "gone" {data}.mp4'
    items = (shot(gone, name, 30, 60), shot(gone, "b", 10, 20))
    timeline = Timeline("cut", NTSC, (Track("V1", TrackKind.VIDEO, items), Track("A1", TrackKind.AUDIO, items)))
    path = write(blender.FORMAT, timeline, tmp_path / "cut.py")
    (_, strips, _, _), said = in_blender(path, tmp_path)
    assert [strip[3:] for strip in strips] == [[1, 60, 30], [61, 20, 10]] * 2
    assert {strip[2] for strip in strips} >= {name, "b"}
    assert f"Circletake: not found: {str(gone)!a}" in said
    assert not list(Path().glob("owned")) + list(tmp_path.glob("owned"))


def test_blender_plays_a_film_of_another_rate_at_its_own_speed(film: Path, tmp_path: Path) -> None:
    clip = Clip("slow", TimeRange(RationalTime(60, NTSC), RationalTime(50, Fraction(50))), MediaReference(str(film)))
    timeline = Timeline("cut", Fraction(50), (Track("V1", TrackKind.VIDEO, (clip,)),))
    (_, strips, *_), _ = in_blender(write(blender.FORMAT, timeline, tmp_path / "cut.py", film), tmp_path)
    assert [(strip[0], strip[1], *strip[3:]) for strip in strips] == [(1, "MOVIE", 1, 50, 60), (2, "SPEED", 1, 50, 0)]
    frames = {0: 60, 10: 66, 49: 89}
    shown = shown_in_blender(tmp_path, frames)
    assert all(abs(shown[number] - expected) <= 1 for number, expected in frames.items()), shown
