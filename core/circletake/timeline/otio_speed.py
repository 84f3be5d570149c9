"""A clip's speed and OpenTimelineIO's time effects, both ways; other effects wait under our key."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from circletake.timeline.otio_values import Node, mapping, schema
from circletake.timeline.stored import KEY

FINEST_SPEED = 10_000
"""Largest denominator of a speed: hundredths of a percent, as editors show it."""

FASTEST = 10_000
"""Speed beyond which an effect is not believed."""

_SPEED_EFFECTS = ("LinearTimeWarp", "FreezeFrame")
_PLAIN: Node = {"metadata": {}, "name": "", "enabled": True}


def speed_and_rest(effects: list[Any]) -> tuple[Fraction, Node]:
    """How fast a clip plays, and what of its effects is kept beside that (`effects`, `speed_effect`)."""
    places = [index for index, effect in enumerate(effects) if _speed(effect) not in (None, 1)]
    speed = _speed(effects[places[0]]) if len(places) == 1 else None
    if speed is None:
        return Fraction(1), {"effects": effects} if effects else {}
    place, effect = places[0], mapping(effects[places[0]])
    metadata = mapping(effect.get("metadata"))
    metadata.pop(KEY, None)
    effect["metadata"] = metadata
    rest = [*effects[:place], *effects[place + 1 :]]
    kept: Node = {"effects": rest} if rest else {}
    if place or effect != _effect(speed, _PLAIN):
        kept["speed_effect"] = [place, effect]
    return speed, kept


def effects_of(speed: Fraction, kept: Node) -> list[Any]:
    """The effects of a clip of `speed`, with those that were kept."""
    effects = list(kept.get("effects", []))
    if speed == 1:
        return effects
    place, effect = kept.get("speed_effect", (0, _PLAIN))
    node = _effect(speed, effect)
    if _nearest(node["time_scalar"]) != speed:
        node["metadata"] = {**node["metadata"], KEY: {"speed": str(speed)}}
    effects.insert(place, node)
    return effects


def _effect(speed: Fraction, node: Node) -> Node:
    held = schema(node) or _SPEED_EFFECTS[speed == 0]
    name = _SPEED_EFFECTS[0] if speed else held  # a held frame that plays again is no freeze frame
    return {"effect_name": name, **node, "OTIO_SCHEMA": f"{name}.1", "time_scalar": float(speed)}


def _speed(effect: Any) -> Fraction | None:  # noqa: ANN401 - JSON is any of six types
    """The speed an effect gives, None where it gives none."""
    if schema(mapping(effect)) not in _SPEED_EFFECTS or effect.get("enabled") is False:
        return None
    scalar = effect.get("time_scalar")
    if not isinstance(scalar, int | float) or abs(scalar) > FASTEST:
        return None
    stored = _stored(mapping(mapping(effect.get("metadata")).get(KEY)).get("speed"))
    return stored if stored is not None and float(stored) == scalar else _nearest(scalar)


def _nearest(scalar: float) -> Fraction:
    return Fraction(scalar).limit_denominator(FINEST_SPEED)


def _stored(text: object) -> Fraction | None:
    """A speed as we wrote it in full."""
    try:
        return Fraction(text) if isinstance(text, str) and len(text) < 100 and "e" not in text.lower() else None
    except (ValueError, ZeroDivisionError):
        return None
