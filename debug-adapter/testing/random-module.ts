// Makes valid modules at random, by a seed, around the bodies of random-code.ts. They end by themselves: the exported global
// `budget` counts down at loops and calls. Only tests import it.
import { ByteWriter } from '../wasm/writer.ts';
import { CodeGenerator } from './random-code.ts';
import { BUDGET, I32_CONSTANTS, type Letter, RandomSource, TYPE_BYTE } from './random-source.ts';

export interface RandomChoices {
  readonly seed: number;
  readonly simd?: boolean;
  readonly functions?: number;
  /** How deep expressions and blocks nest. */
  readonly depth?: number;
}

export interface RandomModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Exported functions, with random arguments to call them with; i64 as bigint. */
  readonly calls: readonly { readonly name: string; readonly args: readonly (number | bigint)[] }[];
}

/** A valid module of `choices`; the same for the same choices. */
export function randomModule(choices: RandomChoices): RandomModule {
  const source = new RandomSource(choices.seed);
  const code = new CodeGenerator(source, choices);
  const bodies = code.shapes.map((shape) => code.function(shape));
  const indices = code.shapes.map((shape) => code.type(shape));
  const out = new ByteWriter();
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = (id: number, write: (body: ByteWriter) => void) => {
    const body = new ByteWriter();
    write(body);
    out.section(id, body.bytes());
  };
  section(1, (body) => {
    body.u32(code.types.length);
    for (const { parameters, results } of code.types)
      body.raw(
        0x60,
        parameters.length,
        ...parameters.map((letter) => TYPE_BYTE[letter]),
        results.length,
        ...results.map((letter) => TYPE_BYTE[letter]),
      );
  });
  section(3, (body) => {
    body.u32(indices.length);
    for (const index of indices) body.u32(index);
  });
  section(4, (body) => body.raw(1, 0x70, 1, 8, 8));
  section(5, (body) => body.raw(1, 1, 1, 4));
  section(6, (body) => {
    body.raw(7, 0x7f, 1, 0x41, 0x90, 0x03, 0x0b, 0x7f, 1, 0x41, 5, 0x0b, 0x7e, 1, 0x42, 0x7f, 0x0b);
    body.raw(0x7d, 1, 0x43, 0, 0, 0x80, 0x3f, 0x0b, 0x7c, 1, 0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x0b);
    body.raw(0x7f, 0, 0x41, 1, 0x41, 1, 0x6b, 0x0b, 0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b);
  });
  section(7, (body) => {
    body.u32(code.shapes.length + 2);
    body.name('memory');
    body.raw(2, 0);
    body.name('budget');
    body.raw(3, BUDGET);
    for (const index of code.shapes.keys()) {
      body.name(`f${index}`);
      body.byte(0);
      body.u32(index);
    }
  });
  section(9, (body) => {
    body.raw(1, 0, 0x41, 0, 0x0b);
    body.u32(Math.min(8, code.shapes.length));
    for (let n = 0; n < Math.min(8, code.shapes.length); n++) body.u32(n);
  });
  section(12, (body) => body.byte(1));
  section(10, (body) => {
    body.u32(bodies.length);
    for (const bytes of bodies) {
      body.u32(bytes.length);
      body.append(bytes);
    }
  });
  section(11, (body) => body.raw(1, 1, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  const argument = (letter: Letter): number | bigint =>
    letter === 'l' ? BigInt(source.one(I32_CONSTANTS)) : letter === 'i' ? source.one(I32_CONSTANTS) : source.float();
  const calls = code.shapes.flatMap((shape, index) =>
    [0, 1].map(() => ({ name: `f${index}`, args: shape.parameters.map(argument) })),
  );
  return { bytes: out.bytes().slice(), calls };
}
