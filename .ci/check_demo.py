"Check what the demo left: every file, top-1 of at least 0.985, training in at most 60 seconds."
import csv, sys
from pathlib import Path

run = Path(sys.argv[1])
files = ['config.txt', 'log.csv', 'curves.png', 'model.safetensors']
missing = [f for f in files if not (run/f).is_file()]
if missing: sys.exit(f'failed  demo: {run} lacks {", ".join(missing)}')
with open(run/'log.csv', newline='') as f: rows = list(csv.DictReader(f))
top1, seconds = max(float(r['top1']) for r in rows), sum(float(r['seconds']) for r in rows)
print(f'demo: top-1 {top1:.4f} after {len(rows)} epochs, {seconds:.0f} s')
if top1 < 0.985: sys.exit(f'failed  demo: top-1 {top1:.4f} is below 0.985')
if seconds > 60: sys.exit(f'failed  demo: training took {seconds:.0f} s, more than 60')
