"""Check the library against its notebooks, then run every notebook. Ends with 'N passed, N failed, N skipped'.

The checks work on a copy, so they change nothing. Every line printed is one test, and so is counted once. Several notebooks run at a
time, one a processor and with one thread each, the longest first. One that hangs is ended after ten minutes, and has failed.
"""

import filecmp, json, os, re, shutil, signal, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor, as_completed
from configparser import ConfigParser
from pathlib import Path

from contents import changes, late_imports
from readme import readme
from report import report, summary

root = Path(__file__).resolve().parent.parent
bin = Path(sys.executable).parent
running = set()
WORKERS = min(os.cpu_count() or 1, 4)  # notebooks at a time; each may take 2 GB of memory
LIMIT = 600  # seconds that a notebook may take
# begun last, one would run alone for a while
LONGEST = [
    '72_train',
    '65_tpu',
    '64_distributed',
    '26_pretrained',
    '74_evaluate',
    'own_block',
    'imagenet_tpu',
    '91_export',
    '70_runs',
]


def run(*command, cwd=root):
    """Run a command with one thread and without a GPU, as everybody can; return what it printed if
    it failed, and '' if not.
    """
    # what notebooks start is this library too
    environ = {
        **os.environ,
        'OMP_NUM_THREADS': '1',
        'CUDA_VISIBLE_DEVICES': '',
        'PYTHONPATH': str(root),
    }
    # a pipe would wait for processes that a killed notebook leaves behind
    with tempfile.TemporaryFile('w+', errors='replace') as output:
        process = subprocess.Popen(
            [str(c) for c in command],
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running.add(process.pid)
        try:
            code, late = process.wait(LIMIT), ''
        except subprocess.TimeoutExpired:
            code, late = 1, f'  ended after {LIMIT} s\n'
        running.discard(process.pid)
        kill(process.pid)
        output.seek(0)
        return late + output.read() or f'{command[0]} failed without a word' if code else ''


def kill(leader):
    "End a command and all that it has started."
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def changed(before, after, pattern):
    "The files that `pattern` finds in either folder and that are not the same in both."
    names = {
        p.relative_to(d)
        for d in (before, after)
        for p in d.glob(pattern)
        if '.ipynb_checkpoints' not in p.parts
    }
    same = lambda n: (
        (before / n).exists()
        and (after / n).exists()
        and filecmp.cmp(before / n, after / n, shallow=False)
    )
    return ', '.join(sorted(str(n) for n in names if not same(n)))


def runs(notebook, flags):
    "Does any code cell of `notebook` run without a flag?"
    sources = [
        ''.join(c['source'])
        for c in json.loads(notebook.read_text(encoding='utf-8'))['cells']
        if c['cell_type'] == 'code'
    ]
    return any(
        s.strip() and not re.search(rf'^#\|\s*({"|".join(flags)}|eval:\s*false)\b', s, re.M)
        for s in sources
    )


with tempfile.TemporaryDirectory() as tmp:
    copy = Path(tmp)
    shutil.copy(root / 'settings.ini', copy)
    for folder in ('nbs', 'skipresnet'):
        shutil.copytree(root / folder, copy / folder)
    problem = run(bin / 'nbdev_export', cwd=copy)
    differ = changed(root, copy, 'skipresnet/*.py')
    report(
        'nbdev_export changes nothing',
        problem or (differ and f'  not what the notebooks export: {differ} (run nbdev_export)'),
    )
    problem = run(bin / 'nbdev_clean', cwd=copy)
    differ = changed(root, copy, 'nbs/**/*.ipynb')
    report(
        'notebooks are clean', problem or (differ and f'  not clean: {differ} (run nbdev_clean)')
    )
same = (root / 'README.md').exists() and (root / 'README.md').read_text(
    encoding='utf-8'
) == readme()
report(
    'README.md is what the index notebook makes',
    '' if same else '  README.md differs (run make contents)',
)
differ = ', '.join(path.name for path in changes())
report(
    'notebooks say where they stand',
    f'  out of date: {differ} (run make contents)' if differ else '',
)
late = ', '.join(late_imports())
report('no notebook imports from a later one', f'  {late}' if late else '')

report('ruff finds the notebooks laid out', run(bin / 'ruff', 'format', '--diff'))
report('ruff finds nothing', run(bin / 'ruff', 'check'))

report('mypy finds nothing', run(bin / 'mypy'))


def dead_links():
    "Links and pictures of notebooks and Markdown files that lead to nothing here."
    files = {path: [path.read_text(encoding='utf-8')] for path in root.glob('*.md')}
    for path in (root / 'nbs').rglob('*.ipynb'):
        if '.ipynb_checkpoints' in path.parts:
            continue
        cells = json.loads(path.read_text(encoding='utf-8'))['cells']
        files[path] = [''.join(cell['source']) for cell in cells if cell['cell_type'] == 'markdown']
    for path, texts in files.items():
        for link in re.findall(r'\]\(([^)\s#]+)|<img src="([^"]+)', '\n'.join(texts)):
            target = link[0] or link[1]
            if not re.match('[a-z]+:', target) and not (path.parent / target).exists():
                yield f'  {path.relative_to(root)}: {target}\n'


report('links lead somewhere', ''.join(dead_links()))

settings = ConfigParser()
settings.read(root / 'settings.ini', encoding='utf-8')
flags = settings['DEFAULT']['tst_flags'].split()


def test(notebook):
    "Run one notebook; return what it printed if it failed, and the seconds it took."
    start = time.time()
    return run(sys.executable, root / '.ci' / 'notebook.py', notebook), time.time() - start


notebooks = []
for notebook in sorted((root / 'nbs').glob('**/*.ipynb')):
    if '.ipynb_checkpoints' in notebook.parts:
        continue
    if runs(notebook, flags):
        notebooks.append(notebook)
    else:
        report(notebook.relative_to(root), outcome='skipped')
notebooks.sort(key=lambda n: LONGEST.index(n.stem) if n.stem in LONGEST else len(LONGEST))
pool = ThreadPoolExecutor(WORKERS)
jobs = {pool.submit(test, notebook): notebook.relative_to(root) for notebook in notebooks}
try:
    for job in as_completed(jobs):
        report(jobs[job], *job.result())
except KeyboardInterrupt:
    pool.shutdown(wait=False, cancel_futures=True)
    for process in list(running):
        kill(process)
    sys.exit('interrupted')

sys.exit(summary())
