"""Make README.md from nbs/index.ipynb: nbdev's own command needs quarto, which no package registry
carries.
"""

import re
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter
from traitlets.config import Config

root = Path(__file__).resolve().parent.parent


def readme() -> str:
    """The text of README.md: the index notebook as Markdown, with links as seen from the root.

    Hidden cells are left out, and of those that say `#| echo: false` the code.
    """
    config = Config()
    config.MarkdownExporter.preprocessors = ['nbconvert.preprocessors.RegexRemovePreprocessor']
    config.RegexRemovePreprocessor.patterns = [r'^#\|\s*hide']
    notebook = nbformat.read(root / 'nbs' / 'index.ipynb', as_version=4)
    # what nbdev_clean removes, and Markdown needs to colour the code
    notebook.metadata.language_info = {'name': 'python'}
    for cell in notebook.cells:
        if cell.source.startswith('#| echo: false'):
            cell.metadata.transient = {'remove_source': True}
    text, _ = MarkdownExporter(config=config).from_notebook_node(notebook)
    text = re.sub(r'\]\((?=[\w/]+\.ipynb)', '](nbs/', text)
    for before, after in {'](../': '](', '="../': '="'}.items():
        text = text.replace(before, after)
    return (
        '<!-- Made from nbs/index.ipynb by `make contents`. Edit the notebook. -->\n\n'
        + text.strip()
        + '\n'
    )


if __name__ == '__main__':
    (root / 'README.md').write_text(readme(), encoding='utf-8')
