"""Say in every notebook where it stands, and list all of them by part in the index: python
.ci/contents.py, or make contents.

The first digit of a notebook is its part, and the order of their names is the order to read them
in. No notebook imports from one that comes after it.
"""

import json
import re
from pathlib import Path

root = Path(__file__).resolve().parent.parent
COLAB = 'https://colab.research.google.com'
PARTS = {
    '0': ('The idea', 'The whole of it in one sitting.'),
    '1': (
        'Blocks and gates',
        'From a tensor to a network: what a block receives, and how a gate joins it.',
    ),
    '2': ('Models', 'The published networks by name, what they cost, and weights for them.'),
    '3': ('Data', 'From files to batches that a network trains on.'),
    '4': ('ImageNet', 'Data that does not fit into memory.'),
    '5': ('Training', 'A fastai Learner that trains as the paper does.'),
    '6': ('Hardware', 'One GPU, several, or a TPU.'),
    '7': ('Runs', 'Whole experiments: started by a command, kept in a folder, measured, repeated.'),
    '8': ('What gates learn', 'Questions to a trained network.'),
    '9': ('Trained networks at work', 'Predict, export, share, and use them from other libraries.'),
}
TUTORIALS = [
    'digits',
    'own_block',
    'transfer',
    'own_photos',
    'cifar10',
    'detection',
    'imagenet_tpu',
    'loop',
]


def order() -> list[Path]:
    "The notebooks of the book in reading order: the parts, then the tutorials."
    parts = sorted((root / 'nbs').glob('[0-9]*.ipynb'))
    return [*parts, *(root / 'nbs' / 'tutorials' / f'{name}.ipynb' for name in TUTORIALS)]


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding='utf-8'))


def code(notebook: dict) -> str:
    return '\n'.join(''.join(c['source']) for c in notebook['cells'] if c['cell_type'] == 'code')


def builds_on(notebook: dict, makers: dict[str, str], imports: dict[str, set[str]]) -> list[str]:
    """The notebooks whose modules this one exports code with, without those that they build on
    themselves.
    """
    needed = {makers[m] for m in imports_of(notebook) if m in makers}
    return sorted(n for n in needed if not any(n in reach(m, imports) for m in needed - {n}))


def imports_of(notebook: dict) -> set[str]:
    """The modules of the library that the exported cells of a notebook import, or all of its cells
    if none is exported.
    """
    cells = [''.join(c['source']) for c in notebook['cells'] if c['cell_type'] == 'code']
    exported = [c for c in cells if re.search(r'^#\| export', c, re.M)]
    return set(
        re.findall(r'^\s*(?:from|import) skipresnet\.([\w.]+)', '\n'.join(exported or cells), re.M)
    )


def reach(name: str, imports: dict[str, set[str]]) -> set[str]:
    "All notebooks that a notebook builds on, on the way."
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for n in imports.get(waiting.pop(), ()):
            if n not in found:
                found.add(n)
                waiting.append(n)
    return found


def link(path: Path, folder: Path) -> str:
    target = path.relative_to(folder) if path.is_relative_to(folder) else Path('..') / path.name
    return f'[{path.stem}]({target})'


def place(path: Path, before: Path | None, after: Path | None, needed: list[str]) -> str:
    "The line that says where a notebook stands."
    if path.parent.name == 'tutorials':
        parts = ['Tutorials']
    else:
        parts = [f'Part {path.name[0]}, {PARTS[path.name[0]][0]}']
    if needed:
        named = [link(root / 'nbs' / f'{n}.ipynb', path.parent) for n in needed]
        parts.append('builds on ' + ', '.join(named))
    if before:
        parts.append('previous: ' + link(before, path.parent))
    if after:
        parts.append('next: ' + link(after, path.parent))
    return f'*{" · ".join(parts)}*'


