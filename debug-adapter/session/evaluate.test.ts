// Expressions of a person at a stop, over a run that is filled by hand: the event's names, globals and memory, as rows. Contracts P2, E2, E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeScope, namedValues } from '../expressions/event-scope.ts';
import { evaluateIn } from '../expressions/expression.ts';
import { fakeState } from '../expressions/fake.ts';
import type { Row } from '../transcript/json-tree.ts';
import { evaluate, isHoverable } from './evaluate.ts';
import { FetchedState } from './evaluate-state.ts';
import { FakeRun } from './fake-run.ts';
import type { SessionRun } from './session-run.ts';

const at = (frame: number) => ({ frame, level: 0, hasSource: false });

function stopped(fill: (run: FakeRun) => void = () => {}): FakeRun {
  const run = new FakeRun();
  run.globalValues = [
    { index: 0, name: '$__stack_pointer', type: 'i32', mutable: true, value: '64' },
    { index: 1, name: '', type: 'i64', mutable: false, value: '18446744073709551615' },
    { index: 2, name: 'ratio', type: 'f64', mutable: true, value: 'NaN' },
    { index: 3, name: 'lanes', type: 'v128', mutable: true, value: 'a v128, which JavaScript cannot read' },
    { index: 4, name: 'handler', type: 'funcref', mutable: true, value: 'null' },
  ];
  const view = new DataView(run.memory.buffer);
  for (let at = 0; at < 40; at++) view.setUint32(at * 1000, (at + 1) * 1000, true);
  run.memory.set(new TextEncoder().encode('Hello\0'), 64);
  fill(run);
  run.halt();
  return run;
}

const rowsOf = async (row: Row, start = 0, count = 1000): Promise<readonly Row[]> =>
  (await row.children?.rows(start, count)) ?? [];

