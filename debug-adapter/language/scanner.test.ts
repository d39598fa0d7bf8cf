// The scanner on the sources people write, on odd ones, and on broken ones.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { worked } from '../testing/lateness.ts';
import { type Range, type ScannedMethod, SourceIndex, scanRust } from './scanner.ts';

/** What a range covers, by its lines and characters alone. */
function textAt(text: string, { start, end }: Range): string {
  const lines = text.split(/(?<=\n|\r(?!\n))/);
  if (start.line === end.line) return (lines[start.line] ?? '').slice(start.character, end.character);
  const middle = lines.slice(start.line + 1, end.line);
  return [
    (lines[start.line] ?? '').slice(start.character),
    ...middle,
    (lines[end.line] ?? '').slice(0, end.character),
  ].join('');
}

function names(text: string): string[] {
  return scanRust(text).map(({ kind, name }) => `${kind} ${name}`);
}

function only(text: string): ScannedMethod {
  const methods = scanRust(text);
  assert.equal(methods.length, 1, JSON.stringify(methods));
  return methods[0] as ScannedMethod;
}

const PLUGIN = `
//! A plugin. It does .call("not-this") in its documentation.
use std::sync::Arc;
use wasmi_plugin_pdk::{rpc_message::RpcError, server::PluginServer, transport::{JsonRpcTransport, Transport}};

const ECHO: &str = "echo";

#[derive(Deserialize)]
struct GreetParams { name: String }

async fn greet(transport: Arc<JsonRpcTransport>, params: GreetParams) -> Result<String, RpcError> {
    let r = transport.call(ECHO, json!({ "text": params.name })).await?;
    Ok(r.result.to_string())
}

async fn ping(_: Arc<JsonRpcTransport>, _: ()) -> Result<String, RpcError> { Ok("pong".into()) }

fn main() {
    PluginServer::new_with_transport()
        .with_method("ping", ping)
        .with_method("greet", greet)
        .with_method("sum", |_t: Arc<JsonRpcTransport>, (a, b): (i64, i64)| async move { Ok(a + b) })
        .run();
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn calls() {
        let t = transport();
        t.call("only_in_tests", Value::Null).await.unwrap();
    }
}
`;

