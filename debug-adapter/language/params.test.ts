// Skeletons of params, for types whose JSON real serde takes (all of `TYPES` was deserialized with serde 1.0), and for
// those that this file alone does not explain.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { worked } from '../testing/lateness.ts';
import { paramsSkeleton, type Skeleton } from './params.ts';
import { renameField, renameVariant } from './serde-case.ts';

const TYPES = `
#[derive(Debug, Deserialize)]
pub struct Greet { pub name: String, pub(crate) times: u32, loud: bool, ratio: f64, mark: char, #[allow(unused)] note: Option<String> }

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Renamed {
    first_name: String,
    #[serde(rename = "ID")]
    user_id: u64,
    #[serde(rename(serialize = "out", deserialize = "in"))]
    both: i8,
    r#type: String,
    #[serde(skip)]
    skipped: Cache,
    #[serde(default, alias = "x")]
    defaulted: Vec<Greet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    optional: Option<Box<Greet>>,
}

#[derive(Deserialize)]
struct Nested<'a, T, const N: usize> where T: Clone {
    inner: Inner,
    boxed: Box<Inner>,
    arc: std::sync::Arc<Inner>,
    text: &'a str,
    cow: Cow<'a, str>,
    generic: T,
    pair: (u8, String,),
    single: (u8,),
    group: (u8),
    array: [u8; 3],
    bytes: Vec<u8>,
    map: std::collections::HashMap<String, Vec<(u8, u8)>>,
    set: BTreeSet<String>,
    unit: (),
    value: serde_json::Value,
    object: serde_json::Map<String, Value>,
    path: std::path::PathBuf,
    count: std::num::NonZeroU32,
    #[serde(flatten)]
    rest: Inner2,
}

#[derive(Deserialize, Clone)]
struct Inner { x: i64 }
#[derive(Deserialize)]
struct Inner2 { y: i64, z: Alias }
type Alias = Vec<Inner>;
type Strings<T> = (T, String);

#[derive(Deserialize)] struct Newtype(Inner);
#[derive(Deserialize)] struct Pair(u8, pub Inner);
#[derive(Deserialize)] struct Unit;
#[derive(Deserialize)] struct Empty {}
#[derive(Deserialize)] #[serde(transparent)] struct Clear { only: u8 }
#[derive(Deserialize)] struct Tree { value: u8, children: Vec<Tree>, parent: Option<Box<Tree>> }
#[derive(Deserialize)] struct Page<T> { items: T, next: u32 }
#[derive(Deserialize)] #[serde(try_from = "(u8, u8)")] struct Point { x: u8, y: u8 }
impl TryFrom<(u8, u8)> for Point { type Error = String; fn try_from((x, y): (u8, u8)) -> Result<Self, String> { Ok(Point { x, y }) } }

#[derive(Deserialize)] #[serde(rename_all = "snake_case")]
enum Plain { #[serde(skip)] Hidden, FirstOne, Second(u8) }
#[derive(Deserialize)] enum Holding { One(Inner), Two { a: u8 } }
#[derive(Deserialize)] enum Several { Two(u8, String) }
#[derive(Deserialize)] #[serde(rename_all_fields = "kebab-case")] enum WithFields { One { first_field: u8 } }
#[derive(Deserialize)] #[serde(tag = "kind", rename_all = "SCREAMING-KEBAB-CASE")] enum Tagged { FirstOne { a: u8 }, Second }
#[derive(Deserialize)] #[serde(tag = "t")] enum TaggedNewtype { A(Inner) }
#[derive(Deserialize)] #[serde(tag = "t", content = "c")] enum Adjacent { A(u8, u8), B }
#[derive(Deserialize)] #[serde(tag = "t", content = "c")] enum AdjacentUnit { A, B(u8) }
#[derive(Deserialize)] #[serde(untagged)] enum Untagged { A { x: u8 }, B(String) }
#[derive(Deserialize)] enum Numbered { A = 1, B = 2 }
`;

