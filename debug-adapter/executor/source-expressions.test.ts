// Expressions over the variables of real plugins: conditions, hit conditions and log messages at lines and functions, values, assignments and
// what is completed at a stop, in callers' frames too. Contracts S1, S6, R1, P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endedCall, needs, replaysExactly, VIRTUAL } from '../testing/run-call.ts';
import { breakOn, SourceSession, type Standing, textAt } from '../testing/source-session.ts';

const COMPUTATION = 'rust-pdk/src/computation.rs';
const MULTIPLE = 'composite[multiple] = true;';
const STRUCTS = 'rust-views/src/structs.rs';

/** Evaluates in the innermost own frame, or in one of its callers. */
function evaluator({ run }: SourceSession, { own }: Standing, outwards = 0) {
  assert.ok(own !== undefined);
  const { index, level } = own;
  const frame = index + outwards;
  const inner = outwards === 0 ? level : 0;
  return {
    frame,
    level: inner,
    /** The text of a value, or the sentence on why there is none. */
    text: (source: string): Promise<string> =>
      run.evaluate(source, frame, {}, inner).then(
        ({ value }) => value,
        (error: Error) => error.message,
      ),
    assign: (target: string, value: string): Promise<string> =>
      run.assign(target, value, frame, inner).then(
        (assigned) => assigned.value,
        (error: Error) => error.message,
      ),
  };
}

describe('expressions over rust-pdk', needs('rust-pdk.debug'), () => {
  it('S1: conditions, hit conditions and log messages over variables; a name that nothing has is told', async (test) => {
    const session = SourceSession.of(test, 'rust-pdk.debug', 'prime_sieve', '{"limit":30}', [
      breakOn(COMPUTATION, 'let primes = primes_up_to(params.limit);', {
        id: 'async',
        condition: 'params.limit == 31',
      }),
      { id: 'function', place: { function: '*::primes_up_to' }, condition: 'limit == 30', logMessage: 'up to {limit}' },
      breakOn(COMPUTATION, MULTIPLE, {
        id: 'log',
        condition: 'multiple % 7 == 0 && candidate != 2',
        logMessage: '{candidate}·{div(multiple, candidate)} {primes}',
      }),
      breakOn(COMPUTATION, MULTIPLE, { id: 'stranger', condition: 'nobody > 3' }),
      breakOn(COMPUTATION, MULTIPLE, { id: 'nothing', logMessage: '{candidate.name}', hitCondition: '1' }),
      breakOn(COMPUTATION, MULTIPLE, {
        id: 'stop',
        condition: 'candidate == 3 && !composite[multiple]',
        hitCondition: '2',
      }),
    ]);
    const first = await session.standing();
    assert.deepEqual([first.stop.rules, textAt(first)], [['stop'], MULTIPLE]);
    assert.deepEqual(
      session.resolved.map(({ id, message }) => [id, message]).filter(([, message]) => message !== undefined),
      [
        [
          'stranger',
          "There is no value 'nobody' where it stands: there are limit, composite, primes, iter, candidate, multiple.",
        ],
      ],
    );
    assert.equal(await evaluator(session, first).text('multiple'), '15');
    await session.go({ until: undefined });
    assert.deepEqual(
      session.logs.map((text) => text.replace(/: there are .*/, '')),
      [
        'up to 30',
        "The condition 'nobody > 3' counts as false where it has no value: there is no value 'nobody' here",
        "<there is no field 'name': what is of type usize has no fields.>",
        '3·7 [2, 3]',
      ],
    );
  });

  it('R1, S6: values and assignments at a stop; the replay does them again', async (test) => {
    const session = SourceSession.of(
      test,
      'rust-pdk.debug',
      'prime_sieve',
      '{"limit":30}',
      [breakOn(COMPUTATION, MULTIPLE, { hitCondition: '1' })],
      { clock: VIRTUAL, seed: '1' },
    );
    const first = await session.standing();
    const { text, assign, frame, level } = evaluator(session, first);
    for (const [source, value] of [
      ['candidate', '2'],
      ['limit - multiple', '26'],
      ['primes', '[2]'],
      ['primes.len() + 1', '2'],
      ['composite.len()', '31'],
      ['composite[multiple] || primes[0] == 2', 'true'],
      ['candidate, x', '0x00000002'],
      ['moment > 0 && kind == "code"', 'true'],
      ['primes[7]', 'There is no element 7: there is 1.'],
    ] as const)
      assert.equal(await text(source), value, source);
    const names = (await session.run.completions('', frame, level)).map(({ label }) => label);
    for (const name of ['limit', 'composite', 'primes', 'candidate', 'multiple']) assert.ok(names.includes(name), name);
    assert.equal(await assign('multiple', 'limit + 0'), '30');
    assert.equal(await assign('primes[0]', 'candidate * 20 + 1'), '41');
    assert.match(await assign('candidate', '-1'), /does not fit/);
    // in the Variables view too
    const rows = await session.run.variables({ frame, level, scope: 'locals', path: [] }, 0, 100);
    const path = [rows.rows.findIndex(({ name }) => name === 'multiple')];
    const row = await session.run.setVariable({ frame, level, scope: 'locals', path }, 'limit / 1');
    assert.deepEqual([row?.name, row?.value], ['multiple', '30']);
    await assert.rejects(
      session.run.setVariable({ frame, level, scope: 'locals', path }, 'nobody + 1'),
      /There is no value 'nobody' here: .* \(column 1 of 'nobody \+ 1'\)/,
    );
    const edits = [...session.run.store.range()].flatMap((event) => (event.kind === 'edit' ? [event.text] : []));
    assert.deepEqual(edits, ['multiple = limit + 0', 'primes[0] = candidate * 20 + 1', 'multiple = limit / 1']);
    session.run.setBreakpoints([]);
    await session.go({ until: undefined });
    const call = endedCall(session.run, await session.run.ended);
    // of the multiples of 2 only 30 was crossed out, and so 4 was taken for a prime
    assert.deepEqual(JSON.parse(call.outcome.result ?? ''), { count: 17, largest: 29 });
    await replaysExactly(call, 'rust-pdk.debug');
  });
});

