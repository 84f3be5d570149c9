"""Makes circletake_resources/sample.mp4 and sample_truth.json again.

    python -m make_sample [FOLDER]

It wants numpy, PyAV and espeak-ng. Everything is seeded and one thread encodes: the same tools give the same
bytes. The truth file tells what was drawn and laid, never what was measured.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from make_sample import plan
from make_sample.pictures import pictures
from make_sample.sound import Samples, find_espeak, soundtrack

AUDIO_FRAME = 1024
"""Samples an AAC frame holds. Source: ISO/IEC 14496-3."""


def add_streams(container: OutputContainer) -> tuple[VideoStream, AudioStream]:
    """H.264 with a key frame each two seconds and at each cut, and AAC."""
    video = container.add_stream(
        "libx264",
        rate=plan.RATE,
        options={"crf": "21", "preset": "slow", "threads": "1", "x264-params": f"keyint={plan.GOP}:bframes=2"},
    )
    video.width, video.height, video.pix_fmt = plan.WIDTH, plan.HEIGHT, "yuv420p"
    video.codec_context.thread_count = 1
    context: Any = video.codec_context  # the stubs lack the colour fields' setters
    context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709. Source: ITU-T H.273
    context.color_range = 1
    audio = container.add_stream("aac", rate=plan.SAMPLE_RATE, layout="stereo")
    audio.bit_rate = 128_000
    return video, audio


def encode_pictures(container: OutputContainer, stream: VideoStream) -> None:
    """Draw, convert and encode every frame."""
    for index, image in enumerate(pictures()):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(
            format="yuv420p", src_colorspace="ITU709", dst_colorspace="ITU709"
        )
        frame.pts, frame.time_base = index, Fraction(1, plan.RATE)
        container.mux(stream.encode(frame))
        if index % 300 == 0:
            print(f"frame {index} of {plan.FRAMES}", flush=True)
    container.mux(stream.encode(None))


def encode_sound(container: OutputContainer, stream: AudioStream, track: Samples) -> None:
    """Encode the whole track."""
    for start in range(0, len(track), AUDIO_FRAME):
        planes = np.ascontiguousarray(track[start : start + AUDIO_FRAME].T)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = plan.SAMPLE_RATE, start, Fraction(1, plan.SAMPLE_RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def truth(spoken: list[tuple[float, float, str]]) -> dict[str, object]:
    """What the clip holds. Frame ranges are [start, end); seconds are rounded to the millisecond."""
    by_name = {scene.name: [scene.start_frame, scene.end_frame] for scene in plan.SCENES}
    return {
        "version": 1,
        "license": "CC0-1.0",
        "rate": f"{plan.RATE}/1",
        "frames": plan.FRAMES,
        "width": plan.WIDTH,
        "height": plan.HEIGHT,
        "sample_rate": plan.SAMPLE_RATE,
        "scenes": [asdict(scene) for scene in plan.SCENES],
        "cuts": [scene.start_frame for scene in plan.SCENES[1:]],
        "still": by_name["title card"],
        "silence": by_name["title card"],
        "strong_motion": [by_name["bouncing balls"][0], by_name["race from the side again"][1]],
        "loud": list(plan.LOUD),
        "music": by_name["crowd"],
        "fade_out": list(plan.FADE_OUT),
        "speech": [
            {"start_seconds": start, "end_seconds": round(end, 3), "text": text, "words": text.split()}
            for start, end, text in spoken
        ],
        "frame_code": {
            "x": plan.CODE_X,
            "y": plan.CODE_Y,
            "size": plan.CODE_SIZE,
            "bits": plan.CODE_BITS,
            "code": "Gray, most significant bit at the left, lit is 1",
        },
    }


def main(folder: Path) -> None:
    """Write both files into `folder`."""
    track, spoken = soundtrack(find_espeak())
    with av.open(folder / "sample.mp4", "w", options={"movflags": "+faststart"}) as container:
        container.metadata["title"] = "Circletake sample"
        container.metadata["copyright"] = "CC0 1.0"
        video, audio = add_streams(container)
        encode_pictures(container, video)
        encode_sound(container, audio, track)
    text = json.dumps(truth(spoken), indent=2) + "\n"
    (folder / "sample_truth.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "circletake_resources"
    try:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
    except (FileNotFoundError, RuntimeError) as error:
        sys.exit(f"the sample was not made: {error}")
