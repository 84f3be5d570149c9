"""Kept marks to clips and to timelines."""