describe('expressions over rust-views', needs('rust-views.debug'), () => {
  it('S6: structs, texts and lists; what opens below; the frame of the caller; statics of any unit', async (test) => {
    const session = SourceSession.of(test, 'rust-views.debug', 'structs', 'null', [
      breakOn(STRUCTS, 'stop_here(); // stop: User::show', {
        condition: 'self.name == "Ada" && times == 7 && self.active',
      }),
    ]);
    const standing = await session.standing();
    assert.deepEqual(standing.stop.reason, 'breakpoint');
    const show = evaluator(session, standing);
    assert.equal(await show.text('self.id + times'), '8');
    assert.equal(await show.text('*self'), 'User { id: 1, name: "Ada", active: true }');
    assert.equal(await show.text('name'), '"Ada"');
    assert.match(await show.text('segment'), /^There is no value 'segment' here: there are self, times, name/);
    const caller = evaluator(session, standing, 1);
    for (const [source, value] of [
      ['user.name', '"Ada"'],
      ['user.name.len() + rgb.0', '258'],
      ['segment.to.x == 1 && segment.from == segment.from', 'true'],
      ['as_in_c.second + 1', '18446744073709551616'],
      ['keyword.type', '1'],
      ['users[0].name.is_empty()', 'true'],
      ['wide.list[499]', '499'],
      ['wide.list.last()', '499'],
      ['wide.long_text.starts_with("long")', 'true'],
      ['meters.0 * 2', '3'],
      ['(&user as *structs::User).id', '1'],
      ['statics::COUNTER', '41'],
      ['rgb.0 as char', "'ÿ'"],
      ['wide.list[1..3]', '[1, 2]'],
      ['wide.list[498..], w', '[498, 499]'],
      ['wide.list[..2], x', '[0x00000000, 0x00000001]'],
      ['wide.list[499..501]', 'The range 499..501 reaches out of it: there are 500 elements.'],
      ['wide.long_text[..9]', '"long long"'],
      ['keyword.r#type', '1'],
      ['(*&user).name', '"Ada"'],
      ['users.first().is_some() && users.get(5) == None', 'true'],
      ['point.x as u8 == u8::MAX - 2', 'true'],
      ['user.nobody', "There is no field 'nobody': what is of type User has id, name, active."],
    ] as const)
      assert.equal(await caller.text(source), value, source);
    const { frame, level } = caller;
    const below = await session.run.rowsBelow({ source: 'wide', frame, level, names: {} }, [9], 498, 10);
    assert.deepEqual(
      below.map(({ name, value, expression }) => [name, value, expression]),
      [
        ['[498]', '498', 'wide.list[498]'],
        ['[499]', '499', 'wide.list[499]'],
      ],
    );
    const slice = await session.run.rowsBelow({ source: 'wide.list[10..400]', frame, level, names: {} }, [], 388, 10);
    assert.deepEqual(
      slice.map(({ name, value, expression, settable }) => [name, value, expression, settable]),
      [
        ['[388]', '398', 'wide.list[10..400][388]', true],
        ['[389]', '399', 'wide.list[10..400][389]', true],
      ],
    );
    assert.deepEqual(await session.run.completions('segment.to', frame, level), [
      { label: 'x', kind: 'field', type: 'i32' },
      { label: 'y', kind: 'field', type: 'i32' },
    ]);
    const offered = async (owner: string) =>
      (await session.run.completions(owner, frame, level)).map(({ label }) => label).join(' ');
    assert.equal(await offered('user.name'), 'len is_empty contains starts_with ends_with');
    assert.equal(await offered('wide.list[1..]'), 'len is_empty get first last contains');
    assert.equal(await offered('(&user as *structs::User)'), 'id name active');
    assert.match(await offered(''), / rust_views::statics::DEPTH /);
    const pointed = await session.run.rowsBelow({ source: '&user', frame, level, names: {} }, [0], 0, 1);
    assert.deepEqual([pointed[0]?.value, pointed[0]?.expression], ['1', '(*&user).id']);
    const inHex = await session.run.rowsBelow({ source: 'rgb, x', frame, level, names: {} }, [], 0, 1);
    assert.deepEqual([inHex[0]?.value, inHex[0]?.expression], ['0xff', 'rgb.0']);
    assert.equal(await caller.assign('user.name', '"Bob"'), '"Bob"');
    assert.equal(await caller.assign('point.x', 'segment.to.x - 10'), '-9');
    assert.match(await caller.assign('user.name', '"much too long"'), /room for 3/);
    assert.equal(await show.text('self.name'), '"Bob"');
  });

  it('S6: enums, maps, pointers, cells, JSON in an async function', async () => {
    for (const [method, file, values, label = method, params = 'null'] of [
      [
        'options',
        'enums',
        [
          ['some.is_some() && none.is_none()', 'true'],
          ['some.unwrap() + 1', '6'],
          ['some_string.0.len()', '3'],
          ['some_u128.0 + 1', '340282366920938463463374607431768211456'],
          ['some_box.0', '1.5'],
          ['some_char.0 as u32', '120'],
          ['none.0', "There is no field '0': it is None, which has no fields."],
          ['None == none && Some(5) == some', 'true'],
          [
            'some == Sum(5)',
            "What is of type Option<u32> has no variant 'Sum': it has None, Some (column 6 of 'some == Sum(5)').",
          ],
        ],
      ],
      [
        'hash_maps',
        'maps',
        [
          ['three["b"] + one["only"]', '3'],
          ['large[9999]', '29997'],
          ['large.contains_key(9999) && !large.contains_key(10000)', 'true'],
          ['owned["key"].len()', '2'],
          ['empty.is_empty()', 'true'],
          ['three["q"]', 'There is no entry "q": there are 3.'],
          ['three.get("q").is_none() && three.get("b") == Some(2)', 'true'],
        ],
      ],
      [
        'cycle',
        'pointers',
        [
          ['first.next.0.value', '2'],
          ['first.next.0.next.0.value', '1'],
          ['(*second).value', '2'],
        ],
      ],
      [
        'locals',
        'asynchronous',
        [
          ['params.a[3] + 1', '18446744073709551616'],
          ['params["a"].len() + params.a[0]', '5'],
          ['params.a[1] == "x" && params.a[2] == null && params.b != null', 'true'],
          ['list.len() * number', '21'],
          ['user.name + choice.0', '"Adachosen"'],
          ['params.c', "There is no field 'c': it is Object, which has a, b."],
        ],
        'locals before',
        '{"a":[1,"x",null,18446744073709551615],"b":false}',
      ],
    ] as const) {
      const stop = breakOn(`rust-views/src/${file}.rs`, `// stop: ${label}`);
      const session = new SourceSession('rust-views.debug', method, params, [stop]);
      try {
        const { text } = evaluator(session, await session.standing());
        for (const [source, value] of values) assert.equal(await text(source), value, source);
      } finally {
        await session.end();
      }
    }
  });
});

