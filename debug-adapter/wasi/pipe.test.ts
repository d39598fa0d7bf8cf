// The guest's stdin against a naive model of std's BufReader over the hdk's pipe. Contracts E3, E5.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { STDIN_BUFFER_SIZE, StdinPipe } from './pipe.ts';

/** std::io::BufReader::read over NonBlockingPipeReader::read, as the Rust reads: a queue of bytes and a buffer of bytes. */
class NaivePipe {
  queue: number[] = [];
  buffer: number[] = [];
  ended = false;

  /** The pipe itself; undefined is WouldBlock. */
  inner(length: number): number[] | undefined {
    const taken = this.queue.splice(0, length);
    return taken.length === 0 && !this.ended ? undefined : taken;
  }

  fill(): boolean {
    if (this.buffer.length === 0) this.buffer = this.inner(8192) ?? [];
    return this.buffer.length > 0;
  }

  read(length: number): number[] | undefined {
    if (this.buffer.length === 0 && length >= 8192) return this.inner(length);
    if (this.buffer.length === 0) {
      const fetched = this.inner(8192);
      if (fetched === undefined) return undefined;
      this.buffer = fetched;
    }
    return this.buffer.splice(0, length);
  }
}

const lengths = fc.oneof(
  fc.constantFrom(0, 1, 8191, 8192, 8193, 16_384, 0xffffffff),
  fc.integer({ min: 0, max: 20_000 }),
  fc.integer({ min: 0, max: 40 }),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), length: lengths.filter((length) => length <= 20_000) }),
  fc.record({ kind: fc.constant('read' as const), length: lengths }),
  fc.record({ kind: fc.constant('read' as const), length: lengths }),
  fc.record({ kind: fc.constant('fill' as const), length: fc.constant(0) }),
  fc.record({ kind: fc.constantFrom('fill' as const, 'end' as const), length: fc.constant(0) }),
);

describe('StdinPipe', () => {
  it('E3: reads what a BufReader of 8 KiB over a non-blocking pipe reads, and ends each read where that does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const pipe = new StdinPipe();
        const naive = new NaivePipe();
        let next = 0;
        for (const { kind, length } of steps) {
          if (kind === 'append') {
            if (naive.ended) continue;
            const bytes = Uint8Array.from({ length }, () => next++ & 0xff);
            pipe.append(bytes);
            naive.queue.push(...bytes);
          } else if (kind === 'read') {
            const bytes = pipe.read(length);
            assert.deepEqual(bytes && [...bytes], naive.read(length));
          } else if (kind === 'fill') {
            assert.equal(pipe.fill(), naive.fill());
          } else {
            pipe.end();
            naive.ended = true;
          }
          assert.equal(pipe.unread, naive.queue.length + naive.buffer.length);
          assert.equal(pipe.buffered, naive.buffer.length);
        }
      }),
      { numRuns: 300 },
    );
  });
  it('E3: a length of 0 would block too while nothing is there', () => {
    const pipe = new StdinPipe();
    assert.equal(pipe.read(0), undefined);
    pipe.append(Uint8Array.of(1));
    assert.equal(pipe.read(0)?.length, 0);
    assert.equal(pipe.buffered, 1);
  });
  it('E3: a message that comes after the buffer was fetched is not in the same read', () => {
    const pipe = new StdinPipe();
    pipe.append(new Uint8Array(10));
    pipe.fill();
    pipe.append(new Uint8Array(10));
    assert.equal(pipe.read(STDIN_BUFFER_SIZE)?.length, 10);
    assert.equal(pipe.read(STDIN_BUFFER_SIZE)?.length, 10);
    assert.equal(pipe.read(STDIN_BUFFER_SIZE), undefined);
  });
  it('E4: a hundred thousand small messages, read byte by byte, take no quadratic time', () => {
    const pipe = new StdinPipe();
    for (let i = 0; i < 100_000; i++) pipe.append(Uint8Array.of(i & 0xff, 1));
    let sum = 0;
    for (let byte = pipe.read(1); byte !== undefined; byte = pipe.read(1)) sum += byte[0] ?? 0;
    let expected = 100_000;
    for (let i = 0; i < 100_000; i++) expected += i & 0xff;
    assert.equal(sum, expected);
  });
  it('E3: a line that is replaced while unread reads as if it had been so from the start', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 8100, max: 9000 }));
    const early = fc.array(fc.oneof(fc.constant('fill' as const), fc.integer({ min: 1, max: 9000 })), { maxLength: 5 });
    const bytes = (length: number, from: number): Uint8Array =>
      Uint8Array.from({ length }, (_, i) => (from + i) & 0xff);
    fc.assert(
      fc.property(
        fc.record({ before: size, old: size, replaced: fc.oneof(fc.constant(0), size), behind: size }),
        early,
        early,
        fc.array(size, { maxLength: 8 }),
        (sizes, first, second, reads) => {
          const run = (line: Uint8Array, later?: Uint8Array): unknown[] => {
            const pipe = new StdinPipe();
            let unread = sizes.before;
            const found: unknown[] = [];
            const step = (steps: readonly ('fill' | number)[]): void => {
              for (const one of steps) {
                if (one === 'fill') pipe.fill();
                else unread -= pipe.read(Math.min(one, unread))?.length ?? 0;
              }
            };
            pipe.append(bytes(sizes.before, 1));
            step(first);
            pipe.append(line);
            step(second);
            pipe.append(bytes(sizes.behind, 7));
            if (later !== undefined) pipe.replace(unread, line.length, later);
            found.push(pipe.unread, pipe.buffered);
            for (const length of reads) found.push([...(pipe.read(length) ?? [])]);
            return found;
          };
          const replaced = bytes(sizes.replaced, 100);
          fc.pre(sizes.replaced > 0 || (first.length === 0 && second.length === 0));
          assert.deepEqual(run(bytes(sizes.old, 50), replaced), run(replaced));
        },
      ),
    );
  });
  it('refuses to replace what was begun to be read, or is not there', () => {
    const pipe = new StdinPipe();
    pipe.append(new Uint8Array(10));
    pipe.append(new Uint8Array(5));
    pipe.read(2);
    assert.throws(() => pipe.replace(0, 10, new Uint8Array(1)), /no 10 bytes at 0/);
    assert.throws(() => pipe.replace(8, 4, new Uint8Array(1)), /no 4 bytes at 8/);
    pipe.replace(8, 5, new Uint8Array(0));
    assert.equal(pipe.unread, 8);
  });
  it('refuses writes after the end', () => {
    const pipe = new StdinPipe();
    pipe.end();
    assert.throws(() => pipe.append(Uint8Array.of(1)), /closed by the host/);
  });
});
