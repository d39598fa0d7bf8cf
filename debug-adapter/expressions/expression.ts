// The one expression language: conditions, log messages, watches, hovers and the Debug Console, over the fields of an event and over
// locals, globals, operands and memory. This is its door; docs/expressions.md is its description. Contracts P2, E4.
import { compile, type Expression } from './compile.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { isCellType } from './numbers.ts';
import { parseExpression } from './parse.ts';
import { CELL_TYPES, type Node, type Parsed } from './syntax.ts';

export { cellCount, cellText, Vector } from './cells.ts';
export { compile, type Expression } from './compile.ts';
export { EvaluationError, ExpressionError } from './error.ts';
export { type Evaluated, evaluateIn, evaluateParsed } from './evaluate.ts';
export { compileMessage, messageParts } from './message.ts';
export { WIDTHS } from './numbers.ts';
export { parseAssignment, parseExpression } from './parse.ts';
export {
  type MemoryWindow,
  type Scope,
  type Slots,
  scopeOf,
  type WasmState,
  type WasmType,
  type WasmValue,
} from './scope.ts';
export type { CellType, Parsed } from './syntax.ts';
export { parseTarget, parseValue } from './target.ts';
export { Compound, jsonText, textOf, truthy, Unavailable, type Value } from './values.ts';

/** Names of functions and methods, and what else is no name: what can be written besides names. */
export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()].filter((name) => !isCellType(name));
export const METHOD_NAMES: readonly string[] = [...METHODS.keys()];
export const WORDS: readonly string[] = [
  ...['true', 'false', 'null', 'as', 'local', 'global', 'stack', 'memory', 'str', 'cstr'],
  ...CELL_TYPES,
];

/** Compiles a condition. @throws ExpressionError */
export function compileExpression(source: string): Expression {
  return compile(parseExpression(source));
}

/** What an expression asks for: names of its scope (`errno`), and words of the guest's state (`$0`, `i32`, `global`), each once. */
export interface Uses {
  readonly names: readonly string[];
  readonly state: readonly string[];
}

/** What an expression asks for. @throws ExpressionError */
export function usesOf(expression: string | Parsed): Uses {
  const { root, format } = typeof expression === 'string' ? parseExpression(expression, true) : expression;
  const names = new Set<string>();
  const state = new Set<string>();
  const visit = (node: Node): void => {
    switch (node.kind) {
      case 'name':
        if (node.name !== 'null') names.add(node.name);
        break;
      case 'dollar':
        state.add(`$${node.name}`);
        break;
      case 'slot':
        state.add(node.space);
        visit(node.index);
        break;
      case 'load':
        state.add(node.type);
        visit(node.address);
        if (node.count !== undefined) visit(node.count);
        break;
      case 'member':
        visit(node.owner);
        break;
      case 'index':
        visit(node.owner);
        visit(node.index);
        break;
      case 'slice':
        visit(node.owner);
        if (node.from !== undefined) visit(node.from);
        if (node.to !== undefined) visit(node.to);
        break;
      case 'call':
        node.args.forEach(visit);
        break;
      case 'method':
        visit(node.owner);
        node.args.forEach(visit);
        break;
      case 'unary':
      case 'cast':
        visit(node.operand);
        break;
      case 'binary':
        visit(node.left);
        visit(node.right);
        break;
      case 'choice':
        visit(node.test);
        visit(node.yes);
        visit(node.no);
        break;
    }
  };
  visit(root);
  // a number that is shown as text is the address of one, and whether it is a number shows only then
  if (format === 's') state.add('cstr');
  return { names: [...names], state: [...state] };
}
