"""Check the library against its notebooks, then run every notebook. Ends with 'N passed, N failed,
N skipped'.

The checks work on a copy, so they change nothing. Every line printed is one test, and so is counted
once. Several tests run at a time, one a processor and with one thread each, the longest first. One
that hangs is ended after ten minutes, and has failed.
"""

import filecmp
import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from configparser import ConfigParser
from functools import partial
from pathlib import Path

root = Path(__file__).resolve().parent.parent
sys.path.insert(1, str(root))  # what notebooks import is this library
# without a GPU, as everybody can; what notebooks start is this library too
os.environ.update(OMP_NUM_THREADS='1', CUDA_VISIBLE_DEVICES='', PYTHONPATH=str(root))

# once: the tests are forked from this process, and nearly all need it
import fastai.vision.all  # noqa: F401

import notebook as tested
from contents import changes, late_imports
from readme import readme
from report import report, summary

gc.freeze()  # what is imported is not searched for garbage again

bin = Path(sys.executable).parent
WORKERS = min(os.cpu_count() or 1, 4)  # tests at a time; each may take 2 GB of memory
LIMIT = 600  # seconds that a test may take
# they set what Triton and huggingface_hub read when they are first imported
ALONE = ['14_kernels', '15_joins', '25_download', '27_models', '92_hub']
# begun last, one would run alone for a while
LONGEST = [
    '72_train',
    '74_evaluate',
    '27_models',
    '26_pretrained',
    '91_export',
    'own_block',
    '29_complexity',
    '42_imagenet',
    '00_skipresnet',
    '65_tpu',
    '93_timm',
    '40_shards',
    '75_reproduce',
    '56_vision',
]


def run(*command, cwd=root):
    "Run a command; return what it printed if it failed, and '' if not."
    done = subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors='replace',
    )
    return done.stdout or f'{command[0]} failed without a word' if done.returncode else ''


def begin(test):
    """Fork a process that ends with what `test` finds wrong; return its number, and the file that
    gets what it prints.
    """
    # a pipe would wait for processes that a killed notebook leaves behind
    output = tempfile.TemporaryFile('w+', errors='replace')
    if process := os.fork():
        return process, output
    os.setsid()
    signal.alarm(LIMIT)
    for file, stream in ((open(os.devnull), 0), (output, 1), (output, 2)):
        os.dup2(file.fileno(), stream)
    sys.exit(test() or None)


def kill(leader):
    "End a test and all that it has started."
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


def same_after(command, pattern):
    """Run a command of nbdev on a copy of the notebooks and the library; return the files that it
    changes.
    """
    with tempfile.TemporaryDirectory() as tmp:
        copy = Path(tmp)
        shutil.copy(root / 'settings.ini', copy)
        for folder in ('nbs', 'skipresnet'):
            shutil.copytree(root / folder, copy / folder)
        problem, differ = run(bin / command, cwd=copy), changed(root, copy, pattern)
    return problem or (differ and f'  {command} changes {differ} (run it)')


def readme_differs():
    same = (root / 'README.md').exists() and (root / 'README.md').read_text(
        encoding='utf-8'
    ) == readme()
    return '' if same else '  README.md differs (run make contents)'


def places_differ():
    differ = ', '.join(path.name for path in changes())
    return f'  out of date: {differ} (run make contents)' if differ else ''


def imports_too_late():
    late = ', '.join(late_imports())
    return f'  {late}' if late else ''


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


settings = ConfigParser()
settings.read(root / 'settings.ini', encoding='utf-8')
flags = settings['DEFAULT']['tst_flags'].split()

tests = {
    'mypy finds nothing': partial(run, bin / 'mypy'),
    'nbdev_export changes nothing': partial(same_after, 'nbdev_export', 'skipresnet/**/*.py'),
    'notebooks are clean': partial(same_after, 'nbdev_clean', 'nbs/**/*.ipynb'),
    'README.md is what the index notebook makes': readme_differs,
    'notebooks say where they stand': places_differ,
    'no notebook imports from a later one': imports_too_late,
    'ruff lays out nothing anew': partial(run, bin / 'ruff', 'format', '--diff'),
    'ruff finds nothing': partial(run, bin / 'ruff', 'check'),
    'links lead somewhere': lambda: ''.join(dead_links()),
}
notebooks = [
    n for n in sorted((root / 'nbs').glob('**/*.ipynb')) if '.ipynb_checkpoints' not in n.parts
]
notebooks.sort(key=lambda n: LONGEST.index(n.stem) if n.stem in LONGEST else len(LONGEST))
for notebook in notebooks:
    if runs(notebook, flags):
        tests[notebook.relative_to(root)] = (
            partial(run, sys.executable, '.ci/notebook.py', notebook)
            if notebook.stem in ALONE
            else lambda path=notebook: '\n'.join(tested.run(path, set(flags)))
        )
    else:
        report(notebook.relative_to(root), outcome='skipped')

# notebooks leave files behind, hundreds of megabytes in all
leftovers, parent = tempfile.mkdtemp(), os.getpid()
os.environ['TMPDIR'] = tempfile.tempdir = leftovers
waiting, running = list(tests), {}
try:
    while waiting or running:
        while waiting and len(running) < WORKERS:
            process, output = begin(tests[waiting[0]])
            running[process] = waiting.pop(0), output, time.time()
        process, status = os.wait()
        name, output, start = running.pop(process)
        kill(process)  # what it has left behind
        output.seek(0)
        late = f'  ended after {LIMIT} s\n' if status == signal.SIGALRM else ''
        problem = late + output.read() or '  failed without a word'
        report(name, problem if status else '', time.time() - start)
except KeyboardInterrupt:
    for process in running:
        kill(process)
    sys.exit('interrupted')
finally:
    if os.getpid() == parent:  # a test comes by here too
        shutil.rmtree(leftovers, ignore_errors=True)

sys.exit(summary())
