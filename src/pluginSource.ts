// Finding the sources in a DAP message, and telling which of them are transcripts and which the code of functions. Pure.
import type { DebugProtocol } from '@vscode/debugprotocol';

/** True for what debug-adapter/session/transcript-sources.ts makes. */
export const isTranscript = ({ origin, sourceReference }: DebugProtocol.Source): boolean =>
  origin === 'transcript of the call' && (sourceReference ?? 0) > 0;

/** True for what debug-adapter/session/code-sources.ts makes. */
export const isCode = ({ origin, sourceReference }: DebugProtocol.Source): boolean =>
  origin === 'code of the plugin' && (sourceReference ?? 0) > 0;

/** What a function's document is named by, besides its path: the same in every session of the same plugin, so that breakpoints stay. */
export const codeQuery = (reference: number, plugin: string): string => `${reference} ${plugin}`;

/** The number of the source, where the document is of a function of `plugin`. */
export function codeReferenceIn(query: string, plugin: string): number | undefined {
  const reference = Number(/^\d+/.exec(query)?.[0]);
  return query === codeQuery(reference, plugin) ? reference : undefined;
}

type Holder = { source?: DebugProtocol.Source };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function holders(message: Record<string, unknown>): Holder[] {
  const found: Holder[] = [];
  for (const part of [message['body'], message['arguments']]) {
    if (!isObject(part)) continue;
    found.push(part);
    for (const list of [part['stackFrames'], part['scopes'], part['breakpoints'], part['targets']])
      if (Array.isArray(list)) found.push(...list.filter(isObject));
  }
  return found;
}

/** Puts `change` of each source into the message, in place. */
export function mapSources(message: object, change: (source: DebugProtocol.Source) => DebugProtocol.Source): void {
  if (!isObject(message)) return;
  for (const holder of holders(message)) if (isObject(holder.source)) holder.source = change(holder.source);
  const sources = isObject(message['body']) ? message['body']['sources'] : undefined;
  if (Array.isArray(sources)) for (const [i, source] of sources.entries()) sources[i] = change(source);
}
