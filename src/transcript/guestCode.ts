// The code of a call's plugin, from the module's file and without running anything: the text of a function with the line of an instruction.
// A module that is not the one of the call is refused. Contracts R2 (the module by its SHA-256), E2 (parsing 16 MB takes 15 ms).
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import type { CodePlaceFound } from '../../debug-adapter/executor/options.ts';
import { CodeSources } from '../../debug-adapter/session/code-sources.ts';
import type { SessionRun } from '../../debug-adapter/session/session-run.ts';
import { Disassembly } from '../../debug-adapter/wasm/disassembly.ts';
import { parseModule } from '../../debug-adapter/wasm/module.ts';
import { FunctionNames } from '../../debug-adapter/wasm/names.ts';
import { quoted } from '../../debug-adapter/wasm/quoted.ts';
import type { KeptCall } from './calls.ts';
import type { StackFrame } from './protocol.ts';

/** Bytes that are hashed between two turns of others. */
const HASHED = 1024 * 1024;

/** A place in the text of a function. */
export interface CodePlace {
  /** As the debug session numbers it: the same for the same function. */
  readonly reference: number;
  readonly name: string;
  /** From 1. */
  readonly line: number;
  text(): Promise<string>;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASHED) {
    hash.update(bytes.subarray(at, at + HASHED));
    await turn();
  }
  return hash.digest('hex');
}

/** What is known of a call's plugin. */
type Plugin = Pick<KeptCall, 'header' | 'module' | 'pluginPath' | 'plugin'>;

/** The module of a call, as it was then; not to be changed. @throws Error with a sentence when it is not there any more */
export async function moduleBytes({
  header,
  module,
  pluginPath,
}: Omit<Plugin, 'plugin'>): Promise<Uint8Array<ArrayBuffer>> {
  if (header === undefined) throw new Error('The call is still loading: wait until it runs.');
  if (module !== undefined) return module;
  if (pluginPath === undefined) throw new Error('The recording does not say where its plugin is.');
  const name = quoted(pluginPath);
  const bytes = await fs.readFile(pluginPath).catch((error: unknown) => {
    throw new Error(`The plugin ${name} can't be read any more: build it again.`, { cause: error });
  });
  if (bytes.length !== header.module.bytes || (await sha256(bytes)) !== header.module.sha256)
    throw new Error(`The plugin ${name} was built anew since this call: call it again to look into it.`);
  return new Uint8Array(bytes);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The two questions that texts of functions are made from, answered out of a module; others have their turns between. */
async function codeOf(bytes: Uint8Array): Promise<Pick<SessionRun, 'functions' | 'disassemble'>> {
  const module = parseModule(bytes);
  await turn();
  const names = new FunctionNames(module);
  names.of(0); // reads them all
  await turn();
  const disassembly = new Disassembly(module, names);
  return {
    functions: async (pattern): Promise<readonly CodePlaceFound[]> => {
      const func = Number(/^func\[(\d+)\]$/.exec(pattern)?.[1]);
      const defined = func - module.importedFunctions;
      if (!(defined >= 0 && defined < module.bodyStart.length)) return [];
      return [{ func, offset: disassembly.codeStart(defined), name: names.display(func) }];
    },
    disassemble: async (offset, instructionOffset, count) => {
      await turn();
      return disassembly.rowsAround(offset, instructionOffset, count);
    },
  };
}

/** The code of the plugins of calls. Keeps the module that was looked at last. */
export class GuestCode {
  #last: { readonly sha256: string; readonly sources: CodeSources } | undefined;

  /** The function of a frame, at the frame's instruction. @throws Error with a sentence */
  async place(call: Plugin, frame: StackFrame): Promise<CodePlace> {
    let sources = call.header === undefined ? undefined : this.#kept(call.header.module.sha256);
    if (sources === undefined) {
      const bytes = await moduleBytes(call);
      sources = new CodeSources(await codeOf(bytes), call.plugin);
      this.#last = { sha256: call.header?.module.sha256 ?? '', sources };
    }
    const found = await sources.place(frame);
    const reference = found?.source.sourceReference;
    if (found === undefined || reference === undefined)
      throw new Error(`Function ${frame.func} of this plugin has no code to show.`);
    const code = sources;
    return { reference, name: found.source.name ?? 'function.wat', line: found.line, text: () => code.text(reference) };
  }

  #kept(sha256: string): CodeSources | undefined {
    return this.#last?.sha256 === sha256 ? this.#last.sources : undefined;
  }
}
