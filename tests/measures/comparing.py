"""What comparing says of every pair of the history that an independent oracle has judged.

    python -m tests.measures.comparing [../shared/data] [--every 1] [--show 10]

`tests/monitoring/diffing/figures.json` holds these figures; a sample of the pairs is checked against it by the suite. What
comparing costs is printed by `make bench`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from monitoring.diffing import Significance, apply, compare
from tests.measures.anchoring import pairs
from tests.measures.pack import DATA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--every", type=int, default=1, help="only every so-manieth pair")
    parser.add_argument("--show", type=int, default=10)
    options = parser.parse_args()
    lines = (options.data / "history" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()[:: options.every]
    verdicts: Counter[tuple[str, Significance]] = Counter()
    wrong = []
    rebuilt = coarse = 0
    with tempfile.TemporaryDirectory() as folder:
        for line, (name, old, new) in zip(lines, pairs(options.data, Path(folder), every=options.every), strict=True):
            comparison = compare(old, new)
            oracle = json.loads(line)["oracle"]
            verdicts[oracle, comparison.significance] += 1
            rebuilt += apply(old, comparison) == new.text
            coarse += comparison.coarse
            quiet = comparison.significance in (Significance.NONE, Significance.COSMETIC)
            if oracle != "open" and quiet != (oracle == "cosmetic"):
                wrong.append(f"{oracle} told as {comparison.significance}: {name}")
    print(f"{len(lines)} pairs, {rebuilt} rebuilt by their operations, {coarse} coarse")
    for (oracle, significance), times in sorted(verdicts.items()):
        print(f"  {oracle:22} {significance:12} {times}")
    for line in wrong[: options.show]:
        print(f"  - {line}")


if __name__ == "__main__":
    main()
