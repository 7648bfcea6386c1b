"""Check the library against its notebooks, then run every notebook. Ends with 'N passed, N failed, N skipped'.

The checks work on a copy, so they change nothing. Every line printed is one test, and so is counted once.
"""
import filecmp, json, re, shutil, subprocess, sys, tempfile, time
from configparser import ConfigParser
from pathlib import Path

from readme import readme

root = Path(__file__).resolve().parent.parent
bin = Path(sys.executable).parent
results = {'passed': 0, 'failed': 0, 'skipped': 0}

def report(name, problem='', seconds=None, outcome=None):
    "Print and count one test; an empty `problem` is a pass."
    outcome = outcome or ('failed' if problem else 'passed')
    results[outcome] += 1
    print(f'{outcome:8}{name}' + (f'  {seconds:.0f} s' if seconds is not None else ''), flush=True)
    if problem: print(problem.rstrip(), flush=True)

def run(*command, cwd=root):
    "Run a command; return what it printed if it failed, and '' if not."
    done = subprocess.run([str(c) for c in command], cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout or f'{command[0]} failed without a word' if done.returncode else ''

def changed(before, after, pattern):
    "The files that `pattern` finds in either folder and that are not the same in both."
    names = {p.relative_to(d) for d in (before, after) for p in d.glob(pattern) if '.ipynb_checkpoints' not in p.parts}
    same = lambda n: (before/n).exists() and (after/n).exists() and filecmp.cmp(before/n, after/n, shallow=False)
    return ', '.join(sorted(str(n) for n in names if not same(n)))

def runs(notebook, flags):
    "Does any code cell of `notebook` run without a flag?"
    sources = [''.join(c['source']) for c in json.loads(notebook.read_text())['cells'] if c['cell_type'] == 'code']
    return any(s.strip() and not re.search(rf'^#\|\s*({"|".join(flags)}|eval:\s*false)\b', s, re.M) for s in sources)

with tempfile.TemporaryDirectory() as tmp:
    copy = Path(tmp)
    shutil.copy(root/'settings.ini', copy)
    for folder in ('nbs', 'skipresnet'): shutil.copytree(root/folder, copy/folder)
    problem = run(bin/'nbdev_export', cwd=copy)
    differ = changed(root, copy, 'skipresnet/*.py')
    report('nbdev_export changes nothing', problem or (differ and f'  not what the notebooks export: {differ} (run nbdev_export)'))
    problem = run(bin/'nbdev_clean', cwd=copy)
    differ = changed(root, copy, 'nbs/**/*.ipynb')
    report('notebooks are clean', problem or (differ and f'  not clean: {differ} (run nbdev_clean)'))
same = (root/'README.md').exists() and (root/'README.md').read_text(encoding='utf-8') == readme()
report('README.md is what the index notebook makes', '' if same else '  README.md differs (run make readme)')

settings = ConfigParser()
settings.read(root/'settings.ini')
flags = settings['DEFAULT']['tst_flags'].split()
for notebook in sorted((root/'nbs').glob('**/*.ipynb')):
    if '.ipynb_checkpoints' in notebook.parts: continue
    name = notebook.relative_to(root)
    if not runs(notebook, flags): report(name, outcome='skipped'); continue
    start = time.time()
    report(name, run(bin/'nbdev_test', '--path', notebook), time.time() - start)

print(f"{results['passed']} passed, {results['failed']} failed" + (f", {results['skipped']} skipped" if results['skipped'] else ''))
sys.exit(bool(results['failed']))
