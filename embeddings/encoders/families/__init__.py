"""The encoders themselves, a file a family: `registry` finds them by name."""
