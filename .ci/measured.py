"""Which saved measurements are older than the code that they measure? A measurement says its date,
as in 2026-11-25, in what its cell prints.
"""

import json, re, subprocess
from pathlib import Path

root = Path(__file__).resolve().parent.parent


def changed(module):
    "The day of the last commit that changed a module."
    return subprocess.run(
        ['git', 'log', '-1', '--format=%cs', '--', f'skipresnet/{module.replace(".", "/")}.py'],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def measurements(cells):
    "The number of each cell that prints a day, and the day."
    for number, cell in enumerate(cells):
        texts = [
            output.get('text', output.get('data', {}).get('text/plain', ''))
            for output in cell.get('outputs', [])
        ]
        days = re.findall(r'\b20\d\d-\d\d-\d\d\b', ''.join(''.join(text) for text in texts))
        if days and re.search(r'^#\|\s*(slow|cuda|tpu|varies)', ''.join(cell['source']), re.M):
            yield number, max(days)


for path in sorted((root / 'nbs').rglob('*.ipynb')):
    cells = json.loads(path.read_text(encoding='utf-8'))['cells']
    code = '\n'.join(''.join(cell['source']) for cell in cells if cell['cell_type'] == 'code')
    modules = set(re.findall(r'^\s*from skipresnet\.([\w.]+) import', code, re.M)) | set(
        re.findall(r'^#\| default_exp (\S+)', code, re.M)
    )
    for number, day in measurements(cells):
        newer = sorted((when, module) for module in modules if (when := changed(module)) > day)
        print(
            f'{path.relative_to(root)}, cell {number}, of {day}: '
            + (', '.join(f'{module} changed on {when}' for when, module in newer) or 'up to date')
        )
