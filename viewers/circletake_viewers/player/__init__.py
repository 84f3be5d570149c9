"""The player: one object that plays, a stage that shows, a bar that steers."""
