"""The sections of an experiment: every key with its range, default and description."""
