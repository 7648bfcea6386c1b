"""Run what needs a GPU: every cell flagged `cuda`, with the cells that it needs, each notebook in
a process of its own. Ends with 'N passed, N failed'.

Neither Jupyter nor nbdev is needed, only PyTorch and what the library imports. Where fastai and its
like are not installed, their wheels may lie in the folder .whl. Every line that begins with
`passed` or `failed` is one cell; what the cell printed stands below it. A notebook that hangs is
ended, and has failed; everything together takes ten minutes at most.
"""

import ast, builtins, contextlib, io, json, linecache, os, re, signal, subprocess, sys, tempfile, time, traceback, types
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

root = Path(__file__).resolve().parent.parent
LIMIT, EACH = 560, 250  # seconds for everything, and for one notebook
# those that measure, each for itself, the longest last; the others run before them, all at once
ALONE = '14_kernels', '37_augment', 'loop', '63_gpu', '66_benchmark'


def cells(notebook):
    "The code of a notebook, cell by cell, and which cells are flagged."
    found = [
        ''.join(c['source'])
        for c in json.loads(notebook.read_text(encoding='utf-8'))['cells']
        if c['cell_type'] == 'code'
    ]

    def plain(s):  # without the commands of IPython
        file = re.match(r'%%writefile (\S+)\n', s)
        if file:
            return f'__import__("pathlib").Path({file[1]!r}).write_text({s[file.end() :]!r})'
        return re.sub(r'^([ \t]*)[%!].*$', r'\1pass', s, flags=re.M)

    return [
        (plain(s), re.findall(r'^#\|\s*(slow|cuda|tpu|eval:\s*false)\b', s, flags=re.M))
        for s in found
        if 'nbdev_export()' not in s
    ]


def names(code):
    """The names that a piece of code defines or changes at its top level, and those that it uses.

    A file is a name too.
    """
    tree, defined = ast.parse(code), set()
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    files = {
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant)
        and isinstance(n.value, str)
        and re.fullmatch(r'[\w./-]+\.\w+', n.value)
    }

    def visit(node):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            defined.update((a.asname or a.name).split('.')[0] for a in node.names)
        elif not isinstance(node, ast.Lambda):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined.add(node.id)
            # x.f() and x.y = ... change x
            target = node.func if isinstance(node, ast.Call) else node
            if (
                isinstance(target, ast.Attribute)
                and (target is not node or isinstance(node.ctx, ast.Store))
                and isinstance(target.value, ast.Name)
            ):
                defined.add(target.value.id)
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(tree)
    return defined | files, used | files


def needed(sources):
    "The numbers of the cells that those flagged `cuda` need, and of these."
    facts, wanted, keep = [names(code) for code, _ in sources], set(), []
    imports = [
        {
            (a.asname or a.name).split('.')[0]
            for node in ast.walk(ast.parse(code))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for a in node.names
        }
        for code, _ in sources
    ]
    modules = set().union(*imports)  # torch.manual_seed(0) makes no torch
    for k in reversed(range(len(sources))):
        (defined, used), flags = facts[k], sources[k][1]
        if flags == ['cuda'] or (not flags and (imports[k] or (defined - modules) & wanted)):
            keep.append(k)
            wanted |= used
    return keep[::-1]


def title(code):
    return (
        next((line for line in code.splitlines()[::-1] if line.strip()), '')
        .strip()
        .removeprefix('if torch.cuda.is_available(): ')[:70]
    )


def run(notebook):
    "Run the cells of a notebook in this process."
    import matplotlib

    matplotlib.use('Agg')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('it took too long'))
    if not find_spec('IPython'):  # figures are looked at by nobody here
        shown = types.ModuleType('IPython.display')
        shown.display = shown.Image = shown.Markdown = shown.HTML = lambda *args, **kwargs: (
            args[0] if args else None
        )
        sys.modules.update({'IPython': types.ModuleType('IPython'), 'IPython.display': shown})
    builtins.display, sys.argv = print, [str(notebook)]
    os.chdir(notebook.parent)
    sources, name, space = (
        cells(notebook),
        notebook.relative_to(root / 'nbs'),
        {'__name__': '__main__'},
    )
    for k in needed(sources):
        code, flags = sources[k]
        start, output, problem = time.time(), io.StringIO(), ''
        place = f'{name}, code cell {k}'
        # Triton reads the source of kernels, and takes it from here
        linecache.cache[place] = len(code), None, code.splitlines(True), place
        with contextlib.redirect_stdout(output):
            try:
                exec(compile(code, place, 'exec'), space)
            except BaseException:
                problem = traceback.format_exc()
        if not (flags or problem):
            continue
        what = title(code) if flags else f'code cell {k}, which the others need'
        print(
            f'{"failed" if problem else "passed"}  {name}: {what}  {time.time() - start:.0f} s',
            flush=True,
        )
        for line in (output.getvalue() + problem).splitlines():
            print('    ' + line, flush=True)
        if problem and not flags:
            break


