// I1 on the test plugins: a call as it is and rewritten, against settled syscalls: the same syscalls, output, end, trap and final memory.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PluginCall, type PluginCourse, pluginCourse } from '../testing/differential-plugin.ts';
import { type NamedPlan, PLANS } from '../testing/plans.ts';
import { needs, pluginBytes, watNames } from '../testing/run-call.ts';
import { WasmError } from '../wasm/error.ts';

/** Never end and make no syscall at which they could be ended, or end where V8's stack does (E8). */
const NO_END: readonly string[] = [
  ...['endless-fill', 'endless-grow', 'endless-loop'],
  ...['deep-recursion', 'recursion-1001-frames'],
];
/** Made of what wasmi 1.0.3 lacks, or has only where it is asked for: the pass refuses them by name. */
const REFUSED: readonly string[] = [
  ...['feature-atomics', 'feature-custom-page-sizes', 'feature-exceptions', 'feature-exceptions-exnref'],
  ...['feature-function-references', 'feature-gc', 'feature-shared-memory', 'feature-wide-arithmetic'],
];

const ONCE = PLANS.filter(({ name }) => name === 'everything');
/** Without a site at every instruction, which makes twenty bytes of one. */
const SMALLER = PLANS.filter(({ name }) => !name.startsWith('everything'));

/** What came of it; the error's words where the module can't be instantiated. */
function course(bytes: Uint8Array<ArrayBuffer>, plan: NamedPlan | undefined, call: PluginCall): PluginCourse | string {
  try {
    return pluginCourse(bytes, plan, call);
  } catch (error) {
    if (error instanceof WasmError || !(error instanceof Error)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

function sameCourse(bytes: Uint8Array<ArrayBuffer>, plans: readonly NamedPlan[], call: PluginCall): PluginCourse {
  const original = course(bytes, undefined, call);
  for (const plan of plans) assert.deepEqual(course(bytes, plan, call), original, plan.name);
  return typeof original === 'string' ? { end: original, stdout: '', stderr: '', syscalls: [], memory: '' } : original;
}

describe('the plugins of test-plugins/wat', () => {
  for (const name of watNames) {
    if (NO_END.includes(name)) continue;
    const call = { method: 'ping', params: '["a"]' };
    if (REFUSED.includes(name))
      it(`I1: ${name} is refused by name, at its byte`, () => {
        for (const plan of PLANS) assert.throws(() => course(pluginBytes(name), plan, call), WasmError, plan.name);
      });
    else
      it(`I1: ${name} takes the same course under every plan`, () => {
        sameCourse(pluginBytes(name), PLANS, call);
      });
  }
});

describe('the plugins that compilers made', () => {
  const release = 'rust-pdk.release';
  for (const [plugin, method, params, plans, end] of [
    ['hello', 'greet', '{"name":"Ada"}', PLANS, /^returned$/],
    ['c-minimal', 'ping', 'null', PLANS, /^returned$/],
    ['c-minimal.optimized', 'echo', '{"message":[1,"two"]}', PLANS, /^returned$/],
    [release, 'many_echo', '{"n":5}', PLANS, /^returned$/],
    [release, 'prime_sieve', '{"limit":20000}', ONCE, /^returned$/],
    [release, 'deep_json', '{"depth":100,"through_host":true}', ONCE, /^returned$/],
    [release, 'payload', '{"bytes":1000000}', SMALLER, /^returned$/],
    [release, 'floats', 'null', SMALLER.filter(({ name }) => name !== 'canonical NaNs'), /^returned$/],
    [release, 'trap', '{"kind":"out_of_bounds"}', SMALLER, /memory access out of bounds @ \d+@\d+ < /],
    [release, 'exit', '{"code":5}', SMALLER.slice(1, 3), /^exit 5$/],
    ['rust-pdk.debug', 'panic', '{"message":"x"}', SMALLER, /unreachable @ \d+@\d+ < /],
    ['rust-pdk.debug', 'nested', '{"depth":4}', SMALLER.slice(0, 3), /^returned$/],
    ['hello.debug', 'greet', '{"name":"Ada"}', SMALLER.slice(3), /^returned$/],
  ] as const)
    it(`I1: ${plugin}, ${method}: the same course under ${plans.length} plans`, needs(plugin), () => {
      const { end: ended, syscalls } = sameCourse(pluginBytes(plugin), plans, { method, params });
      assert.match(ended, end);
      assert.ok(syscalls.length > 0);
    });
});