const EXPECTED: readonly (readonly [type: string, skeleton: Skeleton])[] = [
  ['()', null],
  ['u8', 0],
  ['f32', 0],
  ['bool', false],
  ['String', ''],
  ["&'static str", ''],
  ['std::string::String', ''],
  ['Value', null],
  ['serde_json::Value', null],
  ['Option<Greet>', null],
  ['Box<[Greet]>', []],
  ['Vec<Greet>', []],
  ['HashMap<String, Greet>', {}],
  ['[u8; 2]', [0, 0]],
  ['[[bool; 1]; 2_usize]', [[false], [false]]],
  ['(u8, (String, bool))', [0, ['', false]]],
  ['Greet', { name: '', times: 0, loud: false, ratio: 0, mark: 'a', note: null }],
  ['crate::Greet', { name: '', times: 0, loud: false, ratio: 0, mark: 'a', note: null }],
  ['Renamed', { firstName: '', ID: 0, in: 0, type: '', defaulted: [], optional: null }],
  [
    "Nested<'static, Inner, 4>",
    {
      inner: { x: 0 },
      boxed: { x: 0 },
      arc: { x: 0 },
      text: '',
      cow: '',
      generic: { x: 0 },
      pair: [0, ''],
      single: [0],
      group: 0,
      array: [0, 0, 0],
      bytes: [],
      map: {},
      set: [],
      unit: null,
      value: null,
      object: {},
      path: '',
      count: 1,
      y: 0,
      z: [],
    },
  ],
  ['Alias', []],
  ['Strings<u8>', [0, '']],
  ['Newtype', { x: 0 }],
  ['Pair', [0, { x: 0 }]],
  ['Unit', null],
  ['Empty', {}],
  ['Clear', 0],
  ['Tree', { value: 0, children: [], parent: null }],
  ['Page<Strings<Inner>>', { items: [{ x: 0 }, ''], next: 0 }],
  ['Point', [0, 0]],
  ['Plain', 'first_one'],
  ['Holding', { One: { x: 0 } }],
  ['Several', { Two: [0, ''] }],
  ['WithFields', { One: { 'first-field': 0 } }],
  ['Tagged', { kind: 'FIRST-ONE', a: 0 }],
  ['TaggedNewtype', { t: 'A', x: 0 }],
  ['Adjacent', { t: 'A', c: [0, 0] }],
  ['AdjacentUnit', { t: 'A' }],
  ['Untagged', { x: 0 }],
  ['Numbered', 'A'],
];

