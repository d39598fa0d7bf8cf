// The view of pointers to functions, of Rust and C: which function it is.
import type { Shown } from '../value.ts';
import { type Look, leaf, remark } from './look.ts';

/** A pointer to a function is an index of the indirect function table. */
export function functionShown(index: number, type: string, look: Look): Shown {
  if (index === 0) return leaf('null', type, { plain: 0 });
  const found = look.program.functionNamed(index);
  if (found === undefined) return leaf(remark(`no function is at ${index} of the table`), type, { plain: index });
  return leaf(found.name || remark(`function at ${index} of the table`), type, { plain: index });
}
