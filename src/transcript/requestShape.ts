// Checks what the webview asks for before it is used: it shows what plugins wrote, so nothing that it says is taken on trust.
import {
  type Axis,
  COLUMNS,
  type Column,
  DOORS,
  type Door,
  type Order,
  type RequestName,
  type Requests,
  type Settings,
  type StackFrame,
} from './protocol.ts';

type Values = Readonly<Record<string, unknown>>;

/** Rows, children and bytes that one answer holds at most. */
const MOST_ROWS = 1000;
const MOST_BYTES = 64 * 1024;
/** Characters of a filter, and of params that are sent again. */
const MOST_TEXT = 10_000;
const MOST_PARAMS = 4 * 1024 * 1024;

/**
 * The parameters of a request, in bounds.
 * @throws Error with a sentence for an unknown request, or one whose parameters are not what protocol.ts says
 */
export function checkedParams<N extends RequestName>(name: N, given: unknown): Requests[N]['params'] {
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (check === undefined) throw new Error(`The panel knows no request '${String(name)}'.`);
  if (typeof given !== 'object' || given === null) throw wrong(name, 'params');
  return check(given as Values, name);
}

const wrong = (request: string, field: string): Error =>
  new Error(`'${field}' of the panel's request '${request}' is not what it should be.`);

const CHECKS: { readonly [N in RequestName]: (values: Values, name: string) => Requests[N]['params'] } = {
  hello: () => ({}),
  show: (values, name) => ({ call: whole(values, 'call', name) }),
  query: (values, name) => ({ filter: text(values, 'filter', name), order: order(values['order'], name) }),
  rows: (values, name) => ({ generation: whole(values, 'generation', name), ...range(values, name, MOST_ROWS) }),
  locate: (values, name) => ({ row: whole(values, 'row', name) }),
  find: (values, name) => ({
    text: text(values, 'text', name),
    from: typeof values['from'] === 'number' && values['from'] >= 0 ? whole(values, 'from', name) : -1,
    backwards: values['backwards'] === true,
  }),
  complete: (values, name) => ({ text: text(values, 'text', name), caret: whole(values, 'caret', name) }),
  history: (values, name) => (values['add'] === undefined ? {} : { add: text(values, 'add', name) }),
  details: (values, name) => ({ row: whole(values, 'row', name) }),
  children: (values, name) => ({
    handle: whole(values, 'handle', name),
    from: whole(values, 'from', name),
    count: whole(values, 'count', name),
  }),
  bytes: (values, name) => ({ row: whole(values, 'row', name), ...range(values, name, MOST_BYTES) }),
  stack: (values, name) => ({ row: whole(values, 'row', name) }),
  strip: (values, name) => ({
    axis: axis(values, name),
    buckets: whole(values, 'buckets', name),
    ...(values['from'] === undefined ? {} : { from: finite(values, 'from', name) }),
    ...(values['to'] === undefined ? {} : { to: finite(values, 'to', name) }),
  }),
  rowAt: (values, name) => ({ axis: axis(values, name), at: finite(values, 'at', name) }),
  open: (values, name) => ({
    door: door(values, name),
    row: whole(values, 'row', name),
    ...(values['params'] === undefined ? {} : { params: text(values, 'params', name, MOST_PARAMS) }),
    ...(values['frame'] === undefined ? {} : { frame: frame(values['frame'], name) }),
  }),
  keep: (values, name) => settings(values, name),
};

function finite(values: Values, field: string, name: string): number {
  const value = values[field];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, field);
  return value;
}

function whole(values: Values, field: string, name: string): number {
  const value = finite(values, field, name);
  if (!Number.isSafeInteger(value) || value < 0) throw wrong(name, field);
  return value;
}

function text(values: Values, field: string, name: string, most = MOST_TEXT): string {
  const value = values[field];
  if (typeof value !== 'string') throw wrong(name, field);
  if (value.length > most) throw new Error(`This text has ${value.length} characters; the panel takes ${most}.`);
  return value;
}

function range(values: Values, name: string, most: number): { from: number; to: number } {
  const from = whole(values, 'from', name);
  const to = whole(values, 'to', name);
  return { from, to: Math.min(to, from + most) };
}

function axis(values: Values, name: string): Axis {
  const value = values['axis'];
  if (value !== 'fuel' && value !== 'time') throw wrong(name, 'axis');
  return value;
}

const columnOf = (value: unknown): Column | undefined => COLUMNS.find((column) => column === value);

function order(value: unknown, name: string): Order | undefined {
  if (value === undefined || value === null) return undefined;
  const { column: given, descending } = value as Values;
  const column = columnOf(given);
  if (column === undefined) throw wrong(name, 'order');
  return { column, descending: descending === true };
}

function door(values: Values, name: string): Door {
  const found = DOORS.find((known) => known === values['door']);
  if (found === undefined) throw wrong(name, 'door');
  return found;
}

function frame(value: unknown, name: string): StackFrame {
  if (typeof value !== 'object' || value === null) throw wrong(name, 'frame');
  const fields = value as Values;
  const found = {
    name: text(fields, 'name', name),
    func: whole(fields, 'func', name),
    offset: whole(fields, 'offset', name),
  };
  const place = fields['place'];
  if (place === undefined) return found;
  if (typeof place !== 'object' || place === null) throw wrong(name, 'frame');
  const at = place as Values;
  return {
    ...found,
    place: { path: text(at, 'path', name), line: Math.max(1, whole(at, 'line', name)), own: at['own'] === true },
  };
}

function settings(values: Values, name: string): Settings {
  const { columns } = values;
  if (columns !== undefined && !Array.isArray(columns)) throw wrong(name, 'columns');
  const kept = (columns ?? []).flatMap((entry: unknown) => {
    const { column: given, width } = (entry ?? {}) as Values;
    const column = columnOf(given);
    return column === undefined || typeof width !== 'number' || !(width > 0 && width < 10_000)
      ? []
      : [{ column, width }];
  });
  const details = values['details'];
  return {
    ...(columns === undefined ? {} : { columns: kept }),
    ...(values['axis'] === undefined ? {} : { axis: axis(values, name) }),
    ...(typeof values['strip'] === 'boolean' ? { strip: values['strip'] } : {}),
    ...(typeof details === 'number' && details > 0 && details < 1 ? { details } : {}),
  };
}
