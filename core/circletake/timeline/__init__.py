"""The cut: frozen values, pure edits, and the one file that speaks OpenTimelineIO."""
