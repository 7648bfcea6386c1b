"""How Sphinx shows the book. `docs/build.py` writes what it reads."""

import inspect
import re
from configparser import ConfigParser
from pathlib import Path

from docutils import nodes
from fastcore.docments import docments
from latex2mathml.converter import convert
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

settings = ConfigParser()
settings.read(Path(__file__).parent.parent / 'settings.ini', encoding='utf-8')
settings = settings['DEFAULT']

project, author, copyright, version = (
    settings[key] for key in ('title', 'author', 'copyright', 'version')
)
extensions = ['myst_nb', 'sphinx.ext.autodoc']
myst_enable_extensions = ['dollarmath', 'amsmath', 'html_image']
myst_heading_anchors = 3
nb_execution_mode = 'off'  # a notebook brings its outputs along
nb_code_prompt_show = 'Show the answer'  # only answers are folded
nb_code_prompt_hide = 'Hide the answer'
suppress_warnings = ['mystnb.unknown_mime_type', 'myst.header']
autodoc_typehints = 'description'
autodoc_member_order = 'bysource'
autodoc_inherit_docstrings = False

html_theme = 'sphinx_book_theme'
html_title = settings['title']
html_math_renderer = 'mathml'  # which browsers draw by themselves, without a script from elsewhere
html_favicon = 'favicon.svg'
html_static_path = ['style.css']
html_css_files = ['style.css']
html_context = dict(default_mode='auto')  # light or dark, as the reader's system is
html_theme_options = dict(
    repository_url=settings['git_url'],
    repository_branch=settings['branch'],
    path_to_docs=settings['nbs_path'],
    use_repository_button=True,
    use_source_button=True,
    launch_buttons=dict(colab_url='https://colab.research.google.com'),
    show_toc_level=2,
    navbar_persistent=[],  # one search field is enough
)


def explain_parameters(app, what, name, obj, options, lines):
    "Docstrings in reStructuredText, with what the comments behind parameters say."
    lines[:] = [
        re.sub(r'(?<![`:])`([^`]+)`', r'``\1``', re.sub(r'\$([^$]+)\$', r':math:`\1`', line))
        for line in lines
    ]
    if what not in ('function', 'method', 'class') or not getattr(obj, '__module__', '').startswith(
        'skipresnet'
    ):
        return
    try:
        parameters = docments(obj, full=True)
    except (TypeError, ValueError, OSError, AttributeError, SyntaxError):
        return  # made by Python itself, without a source of its own
    lines.append('')
    for parameter, about in parameters.items():
        if not about.get('docment'):
            continue
        field = ':returns' if parameter == 'return' else f':param {parameter}'
        lines.append(f'{field}: {" ".join(str(about["docment"]).split())}')


def short_names(app, what, name, obj, options, signature, returns):
    "Classes that are defaults are shown by their names."
    return signature and re.sub(r"<class '(?:\w+\.)*(\w+)'>", r'\1', signature), returns


def skip_models(app, what, name, obj, skip, options):
    """A page does not list the function of each published model: `skipresnet.models` makes them by
    the hundred, and they say the same.
    """
    return inspect.isfunction(obj) and obj.__name__ != obj.__code__.co_name or None


class LinkNames(SphinxPostTransform):
    "Names of the library within text become links to the API."

    default_priority = 5

    def run(self, **kwargs):
        objects = self.env.domains['py'].objects
        places = {}
        for full, entry in objects.items():
            if entry.objtype in ('function', 'class', 'module'):
                places.setdefault(full.rpartition('.')[2], []).append((full, entry))
        for literal in list(self.document.findall(nodes.literal)):
            found = places.get(literal.astext().removesuffix('()').rpartition('.')[2], [])
            if len(found) != 1 or isinstance(literal.parent, (nodes.reference, nodes.title)):
                continue
            full, entry = found[0]
            literal.replace_self(
                make_refnode(
                    self.app.builder,
                    self.env.docname,
                    entry.docname,
                    entry.node_id,
                    literal.deepcopy(),
                    full,
                )
            )


def visit_math(translator, node):
    "An equation within a line."
    translator.body.append(convert(node.astext(), display='inline'))
    raise nodes.SkipNode


def visit_math_block(translator, node):
    "An equation of its own, with its number at the right margin."
    text = re.sub(r'\\tag\{(\w+)\}', '', node.astext())
    number = re.search(r'\\tag\{(\w+)\}', node.astext())
    tag = f'<span>({number[1]})</span>' if number else ''
    translator.body.append(f'<div class="equation">{convert(text, display="block")}{tag}</div>')
    raise nodes.SkipNode


def without_source(app, name, template, context, doctree):
    "Pages that are made here have no file on GitHub."
    if name.startswith('api/') or doctree is None:
        context['theme_use_source_button'] = False


def setup(app):
    app.add_html_math_renderer(
        'mathml', inline_renderers=(visit_math, None), block_renderers=(visit_math_block, None)
    )
    app.connect('html-page-context', without_source, priority=400)
    app.connect('autodoc-skip-member', skip_models)
    app.connect('autodoc-process-signature', short_names)
    app.connect('autodoc-process-docstring', explain_parameters)
    app.add_post_transform(LinkNames)
