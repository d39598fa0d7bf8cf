// The variables of a frame of source as scopes and rows of the Variables view: asked of the run a page at a time, when somebody opens them.
// Contracts S6, P2.
import type { VariablesAsked } from '../executor/source-inspection.ts';
import type { VariableRow } from '../source/frame-variables.ts';
import type { Children, Row } from '../transcript/json-tree.ts';
import type { NamedScope } from './scopes.ts';
import type { SessionRun } from './session-run.ts';
import type { ShownFrame } from './shown-frames.ts';

/** Locals with arguments, and statics of the unit, where the frame has source. */
export function sourceScopesOf(run: SessionRun, frame: ShownFrame): NamedScope[] {
  if (frame.source?.place === undefined) return [];
  const scope = (name: 'locals' | 'statics'): Children =>
    childrenOf(run, { frame: frame.index, level: frame.level, scope: name, path: [] });
  return [
    { name: 'Locals', hint: 'locals', expensive: false, children: scope('locals') },
    { name: 'Statics', expensive: true, children: scope('statics') },
  ];
}

function childrenOf(run: SessionRun, asked: VariablesAsked, counts?: Pick<VariableRow, 'named' | 'indexed'>): Children {
  const paged = counts !== undefined && counts.indexed > 0;
  return {
    ...(paged ? { named: counts.named, indexed: counts.indexed } : {}),
    rows: async (start, count) => {
      try {
        const { rows } = await run.variables(asked, start, count);
        return rows.map((row, at) => variableRow(run, row, { ...asked, path: [...asked.path, start + at] }));
      } catch (error) {
        return [{ name: 'not available', value: (error as Error).message }];
      }
    },
  };
}

/** What a row says by itself: what opens below it, and how it is set, is its asker's. */
export function bareRow({ name, value, type, expression, address, extent }: VariableRow): Row {
  return {
    name,
    value,
    type,
    ...(expression === '' ? {} : { expression }),
    ...(address === undefined ? {} : { address }),
    ...(extent === undefined ? {} : { extent }),
  };
}

/** A variable, or a part of one, as a row. */
function variableRow(run: SessionRun, row: VariableRow, at: VariablesAsked): Row {
  const { named, indexed, settable } = row;
  return {
    ...bareRow(row),
    ...(settable ? { assign: (text: string) => assigned(run, at, text) } : {}),
    ...(named + indexed === 0 ? {} : { children: childrenOf(run, at, row) }),
  };
}

async function assigned(run: SessionRun, at: VariablesAsked, text: string): Promise<Row> {
  const row = await run.setVariable(at, text);
  if (row === undefined) throw new Error('It was set, and is not to be seen any more.');
  return variableRow(run, row, at);
}