describe('scanRust', () => {
  it('reads a whole plugin', () => {
    const found = scanRust(PLUGIN).map((m) => ({
      what: `${m.kind} ${m.name}`,
      at: textAt(PLUGIN, m.nameRange),
      constant: m.constant,
      in: m.enclosingFunction,
      handler: m.handler,
      params: m.paramsType,
      test: m.test,
    }));
    const none = { constant: undefined, handler: undefined, params: undefined, test: false };
    assert.deepEqual(found, [
      { ...none, what: 'host echo', at: 'ECHO', constant: 'ECHO', in: 'greet' },
      { ...none, what: 'plugin ping', at: '"ping"', in: 'main', handler: 'ping', params: '()' },
      { ...none, what: 'plugin greet', at: '"greet"', in: 'main', handler: 'greet', params: 'GreetParams' },
      { ...none, what: 'plugin sum', at: '"sum"', in: 'main', params: '(i64, i64)' },
      { ...none, what: 'host only_in_tests', at: '"only_in_tests"', in: 'calls', test: true },
    ]);
  });

  it('covers the whole call, over lines', () => {
    const text = 'fn f() {\r\n  🦀(); s\r\n    . with_method /* here */ (\r\n "a(" , h)\r\n  .run() }';
    const method = only(text);
    assert.equal(textAt(text, method.callRange), 'with_method /* here */ (\r\n "a(" , h)');
    assert.equal(textAt(text, method.nameRange), '"a("');
    assert.deepEqual(method.nameRange.start, { line: 3, character: 1 });
    // Characters are UTF-16 units.
    assert.deepEqual(only('/* 🦀 */ t.call("x", v)').callRange.start, { line: 0, character: 11 });
    assert.deepEqual(only('a;\rb;\rt.call("x", v)').nameRange.start, { line: 2, character: 7 });
    assert.deepEqual(only('\r\n\n t.call("x", v)').nameRange.end, { line: 2, character: 11 });
  });

  for (const [what, text, expected] of [
    ['a turbofish', 't.call::<X>("a", v)', ['host a']],
    ['a turbofish with generics', 's.with_method::<Vec<(A, B)>, _, fn(A) -> B, _>("a", h)', ['plugin a']],
    ['a turbofish with braces', 's.with_method::<P<{ 1 > 2 }>, [u8; 3]>("a", h)', ['plugin a']],
    ['spaces and comments', 't . /* c */ call // d\n ::\n< X > ( /* "z" */ "a" , v)', ['host a']],
    [
      'raw strings',
      't.call(r"a\\n", v); t.call(r#"b"c"#, v); t.call(r##"d"#e"##, v)',
      ['host a\\n', 'host b"c', 'host d"#e'],
    ],
    ['escapes', 't.call("\\x41\\u{1F980}\\t\\"\\\\\\u{0_0_41}", v)', ['host A🦀\t"\\A']],
    ['continued lines', 't.call("a\\\n     b\\\r\n\t c", v)', ['host abc']],
    ['line ends in a string', 't.call("a\r\nb", v)', ['host a\nb']],
    ['escapes that are none', 't.call("\\q\\u{110000}\\u{d800}\\xff", v)', ['host \\q\\u{110000}\\u{d800}\\xff']],
    ['an empty name', 't.call("", v)', ['host ']],
    ['references', 't.call(&"a", v); t.call(&&"b", v)', ['host a', 'host b']],
    ['a call that lacks its end', 'fn f() { t.call("a"', ['host a']],
    ['a call without parameters yet', 't.call("a")', ['host a']],
    ['calls in macros', 'tokio::join!(t.call("a", v), t.call("b", json!({"x": [1]})))', ['host a', 'host b']],
    ['calls within calls', 't.call("a", t.call("b", v).await?.result)', ['host a', 'host b']],
    ['calls in handlers', 's.with_method("a", |t, p: P| async move { t.call("b", p).await })', ['plugin a', 'host b']],
    [
      'functions with their receiver',
      'Transport::call(&*t, "a", v); PluginServer::with_method(s, "b", h)',
      ['host a', 'plugin b'],
    ],
    ['an owner with generics', 'Router::<Arc<S>>::with_method(r, "a", h)', ['plugin a']],
    ['a receiver with commas', 'Transport::call(pick(a, b), "a", v)', ['host a']],
    ['names of other scripts', 't.call("größe", v); t.call("大", v)', ['host größe', 'host 大']],
    [
      'lifetimes and characters',
      "fn f<'a>(x: &'a str) { g('\"', '\\'', '\\u{1F980}', '🦀', b'\"'); t.call(\"a\", 'b') }",
      ['host a'],
    ],
    ['raw lifetimes', 'fn f<\'r#fn>(x: &\'r#fn str) { t.call("a", v) }', ['host a']],
    ['labels', '\'outer: loop { t.call("a", v); break \'outer; }', ['host a']],
    ['byte and C strings before', 'x(b"\\"", br#"""#, c"\\"", cr#"""#); t.call("a", v)', ['host a']],
    ['raw identifiers', 'r#fn(r#"x"#); t.r#call("z", v); t.call("a", r#type)', ['host a']],
    ['numbers', '1.max(2); 0..9; 1.5e3; 0x_ff.call("a", v); x.0.call("b", v)', ['host a', 'host b']],
    ['nested comments', '/* /* .call("z") */ */ t.call("a", v) /*/ .call("y") /*/ .call("x") */*/', ['host a']],
    ['a shebang', '#!/usr/bin/env run-cargo-script .call("z"\nfn main() { t.call("a", v) }', ['host a']],
    ['an inner attribute, no shebang', '#![allow(x)] fn main() { t.call("a", v) }', ['host a']],
    ['a byte order mark', '\ufefft.call("a", v)', ['host a']],
  ] as const)
    it(`finds the name behind ${what}`, () => assert.deepEqual(names(text), expected));

  for (const [what, text] of [
    ['comments', '// t.call("a")\n/* s.with_method("b", h) */\n/// t.call("c")\n'],
    ['strings', 'f(".call(\\"a\\")", r#"t.call("b", v)"#)'],
    ['byte and C strings as names', 't.call(b"a", v); t.call(c"b", v); t.call(br"c", v); t.call(\'d\', v)'],
    ['definitions', 'fn call(a: &str) {} fn with_method(n: &str) {} call("a", v); with_method("b", h)'],
    ['other methods', 't.caller("a", v); t.recall("b", v); t.with_methods("c", h); t.Call("d", v)'],
    [
      'computed names',
      't.call(&format!("a{}", 1), v); t.call("A".to_lowercase(), v); t.call(name, v); t.call(f("x"), v)',
    ],
    ['other owners', 'Command::call(&c, "a", v); lua::call("b", v)'],
    ['fields', 't.call; s.with_method'],
    ['documentation attributes', '#[doc = "t.call(\\"a\\", v)"] #[foo(t.call("b", v))] fn f() {}'],
    ['a string that never ends', 'fn f() { t.call("a }\n'],
    ['nothing', ''],
  ] as const)
    it(`passes over ${what}`, () => assert.deepEqual(names(text), []));

  it('resolves constants by their scope', () => {
    const constant = (declaration: string, use = 'A'): string | undefined =>
      scanRust(`${declaration}\nfn f() { t.call(${use}, v) }`)[0]?.name;
    assert.equal(constant('const A: &str = "x";'), 'x');
    assert.equal(constant('pub(crate) static A: &\'static str = r#"x"#;'), 'x');
    assert.equal(constant('pub const A: &str = "x";', '&A'), 'x');
    assert.equal(constant('mod m { pub const A: &str = "x"; }', 'm::A'), 'x');
    assert.equal(constant('mod m { pub const A: &str = "x"; }', 'crate::m::A'), 'x');
    assert.equal(constant('mod m { pub const A: &str = "x"; } use m::A;'), 'x');
    assert.equal(constant('impl S { const A: &\'static str = "x"; }', 'S::A'), 'x');
    assert.equal(constant('impl<T: X> Y<T> for S<T> where T: Z { const A: &str = "x"; }', 'S::A'), 'x');
    assert.equal(constant('const A: &str = "x"; mod m { const A: &str = "y"; }'), 'x');
    assert.equal(constant('const A: &str = "x";', 'self::A'), 'x');

    assert.equal(constant('const A: &str = "x";', 'other::A'), undefined);
    assert.equal(constant('impl S { const A: &str = "x"; }'), undefined);
    assert.equal(constant('mod a { const A: &str = "x"; } mod b { const A: &str = "y"; }'), undefined);
    assert.equal(constant('const A: &str = concat!("x", "y");'), undefined);
    assert.equal(constant('const A: &[&str] = &["x"];'), undefined);
    assert.equal(constant('const A: u32 = 1;'), undefined);
    assert.equal(constant('// const A: &str = "x";'), undefined);
    assert.equal(constant('const A: &str = "x";', 'A.trim()'), undefined);

    const inner = 'const A: &str = "x"; fn f() { const A: &str = "y"; t.call(A, v) } fn g() { t.call(A, v) }';
    assert.deepEqual(names(inner), ['host y', 'host x']);
    const own =
      'impl S { const A: &str = "x"; fn f(&self) { self.t.call(Self::A, v) } } impl R { const A: &str = "y"; }';
    assert.deepEqual(names(own), ['host x']);
    assert.equal(scanRust(own)[0]?.constant, 'Self::A');
    const tests =
      'const A: &str = "x"; #[cfg(test)] mod tests { use super::*; fn f() { t.call(A, v); t.call(super::A, v) } }';
    assert.deepEqual(names(tests), ['host x', 'host x']);
  });

  it('names the function around, and none where there is none', () => {
    const inside = (text: string): string | undefined => only(text).enclosingFunction;
    assert.equal(inside('t.call("a", v)'), undefined);
    assert.equal(inside('fn f() { t.call("a", v) }'), 'f');
    assert.equal(inside('fn f() { fn g() {} t.call("a", v) }'), 'f');
    assert.equal(inside('fn f() { fn g() { t.call("a", v) } }'), 'g');
    assert.equal(inside('fn f() {} struct S; t.call("a", v)'), undefined);
    assert.equal(inside('trait T { fn f(&self); fn g(&self) { t.call("a", v) } }'), 'g');
    assert.equal(inside('fn f(x: [u8; { 3 }]) -> S<{ 4 }> where T: X, { t.call("a", v) }'), 'f');
    assert.equal(inside('fn f<F: Fn(u8) -> u8>(g: fn(u8) -> u8) -> impl Future { async { t.call("a", v) } }'), 'f');
    assert.equal(inside('fn r#async() { t.call("a", v) }'), 'async');
    assert.equal(inside('fn f() { g(|| { t.call("a", v) }) }'), 'f');
    assert.equal(inside('pub const unsafe extern "C" fn f() { t.call("a", v) }'), 'f');
    assert.equal(inside('fn f() { a(; ] } fn g() { t.call("a", v) }'), 'g'); // broken
  });

  it('tells handlers and what they take', () => {
    const handler = (argument: string, rest = ''): string => {
      const { handler: path, paramsType } = only(`fn main() { s.with_method("a", ${argument}); } ${rest}`);
      return `${path} ${paramsType}`;
    };
    assert.equal(handler('h'), 'h undefined');
    assert.equal(handler('h', 'async fn h(t: Arc<T>, p: P) {}'), 'h P');
    assert.equal(handler('h,', 'fn h(_: Arc<T>, P { a, b }: P,) -> R {}'), 'h P');
    assert.equal(
      handler('h::<u8>', "fn h<T>(t: S, p: Vec<(u8, &'a   str)>) {}"),
      "h::<u8> Vec<(u8, &'a str)>".replace('::<u8>', ''),
    );
    assert.equal(handler('h', 'fn h(t: S, p: HashMap < String , /* c */ [ u8;4 ] >) {}'), 'h HashMap<String, [u8; 4]>');
    assert.equal(handler('h', 'fn h(t: S, p: serde_json::Value) {}'), 'h serde_json::Value');
    assert.equal(handler('h', 'fn h(t: S, #[x] mut p: Box<dyn Fn(A) -> B + Send>) {}'), 'h Box<dyn Fn(A) -> B + Send>');
    assert.equal(handler('h', "fn h(t: S, p: &'static mut [u8]) {}"), "h &'static mut [u8]");
    assert.equal(handler('h', 'fn h<P: X>(t: S, p: P) {}'), 'h undefined');
    assert.equal(handler('h', 'fn h(t: S, p: impl X) {}'), 'h undefined');
    assert.equal(handler('h', 'fn h(t: S) {}'), 'h undefined');
    assert.equal(handler('m::h', 'mod m { fn h(t: S, p: P) {} } mod n { fn h(t: S, p: Q) {} }'), 'm::h P');
    assert.equal(handler('m::h', 'fn h(t: S, p: P) {}'), 'm::h undefined'); // another h
    assert.equal(handler('crate::m::h', 'mod m { fn h(t: S, p: P) {} }'), 'crate::m::h P');
    assert.equal(handler('Svc::h', 'impl Svc { async fn h(t: S, p: P) {} }'), 'Svc::h P');
    assert.equal(handler('|t, p| async { }'), 'undefined undefined');
    assert.equal(handler('|t, p: P| async { }'), 'undefined P');
    assert.equal(handler('move |(a, b): (A, B), P { x }: Vec<P>| async { }'), 'undefined Vec<P>');
    assert.equal(handler('wrap(h)', 'fn h(t: S, p: P) {}'), 'undefined undefined');
    assert.equal(handler('if x { h } else { g }'), 'undefined undefined');

    assert.equal(only('s.with_method::<P, R, _, _>("a", h)').paramsType, 'P');
    assert.equal(only('s.with_method::<Map<A, B>, R, _, _>("a", h)').paramsType, 'Map<A, B>');
    assert.equal(only('s.with_method::<_, R, _, _>("a", h); fn h(t: S, p: Q) {}').paramsType, 'Q');
    assert.equal(only('t.call::<P>("a", h)').paramsType, undefined);
  });

  it('flags what is compiled for tests only', () => {
    const flags = (text: string): string =>
      scanRust(text)
        .map(({ test }) => (test ? 't' : '-'))
        .join('');
    const call = 't.call("a", v);';
    assert.equal(flags(`#[cfg(test)] mod m { fn f() { ${call} } } fn g() { ${call} }`), 't-');
    assert.equal(flags(`#[cfg(test)]\n#[allow(x)]\npub(crate) mod m { mod n { fn f() { ${call} } } } ${call}`), 't-');
    assert.equal(flags(`#[cfg(all(test, feature = "x"))] mod m { ${call} } ${call}`), 't-');
    assert.equal(flags(`#[cfg(all(unix, any(test), not(x)))] mod m { ${call} }`), 't');
    assert.equal(flags(`#[cfg(any(test, feature = "x"))] mod m { ${call} }`), '-');
    assert.equal(flags(`#[cfg(not(test))] mod m { ${call} }`), '-');
    assert.equal(flags(`#[cfg(feature = "test")] mod m { ${call} }`), '-');
    assert.equal(flags(`#[cfg(testing)] mod m { ${call} }`), '-');
    assert.equal(flags(`#[cfg_attr(test, x)] mod m { ${call} }`), '-');
    assert.equal(flags(`#![cfg(test)] fn f() { ${call} }`), 't');
    assert.equal(flags(`mod m { #![cfg(test)] fn f() { ${call} } } ${call}`), 't-');
    assert.equal(flags(`#[test] fn f() { ${call} } fn g() { ${call} }`), 't-');
    assert.equal(flags(`#[tokio::test(flavor = "current_thread")] async fn f() { ${call} } ${call}`), 't-');
    assert.equal(flags(`#[wasm_bindgen_test] fn f() { ${call} } ${call}`), 't-');
    assert.equal(flags(`#[latest] fn f() { ${call} }`), '-');
    assert.equal(flags(`#[cfg(test)] use a::b; fn g() { ${call} }`), '-');
    assert.equal(flags(`#[cfg(test)] mod tests; fn g() { ${call} }`), '-');
    assert.equal(flags(`#[cfg(test)] struct S { a: u8 } fn g() { ${call} }`), '-');
    assert.equal(flags(`#[cfg(test)] struct S(u8); fn g() { ${call} }`), '-');
    assert.equal(flags(`struct S { #[cfg(test)] a: u8 } fn g() { ${call} }`), '-');
    assert.equal(
      flags(`#[cfg(test)] impl<T, U> X<{ 1 }> for S where T: A, U: B { fn f() { ${call} } } fn g() { ${call} }`),
      't-',
    );
    assert.equal(flags(`fn f() { #[cfg(test)] ${call} ${call} }`), 't-');
    assert.equal(flags(`fn f() { #[cfg(test)] let x = if a { ${call} } else { ${call} }; ${call} }`), 'tt-');
    assert.equal(flags(`fn f() { match x { #[cfg(test)] A => t.call("a", v), B => t.call("b", v) } }`), 't-');
    assert.equal(flags(`#[cfg(test)] const fn f() { ${call} } ${call}`), 't-');
    assert.equal(flags(`#[cfg(test)] macro_rules! m { () => { ${call} } } ${call}`), 't-');
  });

  it('knows a host by the kit it uses', () => {
    const host = 'use wasmi_plugin_hdk::server::HostServer;\n s.with_method("log", log); plugin.call("ping", v);';
    assert.deepEqual(
      scanRust(host).map(({ kind, name, served }) => ({ kind, name, served })),
      [
        { kind: 'host', name: 'log', served: true },
        { kind: 'plugin', name: 'ping', served: false },
      ],
    );
    assert.deepEqual(names('// not a wasmi_plugin_hdk host\ns.with_method("ping", p)'), ['plugin ping']);
  });

  it('throws nothing on broken sources, and finds names where they are', () => {
    const pieces = [
      '"',
      "'",
      '/*',
      '*/',
      '//',
      '(',
      ')',
      '{',
      '}',
      '[',
      ']',
      '<',
      '>',
      '::',
      '#',
      'r#"',
      '#[cfg(test)]',
      '\\',
      '|',
      ';',
      ',',
      'fn f',
      'impl',
      "b'",
      '\r',
      '\u2028',
      '🦀',
      '\ud83e',
      '\0',
    ];
    const edit = fc.record({
      at: fc.nat(PLUGIN.length),
      length: fc.nat(40),
      kind: fc.constantFrom('insert', 'delete', 'repeat', 'truncate'),
      piece: fc.constantFrom(...pieces),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
        let text = PLUGIN;
        for (const { at, length, kind, piece } of edits) {
          if (kind === 'insert') text = text.slice(0, at) + piece + text.slice(at);
          else if (kind === 'delete') text = text.slice(0, at) + text.slice(at + length);
          else if (kind === 'repeat') text = text.slice(0, at + length) + text.slice(at);
          else text = text.slice(0, at + 200);
        }
        checkMethods(text);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              ...pieces,
              ' t.call(',
              ' s.with_method("a", h',
              'const A: &str = "x";',
              'A',
              'fn h(m: &str) { t.call(m, v) }',
              ' h("a")',
              '.h(',
              '=>',
            ),
            fc.string(),
          ),
          { maxLength: 40 },
        ),
        (parts) => checkMethods(parts.join('')),
      ),
      { numRuns: 2000 },
    );
  });

  it('finds any name that Rust can write, through any literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(3), (name, extra) => {
        const escaped = [...name]
          .map((c) => (/[A-Za-z0-9 ]/.test(c) ? c : `\\u{${c.codePointAt(0)?.toString(16)}}`))
          .join('');
        assert.equal(only(`fn f() { t.call("${escaped}", v) }`).name, name);
        const hashes = '#'.repeat(1 + extra);
        if (!name.includes(`"${hashes}`) && !name.includes('\r'))
          assert.equal(only(`fn f() { t.call(r${hashes}"${name}"${hashes}, v) }`).name, name);
      }),
    );
  });

  it('needs no more than linear time for the worst of sources', () => {
    const size = 200_000;
    const fill = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));
    const PIECES = [
      '.call::<',
      '.call("a",',
      '.call(A,(',
      'Transport::call(a ',
      'const A:&str="x";t.call(A,v);',
      'mod a{t.call(A,v);',
      'fn a<',
      'fn a(',
      'impl a ',
      'impl<',
      '#[test] a ',
      '#[cfg(all(',
      '#[',
      '{(',
      '(}',
      'r#',
      "'",
      "'\\",
      '/*',
      '"\\',
      's.with_method("a",|',
      's.with_method("a",h);fn h(',
      'fn h(t:T,p:P){s.with_method("a",h);',
      'Router<Router<::call(',
      'fn h(m:&str){t.call(m,v);h("a")}',
      'fn h(m:&str){t.call(m,v);h(',
      'fn h(m:&str){|m|m=>{',
      'fn h(m:&str){t.call(m,v)} h::<',
      'a.h(',
      'let m|',
    ];
    const took = worked(() => {
      for (const piece of PIECES) {
        scanRust(`${fill(piece)} t.call("x", v)`);
        scanRust(`fn f() { t.call("x", v) } const A: &str = "x"; ${fill(piece)}`);
        scanRust(`fn h(t: T, m: &str) { t.call(m, v) } impl S { ${fill(piece)} h(t, "x")`);
      }
    });
    // 30 sources of 0.4 MB: milliseconds each, or, with one quadratic step, minutes.
    assert.ok(took < 20_000, `${took} ms`);
  });
});

