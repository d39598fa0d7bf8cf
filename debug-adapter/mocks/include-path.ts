// Paths that a mock file names: includes, and plugins that answer. Pure: no file is looked at.

/** Where `path`, written in file `from`, leads; `/` between folders, also where the system has `\`. */
export function includePath(from: string, path: string): string {
  const written = path.replaceAll('\\', '/');
  const absolute = /^(?:\/|[A-Za-z]:\/)/.test(written);
  const folder = from.replaceAll('\\', '/').replace(/[^/]*$/, '');
  const whole = absolute ? written : folder + written;
  const root = /^(?:[A-Za-z]:)?\//.exec(whole)?.[0] ?? '';
  const steps: string[] = [];
  for (const step of whole.slice(root.length).split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else if (step !== '..' || root === '') steps.push(step);
  }
  return root + steps.join('/');
}