describe('paramsSkeleton', () => {
  for (const [type, skeleton] of EXPECTED)
    it(`gives what serde takes for ${type}`, () => assert.deepEqual(paramsSkeleton(type, TYPES), skeleton));

  for (const [what, type, text] of [
    ['a type of another file', 'Other', ''],
    ["another module's type of the same name", 'other::Greet', TYPES],
    ["another crate's type of a known name", 'bytes::String', ''],
    ['a type without Deserialize', 'S', 'struct S { a: u8 }'],
    ['a type with a Deserialize of its own', 'S', "struct S { a: u8 } impl<'de> Deserialize<'de> for S {}"],
    [
      'one of two types',
      'S',
      'mod a { #[derive(Deserialize)] struct S { a: u8 } } mod b { #[derive(Deserialize)] struct S { b: u8 } }',
    ],
    ['a trait object', 'Box<dyn Fn(u8) -> u8>', ''],
    ['a function', 'fn(u8) -> u8', ''],
    ['an array without a known length', '[u8; N]', 'const N: usize = 3;'],
    ['an array longer than anyone reads', '[u8; 100000]', ''],
    ['no type', '', ''],
    ['an enum of nothing', 'E', '#[derive(Deserialize)] enum E {}'],
    ['broken source', 'S', '#[derive(Deserialize)] struct S<'],
    ['an alias of itself', 'A', 'type A = B; type B = A;'],
  ] as const)
    it(`says null for ${what}`, () => assert.equal(paramsSkeleton(type, text), null));

  it('says null for a field whose reading is someone else\u2019s', () => {
    const text =
      '#[derive(Deserialize)] struct S { #[serde(with = "m")] a: u8, #[serde(deserialize_with = "f")] b: u8, c: Instant }';
    assert.deepEqual(paramsSkeleton('S', text), { a: null, b: null, c: null });
  });

  it('prefers a type of the file to the known one', () => {
    assert.deepEqual(paramsSkeleton('Value', '#[derive(Deserialize)] struct Value { v: u8 }'), { v: 0 });
  });

  it('ends where a type holds itself', () => {
    assert.deepEqual(paramsSkeleton('N', '#[derive(Deserialize)] struct N { next: Box<N>, all: [Box<N>; 2] }'), {
      next: null,
      all: [null, null],
    });
  });

  it('stays small for types that multiply', () => {
    let text = '';
    for (let i = 0; i < 15; i++) text += `type T${i} = [T${i + 1}; 32];`;
    const took = worked(() =>
      assert.ok(JSON.stringify(paramsSkeleton('T0', `${text} type T15 = u8;`)).length < 100_000),
    );
    assert.ok(took < 5000, `${took} ms`);
  });

  it('has keys that JavaScript has another use for', () => {
    const skeleton = paramsSkeleton('S', '#[derive(Deserialize)] struct S { __proto__: u8, constructor: u8 }');
    assert.equal(JSON.stringify(skeleton), '{"__proto__":0,"constructor":0}');
  });

  it('throws nothing on broken sources', () => {
    const piece = fc.constantFrom(
      ...[
        '<',
        '>',
        '(',
        ')',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '#[serde(',
        ')]',
        ',',
        ';',
        '=',
        '::',
        '&',
        'pub',
        'type',
        'enum A',
      ],
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...EXPECTED.map(([type]) => type)),
        fc.array(fc.tuple(fc.nat(TYPES.length), fc.nat(30), piece), { maxLength: 6 }),
        (type, edits) => {
          let text = TYPES;
          for (const [at, length, insert] of edits) text = text.slice(0, at) + insert + text.slice(at + length);
          assert.notEqual(JSON.stringify(paramsSkeleton(type, text)), undefined);
          const [at = 0, , insert = ''] = edits[0] ?? [];
          paramsSkeleton(type.slice(0, at % 8) + insert + type.slice(at % 8), TYPES);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("serde's letter cases", () => {
  // The table of serde_derive's own test.
  const FIELDS = ['UPPERCASE', 'PascalCase', 'camelCase', 'SCREAMING_SNAKE_CASE', 'kebab-case', 'SCREAMING-KEBAB-CASE'];
  for (const [name, ...expected] of [
    ['outcome', 'OUTCOME', 'Outcome', 'outcome', 'OUTCOME', 'outcome', 'OUTCOME'],
    ['very_tasty', 'VERY_TASTY', 'VeryTasty', 'veryTasty', 'VERY_TASTY', 'very-tasty', 'VERY-TASTY'],
    ['a', 'A', 'A', 'a', 'A', 'a', 'A'],
    ['z42', 'Z42', 'Z42', 'z42', 'Z42', 'z42', 'Z42'],
  ] as const)
    it(`renames the field ${name}`, () => {
      assert.deepEqual(
        FIELDS.map((renameAll) => renameField(name, renameAll)),
        expected,
      );
      for (const none of ['lowercase', 'snake_case', undefined, 'odd']) assert.equal(renameField(name, none), name);
    });

  const VARIANTS = [
    'lowercase',
    'UPPERCASE',
    'camelCase',
    'snake_case',
    'SCREAMING_SNAKE_CASE',
    'kebab-case',
    'SCREAMING-KEBAB-CASE',
  ];
  for (const [name, ...expected] of [
    ['Outcome', 'outcome', 'OUTCOME', 'outcome', 'outcome', 'OUTCOME', 'outcome', 'OUTCOME'],
    ['VeryTasty', 'verytasty', 'VERYTASTY', 'veryTasty', 'very_tasty', 'VERY_TASTY', 'very-tasty', 'VERY-TASTY'],
    ['A', 'a', 'A', 'a', 'a', 'A', 'a', 'A'],
    ['Z42', 'z42', 'Z42', 'z42', 'z42', 'Z42', 'z42', 'Z42'],
  ] as const)
    it(`renames the variant ${name}`, () => {
      assert.deepEqual(
        VARIANTS.map((renameAll) => renameVariant(name, renameAll)),
        expected,
      );
      for (const none of ['PascalCase', undefined, 'odd']) assert.equal(renameVariant(name, none), name);
    });
});
