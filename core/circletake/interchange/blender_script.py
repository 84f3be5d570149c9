"""The script that Blender runs; `{data}` becomes Python's spelling of a JSON text, so that no name is ever code."""

SCRIPT = '''\
"""A cut for Blender's video sequencer, written by Circletake. For Blender 3.3 and later.

    blender --python THIS_FILE                     open it
    blender -b --python THIS_FILE -- cut.blend     save it without a window

It empties the sequencer of the current scene first.
"""

import json
import os
import sys

import bpy

CUT = json.loads(
{data}
)

FIRST_FRAME = 1
TOP_CHANNEL = 128  # empty, so a strip is trimmed there without pushing others


def build(cut):
    scene = bpy.context.scene
    set_up(scene, cut)
    if scene.sequence_editor:
        scene.sequence_editor_clear()
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences  # Blender 5 knows the first alone
    for number, name in cut["channels"]:
        editor.channels[number].name = name
    for clip in cut["clips"]:
        add(strips, clip)
    for marker in cut["markers"]:
        scene.timeline_markers.new(marker["name"], frame=FIRST_FRAME + marker["frame"])
    missing = sorted({clip["path"] for clip in cut["clips"] if not os.path.exists(clip["path"])})
    for path in missing:
        print("Circletake: not found:", ascii(path))
    print("Circletake:", len(cut["clips"]), "strips,", len(cut["markers"]), "markers,", len(missing), "files not found")


def set_up(scene, cut):
    render = scene.render
    render.fps, render.fps_base = cut["fps"], cut["fps_base"]
    render.resolution_x, render.resolution_y = cut["size"]
    render.resolution_percentage = 100
    scene.frame_start = FIRST_FRAME
    scene.frame_end = max(FIRST_FRAME, FIRST_FRAME + cut["length"] - 1)
    scene.frame_set(FIRST_FRAME)
    scene.timeline_markers.clear()
    if getattr(bpy.context, "workspace", None) and hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene


def add(strips, clip):
    about = {"name": clip["name"], "filepath": clip["path"], "channel": TOP_CHANNEL, "frame_start": FIRST_FRAME}
    if clip["kind"] == "movie":  # whole in the frame, whatever its size; Blender would show its middle
        strip = strips.new_movie(**about, fit_method="FIT")
    else:
        strip = strips.new_sound(**about)
    first = clip["first"]
    if clip["speed"] < 0:  # Blender turns the whole film round
        strip.use_reverse_frames = True
        first = max(0, strip.frame_duration - first - clip["used"])
    strip.frame_start = FIRST_FRAME + clip["start"] - first
    strip.frame_offset_start = first
    strip.frame_final_duration = clip["length"]
    strip.channel = clip["channel"]
    if abs(clip["speed"]) != 1:
        effect = speed_effect(strips, strip, clip)
        effect.speed_control = "MULTIPLY"
        effect.speed_factor = abs(clip["speed"])
        effect.use_frame_interpolate = False


def speed_effect(strips, strip, clip):
    length, start = clip["length"], FIRST_FRAME + clip["start"]
    about = {"name": clip["name"], "type": "SPEED", "channel": clip["channel"] + 1, "frame_start": start}
    try:
        return strips.new_effect(**about, length=length, input1=strip)
    except TypeError:  # before Blender 5
        return strips.new_effect(**about, frame_end=start + length, seq1=strip)


build(CUT)
if "--" in sys.argv[:-1]:
    bpy.ops.wm.save_as_mainfile(filepath=os.path.abspath(sys.argv[sys.argv.index("--") + 1]))
'''
"""Plain Python of Blender's own; it takes all that is not the same for every cut from one JSON text."""