describe('expressions over C', needs('c-views'), () => {
  it('S6: structs behind pointers, bit fields, arrays, texts', async (test) => {
    const session = SourceSession.of(test, 'c-views', 'structs', 'null', [
      breakOn('c-views/main.c', '// stop: structs'),
    ]);
    const { text, assign } = evaluator(session, await session.standing());
    for (const [source, value] of [
      ['first->next->value + 1', '3'],
      ['first.next->next', 'NULL'],
      ['user.name == "Ada" && user->version.minor == 2', 'true'],
      ['user.low + user.number', '8'],
      ['line.to.x', '1'],
      ['(&first as *node)->next->value', '2'],
      ['last.next->value', 'It points to address 0.'],
      ["packed.tag == 'p'", 'true'],
    ] as const)
      assert.equal(await text(source), value, source);
    for (const [source, value] of [
      ['((struct point *)opaque)->x', '-3'],
      ['*(to_struct - 1)', '{x = 1, y = 2}'],
      ['to_struct - points', '1'],
      ['(uint8_t)point.x', '253'],
      ['user.name + 1', /^0x[0-9a-f]+ "da"$/],
      ['(char *)user.name', /^0x[0-9a-f]+ "Ada"$/],
      ['user.active == 1', 'true'],
      ['points[..1]', '{{x = 1, y = 2}}'],
      ['user.name[1..]', '"da"'],
      ['last.next[0]', 'It points to address 0.'],
    ] as const)
      assert.match(
        await text(source),
        value instanceof RegExp ? value : new RegExp(`^${value.replace(/[*{}.()]/g, '\\$&')}$`),
        source,
      );
    assert.match(await assign('to_struct', 'to_struct - 1'), /^0x/);
    assert.equal(await text('to_struct->x'), '1');
    assert.equal(await assign('bits.second', '2'), '2');
    assert.equal(await text('bits.second * 2 + bits.first'), '5');
    assert.match(await assign('bits.second', '9'), /3 bits/);
  });
});

