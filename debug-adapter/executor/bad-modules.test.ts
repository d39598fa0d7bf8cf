// Modules that are too large, too deep or odd: what can run runs, what can't is refused in one sentence, and neither time nor memory is out of proportion.
// Contracts E3, E4, E9, I1.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { chargeTable } from '../fuel/charge-table.ts';
import { instrument } from '../instrument/instrument.ts';
import { NO_PLAN } from '../instrument/testing.ts';
import { body, FIRST_BODY, type LargeModule, largeModule, repeated } from '../testing/large-module.ts';
import { measured } from '../testing/lateness.ts';
import { type CallOptions, type EndedCall, replaysExactly, runCall } from '../testing/run-call.ts';
import { terminal } from '../testing/terminal.ts';
import { wat } from '../testing/wat.ts';
import { parseModule } from '../wasm/module.ts';

const MB = 2 ** 20;
/** On a busy machine a hundred megabytes take their time. */
const limits = { wallMs: 60_000 };

const call = (plugin: Uint8Array, options: CallOptions = {}): Promise<EndedCall> =>
  runCall(plugin, 'run', 'null', { ...options, limits: { ...limits, ...options.limits } });

async function runs(shape: LargeModule, options: CallOptions = {}): Promise<void> {
  const { outcome } = await call(largeModule(shape), options);
  assert.equal(outcome.result, '"done"', outcome.fault?.message);
}

async function refused(plugin: Uint8Array, kind: string, sentence: RegExp, options: CallOptions = {}): Promise<void> {
  const { outcome } = await call(plugin, options);
  assert.equal(outcome.fault?.kind, kind, outcome.fault?.message);
  assert.match(outcome.fault.message, sentence);
  assert.doesNotMatch(outcome.fault.message, /\n/);
}

const NOP = [0x01];
const IF_MEMORY = [0x3f, 0, 0x04, 0x40]; // memory.size if: a condition that is not constant

describe('modules that ask for much memory', { concurrency: 2 }, () => {
  it('E9: 2 GB at once', async () => {
    const sentence = /^The plugin asked for 2048 MiB of memory, and its limit here is 1024 MiB,.*\(limits\.memory\)\.$/;
    await refused(largeModule({ pages: 32_768 }), 'memory', sentence);
  });

  it('E9: 2 GB by growth', async () => {
    const grow = body(Uint8Array.of(0x41, 0x80, 0x80, 0x02, 0x40, 0, 0x1a)); // i32.const 32768 memory.grow drop
    const plugin = largeModule({ calls: 1, bodies: [grow] });
    await refused(plugin, 'memory', /^The plugin asked for 2048\.1 MiB of memory, and its limit here is 1024 MiB/);
    // a plugin that declares what it can live with is told that there is no more, as in production
    await runs({ calls: 1, bodies: [grow], mostPages: 16 });
  });

  it('E9: more than there is in any machine', async () => {
    const plugin = wat('(module (memory (export "memory") i64 1000000000) (func (export "_start")))');
    const { outcome } = await call(plugin, { limits: { memory: Number.MAX_SAFE_INTEGER } });
    assert.equal(outcome.kind, 'fault');
    assert.match(outcome.fault?.message ?? '', /memory|validate/);
    assert.doesNotMatch(outcome.fault?.message ?? '', /\n/);
  });
});

describe('modules with much code', { concurrency: 2 }, () => {
  it('I1: 50 000 functions, each of them called', async () => {
    const bodies = Array.from({ length: 50_000 }, () => body(Uint8Array.of(0x41, 1, 0x1a)));
    await runs({ bodies, calls: 50_000 });
    await runs({ bodies, calls: 50_000 }, { debug: true });
  });

  it('I1: a function of 5 MB without branches runs rewritten', async () => {
    await runs({ bodies: [body(repeated(NOP, 5 * MB))], calls: 1 });
  });

  it('I1: a function of 5 MB of float arithmetic, each result made canonical, runs rewritten', async () => {
    const root = [0x43, 0, 0, 0x80, 0x7f, 0x91, 0x1a]; // f32.const inf f32.sqrt drop
    await runs({ bodies: [body(repeated(root, Math.floor((5 * MB) / root.length)))], calls: 1 });
  });

  it('I1: a function of 3 MB of charges and nothing else runs rewritten', async () => {
    await runs({ bodies: [body(repeated([...IF_MEMORY, 0x0b], Math.floor((3 * MB) / 5)))], calls: 1 });
  });

  it('I1: a function that is too large once it is rewritten is refused by name, with both sizes', async () => {
    const ifs = body(repeated([...IF_MEMORY, 0x0b], MB));
    const sentence =
      /^test\.wasm: Function 2 is too large to be debugged: .* \d{7,8} bytes, and V8 takes 7654321 \(at byte 0x[0-9a-f]+\)\.$/;
    await refused(largeModule({ bodies: [ifs], calls: 1 }), 'unusable-module', sentence);
  });

  it('I1: as large as V8 takes a function, and larger', async () => {
    for (const nops of [7_654_319, 7_654_400])
      await refused(
        largeModule({ bodies: [body(repeated(NOP, nops))], calls: 1 }),
        'unusable-module',
        /^test\.wasm: Function 2 is too large to be debugged: /,
      );
  });
});

