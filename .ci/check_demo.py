"""Check what the demo left: every file, top-1 of at least 0.985, training in at most 60 seconds.
Ends with 'N passed, N failed'.
"""

import csv, sys
from pathlib import Path

from report import report, summary

run = Path(sys.argv[1])
missing = [
    name
    for name in ('config.txt', 'log.csv', 'curves.png', 'model.safetensors')
    if not (run / name).is_file()
]
report(f'demo: {run} is complete', missing and f'  lacks {", ".join(missing)}')
if not missing:
    with open(run / 'log.csv', newline='', encoding='utf-8') as f:
        rows = list(csv.DictReader(f))
    top1, seconds = max(float(r['top1']) for r in rows), sum(float(r['seconds']) for r in rows)
    report(
        f'demo: top-1 {top1:.4f} is at least 0.985',
        '' if top1 >= 0.985 else f'  after {len(rows)} epochs',
    )
    report(
        f'demo: training takes at most 60 s',
        '' if seconds <= 60 else f'  it took {seconds:.0f} s',
        seconds,
    )
sys.exit(summary())
