// Fuzz target: launch configurations of any shape. A plan, or sentences that name the fields; parameters unrounded, on one line. Contracts P2, E7, E9.
import { checkLaunch, runOptions } from '../../../session/launch.ts';
import { changed, changeText } from '../json-text.ts';
import { isJson, numbersIn, readTree } from '../reference-json.ts';
import { texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const seeds = texts(
  '{"plugin":"p.wasm","method":"run","params":{"name":"Ada","n":[1,2.5,-0]}}',
  '{"plugin":"p.wasm","method":"run","paramsText":"{\\"id\\": 18446744073709551615,\\n \\"x\\": 1.0}","stopOnEntry":true}',
  JSON.stringify({
    ...{ type: 'wasmi-plugin', request: 'launch', name: 'x', plugin: 'a/b.wasm', method: 'm', params: null },
    ...{ mocks: 'm.json', hostCommand: "python3 'host file.py'", record: 'r.jsonl', cwd: '/x', seed: 7, slice: 1000 },
    ...{
      limits: { wallMs: 10, fuel: 100, memory: 65536, events: 5, output: 10, line: 20 },
      clock: 'virtual:2024-01-01T00:00:00Z',
    },
    ...{
      env: { A: 'b', C: '' },
      args: ['a', '--b'],
      features: ['simd'],
      missingImports: 'enosys',
      trace: ['rpc', 'fuel'],
    },
    ...{ stopOnEntry: false, noDebug: true },
  }),
  '{"plugin":"p.wasm","method":"run","seed":"text","clock":"real","trace":"rpc, stderr","limits":{"wallMs":null}}',
);

function check(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  if (!isJson(text)) return; // what comes over DAP is JSON, or no launch at all
  const given: unknown = JSON.parse(text);
  const { plan, problems } = checkLaunch(given);
  expect((plan === undefined) === problems.length > 0, () => `a plan and ${problems.length} problems`);
  for (const problem of problems) {
    expectSentence(problem, 'a problem');
    expect(
      /^(?:"|The launch arguments)[\s\S]*\.$/.test(problem),
      () => `it names no field, or is no sentence: ${problem}`,
    );
  }
  if (plan === undefined) return;
  expect(isJson(plan.params) && !/[\r\n]/.test(plan.params), () => `the parameters are ${plan.params}`);
  const { params, paramsText } = given as { params?: unknown; paramsText?: unknown }; // it was an object: there is a plan
  if (typeof paramsText === 'string') {
    const numbers = (json: string) => numbersIn(readTree(json)).join(' ');
    if ((paramsText.match(/[[{]/g) ?? []).length < 1000)
      expect(numbers(plan.params) === numbers(paramsText), () => `the numbers of ${paramsText} became ${plan.params}`);
  } else expect(plan.params === JSON.stringify(params ?? null), () => `the parameters became ${plan.params}`);
  for (const [name, limit] of Object.entries(plan.limits))
    expect(Number.isSafeInteger(limit) && limit >= 1, () => `limits.${name} is ${limit}`);
  expect(Number.isSafeInteger(plan.slice) && plan.slice >= 1, () => `the slice is ${plan.slice}`);
  for (const entry of plan.env) expect(/^[^=]+=/.test(entry) && !entry.includes('\0'), () => `env has ${entry}`);
  runOptions(plan, new Uint8Array(), undefined, []);
}

export const target: FuzzTarget = {
  name: 'launch',
  about: 'launch configurations: a plan, or sentences that name the fields',
  make: (source) => changed(source, seeds, changeText),
  check,
};