def index_tables(paths: list[Path], told: dict[str, str]) -> str:
    "The tables of all notebooks, part by part, as the index shows them."
    lines: list[str] = []
    part = ''
    for path in paths:
        here = 'T' if path.parent.name == 'tutorials' else path.name[0]
        if here != part:
            title, sentence = PARTS.get(
                here, ('Tutorials', 'Longer runs, and things to make of it.')
            )
            heading = title if here == 'T' else f'{here}. {title}'
            lines += [
                '',
                f'### {heading}',
                '',
                sentence,
                '',
                '| notebook | what it explains |',
                '|---|---|',
            ]
            part = here
        name = str(path.relative_to(root / 'nbs').with_suffix(''))
        notebook = load(path)
        subtitle = re.search(r'^> (.*)$', ''.join(notebook['cells'][0]['source']), re.M)
        text = told.get(name) or (subtitle[1] if subtitle else '')
        if 'google.colab' in code(notebook):
            text += (
                f' [![Open in Colab]({COLAB}/assets/colab-badge.svg)]'
                f'({COLAB}/github/skipresnet/skipresnet/blob/main/nbs/{name}.ipynb)'
            )
        lines.append(f'| [{path.stem}]({name}.ipynb) | {text} |')
    return '\n'.join(lines[1:])


def find_makers(notebooks: dict[str, dict]) -> dict[str, str]:
    "For each module, the notebook that it is exported from."
    made = {
        name: re.search(r'^#\| default_exp (\S+)', code(n), re.M) for name, n in notebooks.items()
    }
    return {match[1]: name for name, match in made.items() if match}


def late_imports() -> list[str]:
    "Imports of what only a later notebook exports, as 'notebook: module'."
    notebooks = {path.stem: load(path) for path in order()}
    makers, names = find_makers(notebooks), list(notebooks)
    return [
        f'{name}: {module}'
        for name, notebook in notebooks.items()
        for module in sorted(imports_of(notebook))
        if '#| export' in code(notebook)
        and module in makers
        and names.index(makers[module]) > names.index(name)
    ]


def changes() -> dict[Path, dict]:
    "The notebooks that do not say what they should, and what they should be."
    paths = order()
    notebooks = {path.stem: load(path) for path in paths}
    makers = find_makers(notebooks)
    imports = {
        name: {makers[m] for m in imports_of(notebook) if m in makers} - {name}
        for name, notebook in notebooks.items()
    }
    changed: dict[Path, dict] = {}
    for k, path in enumerate(paths):
        notebook = notebooks[path.stem]
        tutorial = path.parent.name == 'tutorials'
        before = paths[k - 1] if k else None
        after = paths[k + 1] if k + 1 < len(paths) else None
        needed = builds_on(notebook, makers, imports) if k else []
        line = place(
            path, before, after, [n for n in needed if n != path.stem] if not tutorial else []
        )
        cell = notebook['cells'][0]
        text = ''.join(cell['source'])
        rest = re.sub(r'\n\n\*(Part \d|Tutorials)[^*]*\*(?=\n|$)', '', text)
        new = re.sub(r'^(> .*)$', lambda m: f'{m[1]}\n\n{line}', rest, count=1, flags=re.M)
        if new != text:
            cell['source'] = new.splitlines(keepends=True)
            changed[path] = notebook

    path = root / 'nbs' / 'index.ipynb'
    index = load(path)
    cell = next(c for c in index['cells'] if ''.join(c['source']).startswith('## The notebooks'))
    text = ''.join(cell['source'])
    rows = re.findall(
        r'^\| \[\S+\]\((\S+)\.ipynb\) \| (.*?)(?: \[!\[Open in Colab.*)? \|$', text, re.M
    )
    introduction = re.split(r'\n### |\n\| notebook', text)[0].rstrip()
    new = f'{introduction}\n\n{index_tables(paths, dict(rows))}'
    if new != text:
        cell['source'] = new.splitlines(keepends=True)
        changed[path] = index
    return changed


if __name__ == '__main__':
    for path, notebook in changes().items():
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + '\n', encoding='utf-8')
        print('written:', path.relative_to(root))
