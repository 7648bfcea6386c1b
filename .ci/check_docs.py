"""Build the website and look at it as a reader does. Ends with 'N passed, N failed, N skipped'.

Every link and picture of every page has to be there. In a real browser, Debian's packages chromium
and chromium-driver: no page complains in its console, the search finds a word, and the gate of the
first notebook moves. Without that browser these are skipped.
"""

import http.server
import shutil
import subprocess
import sys
import threading
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from report import report, summary

root = Path(__file__).resolve().parent.parent
site = root / '_docs'
chromium = shutil.which('chromium') or shutil.which('google-chrome')


class Page(HTMLParser):
    "The addresses that a page names, and the names of its places."

    def __init__(self, path):
        super().__init__()
        self.links, self.places = [], set()
        self.feed(path.read_text(encoding='utf-8'))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places |= {attributes[key] for key in ('id', 'name') if attributes.get(key)}
        for key in ('href', 'src'):
            if attributes.get(key):
                self.links.append(attributes[key])


def dead_links(pages):
    "What pages link to on this site and is not there."
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f'  {path.relative_to(site)}: {link}'
            elif (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].places
            ):
                yield f'  {path.relative_to(site)}: {link} (no such place)'


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def browse(pages):
    "The checks that need a browser."
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in (
        'headless',
        'no-sandbox',
        'disable-dev-shm-usage',
        'disable-gpu',
        'disable-quic',
        'no-first-run',
        'disable-background-networking',
        'disable-component-update',
        'disable-sync',
    ):
        options.add_argument(f'--{option}')
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which('chromedriver')))
    address = f'http://127.0.0.1:{server.server_port}'
    try:
        complaints = []
        for path in pages:
            name = path.relative_to(site)
            browser.get(f'{address}/{name}')
            complaints += [
                f'  {name}: {entry["message"]}'
                for entry in browser.get_log('browser')
                if entry['level'] in ('WARNING', 'SEVERE')
            ]
        report('website: no page complains', '\n'.join(complaints))
        browser.get(f'{address}/search.html?q=softmax')
        try:
            WebDriverWait(browser, 20).until(
                lambda b: any(
                    '16_gates' in a.get_attribute('href')
                    for a in b.find_elements(By.CSS_SELECTOR, '#search-results a')
                )
            )
        except Exception as e:
            report('website: the search finds softmax', f'  {type(e).__name__}')
        else:
            report('website: the search finds softmax')
        browser.get(f'{address}/00_skipresnet.html')
        picture = "return document.querySelector('.gate-by-hand .result canvas').toDataURL()"
        before = browser.execute_script(picture)
        browser.execute_script(
            "let s = document.querySelector('.gate-by-hand input[type=range]'); s.value = -6; "
            "s.dispatchEvent(new Event('input'))"
        )
        report(
            'website: the gate of the first notebook moves',
            '' if browser.execute_script(picture) != before else '  its picture is as before',
        )
    finally:
        browser.quit()
        server.shutdown()


built = subprocess.run([sys.executable, root / 'docs' / 'build.py'], capture_output=True, text=True)
report('website: Sphinx builds it', built.stderr if built.returncode else '')
pages = {path: Page(path) for path in sorted(site.rglob('*.html')) if '_static' not in path.parts}
report('website: links and pictures', '\n'.join(dead_links(pages)))
if chromium and shutil.which('chromedriver'):
    browse(pages)
else:
    report('website: in a browser (chromium and chromium-driver are missing)', outcome='skipped')
sys.exit(summary())
