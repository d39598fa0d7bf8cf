// Where the module of a recording is, by what its header says. A recording may come from anybody, and is looked at in a workspace that nobody
// trusts: another machine's share, whose very name has Windows send a password's hash there, is not even looked for.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { RecordingHeader } from '../../debug-adapter/recording/event.ts';

const SHARE = /^(?:[\\/]{2}|[a-z][a-z\d+.-]+:)/i;

/**
 * Path of the module that the recording in `file` names: as it says, from the recording's folder, else beside it. Where it is nowhere, the place
 * that it says. Undefined where it says nothing, or a place that is not of this machine.
 */
export async function recordedModule(
  { module: { path: named } }: Pick<RecordingHeader, 'module'>,
  file: string,
): Promise<string | undefined> {
  if (named === undefined || named === '') return undefined;
  const folder = path.dirname(file);
  const said = SHARE.test(named) ? undefined : path.resolve(folder, named);
  // a recording and its module are moved together, and Windows' paths are none elsewhere
  const beside = path.join(folder, named.replace(/^.*[\\/]/, ''));
  for (const place of said === undefined ? [beside] : [said, beside]) {
    const isFile = await fs.stat(place).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile) return place;
  }
  return said;
}
