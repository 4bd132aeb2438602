"""What the operating system says of a process: Linux's ``/proc``."""

from pathlib import Path


def mebibytes(process: int) -> float:
    """Memory that the process holds now, MiB."""
    text = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def handles(process: int) -> int:
    """Number of its open files, pipes and sockets."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def threads(process: int) -> int:
    """Number of its threads."""
    return len(list(Path(f"/proc/{process}/task").iterdir()))
