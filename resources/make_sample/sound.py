"""The sound: float32 stereo (samples, 2) at 48 kHz, synthesized; the voice is espeak-ng's."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from make_sample.plan import FRAMES, LOUD, PHRASES, SAMPLE_RATE, SCENES, frames_at

Samples = NDArray[np.float32]

VOICE_LEVEL, AMBIENCE_LEVEL, MUSIC_LEVEL, ENGINE_LEVEL, BURST_LEVEL = 0.10, 0.004, 0.09, 0.045, 0.26
"""Root mean square of each part; full scale is 1."""
BEAT_SECONDS = 0.5
CHORDS = ((220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (130.81, 196.0, 329.63), (196.0, 246.94, 293.66))
"""A minor, F, C, G: two beats each. Equal temperament, A4 = 440 Hz."""


def levelled(samples: Samples, level: float) -> Samples:
    """The same sound at another root mean square."""
    return np.asarray(samples * np.float32(level / np.sqrt(np.mean(np.square(samples)))), np.float32)


def seconds(count: int) -> NDArray[np.float64]:
    """Times of `count` samples."""
    return np.arange(count) / SAMPLE_RATE


def noise(count: int, random: np.random.Generator, low: float, high: float) -> Samples:
    """Noise between two frequencies in hertz."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    spectrum[(frequencies < low) | (frequencies > high)] = 0
    return np.asarray(np.fft.irfft(spectrum, count), np.float32)


def faded(samples: Samples, fade_seconds: float = 0.02) -> Samples:
    """The same sound with soft ends, so that no edge clicks."""
    ramp = np.minimum(1, seconds(len(samples)) / fade_seconds)
    return np.asarray(samples * np.minimum(ramp, ramp[::-1]), np.float32)


def speech(text: str, espeak: str) -> Samples:
    """The sentence spoken, without the silence around it.

    Raises:
        RuntimeError: the voice failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.wav"
        command = [espeak, "-v", "en-us", "-s", "145", "-p", "42", "-w", str(path), text]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        if done.returncode or not path.exists():
            raise RuntimeError(f"espeak-ng failed: {done.stderr.strip()}")
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            data = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768
    count = round(len(data) * SAMPLE_RATE / rate)
    resampled = np.fft.irfft(np.fft.rfft(data), count).astype(np.float32)
    heard = np.flatnonzero(np.abs(resampled) > 0.02 * np.abs(resampled).max())
    return faded(resampled[heard[0] : heard[-1] + 1], 0.005)


def thuds(count: int) -> Samples:
    """The large ball landing each half second, from the first."""
    t = seconds(count) % BEAT_SECONDS
    return levelled(np.asarray(np.exp(-t * 22) * np.sin(2 * np.pi * 70 * t), np.float32), ENGINE_LEVEL)


def engine(count: int, random: np.random.Generator) -> Samples:
    """Engines that climb through their gears."""
    t = seconds(count)
    pitch = 95 + 70 * ((t / 1.5) % 1) + 12 * t
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    tones = sum(np.sin(phase * n + n) / n for n in range(1, 9))
    return levelled(np.asarray(tones + 6 * noise(count, random, 200, 2500), np.float32), ENGINE_LEVEL)


def burst(count: int, random: np.random.Generator) -> Samples:
    """The finish: a horn, and everybody at once."""
    t = seconds(count)
    horn = sum(np.sin(2 * np.pi * f * t * n) / n for f in (233.08, 277.18, 349.23) for n in range(1, 6))
    cheer = noise(count, random, 400, 5000)
    return faded(levelled(np.asarray(horn * 0.4 + cheer / cheer.std(), np.float32), BURST_LEVEL), 0.03)


def music(count: int, random: np.random.Generator) -> Samples:
    """Pads, a bass line, a drum on each beat and a tick between."""
    t = seconds(count)
    chord = (t // (2 * BEAT_SECONDS)).astype(np.int64) % len(CHORDS)
    notes = np.array(CHORDS)[chord]
    pad = sum(np.sin(2 * np.pi * notes[:, n] * t) + 0.4 * np.sin(4 * np.pi * notes[:, n] * t) for n in range(3))
    swell = np.minimum(1, (t % (2 * BEAT_SECONDS)) / 0.05) * np.minimum(1, (1 - t % (2 * BEAT_SECONDS)) / 0.05)
    beat = t % BEAT_SECONDS
    bass = np.sin(np.pi * notes[:, 0] * t) * np.exp(-beat * 4) * np.minimum(1, beat / 0.01)
    drum = np.sin(2 * np.pi * (50 * beat + 3 * (1 - np.exp(-beat * 30)))) * np.exp(-beat * 9)
    off_beat = (t + BEAT_SECONDS / 2) % BEAT_SECONDS
    tick = noise(count, random, 6000, 12000) * np.exp(-off_beat * 60)
    return faded(levelled(np.asarray(0.25 * pad * swell + bass + 1.6 * drum + 1.5 * tick, np.float32), MUSIC_LEVEL))


def soundtrack(espeak: str) -> tuple[Samples, list[tuple[float, float, str]]]:
    """All of it, and where each sentence lies: (start, end, text) in seconds."""
    random = np.random.default_rng(11)
    track = np.zeros(frames_at((0, FRAMES)).stop, np.float32)
    spans = {scene.name: frames_at((scene.start_frame, scene.end_frame)) for scene in SCENES}
    for name in ("morning valley", "evening valley"):
        count = spans[name].stop - spans[name].start
        track[spans[name]] += faded(levelled(noise(count, random, 80, 900), AMBIENCE_LEVEL), 0.5)
    track[spans["bouncing balls"]] += thuds(spans["bouncing balls"].stop - spans["bouncing balls"].start)
    race = slice(spans["race from the side"].start, spans["race from the side again"].stop)
    track[race] += faded(engine(race.stop - race.start, random))
    loud = frames_at(LOUD)
    track[loud] += burst(loud.stop - loud.start, random)
    track[spans["crowd"]] += music(spans["crowd"].stop - spans["crowd"].start, random)
    spoken = []
    for start, text in PHRASES:
        words = levelled(speech(text, espeak), VOICE_LEVEL)
        first = round(start * SAMPLE_RATE)
        track[first : first + len(words)] += words
        spoken.append((start, (first + len(words)) / SAMPLE_RATE, text))
    return np.repeat(np.clip(track, -0.98, 0.98)[:, None], 2, axis=1), spoken


def find_espeak() -> str:
    """Where the voice is installed.

    Raises:
        FileNotFoundError: nowhere.
    """
    found = shutil.which("espeak-ng")
    if found is None:
        raise FileNotFoundError("espeak-ng is not installed; on Debian: apt-get install espeak-ng")
    return found
