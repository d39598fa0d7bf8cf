// Plugins that are large or odd in one way, put together byte by byte: many functions, one huge function, deep nesting, megabytes of data. Each answers its call
// with `"done"` when it gets there. Only tests import it.
import { ByteWriter } from '../wasm/writer.ts';

const ANSWER = '{"jsonrpc":"2.0","id":0,"result":"done"}\n';

export interface LargeModule {
  /** Bodies of further functions without parameters and results, from the local declarations to before the closing `end`. */
  readonly bodies?: Iterable<Uint8Array>;
  /** How many of them `_start` calls, the first ones. */
  readonly calls?: number;
  /** Pages of memory at first, and at most. */
  readonly pages?: number;
  readonly mostPages?: number;
  /** Bytes of a further data segment, which lies from the second page on. */
  readonly data?: number;
  /** Names under which `_start` is exported besides. */
  readonly exports?: readonly string[];
  /** Custom sections: name (or its bytes), content. Before the first section, between all others, and after the last. */
  readonly customs?: readonly (readonly [name: string | Uint8Array, content: Uint8Array])[];
  /** A custom section of so many zeros, at the end. */
  readonly padding?: number;
}

/** Index of the first of `bodies`; the only import, fd_write, is 0. */
export const FIRST_BODY = 2;

export function largeModule(shape: LargeModule): Uint8Array<ArrayBuffer> {
  const { calls = 0, pages = 1, mostPages, data = 0, exports = [], customs = [], padding = 0 } = shape;
  const bodies = [...(shape.bodies ?? [])];
  const out = new ByteWriter(4096 + data + padding + bodies.reduce((sum, body) => sum + body.length + 8, 0));
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const custom = () => {
    for (const [name, content] of customs) {
      const body = new ByteWriter(content.length + 64);
      const bytes = typeof name === 'string' ? new TextEncoder().encode(name) : name;
      body.u32(bytes.length);
      body.append(bytes);
      body.append(content);
      out.section(0, body.bytes());
    }
  };
  const section = (id: number, write: (body: ByteWriter) => void) => {
    custom();
    const body = new ByteWriter();
    write(body);
    out.section(id, body.bytes());
  };
  section(1, (body) => body.raw(2, 0x60, 0, 0, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f));
  section(2, (body) => {
    body.u32(1);
    body.name('wasi_snapshot_preview1');
    body.name('fd_write');
    body.raw(0, 1);
  });
  section(3, (body) => {
    body.u32(bodies.length + 1);
    for (let left = bodies.length + 1; left > 0; left--) body.byte(0);
  });
  section(5, (body) => {
    body.raw(1, mostPages === undefined ? 0 : 1);
    body.u32(Math.max(pages, 1 + Math.ceil(data / 65536)));
    if (mostPages !== undefined) body.u32(mostPages);
  });
  section(7, (body) => {
    body.u32(exports.length + 2);
    body.name('memory');
    body.raw(2, 0);
    for (const name of ['_start', ...exports]) {
      body.name(name);
      body.raw(0, 1);
    }
  });
  custom();
  // not by way of a buffer of its own: there may be a hundred megabytes of it
  const start = startBody(calls);
  let size = countSize(bodies.length + 1) + countSize(start.length) + start.length;
  for (const body of bodies) size += countSize(body.length + 1) + body.length + 1;
  out.byte(10);
  out.u32(size);
  out.u32(bodies.length + 1);
  out.u32(start.length);
  out.append(start);
  for (const body of bodies) {
    out.u32(body.length + 1);
    out.append(body);
    out.byte(0x0b);
  }
  custom();
  writeData(out, data);
  custom();
  if (padding > 0) {
    out.byte(0);
    out.u32(padding + 1 + 'padding'.length);
    out.name('padding');
    out.reserve(padding);
    out.length += padding;
  }
  return out.length === out.buffer.length ? out.buffer : out.buffer.slice(0, out.length);
}

function countSize(count: number): number {
  return count < 0x80 ? 1 : 1 + countSize(count >>> 7);
}

function startBody(calls: number): Uint8Array {
  const body = new ByteWriter();
  body.byte(0);
  for (let n = 0; n < calls; n++) {
    body.byte(0x10);
    body.u32(FIRST_BODY + n);
  }
  body.raw(0x41, 1, 0x41, 0, 0x41, 1, 0x41, 8, 0x10, 0, 0x1a, 0x0b); // fd_write(1, 0, 1, 8)
  return body.bytes();
}

/** The iovec at 0 and the answer at 16; then the further segment. */
function writeData(out: ByteWriter, data: number): void {
  const first = new ByteWriter();
  first.raw(0, 0x41, 0, 0x0b);
  first.u32(16 + ANSWER.length);
  first.raw(16, 0, 0, 0, ANSWER.length, ...new Uint8Array(11));
  first.append(new TextEncoder().encode(ANSWER));
  const head = new ByteWriter();
  if (data > 0) {
    head.raw(0, 0x41);
    head.s32(65536);
    head.byte(0x0b);
    head.u32(data);
  }
  out.byte(11);
  out.u32(1 + first.length + head.length + data);
  out.byte(data > 0 ? 2 : 1);
  out.append(first.bytes());
  out.append(head.bytes());
  out.reserve(data);
  out.length += data;
}

/** `piece` so many times over. */
export function repeated(piece: readonly number[], times: number): Uint8Array {
  const out = new Uint8Array(piece.length * times);
  for (let at = 0; at < out.length; at += piece.length) out.set(piece, at);
  return out;
}

/** A body: no locals, then these pieces. */
export function body(...pieces: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter(1 + pieces.reduce((sum, piece) => sum + piece.length, 0));
  out.byte(0);
  for (const piece of pieces) out.append(piece);
  return out.bytes();
}
