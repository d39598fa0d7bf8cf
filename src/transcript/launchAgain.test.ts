// Launches that are made from calls.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkLaunch } from '../../debug-adapter/session/launch.ts';
import { launched, recorded } from './callFixture.ts';
import { callOfRecording, runToConfiguration, sendAgainConfiguration } from './launchAgain.ts';

describe('sending a call again', () => {
  it('P2: is the same launch, with the params as text', () => {
    const again = sendAgainConfiguration(
      launched({ params: [1], seed: '7', mocks: '/m.json', __sessionId: 'x' }),
      '[2]',
    );
    assert.deepEqual(again, {
      type: 'wasmi-plugin',
      request: 'launch',
      name: 'Greet',
      internalConsoleOptions: 'neverOpen',
      plugin: '/plugins/hello.wasm',
      method: 'greet',
      seed: '7',
      mocks: '/m.json',
      paramsText: '[2]',
    });
    assert.deepEqual(checkLaunch(again).problems, []);
  });

  it('builds the crate again where the launch has one', () => {
    const again = sendAgainConfiguration(launched({ cargo: { package: 'p' }, paramsText: '1' }), '2');
    assert.deepEqual([again['cargo'], again['plugin'], again['paramsText']], [{ package: 'p' }, undefined, '2']);
  });

  it('of a recording: as its header says', () => {
    const again = sendAgainConfiguration(recorded({ env: ['K=a=b'], args: ['x'], seed: '9' }), 'null');
    assert.deepEqual(
      [again['plugin'], again['env'], again['args'], again['seed']],
      ['/plugins/hello.wasm', { K: 'a=b' }, ['x'], '9'],
    );
    assert.deepEqual(checkLaunch(again).problems, []);
  });
});

describe('running to an event', () => {
  it('is a launch of the call’s own recording', () => {
    const call = launched();
    const launch = runToConfiguration(call, 12);
    assert.deepEqual(
      [launch['recording'], launch['stopAt'], launch['plugin']],
      [`call:${call.id}`, 12, '/plugins/hello.wasm'],
    );
    assert.deepEqual(checkLaunch(launch).problems, []);
    assert.equal(callOfRecording(launch['recording']), call.id);
  });

  it('files are no calls', () => {
    for (const other of ['/call:3', 'call:3.jsonl', 'call:', 3, undefined, 'call:1e3'])
      assert.equal(callOfRecording(other), undefined);
  });
});
