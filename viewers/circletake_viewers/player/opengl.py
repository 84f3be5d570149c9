"""OpenGL as the painter calls it: no question after each call, which would make the card wait."""

import OpenGL  # type: ignore[import-untyped]  # it ships no types

OpenGL.ERROR_CHECKING = False

from OpenGL import GL  # noqa: E402 - it reads the switch once, when it is imported

__all__ = ["GL"]
