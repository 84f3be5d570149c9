"""The one door to media files: a local file, of a kind on the list, opened with the network and scripts shut out.

FFmpeg would follow playlists, fetch addresses and read devices if a file asked it to. Here only the `file` protocol
and demuxers for self-contained files are allowed, and every error names the file and what to do.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Stream
from av.video.stream import VideoStream as AvVideoStream

from circletake.errors import MediaNotFound, MediaUnreadable, MediaUnsupported

DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,live_flv,mpegts,mpeg,mpegvideo,asf,ogg,mxf,dv,ivf,gif,rm,nut,"
    "h264,hevc,av1,obu,m4v,wav,w64,aiff,caf,mp3,aac,flac,ac3,eac3,amr,wv,tta,ape"
)
"""Self-contained formats. Left out on purpose: hls, dash, concat, sdp, rtsp, image sequences, scripts."""

MAX_PIXELS = 8192 * 8192
"""Largest picture decoded: twice 8K film (8192 x 4320), so that a header cannot ask for gigabytes."""

OPEN_TIMEOUT = 15.0
"""Seconds after which a file that answers nothing is given up (a dead network drive)."""

_LOOKS_LIKE = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"#extm3u", "a playlist"),
    (b"ffconcat", "a list of other files"),
    (b"v=0", "a network session description"),
    (b"<?xml", "an XML document"),
    (b"<mpd", "a streaming manifest"),
    (b"pk\x03\x04", "a zip archive"),
    (b"\x89png", "a still picture"),
    (b"\xff\xd8\xff", "a still picture"),
    (b"{", "a text document"),
)


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a media file for reading; FFmpeg's errors inside the block come out as ours, naming the file.

    Raises:
        MediaNotFound: no such file, or a folder, device or pipe.
        MediaUnreadable: not media of a known kind, or damaged beyond reading.
    """
    _require_regular_file(path)
    try:
        container = av.open(
            f"file:{path}",
            options={"protocol_whitelist": "file", "format_whitelist": DEMUXERS},
            timeout=OPEN_TIMEOUT,
            metadata_errors="replace",
        )
    except (FFmpegError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise _unreadable(path, error) from error
    with container:
        try:
            yield container
        except FFmpegError as error:
            raise _unreadable(path, error) from error


def _require_regular_file(path: Path) -> None:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        hint = "Look whether it was moved or renamed, or its disk is not connected."
        raise MediaNotFound("there is no such file", hint=hint, path=path) from error
    if not stat.S_ISREG(status.st_mode):
        hint = "Choose a video or sound file, not a folder or device."
        raise MediaNotFound("this is not a file", hint=hint, path=path)
    if status.st_size == 0:
        hint = "Copy it again from the camera or card."
        raise MediaUnreadable("the file is empty", hint=hint, path=path)


def _unreadable(path: Path, error: Exception) -> MediaUnreadable:
    """Say what the file looks like, which is more use than FFmpeg's words; those go into the details."""
    looks = _looks_like(path)
    if looks:
        message = f"this is {looks}, not a video or sound file"
        hint = "Open the film itself; a link or list to it is never followed."
    else:
        message = "it cannot be read as video or sound"
        hint = "It may be incomplete: copy it again, or repair or convert it with another program and open the result."
    return MediaUnreadable(message, hint=hint, path=path, details=f"{type(error).__name__}: {error}")


def _looks_like(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            head = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    except OSError:
        return None
    return next((kind for magic, kind in _LOOKS_LIKE if head.startswith(magic)), None)


def shown_video_streams(container: InputContainer) -> list[AvVideoStream]:
    """Picture tracks; cover art in sound files is not one."""
    return [stream for stream in container.streams.video if not _is_cover_art(stream)]


def _is_cover_art(stream: Stream) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def prepare_decoder(stream: AvVideoStream, *, fast: bool = False, threads: int = 0) -> None:
    """Set a video decoder up: bounded picture size, threads as the machine has, `fast` skips unreferenced frames.

    Raises:
        MediaUnsupported: there is no decoder for this stream.
    """
    codec = decoder_of(stream)
    codec.options = {**codec.options, "max_pixels": str(MAX_PIXELS)}
    codec.thread_type = "AUTO"
    codec.thread_count = threads
    if fast:
        codec.skip_frame = "NONREF"


def has_decoder(stream: AvVideoStream | av.AudioStream) -> bool:
    """Tell whether FFmpeg knows the stream's codec. The binding's types promise a context that may not be there."""
    return cast("av.CodecContext | None", stream.codec_context) is not None


def decoder_of(stream: AvVideoStream) -> av.VideoCodecContext:
    """The stream's decoder.

    Raises:
        MediaUnsupported: there is none.
    """
    if not has_decoder(stream):
        path = Path(str(stream.container.name).removeprefix("file:"))
        raise MediaUnsupported(
            "there is no decoder for its picture",
            hint="Convert it to H.264 with another program and open the result.",
            path=path,
        )
    return stream.codec_context
