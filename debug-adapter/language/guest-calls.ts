// What the language server knows of guests: where their sources call host methods. A view of the source index for one kind of method; reads no files.
import type { Range } from './rust-methods.ts';
import type { SourceIndex } from './scanner.ts';

/** A place in a source, as the index names its files. */
export interface GuestCall {
  readonly file: string;
  readonly range: Range;
  /** The innermost `fn` around it. */
  readonly within: string | undefined;
}

/** The calls of host methods in guest sources, by method. */
export interface GuestCalls {
  /** Whether any source was read at all that calls a host method: else nothing is known. */
  readonly known: boolean;
  readonly methods: ReadonlyMap<string, readonly GuestCall[]>;
}

export const NO_GUESTS: GuestCalls = { known: false, methods: new Map() };

/** The guests of an index. Sources that serve host methods are hosts, and no calls. */
export function guestCalls(index: SourceIndex): GuestCalls {
  const methods = new Map<string, readonly GuestCall[]>();
  for (const { name, places } of index.hostMethods()) {
    const calls = places
      .filter(({ method }) => !method.served)
      .map(({ file, method }) => ({ file, range: method.nameRange, within: method.enclosingFunction }));
    if (calls.length > 0) methods.set(name, calls);
  }
  return { known: methods.size > 0, methods };
}