describe('texts of C that are no UTF-8', needs('c-views'), () => {
  it('S6: are not empty', async (test) => {
    const stop = breakOn('c-views/main.c', '// stop: strings');
    const session = SourceSession.of(test, 'c-views', 'strings', 'null', [stop]);
    const { text } = evaluator(session, await session.standing());
    assert.equal(await text('bad == "" || bad.ends_with("b")'), 'false');
    assert.equal(await text('bad.ends_with("a")'), 'true');
  });
});

describe('enums with what is in them', needs('rust-views.debug'), () => {
  it('S6: are compared with variants as they are written', async (test) => {
    const session = SourceSession.of(test, 'rust-views.debug', 'options', 'null', [
      breakOn('rust-views/src/enums.rs', '// stop: options', {
        condition: 'some == Some(5) && some_none == Some(None) && none != Some(5)',
      }),
    ]);
    const { text } = evaluator(session, await session.standing());
    assert.equal(session.resolved[0]?.message, undefined);
    for (const [source, value] of [
      ['some == Some(5)', 'true'],
      ['some == Some(6)', 'false'],
      ['some == Option::Some(some_zero.0 + 5)', 'true'],
      ['none == Some(5)', 'false'],
      ['some_str == Some("Ada") && some_string != Some("Bob")', 'true'],
      ['some_none == Some(None)', 'true'],
      ['some_bool == Some(true)', 'false'],
      ['Some(5)', 'Some(…) is a variant, which stands behind == or != (column 1).'],
      ['some.0 == Some(5)', '5 is no enum, and is not compared with Some(…)'],
    ] as const)
      assert.equal((await text(source)).replace(/ \(column .*/s, ''), value.replace(/ \(column .*/s, ''), source);
  });
});

describe('what is in wrappers, statics, and values as a whole', needs('rust-views.debug'), () => {
  for (const [method, file, values] of [
    [
      'cells',
      'cells',
      [
        ['cell.value + 1', '7'],
        ['of_option.value == Some("in")', 'true'],
      ],
    ],
    [
      'ref_cells',
      'cells',
      [
        ['free.value[0]', '1'],
        ['shared.value.len()', '6'],
      ],
    ],
    [
      'locks',
      'cells',
      [
        ['mutex.data', '7'],
        ['locked.data == "held"', 'true'],
      ],
    ],
    [
      'statics',
      'statics',
      [
        ['statics::COUNTER', '42'],
        ['crate::statics::TABLE[1]', '1'],
        ['NAMES.data[0]', '"added"'],
        ['CALLS', '1'],
        ['DEPTH', 'Cell { value: 1 }'],
        ['DEPTH.value', '1'],
      ],
    ],
    [
      'strings',
      'text',
      [
        ['long, w', JSON.stringify('0123456789'.repeat(1000))],
        ['list, w', '["one", "", "three"]'],
      ],
    ],
    ['vectors', 'sequences', [['large, w', /^\[0, 1, 2, .*9998, 9999, … 90000 more\]$/]]],
  ] as const)
    it(`S6: ${method}`, async (test) => {
      const session = SourceSession.of(test, 'rust-views.debug', method, 'null', [
        breakOn(`rust-views/src/${file}.rs`, `// stop: ${method}`),
      ]);
      const { text } = evaluator(session, await session.standing());
      for (const [source, value] of values) {
        if (typeof value === 'string') assert.equal(await text(source), value, source);
        else assert.match(await text(source), value, source);
      }
    });
});

describe('conditions where memory is written', needs('rust-views.debug'), () => {
  it('S1: they see the variables of the code that writes, and so do log messages', async (test) => {
    const session = SourceSession.of(test, 'rust-views.debug', 'loops', 'null', [
      breakOn('rust-views/src/control.rs', 'let mut rounds = 0;'),
    ]);
    await session.standing();
    const { text, frame, level } = evaluator(session, await session.step('over'));
    assert.equal(await text('rounds'), '0');
    const { extent } = await session.run.evaluate('rounds', frame, {}, level);
    assert.equal(extent?.length, 4);
    const place = { address: extent.address, length: 4 };
    session.run.setBreakpoints([
      { id: 'written', place, condition: 'rounds == 2' },
      { id: 'log', place, logMessage: '{function} {rounds} {nobody}' },
    ]);
    const stop = await session.go({ until: undefined });
    assert.deepEqual([stop.stop.reason, stop.stop.rules, textAt(stop)], ['data', ['written'], 'rounds += 1;']);
    assert.deepEqual(
      session.logs.map((line) => line.replace(/: there are .*/, '')),
      [
        "rust_views::control::loops 1 <there is no value 'nobody' here",
        "rust_views::control::loops 2 <there is no value 'nobody' here",
      ],
    );
  });
});
