"""What the sample clip holds: the one table from which it is drawn, sung and told."""

from __future__ import annotations

from dataclasses import dataclass

RATE = 30
WIDTH, HEIGHT = 640, 360
OVERSAMPLING = 2
"""Drawn at twice the size and averaged down: edges are smooth and slow motion is smaller than a pixel."""
SAMPLE_RATE = 48_000
GOP = 60
CODE_BITS, CODE_SIZE, CODE_X, CODE_Y = 11, 6, 6, 348
"""The frame number, as Gray code in small squares at the lower left, most significant first: lit is 1."""


@dataclass(frozen=True)
class Scene:
    """Frames from `start_frame` up to, not including, `end_frame`; each begins with a hard cut."""

    name: str
    start_frame: int
    end_frame: int
    motion: str
    sound: str


SCENES = (
    Scene("morning valley", 0, 300, "slow", "speech"),
    Scene("title card", 300, 390, "none", "silence"),
    Scene("bouncing balls", 390, 465, "fast", "thuds"),
    Scene("race from the side", 465, 525, "fast", "engine"),
    Scene("race from above", 525, 570, "fast", "engine"),
    Scene("race from the side again", 570, 660, "fast", "engine, then a loud burst"),
    Scene("crowd", 660, 960, "pulsing", "music"),
    Scene("evening valley", 960, 1260, "slow", "speech"),
)
FRAMES = SCENES[-1].end_frame
LOUD = (600, 636)
FADE_OUT = (1236, 1260)
PHRASES = (
    (0.8, "Welcome to the valley. It is a quiet morning."),
    (5.4, "Watch the balloon, and get ready for the race."),
    (32.8, "What a finish! That was the best lap of the day."),
    (37.4, "Circle that one. We will keep it."),
)


def frames_at(frames: tuple[int, int]) -> slice:
    """The sound samples under a range of frames."""
    return slice(frames[0] * SAMPLE_RATE // RATE, frames[1] * SAMPLE_RATE // RATE)
