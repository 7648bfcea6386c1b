"""Run one notebook as nbdev_test does, and compare what its cells print with what is saved in it:
python .ci/notebook.py NOTEBOOK

Text and whole numbers have to be the same, other numbers to one in fifty or to the last digit that
is printed; those below 1e-4 are rounding. Cells flagged `#| varies` print times, sizes of a
machine's memory or results of training, and are not compared; neither are pictures.
"""

import math, os, re, sys
from configparser import ConfigParser
from pathlib import Path

from execnb.shell import CaptureShell
from nbdev.frontmatter import FrontmatterProc
from nbdev.process import NBProcessor

NUMBER = re.compile(r'[-+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?')


def printed(cell):
    """What a cell has printed, without what differs from run to run: addresses, names of temporary
    files, progress bars, durations.
    """
    outputs = cell.get('outputs') or []
    # Jupyter does not show it
    if re.search(r';\s*(#.*)?$', cell.source.rstrip()):
        outputs = [o for o in outputs if o['output_type'] != 'execute_result']
    text = ''
    for output in outputs:
        if output['output_type'] == 'stream' and output['name'] == 'stdout':
            text += ''.join(output['text'])
        elif 'data' in output and not any(
            kind.startswith(('image/', 'text/html')) for kind in output['data']
        ):
            text += ''.join(output['data'].get('text/plain', '')) + '\n'
    text = re.sub(
        r'0x[0-9a-f]+|/tmp/\S+|tmp\w{8}\b|\x1b\[[0-9;]*m|[^\r\n]*(?:[━█]|\|-{9})[^\r\n]*|\d+:\d\d(:\d\d)?',
        '',
        text,
    )
    return ' '.join(text.split())


def same(old, new):
    "Do two texts say the same?"
    if NUMBER.sub('#', old) != NUMBER.sub('#', new):
        return False
    return all(close(a, b) for a, b in zip(NUMBER.findall(old), NUMBER.findall(new)))


def close(old, new):
    """Are two numbers the same, or, if they are not whole, the same to one in fifty or to their last
    printed digit, or rounding both?
    """
    if not re.search('[.e]', old + new):
        return old == new
    if max(abs(float(n.replace(',', ''))) for n in (old, new)) < 1e-4:
        return True
    digit = 10.0 ** -max(len(n.partition('.')[2]) if 'e' not in n else 0 for n in (old, new))
    return math.isclose(
        float(old.replace(',', '')),
        float(new.replace(',', '')),
        rel_tol=0.02,
        abs_tol=1.01 * digit,
    )


def run(path, flags):
    "Run the notebook, and yield what is wrong with it."
    os.environ['IN_TEST'] = '1'  # as nbdev_test does
    sys.path.insert(0, str(path.parent.parent))
    notebook = NBProcessor(path, procs=FrontmatterProc, process=True).nb
    shell = CaptureShell(path)
    os.chdir(path.parent)
    for cell in notebook.cells:
        directives = getattr(cell, 'directives_', None) or {}
        if (
            cell.cell_type != 'code'
            or flags & directives.keys()
            or directives.get('eval:', [''])[0].lower() == 'false'
        ):
            continue
        saved = printed(cell)
        cell.outputs = []
        shell.cell(cell)
        if shell.exc:
            yield shell.prettytb(fname=path)
            return
        now = printed(cell)
        if 'varies' not in directives and not same(saved, now):
            start = max(len(os.path.commonprefix([saved, now])) - 60, 0)
            yield (
                f'  cell {cell.idx_} prints something else than what is saved (run the notebook '
                'and save it, or flag the cell `#| varies`):\n'
                f'    - {saved[start : start + 300]}\n    + {now[start : start + 300]}\n'
            )


if __name__ == '__main__':
    settings = ConfigParser()
    settings.read(Path(__file__).resolve().parent.parent / 'settings.ini', encoding='utf-8')
    problems = list(run(Path(sys.argv[1]).resolve(), set(settings['DEFAULT']['tst_flags'].split())))
    sys.exit('\n'.join(problems) if problems else None)