describe('blocks inside one another', { concurrency: 2 }, () => {
  const DEEP = 10_000;
  const nested: Record<string, (depth: number) => Uint8Array> = {
    blocks: (depth) => body(repeated([0x02, 0x40], depth), repeated([0x0b], depth)),
    loops: (depth) => body(repeated([0x03, 0x40], depth), repeated([0x0b], depth)),
    ifs: (depth) => body(repeated(IF_MEMORY, depth), repeated([0x0b], depth)),
    'ifs with results and elses': (depth) =>
      body(
        repeated([0x3f, 0, 0x04, 0x7f], depth),
        Uint8Array.of(0x41, 1),
        repeated([0x05, 0x41, 2, 0x0b], depth),
        Uint8Array.of(0x1a),
      ),
    'blocks, left by a table of all labels': (depth) => {
      const labels = Array.from({ length: depth }, (_, n) => [(n & 0x7f) | 0x80, n >> 7]).flat();
      const table = [0x3f, 0, 0x0e, (depth & 0x7f) | 0x80, depth >> 7, ...labels, 0];
      return body(repeated([0x02, 0x40], depth), Uint8Array.from(table), repeated([0x0b], depth));
    },
  };
  for (const [what, build] of Object.entries(nested))
    it(`I1, E4: 10 000 ${what} run, and are replayed`, async () => {
      const plugin = largeModule({ bodies: [build(DEEP)], calls: 1 });
      const ended = await call(plugin);
      assert.equal(ended.outcome.result, '"done"', ended.outcome.fault?.message);
      await replaysExactly(ended, plugin);
      const debugged = await call(plugin, { debug: true });
      assert.equal(debugged.outcome.result, '"done"');
    });

  it('I1, E4: 200 000 blocks run', async () => {
    await runs({ bodies: [nested['blocks']!(200_000)], calls: 1 });
  });
});

