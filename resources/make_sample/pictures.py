"""The pictures: plain numpy drawing, coverage from distances, colours laid over one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from make_sample.plan import (
    CODE_BITS,
    CODE_SIZE,
    CODE_X,
    CODE_Y,
    FADE_OUT,
    HEIGHT,
    OVERSAMPLING,
    RATE,
    SCENES,
    WIDTH,
)

Array = NDArray[np.floating[Any]]
Color = tuple[float, float, float]

_H, _W = HEIGHT * OVERSAMPLING, WIDTH * OVERSAMPLING
ASPECT = WIDTH / HEIGHT
X = ((np.arange(_W, dtype=np.float32) + 0.5) / _H)[None, :]
Y = ((np.arange(_H, dtype=np.float32) + 0.5) / _H)[:, None]
"""Drawing coordinates: x in [0, 16/9] to the right, y in [0, 1] down."""


def rgb(color: Color) -> Array:
    """A colour that multiplies with a mask."""
    return np.array(color, np.float32)


def blend(picture: Array, mask: Array, color: Color | Array) -> None:
    """Lay `color` over `picture` where `mask` (H, W) in [0, 1] says so, in place."""
    picture += mask[..., None] * ((rgb(color) if isinstance(color, tuple) else color) - picture)


def cover(distance: Array) -> Array:
    """Coverage of a pixel from its signed distance to an edge, inside negative."""
    return np.asarray(np.clip(0.5 - distance * _H, 0, 1))


def disc(x: float, y: float, radius: float, stretch: float = 1.0) -> Array:
    """A disc; `stretch` above 1 makes it tall and thin, as a falling ball looks."""
    return cover(np.hypot((X - x) * stretch, (Y - y) / stretch) - radius)


def box(x: float, y: float, half_width: float, half_height: float, radius: float = 0.0) -> Array:
    """A rectangle with round corners."""
    dx = np.maximum(np.abs(X - x) - half_width + radius, 0)
    dy = np.maximum(np.abs(Y - y) - half_height + radius, 0)
    return cover(np.hypot(dx, dy) - radius)


def gradient(top: Color, bottom: Color) -> Array:
    """A picture that runs from one colour to the other."""
    t = np.clip(Y, 0, 1)[..., None]
    return np.ascontiguousarray(np.broadcast_to(rgb(top) * (1 - t) + rgb(bottom) * t, (_H, _W, 3)))


def cloud_texture(random: np.random.Generator) -> Array:
    """Soft periodic noise (H, 2W) in [0, 1], flat and wide as clouds are."""
    height, width = _H, 2 * _W
    fy = np.fft.fftfreq(height)[:, None] * height
    fx = np.fft.rfftfreq(width)[None, :] * height * 2.4
    white = np.fft.rfft2(random.standard_normal((height, width)))
    noise = np.fft.irfft2(white / (2 + np.hypot(fx, fy)) ** 2.1, s=(height, width))
    noise = (noise - noise.mean()) / noise.std()
    return np.asarray(np.clip((noise - 0.25) / 1.6, 0, 1), np.float32)


class Valley:
    """Hills in layers under a sky with slow clouds; the same place in the morning and in the evening."""

    def __init__(self, random: np.random.Generator, *, evening: bool) -> None:
        self.evening = evening
        self.clouds = cloud_texture(random)
        self.sky = self._sky(random)
        near, far = ((0.10, 0.07, 0.16), (0.42, 0.22, 0.36)) if evening else ((0.16, 0.36, 0.20), (0.52, 0.68, 0.78))
        self.layers = [(depth, rgb(far) * (1 - depth) + rgb(near) * depth) for depth in (0.0, 0.35, 0.7, 1.0)]

    def _sky(self, random: np.random.Generator) -> Array:
        if not self.evening:
            sky = gradient((0.30, 0.55, 0.86), (1.0, 0.88, 0.70))
            sun, glow = (0.38, 0.30), (1.0, 0.96, 0.82)
        else:
            sky = gradient((0.05, 0.06, 0.22), (1.05, 0.50, 0.30))
            sun, glow = (1.25, 0.56), (1.0, 0.80, 0.50)
            for x, y, light in zip(
                random.random(70) * ASPECT, random.random(70) * 0.45, random.random(70), strict=True
            ):
                blend(sky, disc(x, y, 0.0016) * np.float32(0.3 + 0.6 * light), (1.0, 1.0, 0.95))
        distance = np.hypot(X - sun[0], Y - sun[1])
        blend(sky, 0.55 * np.exp(-distance * 6), glow)
        blend(sky, cover(distance - 0.055), glow)
        return sky

    def draw(self, t: float) -> Array:
        """The valley after `t` seconds."""
        picture = self.sky.copy()
        shift = t * 14
        whole, part = int(shift), np.float32(shift % 1)
        columns = np.arange(_W) + whole
        clouds = self.clouds[:, columns] * (1 - part) + self.clouds[:, columns + 1] * part
        blend(picture, clouds * (0.85 - 0.6 * Y), (0.75, 0.42, 0.48) if self.evening else (1.0, 1.0, 1.0))
        if not self.evening:
            self._balloon(picture, 1.22 + 0.008 * t, 0.40 - 0.012 * t + 0.006 * np.sin(t))
        for depth, color in self.layers:
            blend(picture, cover(self._ridge(depth, t) - Y), color)
        return picture

    def _ridge(self, depth: float, t: float) -> Array:
        x = X * (1.5 + 1.2 * depth) + 7 * depth + t * 0.012 * (0.3 + depth)
        waves = np.sin(2.1 * x) + 0.5 * np.sin(4.7 * x + 1 + depth) + 0.22 * np.sin(11.3 * x + 2 * depth)
        return np.asarray(0.62 + 0.24 * depth + (0.05 - 0.012 * depth) * waves, np.float32)

    @staticmethod
    def _balloon(picture: Array, x: float, y: float) -> None:
        envelope = disc(x, y, 0.075, 1.08)
        stripes = (np.sin((X - x) / 0.075 * 9) > 0).astype(np.float32)
        blend(picture, envelope, (0.86, 0.27, 0.20))
        blend(picture, envelope * stripes, (0.98, 0.76, 0.30))
        blend(picture, envelope * np.clip((X - x) * 6, 0, 0.35), (0.25, 0.10, 0.15))
        blend(picture, box(x, y + 0.125, 0.016, 0.013, 0.004), (0.36, 0.23, 0.14))
        for side in (-1, 1):
            rope = np.abs(X - x - side * (0.016 + (y + 0.112 - Y) * 0.45)) - 0.0012
            blend(picture, cover(rope) * ((y + 0.07 < Y) & (y + 0.115 > Y)), (0.36, 0.23, 0.14))


def title_card(_: float) -> Array:
    """Three takes on a table, the middle one circled. Nothing moves."""
    picture = gradient((0.07, 0.10, 0.17), (0.12, 0.16, 0.25))
    for place, color in zip((-1, 0, 1), ((0.32, 0.42, 0.55), (0.93, 0.86, 0.70), (0.32, 0.42, 0.55)), strict=True):
        blend(picture, box(ASPECT / 2 + 0.44 * place, 0.5, 0.16, 0.10, 0.014), color)
    angle = np.arctan2((Y - 0.5) * 1.45, X - ASPECT / 2)
    ring = np.hypot((X - ASPECT / 2) / 1.25, (Y - 0.5) * 1.12) - 0.215 - 0.012 * np.sin(2 * angle + 0.6)
    blend(picture, cover(np.abs(ring) - 0.009 - 0.003 * np.sin(angle)), (0.93, 0.36, 0.22))
    return picture


def bouncing_balls(t: float) -> Array:
    """Three balls over a sliding floor; the largest lands each half second."""
    picture = gradient((0.98, 0.80, 0.55), (0.95, 0.55, 0.42))
    row = 0.16 / np.maximum(Y - 0.62, 0.02)
    checks = (np.floor((X - ASPECT / 2) * row * 3 + t * 5) + np.floor(row * 4)) % 2
    floor = cover(0.68 - Y) * np.ones_like(X)
    blend(picture, floor, (0.36, 0.18, 0.30))
    blend(picture, floor * checks.astype(np.float32) * np.float32(0.55), (0.62, 0.30, 0.38))
    balls = ((0.14, 0.5, (0.16, 0.45, 0.70)), (0.09, 0.4, (0.20, 0.62, 0.50)), (0.07, 0.3, (0.97, 0.93, 0.84)))
    for place, (radius, period, color) in enumerate(balls):
        phase = (t / period) % 1
        height = 4 * phase * (1 - phase) * (0.5 - 0.06 * place)
        x = ASPECT / 2 + 0.62 * np.sin(t * (2.3 + 0.9 * place) + 2 * place)
        y = 0.86 - radius - height
        blend(picture, disc(x, 0.87, radius * 0.55, 0.55) * np.float32(0.5 - 0.5 * height), (0.15, 0.06, 0.12))
        blend(picture, disc(x, y, radius, 1 + 0.35 * abs(phase - 0.5) * (height > 0.04)), color)
        blend(picture, disc(x - radius * 0.35, y - radius * 0.4, radius * 0.22), (1.0, 0.98, 0.92))
    return picture


def side_race(t: float) -> Array:
    """Two cars past a stand, the camera beside them."""
    picture = gradient((0.45, 0.70, 0.92), (0.88, 0.93, 0.95))
    stand = cover(np.abs(Y - 0.42) - 0.13)
    seats = np.sin((X + t * 2.4) * 46) * np.sin(Y * 150)
    blend(picture, stand * np.ones_like(X), (0.30, 0.33, 0.42))
    blend(picture, stand * np.clip(seats * 2, 0, 1), (0.92, 0.80, 0.55))
    posts = cover(np.abs((X + t * 3.2) % 0.42 - 0.21) - 0.012)
    blend(picture, posts * cover(np.abs(Y - 0.43) - 0.17), (0.93, 0.93, 0.93))
    blend(picture, cover(0.56 - Y) * np.ones_like(X), (0.25, 0.55, 0.30))
    curb = ((X + t * 4.2) % 0.2 > 0.1).astype(np.float32)
    blend(picture, cover(np.abs(Y - 0.645) - 0.014) * np.ones_like(X), (0.95, 0.95, 0.95))
    blend(picture, cover(np.abs(Y - 0.645) - 0.014) * curb, (0.85, 0.20, 0.18))
    blend(picture, cover(0.66 - Y) * np.ones_like(X), (0.26, 0.26, 0.29))
    dash = cover(np.abs((X + t * 5.0) % 0.6 - 0.3) - 0.13) * cover(np.abs(Y - 0.84) - 0.009)
    blend(picture, dash, (0.95, 0.92, 0.80))
    for place, (x, y, color) in enumerate(((1.15, 0.72, (0.98, 0.72, 0.16)), (0.62, 0.90, (0.80, 0.13, 0.16)))):
        _car(picture, x + 0.22 * np.sin(1.9 * t + 2.4 * place), y + 0.004 * np.sin(37 * t + place), color, t)
    return picture


def _car(picture: Array, x: float, y: float, color: Color, t: float) -> None:
    blend(picture, disc(x, y + 0.045, 0.07, 0.36) * np.float32(0.55), (0.08, 0.08, 0.10))
    blend(picture, box(x, y - 0.012, 0.19, 0.030, 0.026), color)
    blend(picture, box(x - 0.02, y - 0.048, 0.075, 0.030, 0.026), color)
    blend(picture, box(x - 0.01, y - 0.050, 0.055, 0.018, 0.014), (0.18, 0.24, 0.32))
    blend(picture, box(x - 0.175, y - 0.065, 0.030, 0.007, 0.004), color)
    for wheel in (-0.115, 0.115):
        blend(picture, disc(x + wheel, y + 0.018, 0.034), (0.10, 0.10, 0.11))
        for spoke in (0.0, np.pi):
            turn = t * 31 + spoke
            hub_x, hub_y = x + wheel + 0.013 * np.cos(turn), y + 0.018 + 0.013 * np.sin(turn)
            blend(picture, disc(float(hub_x), float(hub_y), 0.008), (0.75, 0.75, 0.78))


def top_race(t: float) -> Array:
    """Three cars from above, the road bending under them."""
    picture = gradient((0.24, 0.52, 0.27), (0.30, 0.60, 0.30))
    distance = Y - 2.6 * t
    blend(picture, 0.25 * ((distance % 0.3) > 0.15) * np.ones_like(X), (0.36, 0.68, 0.34))
    middle = ASPECT / 2 + 0.22 * np.sin(distance * 2.2) + 0.08 * np.sin(distance * 5.1)
    blend(picture, cover(np.abs(X - middle) - 0.36), (0.95, 0.95, 0.95))
    blend(picture, cover(np.abs(X - middle) - 0.36) * ((distance % 0.16) > 0.08), (0.85, 0.20, 0.18))
    blend(picture, cover(np.abs(X - middle) - 0.325), (0.28, 0.28, 0.31))
    blend(picture, cover(np.abs(X - middle) - 0.008) * ((distance % 0.4) > 0.2), (0.95, 0.92, 0.80))
    cars = ((-0.16, 0.30, (0.98, 0.72, 0.16)), (0.15, 0.52, (0.80, 0.13, 0.16)), (-0.10, 0.80, (0.20, 0.50, 0.85)))
    for lane, y, color in cars:
        y_now = y + 0.05 * np.sin(3 * t + 9 * y)
        along = y_now - 2.6 * t
        x = ASPECT / 2 + 0.22 * np.sin(along * 2.2) + 0.08 * np.sin(along * 5.1) + lane
        for dx, dy in ((-0.05, -0.06), (0.05, -0.06), (-0.05, 0.06), (0.05, 0.06)):
            blend(picture, box(x + dx, y_now + dy, 0.014, 0.024, 0.006), (0.08, 0.08, 0.10))
        blend(picture, box(x, y_now, 0.042, 0.105, 0.036), color)
        blend(picture, box(x, y_now + 0.01, 0.024, 0.034, 0.014), (0.18, 0.24, 0.32))
    return picture


def crowd(t: float) -> Array:
    """Rows of people who jump in a wave, once a beat at 120 beats a minute."""
    beat = 0.5 + 0.5 * np.cos(2 * np.pi * 2 * t)
    picture = gradient((0.16, 0.08, 0.28), (0.32 + 0.12 * beat, 0.12, 0.36))
    for lamp in range(4):
        slope = 0.55 * np.sin(t * 0.9 + lamp * 1.7)
        beam = np.abs(X - ASPECT * (lamp + 0.5) / 4 - slope * Y) / (0.02 + 0.16 * Y)
        blend(picture, np.clip(1 - beam, 0, 1) * np.float32(0.25 + 0.3 * beat), (1.0, 0.75, 0.45))
    shirts = np.array([[0.92, 0.42, 0.30], [0.97, 0.75, 0.32], [0.35, 0.66, 0.72], [0.85, 0.85, 0.88]], np.float32)
    for row in range(7):
        spacing = 0.074 + 0.012 * row
        cell = np.floor(X / spacing + 0.5 * (row % 2)).astype(np.int64)
        x = X - (cell + 0.5 - 0.5 * (row % 2)) * spacing
        jump = np.maximum(np.sin(2 * np.pi * (2 * t - cell * spacing * 0.9 - row * 0.06)), 0).astype(np.float32)
        y = Y - (0.34 + 0.105 * row) + 0.045 * jump
        shade = np.float32(0.45 + 0.09 * row)
        body = shirts[(cell * 7 + row * 3) % 4] * shade
        blend(picture, cover(np.maximum(np.abs(x) - spacing * 0.40, spacing * 0.42 - y)), body)
        blend(picture, cover(np.hypot(x, y) - spacing * 0.29), rgb((0.90, 0.70, 0.56)) * shade)
    return picture


def painters(random: np.random.Generator) -> dict[str, Callable[[float], Array]]:
    """What draws each scene, by its name; each takes seconds since the scene began."""
    return {
        "morning valley": Valley(random, evening=False).draw,
        "title card": title_card,
        "bouncing balls": bouncing_balls,
        "race from the side": side_race,
        "race from above": top_race,
        "race from the side again": lambda t: side_race(t + 7),
        "crowd": crowd,
        "evening valley": Valley(random, evening=True).draw,
    }


def burn_code(image: NDArray[np.uint8], index: int) -> None:
    """Write the frame number into the picture, in place."""
    gray = index ^ (index >> 1)
    image[CODE_Y - 2 : CODE_Y + CODE_SIZE + 2, CODE_X - 2 : CODE_X + CODE_BITS * CODE_SIZE + 2] = 24
    for bit in range(CODE_BITS):
        if gray >> (CODE_BITS - 1 - bit) & 1:
            x = CODE_X + bit * CODE_SIZE
            image[CODE_Y : CODE_Y + CODE_SIZE, x : x + CODE_SIZE] = 200


def pictures() -> Iterator[NDArray[np.uint8]]:
    """Every frame of the clip, uint8 RGB (HEIGHT, WIDTH, 3)."""
    paint = painters(np.random.default_rng(7))
    for scene in SCENES:
        for index in range(scene.start_frame, scene.end_frame):
            large = paint[scene.name]((index - scene.start_frame) / RATE)
            small = large.reshape(HEIGHT, OVERSAMPLING, WIDTH, OVERSAMPLING, 3).mean(axis=(1, 3))
            small *= np.clip((FADE_OUT[1] - index) / (FADE_OUT[1] - FADE_OUT[0]), 0, 1)
            image = np.clip(small * 255 + 0.5, 0, 255).astype(np.uint8)
            burn_code(image, index)
            yield image
