// Installing Debian packages where that is possible: as root, with apt-get. Elsewhere a person does it.
import { spawnSync } from 'node:child_process';

let listsAreFresh = false;

/** Whether `aptInstall` can work here. */
export const aptWorks = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;

/** Installs Debian packages; what apt-get says goes to stderr. False when it can't be done or did not work. */
export function aptInstall(packages: readonly string[]): boolean {
  if (!aptWorks()) return false;
  const apt = (...args: string[]): boolean => {
    console.error(`> apt-get ${args.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] }).status === 0;
  };
  const install = () => apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  // a new machine has no package lists; one that has them need not fetch them again
  if (install()) return true;
  if (listsAreFresh || !apt('update', '-qq')) return false;
  listsAreFresh = true;
  return install();
}
