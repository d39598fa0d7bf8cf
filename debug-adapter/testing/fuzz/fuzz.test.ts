// The harness itself: faults that were planted are found, whatever they are; inputs are the same for the same seed; what is found is made small.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RandomSource } from '../random-source.ts';
import { fuzz, told } from './fuzz.ts';
import { changed, changeText } from './json-text.ts';
import { likeness, loop, minimised, verdictOn } from './loop.ts';
import { type Fault, type FuzzTarget, inputOf } from './target.ts';
import { isTarget, moduleOf, TARGETS } from './targets.ts';

const planted = (fault: string): string => new URL(`./planted.ts?fault=${fault}`, import.meta.url).href;

describe('the fuzz harness', () => {
  const FOUND: readonly (readonly [planted: string, found: Fault, message: RegExp])[] = [
    ['crash', 'crash', /TypeError: Cannot read properties of undefined/],
    ['wrong', 'wrong', /a text of 127 bytes, which should have 128/],
    ['hang', 'hang', /not come to an end within 1500 ms/],
    ['slow', 'slow', /\d+ ms, of at most 2\d\d/],
    ['hungry', 'hungry', /\d{8} bytes were allocated/],
    ['late', 'crash', /nobody waits for this/],
    ['heap', 'out of memory', /more than 300 MiB/],
  ];
  for (const [fault, found, message] of FOUND)
    it(`finds a planted fault: ${fault}`, async () => {
      const { finding } = await fuzz(planted(fault), {
        seed: 1,
        count: 5000,
        hangMs: fault === 'hang' ? 1500 : 20_000,
        mostMiB: 300,
      });
      assert.equal(finding?.fault, found, finding === undefined ? 'nothing was found' : told(finding));
      assert.match(finding.message, message);
      // the same input can be made again, and it is the one that fails
      const { target } = (await import(planted('none'))) as { target: FuzzTarget };
      const input = inputOf(target, finding.seed, finding.n);
      assert.ok(finding.input.length <= input.length);
      assert.match(told(finding), new RegExp(`planted-${fault} --seed 1 --input ${finding.n}\\b`));
    });

  it('finds nothing where nothing is wrong, and says how much was run', async () => {
    const { ran, finding } = await fuzz(planted('none'), { seed: 1, count: 3000 });
    assert.equal(finding, undefined);
    assert.equal(ran, 3000);
    const timed = await fuzz(planted('none'), { seed: 1, ms: 300 });
    assert.ok(timed.ran > 0 && timed.ms >= 250 && timed.ms < 20_000, `${timed.ran} in ${timed.ms} ms`);
  });

  it('a target that can not be loaded is an error, not a finding', async () => {
    await assert.rejects(fuzz(new URL('./no-such-target.ts', import.meta.url).href, { seed: 1 }), /can't be loaded/);
  });

  it('what is found is made smaller, and stays the same fault', async () => {
    const { target } = (await import(planted('crash'))) as { target: FuzzTarget };
    const { finding } = await loop(target, {
      seed: 3,
      first: 0,
      count: 5000,
      until: Number.POSITIVE_INFINITY,
      began: () => {},
    });
    assert.equal(finding?.fault, 'crash');
    assert.equal(finding.input.length, 1, 'a count without texts');
    assert.equal((await verdictOn(target, finding.input))?.fault, 'crash');
    const wanted = Uint8Array.from({ length: 200 }, (_, n) => n);
    const small = await minimised(wanted, async (input) => input.includes(17) && input.includes(150), 1000);
    assert.deepEqual([...small], [17, 150]);
  });

  it('two messages about different inputs are alike', () => {
    assert.equal(likeness('at byte 0x1f: `a` is 3'), likeness('at byte 0xff: `bc` is 17'));
    assert.notEqual(likeness('it is too long'), likeness('it is too short'));
  });
});

describe('fuzz targets', () => {
  it('each is there by its name, and its inputs depend on seed and number alone', async () => {
    for (const name of TARGETS) {
      const { target } = (await import(moduleOf(name))) as { target: FuzzTarget };
      assert.equal(target.name, name);
      const inputs = Array.from({ length: 30 }, (_, n) => inputOf(target, 7, n));
      assert.deepEqual(inputOf(target, 7, 20), inputs[20], name);
      const different = new Set(inputs.map((input) => Buffer.from(input).toString('base64')));
      assert.ok(different.size > 20, `${name}: ${different.size} different inputs of 30`);
    }
    assert.ok(!isTarget('constructor'));
  });

  it('changes to texts are neither empty of effect nor all alike', () => {
    const seed = new TextEncoder().encode('{"id":18446744073709551615,"a":["b",null]}\n{"c":1}\n');
    const texts = Array.from({ length: 200 }, (_, n) =>
      new TextDecoder().decode(changed(new RandomSource(n), [seed], changeText)),
    );
    const valid = texts.filter((text) => text.split('\n').some((line) => line !== '' && isObject(line)));
    assert.ok(new Set(texts).size > 150);
    assert.ok(valid.length > 50, `${valid.length} of 200 still hold an object`);
  });
});

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
