// The files of source that a client is shown: those that are here; looked for once each. Contract S6.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { missingSource } from '../source/missing-source.ts';
import type { SourcePlace } from '../source/module-source.ts';
import type { SessionEngine, SessionRun } from './session-run.ts';

export class SourceFilesHere {
  readonly #engine: Pick<SessionEngine, 'fileExists'>;
  readonly #run: Pick<SessionRun, 'compiler'>;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(engine: Pick<SessionEngine, 'fileExists'>, run: Pick<SessionRun, 'compiler'>) {
    this.#engine = engine;
    this.#run = run;
  }

  /** The source of a place; undefined: there is no such file here. */
  async source({ path, own }: SourcePlace): Promise<DebugProtocol.Source | undefined> {
    let known = this.#known.get(path);
    if (known === undefined) {
      known = this.#engine.fileExists(path);
      this.#known.set(path, known);
    }
    if (!(await known)) return undefined;
    const name = path.replace(/^.*[\\/]/, '');
    return { name, path, ...(own ? {} : { presentationHint: 'deemphasize' as const, origin: 'library' }) };
  }

  /** Why there is no such file here, and what brings it, in a sentence. */
  whyMissing({ path }: SourcePlace): string {
    return missingSource(path, this.#run.compiler);
  }
}
