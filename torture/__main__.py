"""All trials, one after the other: ``make torture``, or ``python -m torture [names]``."""

import subprocess
import sys
import time
from pathlib import Path

TRIALS = (
    "photos",
    "kills",
    "full_disk",
    "predict_long",
    "long_training",
    "long_dashboard",
    "uploads",
)


def main(names: list[str]) -> int:
    """Run the trials; 1 where one failed."""
    unknown = sorted(set(names) - set(TRIALS))
    if unknown:
        print(f"error: no trials: {', '.join(unknown)}; there are {', '.join(TRIALS)}")
        return 2
    here = Path(__file__).parent
    chosen = names or TRIALS
    failed = []
    for name in chosen:
        start = time.monotonic()
        print(f"== {name}", flush=True)
        code = subprocess.run([sys.executable, "-m", f"torture.{name}"], cwd=here.parent).returncode
        minutes = (time.monotonic() - start) / 60
        print(f"   {'held' if code == 0 else 'FAILED'} in {minutes:.1f} min", flush=True)
        if code:
            failed.append(name)
    print(
        f"{len(chosen) - len(failed)} of {len(chosen)} held" + f"; failed: {failed}" * bool(failed)
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
