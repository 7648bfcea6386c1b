"""Try what people get who install skipresnet today: the newest releases that its requirements
allow, in an environment of their own.

The source distribution is built, the wheel from it, and every command runs far from this checkout:
it ends with 0, says what it should, and writes nothing to stderr. Ends with 'N passed, N failed'.
The environment, some gigabytes, is removed at the end.
"""

import os, re, shutil, subprocess, sys, time
from configparser import ConfigParser
from pathlib import Path

from report import report, summary

root = Path(__file__).resolve().parent.parent
env = root / '.venv-newest'
bin, dist, away = env / 'bin', env / 'dist', env / 'away'
settings = ConfigParser()
settings.read(root / 'settings.ini', encoding='utf-8')
scripts = [script.partition('=')[0] for script in settings['DEFAULT']['console_scripts'].split()]


def run(*command, cwd):
    environ = {**os.environ, 'OMP_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': ''}  # as in test.py
    environ.pop('PYTHONPATH', None)
    return subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors='replace',
    )


def test(name, *command, shows='', clean=True, cwd=away):
    """Run a command: it must end with 0, print what matches `shows`, and write nothing to stderr if
    its screen is to be clean.

    Did it?
    """
    start, done = time.time(), run(*command, cwd=cwd)
    problem = ''
    if done.returncode:
        problem = f'  exit code {done.returncode}\n{done.stdout}{done.stderr}'
    elif clean and done.stderr:
        problem = f'  its screen is not clean:\n{done.stderr}'
    elif not re.search(shows, done.stdout):
        problem = f'  {shows!r} is missing:\n{done.stdout}'
    report(f'newest set: {name}', problem, time.time() - start)
    return not problem


def install():
    "Make the environment. Did that work?"
    shutil.rmtree(env, ignore_errors=True)
    # or the files of an earlier list would be packed
    (root / 'skipresnet.egg-info' / 'SOURCES.txt').unlink(missing_ok=True)
    python = bin / 'python'
    return (
        test('environment', sys.executable, '-m', 'venv', env, clean=False, cwd=root)
        and test('build', python, '-m', 'pip', 'install', '--quiet', 'build', clean=False, cwd=root)
        and test(
            'source distribution and wheel',
            python,
            '-m',
            'build',
            '--outdir',
            dist,
            root,
            clean=False,
            cwd=root,
        )
        and test(
            'installation',
            python,
            '-m',
            'pip',
            'install',
            '--quiet',
            *dist.glob('*.whl'),
            clean=False,
            cwd=root,
        )
    )


IMPORTS = """
import pkgutil, sys, torch
from skipresnet.models import create_model
import skipresnet
assert skipresnet.__file__.startswith(sys.prefix), skipresnet.__file__
assert create_model('Skip-ResNet-20', num_classes=10)(torch.randn(2, 3, 32, 32)).shape == (2, 10)
assert 'fastai' not in sys.modules
import skipresnet.train
for module in pkgutil.walk_packages(skipresnet.__path__, 'skipresnet.'):
    if module.name != 'skipresnet.timm': __import__(module.name) # that one is for the extra [timm]
"""
VERSIONS = """
from importlib.metadata import version
names = 'skipresnet', 'torch', 'torchvision', 'fastai', 'fastcore', 'numpy', 'matplotlib'
print(*(f'{name} {version(name)}' for name in names), sep=', ')
"""
IMAGES = """
from pathlib import Path
from PIL import Image
import matplotlib.font_manager # makes its list of fonts, and says so if that takes long
for n in range(8):
    (folder := Path('photos')/('train' if n < 6 else 'val')/('dark', 'light')[n % 2]).mkdir(parents=True, exist_ok=True)
    Image.new('RGB', (40, 30), (100 * (n % 2),) * 3).save(folder/f'{n}.png')
Path('runs.ini').write_text('''[small]
config = digits/ResNet-20
models = ResNet-20
seeds = 0
changes = train_epoch:1,train_crop:8,valid_crop:8
''')
"""


def checks():
    away.mkdir()
    print(run(bin / 'python', '-c', VERSIONS, cwd=away).stdout, end='')
    run(bin / 'python', '-c', IMAGES, cwd=away)
    test('requirements agree', bin / 'python', '-m', 'pip', 'check', clean=False)
    test('every module is imported', bin / 'python', '-c', IMPORTS)
    small = (
        'digits/Skip-ResNet-20',
        'two',
        '--epochs',
        '1',
        '--parameters',
        'train_crop:8,valid_crop:8',
    )
    commands = {  # arguments of each, and what it prints
        'skipresnet_train': (
            ('digits/Skip-ResNet-20', 'demo'),
            r'best top-1 on held-out images (0\.98[5-9]|0\.99|1\.0)',
        ),
        'skipresnet_evaluate': (('demo',), 'top-1'),
        'skipresnet_predict': (
            ('demo', 'photos/val', '--explain'),
            r'photos/val/dark/6.png\t\d 0\.\d{4}',
        ),
        'skipresnet_export': (('demo', 'demo.pt2', '--dynamic'), 'logits differ by'),
        'skipresnet_shards': (('photos',), 'train: 6 images in 1 shards, all checked'),
        'skipresnet_benchmark': (
            ('Skip-ResNet-20', '--batch-size', '4', '--rounds', '1'),
            'Skip-ResNet-20',
        ),
        'skipresnet_models': (('skip-resnet-*',), 'Skip-ResNet-110'),
        'skipresnet_flops': (('Skip-ResNet-20',), 'parameters'),
        'skipresnet_reproduce': (('--plan', 'runs.ini', '--results', 'kept'), 'small: 1 of 1 runs'),
    }
    for name, (args, shows) in commands.items():
        test(name, bin / name, *args, shows=shows)
    test(
        'two processes',
        bin / 'torchrun',
        '--standalone',
        '--local-addr',
        '127.0.0.1',
        '--nproc-per-node',
        '2',
        '-m',
        'skipresnet.train',
        *small,
        shows='best top-1',
    )
    test(
        'python -m skipresnet',
        bin / 'python',
        '-m',
        'skipresnet',
        'models',
        '--version',
        shows=f"skipresnet {settings['DEFAULT']['version']}",
    )
    untried = [name for name in scripts if name not in commands]
    report(
        'newest set: every command is tried',
        untried and f'  not tried: {", ".join(untried)} (add a line to .ci/newest.py)',
    )


try:
    if install():
        checks()
finally:
    shutil.rmtree(env, ignore_errors=True)
sys.exit(summary())