describe('expressions at a stop', () => {
  const run = stopped((fake) => {
    fake.filler.message(
      'in',
      '{"jsonrpc":"2.0","id":7,"method":"greet","params":{"name":"Ada","at":64,"big":18446744073709551615}}',
    );
  });

  for (const [source, value, type] of [
    ['params.name', '"Ada"', 'string'],
    ['params.big, x', '0xffffffffffffffff', 'number'],
    ['id + 1', '8', 'number'],
    ['$__stack_pointer', '64', 'i32'],
    ['$__stack_pointer, x', '0x00000040', 'i32'],
    ['global[1]', '18446744073709551615', 'i64'],
    ['$ratio', 'NaN', 'f64'],
    ['$handler', 'null', 'funcref'],
    ['cstr[$__stack_pointer]', '"Hello"', 'string'],
    ['memory[params.at, 5]', '"Hello"', '5 bytes'],
    ['u32[u32[u32[0]]]', '3000', 'u32'],
    ['i32[0, 3]', '[1000, 0, 0]', 'i32[3]'],
    ['params.name == "Ada" && u8[64] == b\'H\'', 'true', 'boolean'],
  ] as const)
    it(`P2: ${source} is ${value}`, async () => {
      const row = await evaluate(run, source, 'watch');
      assert.deepEqual([row.name, row.value, row.type], [source, value, type]);
    });

  for (const [source, sentence] of [
    ['', /^There is nothing to evaluate\.$/],
    [
      'nobody',
      /^There is no value 'nobody' here\. The present event has kind, fuel, time, dir, .* and \$name of a global\.$/,
    ],
    ['params.nobody', /^There is no value 'params.nobody' here/],
    [
      '$0',
      /^Locals and operands can be read where the call stands in code, and here it stands at an event \(column 1 of '\$0'\)\.$/,
    ],
    ['$lanes', /^It is a v128, which JavaScript cannot read/],
    ['global[9]', /^There is no global 9: the plugin has 5, from 0/],
    ['i32[70000]', /^Address 0x11170 lies past the end of memory, which has 65 536 bytes/],
    ['i32[65533]', /^The 4 bytes at 0xfffd reach past the end/],
    ['i32[0]@1', /^The plugin has no memory 1 to read/],
  ] as const)
    it(`${source} says why it has no value`, async () => {
      await assert.rejects(evaluate(run, source, 'repl'), { message: sentence });
    });

  it('a chain of pointers is followed, a page at a time, and not without end', async () => {
    let reads = 0;
    const counting = {
      globals: () => run.globals(),
      memorySize: () => run.memorySize(),
      readMemory: (address: number, length: number) => {
        reads++;
        return run.readMemory(address, length);
      },
    };
    const state = new FetchedState(counting);
    // each word holds the address of the next
    const found = await state.complete(() => {
      let at = 0;
      for (let i = 0; i < 39; i++) {
        const window = state.memory(0, at, 4);
        assert.ok(window);
        at = new DataView(window.bytes.buffer, window.bytes.byteOffset).getUint32(at - window.base, true);
      }
      return at;
    });
    assert.equal(found, 39_000);
    assert.ok(reads <= 10, `${reads} reads`);
    const endless = new FetchedState({
      ...counting,
      memorySize: async () => 2 ** 31,
      readMemory: async (_, n) => new Uint8Array(n),
    });
    let next = 0;
    await assert.rejects(
      endless.complete(() => {
        next += 10_000;
        return endless.memory(0, next, 1);
      }),
      /reads memory in more than 300 places/,
    );
  });

  it('a run that gives fewer bytes than it says is believed, and asked no more', async () => {
    const lying = new FetchedState({
      globals: async () => [],
      memorySize: async () => 1000,
      readMemory: async () => new Uint8Array(10),
    });
    const window = await lying.complete(() => lying.memory(0, 100, 4));
    assert.deepEqual([window?.bytes.length, window?.size], [0, 10]);
  });

  it('JSON, bytes and cells open', async () => {
    const params = await evaluate(run, 'params', 'watch');
    assert.deepEqual(
      (await rowsOf(params)).map(({ name, value, expression }) => [name, value, expression]),
      [
        ['name', '"Ada"', 'params.name'],
        ['at', '64', 'params.at'],
        ['big', '18446744073709551615', 'params.big'],
      ],
    );
    const bytes = await evaluate(run, 'memory[64, 20]', 'repl');
    assert.deepEqual([bytes.address, bytes.target], [64, undefined]);
    assert.deepEqual(
      (await rowsOf(bytes)).map(({ name, address }) => [name, address]),
      [
        ['0x00000040', 64],
        ['0x00000050', 80],
      ],
    );
    const cells = await evaluate(run, 'u16[1000, 300], x', 'repl');
    assert.equal(cells.children?.indexed, 300);
    assert.deepEqual(await rowsOf(cells, 1, 1), [
      { name: '[1]', value: '0x0000', type: 'u16', address: 1002, expression: 'u16[0x3ea]' },
    ]);
    assert.equal((await rowsOf(cells, 299, 10)).length, 1);
  });

  it('E2: a watch does not parse a message of megabytes, the console does', async () => {
    const long = stopped((fake) => {
      fake.filler.message('in', `{"jsonrpc":"2.0","id":7,"method":"m","params":"${'x'.repeat(2_000_000)}"}`);
    });
    await assert.rejects(evaluate(long, 'params', 'watch'), /ask for its fields in the Debug Console/);
    assert.equal((await evaluate(long, '1 + 1', 'watch')).value, '2');
    assert.equal((await evaluate(long, 'len(params)', 'repl')).value, '2000000');
  });

  it('nothing pops up over prose', () => {
    assert.deepEqual(['$0', 'params.name', 'i32[8]', 'a b', '0x40', 'a; b', '→'].map(isHoverable), [
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('expressions that the worker evaluates', () => {
  const worker = (inCode: boolean) => {
    const run = stopped((fake) => {
      fake.filler.message(
        'in',
        '{"jsonrpc":"2.0","id":7,"method":"greet","params":{"at":8,"big":18446744073709551615}}',
      );
    });
    const asked: [source: string, frame: number, names: Readonly<Record<string, string>>][] = [];
    const place = { function: 'app::greet', offset: 0x20, moment: 99, fuel: 5, time: 0 };
    const code = codeScope(
      place,
      fakeState({ locals: [{ type: 'i32', value: 8, name: 'x' }], memories: [run.memory] }),
    );
    const evaluating: SessionRun = Object.assign(run, {
      evaluate: async (source: string, frame: number, names: Readonly<Record<string, string>> = {}) => {
        asked.push([source, frame, names]);
        // as it crosses between threads
        return structuredClone(evaluateIn(namedValues(names, code), source));
      },
    });
    run.halt({ inCode, moment: 42 });
    return { run: evaluating, asked };
  };

  it('what needs the guest goes there with the fields that it names, and nothing else does', async () => {
    const { run, asked } = worker(false);
    assert.equal((await evaluate(run, 'params.big', 'watch')).value, '18446744073709551615');
    assert.equal((await evaluate(run, 'moment', 'watch')).value, '42');
    assert.equal(asked.length, 0);
    assert.equal((await evaluate(run, '$x == params.at && id == 7', 'watch', at(2))).value, 'true');
    assert.deepEqual(asked, [
      ['$x == params.at && id == 7', 2, { params: '{"at":8,"big":18446744073709551615}', id: '7' }],
    ]);
    assert.equal((await evaluate(run, 'params.big - $x', 'watch')).value, '18446744073709551607');
    const cells = await evaluate(run, 'memory[64, 5]', 'repl');
    assert.deepEqual([cells.value, cells.address, (await rowsOf(cells)).length], ['"Hello"', 64, 1]);
  });

  it('R1: the Debug Console assigns, a watch does not', async () => {
    const { run } = worker(true);
    const assigned: unknown[] = [];
    const assigning: SessionRun = Object.assign(run, {
      assign: async (target: string, value: string, frame: number) => {
        assigned.push([target, value, frame]);
        return { value, type: 'i32', assignable: true };
      },
    });
    const row = await evaluate(assigning, ' $x = 5 ', 'repl', at(1));
    assert.deepEqual([row.name, row.value, row.type], ['$x', '5', 'i32']);
    assert.deepEqual(assigned, [['$x', '5', 1]]);
    assert.deepEqual((await evaluate(assigning, '$x, x', 'watch', at(2))).target, {
      expression: '$x, x',
      frame: 2,
      level: 0,
    });
    assert.equal((await evaluate(assigning, '$x + 1', 'watch')).target, undefined);
    await assert.rejects(evaluate(assigning, '$x = 5', 'watch'), {
      message: /column 4 holds '=', which no expression has/,
    });
    assert.equal((await evaluate(assigning, '$x == 8', 'repl')).value, 'true');
  });

  it('a stop in code has names of its own, beside those of the last event', async () => {
    const { run, asked } = worker(true);
    assert.equal((await evaluate(run, 'function', 'watch')).value, '"app::greet"');
    assert.equal((await evaluate(run, 'kind', 'hover')).value, '"code"');
    assert.equal((await evaluate(run, 'moment + params.at', 'watch')).value, '107');
    assert.deepEqual(
      asked.map(([, , names]) => Object.keys(names)),
      [[], [], ['params']],
    );
    assert.equal((await evaluate(run, 'method', 'watch')).value, '"greet"');
    await assert.rejects(evaluate(run, '$y', 'watch'), {
      message: /^There is no local and no global named '\$y' here/,
    });
  });
});
