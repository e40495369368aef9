"""Pure stages that turn scanned, signed, ruled forms into tables; see ARCHITECTURE.md for the path of the data."""
