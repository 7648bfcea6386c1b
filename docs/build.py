"""Make the website of the book in the folder `_docs`: python docs/build.py, or make docs.

Sphinx shows the notebooks with the outputs that are saved in them, and runs none. Before that they
lose what only nbdev reads, and a page is written for each module.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
from configparser import ConfigParser
from pathlib import Path

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / '.ci'))
from contents import PARTS, order

settings = ConfigParser()
settings.read(root / 'settings.ini', encoding='utf-8')
settings = settings['DEFAULT']
blob = f'{settings["git_url"]}/blob/{settings["branch"]}'


def link(target, folder):
    """Where `target`, written in a notebook of `folder`, is on the website: files that are no part
    of it are on GitHub.
    """
    path, _, anchor = target.partition('#')
    if not path or re.match(r'[a-z]+:', path) or path.endswith('.ipynb'):
        return target
    inside = (folder / path).resolve().relative_to(root)
    if inside.suffix in ('.png', '.svg'):
        return '/' + str(inside)
    return f'{blob}/{inside}' + (f'#{anchor}' if anchor else '')


def page(source):
    "The notebook without the lines and cells that are meant for nbdev."
    notebook, cells = json.loads(source.read_text(encoding='utf-8')), []
    for cell in notebook['cells']:
        text = ''.join(cell['source'])
        if cell['cell_type'] == 'code':
            directives = re.findall(r'^#\|\s*(.*?)\s*$', text, re.M)
            if {'hide', 'default_exp'} & {d.split()[0] for d in directives}:
                continue
            text = re.sub(r'^#\|.*\n?', '', text, flags=re.M)
            if not text.strip():
                continue
            if 'echo: false' in directives:
                cell['metadata']['tags'] = ['remove-input']
            # an answer
            if cell['metadata'].get('jupyter', {}).get('source_hidden'):
                cell['metadata']['tags'] = ['hide-cell']
            # they need a kernel
            cell['outputs'] = [
                o
                for o in cell['outputs']
                if not any('widget' in kind for kind in o.get('data', {}))
            ]
        elif cell['cell_type'] == 'markdown':
            # a picture from elsewhere
            text = re.sub(r'\[!\[Open in Colab\]\([^)]*\)\]', '[Colab]', text)
            text = re.sub(
                r'(?<=\]\()[^)\s]+(?=\))|(?<=src=")[^"]+(?=")',
                lambda m: link(m[0], source.parent),
                text,
            )
        cell['source'] = text
        cells.append(cell)
    notebook['metadata'].pop('widgets', None)
    return json.dumps({**notebook, 'cells': cells}, ensure_ascii=False)


def book():
    "The title of each part, and the names of its notebooks."
    names = [str(path.relative_to(root / 'nbs').with_suffix('')) for path in order()]
    parts = [
        (f'{digit}. {title}', [n for n in names if n[0] == digit])
        for digit, (title, _) in PARTS.items()
    ]
    return [
        *parts,
        ('Tutorials', [n for n in names if '/' in n]),
        ('Reference', ['glossary', 'bibliography', 'api/index']),
    ]


def toctree(caption, names, hidden=True):
    return (
        f'```{{toctree}}\n:caption: {caption}\n'
        + ':hidden:\n' * hidden
        + '\n'
        + '\n'.join(names)
        + '\n```\n'
    )


def modules():
    "Of each module its name, its docstring and the notebook that it is exported from."
    for path in sorted((root / 'skipresnet').rglob('*.py')):
        text = path.read_text(encoding='utf-8')
        notebook = re.search(r'File to edit: (?:\.\./)+nbs/(\S+)\.ipynb', text)
        if notebook:
            yield (
                '.'.join(path.relative_to(root).with_suffix('').parts),
                ast.get_docstring(ast.parse(text)),
                notebook[1],
            )


def write(folder):
    "Write what Sphinx reads into `folder`."
    for path in sorted((root / 'nbs').rglob('*.ipynb')):
        if '.ipynb_checkpoints' in path.parts:
            continue
        target = folder / path.relative_to(root / 'nbs')
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(path), encoding='utf-8')
    for pictures in ('res', 'results'):
        shutil.copytree(
            root / pictures,
            folder / pictures,
            ignore=lambda d, names: [
                n for n in names if Path(d, n).is_file() and not n.endswith(('.png', '.svg'))
            ],
        )
    (folder / 'api').mkdir()
    parts, rows = book(), []
    order = [name for _, names in parts for name in names]
    listed = sorted(modules(), key=lambda m: order.index(m[2]))
    for name, doc, notebook in listed:
        rows.append(f'| [{name}]({name}.md) | {doc} | [{notebook}](../{notebook}.ipynb) |')
        (folder / 'api' / f'{name}.md').write_text(
            f'# {name}\n\nTold in [{notebook}](../{notebook}.ipynb).\n\n```{{eval-rst}}\n.. '
            f'automodule:: {name}\n   :members:\n   :ignore-module-all:\n   :undoc-members:\n   '
            ':show-inheritance:\n```\n',
            encoding='utf-8',
        )
    (folder / 'api' / 'index.md').write_text(
        '# The library\n\n| module | holds | notebook |\n|---|---|---|\n'
        + '\n'.join(rows)
        + '\n\n'
        + toctree('Modules', [m[0] for m in listed]),
        encoding='utf-8',
    )
    index = json.loads((folder / 'index.ipynb').read_text(encoding='utf-8'))
    contents = '\n'.join(toctree(title, names) for title, names in parts)
    index['cells'].append(dict(cell_type='markdown', id='contents', metadata={}, source=contents))
    (folder / 'index.ipynb').write_text(json.dumps(index, ensure_ascii=False), encoding='utf-8')


if __name__ == '__main__':
    output = root / settings['doc_path']
    shutil.rmtree(output, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        # beside it, Sphinx keeps files of its own
        source, html = Path(folder) / 'source', Path(folder) / 'html'
        write(source)
        code = subprocess.call(
            [
                sys.executable,
                '-m',
                'sphinx',
                '-q',
                '-W',
                '--keep-going',
                '-j',
                'auto',
                '-c',
                root / 'docs',
                source,
                html,
            ]
        )
        shutil.copytree(html, output, ignore=shutil.ignore_patterns('.doctrees'))
    if not code:
        print(f'{output}/index.html')
    sys.exit(code)