/** What must hold of every source. */
function checkMethods(text: string): void {
  let last = -1;
  const lines = text.split(/\r\n|\n|\r/);
  for (const method of scanRust(text)) {
    const { nameRange, callRange } = method;
    for (const { start, end } of [nameRange, callRange]) {
      assert.ok(start.line < end.line || (start.line === end.line && start.character < end.character));
      assert.ok(end.line < lines.length && end.character <= (lines[end.line] ?? '').length + 1);
    }
    if (method.through === undefined) assert.match(textAt(text, callRange), /^(?:call|with_method)/);
    else assert.ok(textAt(text, callRange).replace('r#', '').startsWith(method.through));
    if (method.constant === undefined) assert.match(textAt(text, nameRange), /^r?#*".*"#*$/s);
    const at = callRange.start.line * 1e6 + callRange.start.character;
    assert.ok(at > last);
    last = at;
  }
}

describe('functions that hand a name on', () => {
  const HELPER = 'async fn ask(host: &T, method: &str, params: Value) -> R { host.call(method, params).await }';
  const through = (text: string): string[] =>
    scanRust(text).map((m) => `${m.name}${m.through === undefined ? '' : ` through ${m.through}`}`);

  it('are seen through, in the plugin of the first steps as well', () => {
    const hello = fs.readFileSync(new URL('../../test-plugins/hello/src/main.rs', import.meta.url), 'utf8');
    const found = scanRust(hello).filter(({ kind }) => kind === 'host');
    assert.deepEqual(
      found.map(({ name, through: by, enclosingFunction, nameRange }) => [
        name,
        by,
        enclosingFunction,
        textAt(hello, nameRange),
      ]),
      [
        ['get_user', 'call', 'greet', '"get_user"'],
        ['log', 'call', 'greet', '"log"'],
      ],
    );
  });

  for (const [what, text, expected] of [
    ['a function', `${HELPER} fn f() { ask(&h, "a", v); }`, ['a through ask']],
    ['one that stands behind', `fn f() { ask(&h, "a", v); } ${HELPER}`, ['a through ask']],
    ['a constant', `const A: &str = "x"; ${HELPER} fn f() { ask(&h, A, v); }`, ['x through ask']],
    ['a path', `mod rpc { pub ${HELPER} } fn f() { rpc::ask(&h, "a", v); }`, ['a through ask']],
    ['a turbofish', `${HELPER} fn f() { ask::<Vec<(A, B)>>(&h, "a", v); }`, ['a through ask']],
    [
      'macros',
      `${HELPER} fn f() { join!(ask(&h, "a", v), ask(&h, "b", json!({"x": [1, 2]}))) }`,
      ['a through ask', 'b through ask'],
    ],
    ['calls within calls', `${HELPER} fn f() { ask(&h, "a", ask(&h, "b", v)); }`, ['a through ask', 'b through ask']],
    [
      'commas in arguments',
      `${HELPER} fn f() { ask(pick::<A, B>(|a, b| a, (1, 2)), "a", [v, w]); }`,
      ['a through ask'],
    ],
    [
      'a closure before the name',
      'fn ask(f: F, m: &str) { f().call(m, v) } fn f() { ask(move |a, (b, c)| a, "a"); }',
      ['a through ask'],
    ],
    [
      'an owned name',
      'fn ask(m: String, h: T) { h.call(&m, v) } fn f() { ask("a".into(), h); ask("b".to_string(), h); }',
      ['a through ask', 'b through ask'],
    ],
    [
      'a name taken by whatever is one',
      'fn ask(m: impl AsRef<str>) { h.call(m.as_ref(), v) } fn f() { ask("a"); ask(&"b"); }',
      ['a through ask', 'b through ask'],
    ],
    [
      'generics and lifetimes',
      "fn ask<'a, R: From<X<'a>>>(h: &'a T, m: &'a str) -> R { h.call(m, v) } fn f() { ask(h, \"a\") }",
      ['a through ask'],
    ],
    [
      'two levels',
      `${HELPER} fn get(m: &str) { ask(&h, m, v) } fn f() { get("a"); ask(h, "b", v); }`,
      ['a through get', 'b through ask'],
    ],
    [
      'three levels',
      `fn x(m: &str) { get(m) } ${HELPER} fn get(m: &str) { ask(&h, m, v) } fn f() { x("a"); }`,
      ['a through x'],
    ],
    [
      'a closure within',
      'fn ask(m: &str) { retry(|| async { h.call(m, v).await }) } fn f() { ask("a") }',
      ['a through ask'],
    ],
    [
      'other names that are bound',
      'fn ask(m: &str) { let r = h.call(m, v); match r { Ok(x) => x, Err(e) => panic!("{e}") } } fn f() { ask("a") }',
      ['a through ask'],
    ],
    [
      'a method of self',
      'impl H { fn ask(&self, m: &str) { self.t.call(m, v) } fn f(&self) { self.ask("a") } }',
      ['a through ask'],
    ],
    [
      'a method of a parameter',
      'impl H { fn ask(&self, m: &str) { self.t.call(m, v) } } fn f(h: Arc<H>) { h.ask("a") }',
      ['a through ask'],
    ],
    [
      'a method of a field',
      'struct S { h: Arc<H>, } impl H { fn ask(&self, m: &str) { self.t.call(m, v) } } impl S { fn f(&self) { self.h.ask("a") } }',
      ['a through ask'],
    ],
    [
      'a method as a function',
      'impl H { fn ask(&self, m: &str) { self.t.call(m, v) } fn s(m: &str) { t.call(m, v) } } fn f() { H::ask(&h, "a"); H::s("b") }',
      ['a through ask', 'b through s'],
    ],
    [
      'a function named call',
      'fn call(h: &T, m: &str) { h.call(m, v) } fn f() { call(h, "a"); h.call("b", v); crate::call(h, "c") }',
      ['a through call', 'b', 'c through call'],
    ],
    ["a host's", `use wasmi_plugin_hdk::X; ${HELPER} fn f() { ask(&h, "a", v); }`, ['a through ask']],
  ] as const)
    it(`are seen through: ${what}`, () => assert.deepEqual(through(text), expected));

  for (const [what, text] of [
    ['another parameter', `${HELPER} fn f() { ask("a", method, v); ask(&h, name, "b"); }`],
    ['another number of arguments', `${HELPER} fn f() { ask("x", "a"); ask(&h, "b", v, w); ask(&h, "c"`],
    [
      'a computed name',
      `${HELPER} fn f() { ask(&h, format!("a"), v); ask(&h, "a".to_uppercase(), v); ask(&h, "a" + "b", v); }`,
    ],
    ['a name bound again by let', 'fn ask(m: &str) { let m = "x"; h.call(m, v) } fn f() { ask("a") }'],
    [
      'a name bound again in a pattern',
      'fn ask(m: &str) { if let Some((m, _)) = g() { h.call(m, v) } } fn f() { ask("a") }',
    ],
    ['a name bound again by for', 'fn ask(m: &str) { for m in l { h.call(m, v) } } fn f() { ask("a") }'],
    ['a name bound again by a closure', 'fn ask(m: &str) { l.map(|(x, m)| h.call(m, v)) } fn f() { ask("a") }'],
    [
      'a name bound again by an arm',
      'fn ask(m: &str) { match g() { X { m, .. } => h.call(m, v), _ => {} } } fn f() { ask("a") }',
    ],
    [
      'a name bound again by an arm behind a block',
      'fn ask(m: &str) { match g() { A => {} (m, 1) | (m, 2) if x => h.call(m, v), _ => {} } } fn f() { ask("a") }',
    ],
    ['a name that is assigned', 'fn ask(mut m: &str) { m = "x"; h.call(m, v) } fn f() { ask("a") }'],
    ['no text', 'fn ask(m: Method) { h.call(m, v) } fn f() { ask("a") }'],
    [
      'part of a name',
      'fn ask(m: &str) { h.call(&format!("x.{m}"), v); h.call(m.trim(), v); h.call(&m[1..], v) } fn f() { ask("a") }',
    ],
    ['a parameter of a function further out', 'fn ask(m: &str) { fn g(x: &str) { h.call(m, v) } } fn f() { ask("a") }'],
    [
      'a method of something else',
      'impl H { fn get(&self, m: &str) { self.t.call(m, v) } } fn f(map: Map) { map.get("a"); x.y().get("b"); z.get("c") }',
    ],
    [
      'a method of another type',
      'impl H { fn ask(&self, m: &str) { self.t.call(m, v) } } impl G { fn f(&self) { self.ask("a") } }',
    ],
    ['two of one name', `mod a { ${HELPER} } mod b { fn ask(h: T, m: &str, v: V) {} } fn f() { ask(&h, "a", v); }`],
    ['a closure of the same name', `${HELPER} fn f() { let ask = |a, b, c| (); ask(h, "a", v) }`],
    ['other owners', `${HELPER} fn f() { other::ask(&h, "a", v); h.ask("x", "b", v) }`],
    ['macros of the same name', `${HELPER} fn f() { ask!(&h, "a", v); }`],
    ['definitions', 'fn ask(h: &T, m: &str) { h.call(m, v) } trait X { fn ask(h: &T, m: &str); }'],
    ['a function that calls itself', 'fn ask(m: &str) { ask(m); h.call(m, v) }'],
  ] as const)
    it(`are not seen where there is doubt: ${what}`, () => assert.deepEqual(through(text), []));

  it('are flagged with what is compiled for tests', () => {
    const text = `${HELPER} #[cfg(test)] mod t { fn f() { ask(&h, "a", v) } } fn g() { ask(&h, "b", v) }`;
    assert.deepEqual(
      scanRust(text).map(({ test }) => test),
      [true, false],
    );
  });

  it('hand on the names of their calls and no others, whatever the functions are', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/).map((text) => `n_${text}`);
    const call = fc.record({ of: fc.nat(), name, direct: fc.boolean() });
    const level = fc.record({ before: fc.nat(2), behind: fc.nat(2) });
    fc.assert(
      fc.property(
        fc.array(level, { minLength: 1, maxLength: 3 }),
        fc.array(call, { maxLength: 8 }),
        (levels, calls) => {
          const args = (i: number, of: string): string => {
            const { before, behind } = levels[i] ?? { before: 0, behind: 0 };
            return [...Array(before).fill('"x"'), of, ...Array(behind).fill('(1, "y")')].join(', ');
          };
          const functions = levels.map(({ before, behind }, i) => {
            const parameters = [
              ...Array.from({ length: before }, (_, k) => `b${k}: &str`),
              'm: &str',
              ...Array.from({ length: behind }, (_, k) => `c${k}: (u8, &str)`),
            ];
            const body = i === 0 ? 'h.call(m, v)' : `h${i - 1}(${args(i - 1, 'm')})`;
            return `fn h${i}(${parameters.join(', ')}) { ${body}; }`;
          });
          const written = calls.map(({ of, name: method, direct }) =>
            direct ? `t.call("${method}", v);` : `h${of % levels.length}(${args(of % levels.length, `"${method}"`)});`,
          );
          const text = [...functions, `fn main() { ${written.join(' ')} }`].join('\n');
          checkMethods(text);
          assert.deepEqual(
            scanRust(text).map((m) => m.name),
            calls.map((each) => each.name),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('SourceIndex', () => {
  it('merges the methods of many files, sorted', () => {
    const index = new SourceIndex();
    assert.deepEqual(index.pluginMethods(), []);
    assert.equal(index.update('b.rs', 's.with_method("z", h).with_method("a", h); t.call("log", v)'), true);
    assert.equal(
      index.update('a.rs', 's.with_method("z", h); #[test] fn f() { t.call("log", v); t.call("spy", v) }'),
      true,
    );
    assert.equal(index.update('c.rs', 'fn main() {}'), false);
    const shown = (methods: ReturnType<SourceIndex['pluginMethods']>): string[] =>
      methods.map(
        ({ name, places, test }) => `${name}${test ? ' (test)' : ''}: ${places.map(({ file }) => file).join(' ')}`,
      );
    assert.deepEqual(shown(index.pluginMethods()), ['a: b.rs', 'z: a.rs b.rs']);
    assert.deepEqual(shown(index.hostMethods()), ['log: a.rs b.rs', 'spy (test): a.rs']);
    assert.equal(index.pluginMethods(), index.pluginMethods());
    assert.deepEqual(
      index.methodsIn('b.rs').map(({ name }) => name),
      ['z', 'a', 'log'],
    );

    assert.equal(index.update('b.rs', 's.with_method("z", h).with_method("a", h); t.call("log", v) // same'), false);
    assert.equal(index.update('b.rs', 's.with_method("y", h)'), true);
    assert.deepEqual(shown(index.pluginMethods()), ['y: b.rs', 'z: a.rs']);
    assert.equal(index.remove('a.rs'), true);
    assert.equal(index.remove('a.rs'), false);
    assert.deepEqual(shown(index.hostMethods()), []);
    assert.equal(index.update('b.rs', ''), true);
    assert.deepEqual(index.pluginMethods(), []);
    assert.deepEqual(index.methodsIn('b.rs'), []);
  });
});
