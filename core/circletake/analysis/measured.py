"""Everything a sweep measures for scoring, as meters while it runs and as one frozen value after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from circletake.media.cuts import find_cuts
from circletake.media.frames import Frame, FrameBatch, MediaInfo
from circletake.media.loudness import Loudness, LoudnessMeter
from circletake.media.measures import PictureMeasures, PictureMeter
from circletake.media.onsets import OnsetMeter
from circletake.media.sweep import Consumers
from circletake.media.thumbnails import Thumbnails
from circletake.media.waveform import Waveform, WaveformMeter
from circletake.speech.vad import SpeechCurve, SpeechDetector
from circletake.timebase import TimeRange


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was measured so far: None where the film has no picture or no sound. All times are media time.

    Of a film decoded in parts, pictures, cuts, thumbnails and loudness are missing between the parts; waveform, onsets
    and speech, which lie on even grids, are 0 there.

    `cuts` float64 (C,) seconds of each new shot's first picture; `onsets` float32 (N,), as `media.onsets` counts them.
    """

    pictures: PictureMeasures | None
    cuts: NDArray[np.float64] = field(repr=False)
    thumbnails: FrameBatch
    waveform: Waveform | None
    loudness: Loudness | None
    onsets: NDArray[np.float32] | None = field(repr=False)
    speech: SpeechCurve | None


class Meters:
    """The meters of one sweep over one film."""

    def __init__(
        self,
        media: MediaInfo,
        *,
        thumbnail_count: int,
        thumbnail_found: Callable[[Frame], None] | None = None,
        spans: Sequence[TimeRange] = (),
    ) -> None:
        """Make the meters `media` has something for; `thumbnail_found` hears of each small picture at once."""
        self._pictures = PictureMeter() if media.picture else None
        self._thumbnails = Thumbnails(media, thumbnail_count, found=thumbnail_found, spans=spans)
        self._waveform = WaveformMeter() if media.sound else None
        self._loudness = LoudnessMeter() if media.sound else None
        self._onsets = OnsetMeter() if media.sound else None
        self._speech = SpeechDetector() if media.sound else None

    @property
    def consumers(self) -> Consumers:
        """All of them, for one sweep."""
        return Consumers(
            [self._pictures, self._thumbnails] if self._pictures else [],
            [meter for meter in (self._waveform, self._onsets, self._speech) if meter],
            [self._loudness] if self._loudness else [],
        )

    def measured(self) -> Measured:
        """The values so far."""
        pictures = self._pictures.result() if self._pictures else None
        return Measured(
            pictures=pictures,
            cuts=find_cuts(pictures) if pictures else np.empty(0, np.float64),
            thumbnails=self._thumbnails.result(),
            waveform=self._waveform.result() if self._waveform else None,
            loudness=self._loudness.result() if self._loudness else None,
            onsets=self._onsets.result() if self._onsets else None,
            speech=self._speech.result() if self._speech else None,
        )