describe('names and sections', { concurrency: 2 }, () => {
  it('E3: an import or export whose name is not UTF-8 is refused, with its place', async () => {
    const plain = largeModule({ exports: ['abcd'] });
    const at = Buffer.from(plain).indexOf('abcd');
    plain.set([0xc3, 0x28], at);
    await refused(
      plain,
      'unusable-module',
      new RegExp(`a name is not UTF-8 \\(at byte 0x${(at - 1).toString(16)}\\)\\.$`),
    );
  });

  it('E3: names in the name section that are not UTF-8, or move the cursor, are shown as something that can be read', async () => {
    const unreachable = body(Uint8Array.of(0x00));
    const named = (...bytes: number[]) =>
      largeModule({
        bodies: [unreachable],
        calls: 1,
        customs: [['name', Uint8Array.of(1, 3 + bytes.length, 1, FIRST_BODY, bytes.length, ...bytes)]],
      });
    for (const bytes of [[0xff, 0xfe], [0xc3, 0x28], [0x1b, 0x5b, 0x32, 0x4a], [0x0a]]) {
      const { outcome } = await call(named(...bytes));
      assert.equal(outcome.fault?.kind, 'trap');
      const { stdout, stderr, code } = await inTerminal(named(...bytes));
      assert.equal(code, 3);
      assert.ok(!(stdout + stderr).includes('\u001b'));
    }
  });

  it('E3: a name section that lies costs its names, and nothing else', async () => {
    for (const lie of [
      [1, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0], // 2^32 - 1 names in a byte
      [1, 5, 1, 0xff, 0xff, 0xff, 0x7f, 0], // of a function that is not there
      [1, 3, 1, 1, 0xff], // a name longer than the section
      [0xff, 0xff, 0xff, 0xff, 0xff], // a subsection of 256 MB
      [1, 2, 1, 1, 7, 2, 9, 9], // maps that end in the middle
      [],
    ])
      await runs({ customs: [['name', Uint8Array.from(lie)]] });
  });

  it('E3: custom sections before, between and after all others, twice, without a name, or ten thousand of them', async () => {
    await runs({
      customs: [
        ['', new Uint8Array()],
        ['name', Uint8Array.of(1, 2, 1, 1)],
        ['.debug_info', new Uint8Array(50)],
        ['name', Uint8Array.of(0, 1, 0)],
        ['sourceMappingURL', Uint8Array.of(0xff)],
      ],
    });
    await runs({ customs: Array.from({ length: 2000 }, (_, n) => [`section ${n}`, new Uint8Array(n % 3)] as const) });
    const broken = largeModule({ customs: [[Uint8Array.of(0xff, 0xfe), new Uint8Array()]] });
    await refused(broken, 'unusable-module', /a name is not UTF-8/);
  });

  it('I1: a module that exports the very names that the pass uses, and those it would use then', async () => {
    let taken: string[] = [];
    for (let round = 0; round < 3; round++) {
      const plugin = largeModule({ exports: taken });
      const ended = await call(plugin);
      assert.equal(ended.outcome.result, '"done"', ended.outcome.fault?.message);
      await replaysExactly(ended, plugin);
      const module = parseModule(plugin);
      const charges = chargeTable(module);
      const { exports } = instrument(module, { ...NO_PLAN, charges, frameSlots: charges.frameSlots, growHooks: true });
      const used = Object.values(exports)
        .flat()
        .filter((name): name is string => typeof name === 'string');
      assert.ok(used.length >= 3 && used.every((name) => !taken.includes(name)));
      taken = [...taken, ...used];
    }
    await runs({ exports: taken }, { debug: true });
  });

  it('E3: 100 000 exports', async () => {
    await runs({ exports: Array.from({ length: 100_000 }, (_, n) => `export ${n}`) });
  });
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-bad-modules-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Prints the most memory that the process ever had, in KiB, when it ends. */
const TELL_MEMORY =
  '--import=data:text/javascript,process.on("exit",()=>process.stderr.write("\\nmost memory "%2Bprocess.resourceUsage().maxRSS))';

async function inTerminal(
  plugin: Uint8Array,
): Promise<{ code: number | null; stdout: string; stderr: string; bytes: number }> {
  const file = path.join(folder, `${process.hrtime.bigint()}.wasm`);
  fs.writeFileSync(file, plugin);
  const ended = await terminal(['call', file, 'run', '--timeout', '60000'], { node: [TELL_MEMORY] });
  fs.rmSync(file);
  return { ...ended, bytes: Number(/most memory (\d+)$/.exec(ended.stderr)?.[1]) * 1024 };
}

describe('modules of 100 MB', () => {
  /** A plugin takes at most so many times its own size, beyond what any call takes. When the collector comes is chance: the best round counts. */
  async function takes(t: TestContext, most: number, shape: LargeModule): Promise<void> {
    const plugin = largeModule(shape);
    const taken = await measured(
      t,
      (times) => times < most,
      async () => {
        const plain = await inTerminal(largeModule({}));
        const { code, stdout, stderr, bytes } = await inTerminal(plugin);
        assert.equal(stdout, '"done"\n', stderr);
        assert.equal(code, 0);
        return (bytes - plain.bytes) / plugin.length;
      },
    );
    assert.ok(taken < most, `${taken.toFixed(1)} times its size`);
  }

  it('E4: of debug information, or whatever a custom section holds: one copy', (t) =>
    takes(t, 2, { padding: 100 * MB }));

  it('E4: of data: the module, what it is rewritten to, what V8 keeps, and the memory of the plugin', (t) =>
    takes(t, 5.5, { data: 100 * MB }));

  it('E4: of code, a fifth of that', (t) =>
    takes(t, 8, { bodies: Array.from({ length: 20_000 }, () => body(repeated([0x41, 1, 0x1a], 350))), calls: 1 }));
});
