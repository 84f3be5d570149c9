"""Timelines, markers and lists of other tools: one small file a format, behind one value that says what it carries."""
