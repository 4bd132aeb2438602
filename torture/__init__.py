"""Long trials of what ``docs/reliability.md`` promises; run by hand, all of them: ``make torture``.

Each is a module with a command of its own, and ends with a line of what it saw, or fails.
"""
