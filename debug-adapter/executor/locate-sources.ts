// Where the files of a plugin's source are on this machine, in a time that a launch can wait for: a folder may lie on a disk that does not answer.
// Looks nowhere itself (source-search.ts). Contracts E2, S6.
import type { SourceChoices } from '../source/files.ts';
import { type AskedSources, findSources, type SourceDisk, type SourcesFound } from '../source/source-search.ts';

/** ms. */
const MOST_SEARCHED_MS = 3000;
const NOTHING_FOUND: SourcesFound = { found: [], notices: [] };

/**
 * Looks for the files; the worker that asked waits, so there is an answer in any case. What takes longer finds nothing, and does not go on.
 * @param ended aborted when nobody wants to know any more. @param most ms
 */
export async function locateSources(
  asked: AskedSources,
  choices: SourceChoices,
  disk: SourceDisk,
  ended: AbortSignal,
  most = MOST_SEARCHED_MS,
): Promise<SourcesFound> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), most);
  const signal = AbortSignal.any([late.signal, ended]);
  try {
    return await new Promise<SourcesFound>((resolve) => {
      const nothing = (): void => resolve(NOTHING_FOUND);
      if (signal.aborted) nothing();
      // a disk may never answer what it was asked last
      signal.addEventListener('abort', nothing);
      void findSources(asked, choices, disk, signal).then(resolve, nothing);
    });
  } finally {
    clearTimeout(timer);
  }
}
