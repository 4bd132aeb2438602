"""What the machine offers: device, precision, workers, and the versions a run is made with."""

import ctypes
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from seglab.errors import UsageError

PACKAGES = (
    "torch",
    "torchvision",
    "lightning",
    "albumentations",
    "opencv-python-headless",
    "pillow",
    "numpy",
    "onnxruntime",
)


def resolve_device(name: str) -> str:
    """``auto`` to cuda, mps or cpu; raises ``UsageError`` for a device that is not there."""
    import torch

    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return next(device for device, available in there.items() if available)
    if not there[name]:
        found = ", ".join(device for device, available in there.items() if available)
        raise UsageError(f"trainer.device: {name} is not available here; there is {found}")
    return name


def resolve_precision(name: str, device: str) -> str:
    """``auto`` to the fast format that is safe: bf16 where the hardware multiplies it, else fp32.

    Raises ``UsageError`` for fp16 on a CPU.
    """
    import torch

    if name == "fp16" and device == "cpu":
        raise UsageError("trainer.precision: fp16 needs a GPU; on a CPU use bf16 or fp32")
    if name != "auto":
        return name
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    if device == "cpu":
        capable = torch.cpu.get_capabilities()
        return "bf16" if capable.get("avx512_bf16") or capable.get("amx_bf16") else "fp32"
    return "fp32"


def resolve_workers(workers: int | str, device: str) -> int:
    """``auto``: none where training and workers would share the cores, else up to 8."""
    if workers != "auto":
        return int(workers)
    return 0 if device == "cpu" else min(8, os.cpu_count() or 1)


def keep_freed_memory() -> bool:
    """Let the C library keep what a step frees for the next one; whether it does.

    The tensors of a step on a CPU are so large that glibc gives each back to the system, which
    clears its pages anew every time: 5 to 13 % of the processors' time, where it was measured.
    Without glibc nothing changes.
    """
    try:
        library = ctypes.CDLL("libc.so.6")
        trim_threshold, most_mappings = -1, -4  # M_TRIM_THRESHOLD, M_MMAP_MAX of malloc.h
        return bool(
            library.mallopt(most_mappings, 0) and library.mallopt(trim_threshold, 2**31 - 1)
        )
    except (OSError, AttributeError):
        return False


def environment(project: Path, device: str, precision: str) -> dict[str, Any]:
    """What a run was made with, for ``config.json``: versions, device, git commit, time (UTC)."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "device": device_name(device),
        "precision": precision,
        "packages": versions,
        "git_commit": _git_commit(project),
    }


def device_name(device: str) -> str:
    """The device as a person would name it."""
    if device == "cuda":
        import torch

        return torch.cuda.get_device_name()
    if device == "cpu":
        return f"CPU, {os.cpu_count()} cores"
    return device


def processor() -> str:
    """The processor's model as the system names it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def _git_commit(project: Path) -> str | None:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=project, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
