"""Everything that opens over the work: dialogs, the list under Ctrl+K, cards that tell of problems."""