def environment(folder):
    """What the processes of the notebooks see: the library, wheels, and a version of the library
    where it is not installed.
    """
    wheels = [str(w) for w in (root / '.whl').glob('*.whl')]
    if wheels:
        subprocess.run(
            [
                sys.executable,
                '-m',
                'pip',
                'install',
                '-q',
                '--no-index',
                '--no-deps',
                '--target',
                folder,
                *wheels,
            ],
            check=True,
        )
    settings = ConfigParser()
    settings.read(root / 'settings.ini')
    info = Path(folder) / f'skipresnet-{settings["DEFAULT"]["version"]}.dist-info'
    if not list(Path(folder).glob('skipresnet-*.dist-info')):
        info.mkdir(parents=True)
        (info / 'METADATA').write_text(
            f'Metadata-Version: 2.1\nName: skipresnet\nVersion: {settings["DEFAULT"]["version"]}\n'
        )
    return {
        **os.environ,
        'PYTHONPATH': os.pathsep.join([str(root), folder, os.environ.get('PYTHONPATH', '')]),
        'PYTHONUNBUFFERED': '1',
        'OMP_NUM_THREADS': '4',  # of several notebooks at once
    }


def main():
    notebooks = [
        n
        for n in sorted((root / 'nbs').glob('**/*.ipynb'))
        if '.ipynb_checkpoints' not in n.parts and any(f == ['cuda'] for _, f in cells(n))
    ]
    groups = [[n for n in notebooks if n.stem not in ALONE]]
    groups += [[n for n in notebooks if n.stem == name] for name in ALONE]
    count = sum(f == ['cuda'] for n in notebooks for _, f in cells(n))
    import torch

    if not torch.cuda.is_available():
        print(
            f'there is no GPU here that PyTorch can use: {count} cells of {len(notebooks)} '
            'notebooks were not run'
        )
        print('0 passed, 0 failed')
        return 0
    print(
        f'{torch.cuda.get_device_name()}, torch {torch.__version__}, {time.strftime("%Y-%m-%d")}: '
        f'{count} cells of {len(notebooks)} notebooks',
        flush=True,
    )
    passed = failed = 0
    end = time.time() + LIMIT
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder)
        for group in groups:
            processes = {
                notebook: subprocess.Popen(
                    [sys.executable, __file__, str(notebook)],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
                for notebook in group
            }
            until = min(end, time.time() + EACH)
            for notebook, process in processes.items():
                asked = sum(f == ['cuda'] for _, f in cells(notebook))
                try:
                    out, _ = process.communicate(timeout=max(until - time.time(), 1))
                except subprocess.TimeoutExpired:
                    process.terminate()  # what the cell has printed so far is not lost
                    try:
                        out, _ = process.communicate(timeout=5)
                    except subprocess.TimeoutExpired:
                        process.kill()
                        out, _ = process.communicate()
                    out += 'ended, as it took too long\n'
                lines = out.splitlines()
                ok, bad = (
                    sum(line.startswith(word + '  ') for line in lines)
                    for word in ('passed', 'failed')
                )
                print(out, end='', flush=True)
                passed += ok
                failed += asked - ok  # what was not told of has failed too
                if asked > ok + bad:
                    print(
                        f'failed  {notebook.relative_to(root / "nbs")}: {asked - ok - bad} cells '
                        'did not come to an end'
                    )
    print(f'{passed} passed, {failed} failed')
    return int(failed > 0)


if __name__ == '__main__':
    if len(sys.argv) > 1:
        run(Path(sys.argv[1]).resolve())
    else:
        sys.exit(main())
