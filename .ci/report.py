"Print tests as they end, and count them."

results = {'passed': 0, 'failed': 0, 'skipped': 0}
failed = []


def report(name, problem='', seconds=None, outcome=None):
    "Print and count one test; an empty `problem` is a pass."
    outcome = outcome or ('failed' if problem else 'passed')
    results[outcome] += 1
    if problem:
        failed.append(str(name))
    print(f'{outcome:8}{name}' + (f'  {seconds:.0f} s' if seconds is not None else ''), flush=True)
    if problem:
        print(problem.rstrip(), flush=True)


def summary():
    "Print 'N passed, N failed, N skipped', and return the exit code."
    if failed:
        print('failed: ' + ', '.join(failed))
    print(
        f"{results['passed']} passed, {results['failed']} failed"
        + (f", {results['skipped']} skipped" if results['skipped'] else ''),
        flush=True,
    )
    return int(bool(failed))
