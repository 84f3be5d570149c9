"""HDR film on an SDR screen: one curve a channel into light, the wider primaries to BT.709, and back to a code.

Highlights are rolled off, not clipped. It is a plain curve for judging takes, not a grade: nothing here is exported.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PQ, HLG = "smpte2084", "arib-std-b67"
"""The two HDR transfer curves, by FFmpeg's names. Source: ITU-R BT.2100."""

WHITE_NITS = 203.0
"""Light of a white page in HDR. Source: ITU-R BT.2408."""

PEAK_NITS = 1000.0
"""Light at which the screen is full: what most HDR film is graded for; BT.2408's nominal peak."""

HLG_GAMMA = 1.2
"""System gamma of a display of 1000 nits. Source: ITU-R BT.2100, table 5."""

KNEE = 0.6
"""Share of the screen's range below which light is left alone; above it bends towards full."""

SDR_GAMMA = 2.4
"""Source: ITU-R BT.1886."""

TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
"""Light of BT.2020's primaries to BT.709's. Source: ITU-R BT.2087, annex 2."""

BAND = 24
"""Rows brought down at once."""

CODES = 4096
"""Steps of the tables: twelve bits, more than film or screen have."""


@functools.cache
def light(transfer: str) -> NDArray[np.float32]:
    """Table of `CODES` entries: a channel's code (0 to full) to light of an SDR screen, 0 to 1, float32."""
    code = np.linspace(0, 1, CODES)
    nits = _pq(code) if transfer == PQ else _hlg(code)
    table = _rolled_off(np.minimum(nits, PEAK_NITS) / WHITE_NITS).astype(np.float32)
    table.flags.writeable = False
    return table


@functools.cache
def code_of_light() -> NDArray[np.uint8]:
    """Table of `CODES` entries: the square root of a channel's light to its 8-bit code."""
    # The root spends the entries where the eye tells differences: a table over light itself would band the shadows.
    table = np.rint(np.linspace(0, 1, CODES) ** (2 / SDR_GAMMA) * 255).astype(np.uint8)
    table.flags.writeable = False
    return table


def to_sdr(planes: Sequence[NDArray[np.uint16]], transfer: str) -> NDArray[np.uint8]:
    """Red, green and blue of an HDR picture, uint16 (H, W) of full scale in BT.2020, as 8-bit BT.709 (H, W, 3).

    Worked in bands of rows, which stay in the processor's cache: 12 ms for 950 x 534 against 18 for whole planes.
    """
    shown = np.empty((*planes[0].shape, 3), np.uint8)
    for top in range(0, len(shown), BAND):
        band = slice(top, top + BAND)
        lit = [light(transfer)[plane[band] >> 4] for plane in planes]
        for channel, weights in enumerate(TO_709):
            shown[band, :, channel] = _codes(lit, weights)
    return shown


def _codes(lit: Sequence[NDArray[np.float32]], weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """One channel's codes from the light of all three."""
    mixed: NDArray[np.float32] = lit[0] * weights[0]
    mixed += lit[1] * weights[1]
    mixed += lit[2] * weights[2]
    np.clip(mixed, 0, 1, out=mixed)
    np.sqrt(mixed, out=mixed)
    mixed *= CODES - 1
    codes: NDArray[np.uint8] = code_of_light()[mixed.astype(np.uint16)]
    return codes


def _pq(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light in nits. Source: SMPTE ST 2084."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = code ** (1 / m2)
    return np.asarray(10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1))


def _hlg(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light in nits on a display of `PEAK_NITS`, its gamma taken channel by channel. Source: ITU-R BT.2100."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    return np.asarray(PEAK_NITS * scene**HLG_GAMMA)


def _rolled_off(light_of_white: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light counted in whites, to a screen's 0 to 1: straight up to the knee, then a smooth bend that ends full."""
    peak = PEAK_NITS / WHITE_NITS
    over = np.maximum(light_of_white - KNEE, 0) / (peak - KNEE)
    # As steep as the straight part where it leaves it, so that no edge shows; ends at 1 where the light peaks.
    slope = (peak - KNEE) / (1 - KNEE)
    bent = KNEE + (1 - KNEE) * over * slope / (1 + over * (slope - 1))
    return np.where(light_of_white <= KNEE, light_of_white, bent)
