// The stack at an event by a replay, and the code that its frames stand in, from the module alone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { neverLate, watchTimers } from '../../debug-adapter/testing/lateness.ts';
import { needs, platform, pluginFile, runCall } from '../../debug-adapter/testing/run-call.ts';
import type { KeptCall } from './calls.ts';
import { GuestCode } from './guestCode.ts';
import { guestStack } from './guestStack.ts';

type Call = Pick<KeptCall, 'header' | 'module' | 'pluginPath' | 'plugin' | 'standing' | 'store'>;
const MOCKS = '{"get_user":{"display_name":"Ada","utc_offset_hours":1},"log":null}';
const never = new AbortController().signal;

async function greeting(changes: Partial<Call> = {}): Promise<Call & { readonly request: number }> {
  const { run } = await runCall('hello', 'greet', '{"name":"Ada"}', { mocks: MOCKS });
  const { store, header } = run;
  let request = 0;
  for (const event of store.range()) if (event.kind === 'rpc' && event.line.includes('get_user')) request = event.seq;
  const path = pluginFile('hello');
  return {
    store,
    header,
    module: undefined,
    pluginPath: path,
    plugin: 'hello.wasm',
    standing: undefined,
    request,
    ...changes,
  };
}

describe('the guest’s stack at an event', () => {
  it('R2: is found by doing the call again, with the functions that are on it', async () => {
    const call = await greeting();
    const frames = await guestStack(platform, call, call.request, never);
    const names = frames.map(({ name }) => name).join('\n');
    assert.match(names, /fd_write/);
    assert.match(names, /main/);
    const place = await new GuestCode().place(call, frames[0] ?? assert.fail());
    const text = (await place.text()).split('\n');
    assert.match(text[0] ?? '', /^;; .* of hello\.wasm, at 0x/);
    assert.match(text[place.line - 1] ?? '', /call/);
    const code = new GuestCode();
    for (const frame of frames.slice(1)) {
      const at = await code.place(call, frame);
      const line = (await at.text()).split('\n')[at.line - 1] ?? '';
      assert.match(line, /call/, `${frame.name} stands at a call: ${line}`);
    }
    await assert.rejects(new GuestCode().place(call, { name: 'x', func: 1e6, offset: 5 }), /no code to show/);
  });

  it('is what a call stands on, where it stands there', async () => {
    const frame = { name: 'here', func: 1, offset: 2 };
    const call = await greeting();
    const standing = { seq: call.request, frames: [frame] } as unknown as KeptCall['standing'];
    assert.deepEqual(await guestStack(platform, { ...call, standing }, call.request, never), [frame]);
  });

  it('is not looked for when nobody waits any more', async () => {
    const call = await greeting();
    const over = AbortSignal.abort(new Error('another row'));
    await assert.rejects(guestStack(platform, call, call.request, over), /another row/);
  });

  it('E2: nobody is held up by a module of 16 MB', needs('rust-pdk.debug'), async (t) => {
    const { run } = await runCall('rust-pdk.debug', 'echo', '{"message":"x"}', { mocks: '{"echo":0}' });
    const path = pluginFile('rust-pdk.debug');
    const call = {
      store: run.store,
      header: run.header,
      module: undefined,
      pluginPath: path,
      plugin: 'p.wasm',
      standing: undefined,
    };
    await neverLate(t, async () => {
      const watch = watchTimers();
      const frames = await guestStack(platform, call, run.store.length - 2, never);
      for (const frame of frames.slice(0, 1)) await (await new GuestCode().place(call, frame)).text();
      return watch.stop();
    });
  });

  it('a plugin that was built anew, is gone, or is not named: a sentence', async () => {
    const call = await greeting();
    const other = { ...call, pluginPath: pluginFile('rust-pdk.release') };
    await assert.rejects(guestStack(platform, other, 1, never), /was built anew since this call/);
    await assert.rejects(
      guestStack(platform, { ...call, pluginPath: '/nowhere/p.wasm' }, 1, never),
      /can't be read any more/,
    );
    await assert.rejects(guestStack(platform, { ...call, pluginPath: undefined }, 1, never), /does not say where/);
    await assert.rejects(guestStack(platform, { ...call, header: undefined }, 1, never), /still loading/);
    const held = { ...other, module: new Uint8Array(fs.readFileSync(pluginFile('hello'))) };
    assert.ok((await guestStack(platform, held, call.request, never)).length > 0, 'bytes that are held need no file');
  });
});
