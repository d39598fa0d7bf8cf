// One expression evaluated at a stop, as whoever shows it wants it: text, type, what opens below it, where it lies in memory. Plain values
// that cross threads: this is what the worker answers. Contracts P2, E4.

import { Cells, Vector } from './cells.ts';
import { compile, compileType } from './compile.ts';
import { EvaluationError, quoted } from './error.ts';
import { parseExpression } from './parse.ts';
import type { Scope } from './scope.ts';
import { SourceValue } from './source-value.ts';
import { addressFrom } from './state.ts';
import type { CellType, Format, Parsed } from './syntax.ts';
import { isTarget } from './target.ts';
import { typeName, valueText } from './text.ts';
import { TypedPointer } from './typed-pointer.ts';
import { Compound, exact, isNumeric, jsonText, Unavailable, type Value } from './values.ts';

/** Characters of a value that are shown: editors cut it themselves, and copy the whole. */
const MOST_SHOWN = 10_000;

export interface Evaluated {
  /** As shown; of a text with its quotes unless `, s` asked for it bare. */
  readonly value: string;
  /** `i32`, `u8[16]`, `number`, `string`, `object`. */
  readonly type: string;
  /** Address in memory 0 that it is or lies at: for the hex view. */
  readonly memoryReference?: number;
  /** What opens below it: JSON as its text, or cells by their bytes. */
  readonly children?:
    | { readonly kind: 'json'; readonly text: string }
    | {
        readonly kind: 'cells';
        readonly type: CellType | 'memory';
        readonly bytes: Uint8Array;
        /** In memory 0; undefined: they do not lie there. */
        readonly address: number | undefined;
        readonly format: Format | undefined;
      }
    /** Of a variable of the source: asked for by paths (source-evaluation.ts). */
    | { readonly kind: 'source'; readonly named: number; readonly indexed: number };
  /** Whether it can be assigned to: a variable, a local, a global, a cell of memory. */
  readonly assignable: boolean;
  /** Where its own bytes lie in memory, of a variable of the source. */
  readonly extent?: { readonly address: number; readonly length: number };
  /** The Wasm local or global that a variable of the source is. */
  readonly slot?: { readonly kind: 'local' | 'global' | 'stack'; readonly index: number };
}

/** Evaluates `source` in `scope`. @throws ExpressionError, EvaluationError, and what the scope throws */
export function evaluateIn(scope: Scope, source: string): Evaluated {
  return evaluateParsed(scope, parseExpression(source, true));
}

/** The same for an expression that is parsed already. @throws EvaluationError, and what the scope throws */
export function evaluateParsed(scope: Scope, parsed: Parsed): Evaluated {
  const { root, source, format } = parsed;
  const value = compile(parsed)(scope);
  if (value === undefined) {
    const known = scope.known?.().replace(/\.$/, '');
    const nothing = `there is no value ${quoted(source.trim())} here`;
    throw new EvaluationError(known === undefined ? nothing : `${nothing}. ${known}`);
  }
  if (value instanceof Unavailable) throw new EvaluationError(value.reason, { source, column: root.column });
  if (value instanceof SourceValue) return ofSource(parsed, value, scope);
  const type = compileType(parsed)(scope);
  const address = referenceOf(parsed, value, scope);
  const base = {
    // a reference is its text, and no text
    value: textFor(parsed, value, scope, type === 'funcref' || type === 'externref'),
    type: typeName(value, type),
    assignable: isTarget(root),
    ...(address === undefined ? {} : { memoryReference: address }),
  };
  const children = childrenOf(value, format);
  return children === undefined ? base : { ...base, children };
}

function ofSource(parsed: Parsed, value: SourceValue, scope: Scope): Evaluated {
  const { named, indexed, address } = value.shown;
  const { extent, slot, settable } = value;
  return {
    value: textFor(parsed, value, scope, true),
    type: value.type,
    assignable: settable,
    ...(address === undefined ? {} : { memoryReference: address }),
    ...(extent === undefined ? {} : { extent }),
    ...(slot === undefined ? {} : { slot: { kind: slot.kind, index: slot.index } }),
    ...(named + indexed === 0 ? {} : { children: { kind: 'source', named, indexed } }),
  };
}

function textFor(parsed: Parsed, value: Value, scope: Scope, bare: boolean): string {
  // with its quotes, and cut by its view
  if (value instanceof Compound && parsed.format === undefined) return value.text();
  if (value instanceof Compound && parsed.format === 'w') return value.whole();
  // a format that is about numbers leaves texts in their quotes
  if (value instanceof SourceValue && parsed.format !== 's' && !isNumeric(exact(value)))
    return (parsed.format === undefined ? undefined : value.formattedAs(parsed.format)) ?? value.text();
  const text = valueText(parsed)(value, scope);
  const whole = typeof value === 'string' && parsed.format !== 's' && !bare ? JSON.stringify(text) : text;
  return whole.length > MOST_SHOWN && parsed.format !== 'w'
    ? `${whole.slice(0, MOST_SHOWN)}… (${whole.length} characters)`
    : whole;
}

function childrenOf(value: Value, written: Format | undefined): Evaluated['children'] {
  const format = written === 'w' ? undefined : written;
  if (value instanceof Cells) {
    const address = value.memory === 0 ? value.at : undefined;
    return { kind: 'cells', type: value.cell, bytes: value.bytes, address, format };
  }
  if (value instanceof Vector) return { kind: 'cells', type: 'i32', bytes: value.bytes, address: undefined, format };
  if (value instanceof TypedPointer)
    return value.target() instanceof SourceValue ? { kind: 'source', named: 1, indexed: 0 } : undefined;
  if (value instanceof Compound || typeof value !== 'object' || value === null) return undefined;
  return exact(value) === value ? { kind: 'json', text: jsonText(value) } : undefined;
}

/** A local or global holds an address more often than not: the hex view may start there. */
function referenceOf({ root, source }: Parsed, value: Value, scope: Scope): number | undefined {
  if (root.kind === 'load' && root.memory === 0)
    return addressFrom(compile({ root: root.address, source })(scope), { source, column: root.column });
  if (value instanceof Cells) return value.memory === 0 ? value.at : undefined;
  if (value instanceof Compound) return value.address();
  if (
    (root.kind !== 'dollar' && root.kind !== 'slot') ||
    typeof value !== 'number' ||
    !Number.isSafeInteger(value) ||
    value < -0x8000_0000
  )
    return undefined;
  return value < 0 ? value + 0x1_0000_0000 : value;
}
