// States of what shares and guards values, and collections of nodes, over memory made by hand. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DieOffset } from '../../dwarf/type.ts';
import { Encoding, Made, rust, set } from './made-program.ts';

const unsafeCell = (made: Made, inner: DieOffset, size: number): DieOffset =>
  made.struct('core::cell::UnsafeCell<T>', size, [['value', inner, 0]]);

describe('cells and locks', () => {
  it('S6: a RefCell says who has borrowed it', () => {
    const made = new Made();
    const { u32 } = rust(made);
    const isize = made.base('isize', Encoding.Signed, 4);
    const flag = made.struct('core::cell::Cell<isize>', 4, [['value', unsafeCell(made, isize, 4), 0]]);
    const cell = made.struct('core::cell::RefCell<u32>', 8, [
      ['borrow', flag, 0],
      ['value', unsafeCell(made, u32, 4), 4],
    ]);
    const texts: readonly (readonly [number, string])[] = [
      [0, 'RefCell { value: 7 }'],
      [1, 'RefCell { value: 7 } ‹borrowed›'],
      [3, 'RefCell { value: 7 } ‹borrowed 3 times›'],
      [0xffffffff, 'RefCell { value: 7 } ‹mutably borrowed›'],
    ];
    for (const [borrow, text] of texts) assert.equal(made.words(0, borrow, 7).show(cell, 0).text, text);
    assert.equal(made.show(cell, 0).plain, 7);
    assert.equal(set(made, made.show(cell, 0), '8'), undefined);
    assert.equal(made.show(cell, 0).plain, 8);
  });

  it('S6: locks, with and without threads, say that they are held or poisoned', () => {
    const made = new Made();
    const { u8, u32 } = rust(made);
    const bool = made.base('bool', Encoding.Boolean, 1);
    const atomic = made.struct('core::sync::atomic::AtomicBool', 1, [['v', unsafeCell(made, u8, 1), 0]]);
    const poison = made.struct('std::sync::poison::Flag', 1, [['failed', atomic, 0]]);
    const plain = made.struct('std::sys::sync::mutex::no_threads::Mutex', 1, [
      ['locked', made.struct('core::cell::Cell<bool>', 1, [['value', unsafeCell(made, bool, 1), 0]]), 0],
    ]);
    const futex = made.struct('std::sys::sync::mutex::futex::Mutex', 4, [
      ['futex', made.struct('core::sync::atomic::AtomicU32', 4, [['v', unsafeCell(made, u32, 4), 0]]), 0],
    ]);
    for (const inner of [plain, futex]) {
      const mutex = made.struct('std::sync::poison::mutex::Mutex<u32>', 12, [
        ['inner', inner, 0],
        ['poison', poison, 4],
        ['data', unsafeCell(made, u32, 4), 8],
      ]);
      assert.equal(made.words(0, 0, 0, 5).show(mutex, 0).text, 'Mutex { data: 5 }');
      assert.equal(made.words(0, 1, 0, 5).show(mutex, 0).text, 'Mutex { data: 5 } ‹locked›');
      assert.equal(made.words(0, 1, 1, 5).show(mutex, 0).text, 'Mutex { data: 5 } ‹locked, poisoned›');
    }
  });

  it('S6: a OnceLock shows its value only when it has one', () => {
    const made = new Made();
    const { u8, u32 } = rust(made);
    const state = made.enumeration(
      'std::sys::sync::once::no_threads::State',
      u8,
      { Incomplete: 3n, Poisoned: 2n, Running: 1n, Complete: 0n },
      { size: 1 },
    );
    const inner = made.struct('std::sys::sync::once::no_threads::Once', 1, [
      ['state', made.struct('core::cell::Cell<State>', 1, [['value', unsafeCell(made, state, 1), 0]]), 0],
    ]);
    const once = made.struct('std::sync::poison::once::Once', 1, [['inner', inner, 0]]);
    const maybe = made.struct('core::mem::maybe_uninit::MaybeUninit<u32>', 4, [['value', u32, 0]], { union: true });
    const lock = made.struct('std::sync::once_lock::OnceLock<u32>', 8, [
      ['once', once, 0],
      ['value', unsafeCell(made, maybe, 4), 4],
    ]);
    const texts = [
      'OnceLock(9)',
      'OnceLock(<uninit>) ‹running›',
      'OnceLock(<uninit>) ‹poisoned›',
      'OnceLock(<uninit>)',
    ];
    for (const [at, text] of texts.entries()) assert.equal(made.words(0, at, 9).show(lock, 0).text, text);
    assert.equal(made.words(0, 3, 9).show(lock, 0).plain, undefined);
  });

  it('S6: an Rc that was dropped, a Weak of one', () => {
    const made = new Made();
    const { u32, usize } = rust(made);
    const inner = made.struct('alloc::rc::RcInner<u32>', 12, [
      ['strong', usize, 0],
      ['weak', usize, 4],
      ['value', u32, 8],
    ]);
    const fields: Parameters<Made['struct']>[2] = [['ptr', made.pointer('*const RcInner', inner), 0]];
    const rc = made.struct('alloc::rc::Rc<u32>', 4, fields);
    const weak = made.struct('alloc::rc::Weak<u32>', 4, fields);
    made.words(0, 0x100).words(0x100, 2, 3, 8);
    assert.equal(made.show(rc, 0).text, '8 ‹strong 2, weak 2›');
    assert.equal(made.show(weak, 0).text, '(Weak) ‹strong 2, weak 2›');
    made.words(0x100, 0, 2, 8);
    assert.equal(made.show(rc, 0).text, '8 ‹dropped›');
    assert.equal(made.show(weak, 0).text, '(Weak) ‹dropped›');
    made.words(0x100, 0x80000001, 2, 8);
    assert.equal(made.show(rc, 0).text, '‹not readable: its count 2147483649 is more than there can be›');
    made.words(0, 0xffffffff);
    assert.equal(made.show(weak, 0).text, '(Weak) ‹of nothing›');
  });
});

describe('collections of nodes', () => {
  /** A BTreeMap<u32, u32> whose nodes have room for two elements. */
  function tree(made: Made): DieOffset {
    const { u32, usize } = rust(made);
    const u16 = made.base('u16', Encoding.Unsigned, 2);
    const leafAt = 60;
    const innerAt = 61;
    const leafPointer = made.pointer('*const LeafNode', leafAt);
    const innerPointer = made.struct(
      'core::ptr::non_null::NonNull<Inner>',
      4,
      [['pointer', made.pointer('*const Inner', innerAt), 0]],
      {
        templates: [{ name: 'T', type: innerAt }],
      },
    );
    const parent = made.struct('core::option::Option<NonNull>', 4, [['__0', innerPointer, 0]], {
      templates: [{ name: 'T', type: innerPointer }],
    });
    const pair = made.array(u32, 2);
    const edges = made.array(leafPointer, 3);
    const node = made.struct('alloc::collections::btree::node::NodeRef<K, V>', 8, [
      ['height', usize, 0],
      ['node', leafPointer, 4],
    ]);
    const some = made.struct('core::option::Option<NodeRef>::Some', 8, [['__0', node, 0]]);
    const root = made.struct('core::option::Option<NodeRef>', 8, [], {
      variants: {
        discriminant: undefined,
        variants: [
          {
            values: [],
            members: [{ name: 'Some', type: some, offset: 0, bits: undefined, artificial: false, inheritance: false }],
          },
        ],
      },
    });
    const map = made.struct('alloc::collections::btree::map::BTreeMap<u32, u32>', 12, [
      ['root', root, 0],
      ['length', usize, 8],
    ]);
    while (made.define({ kind: 'unknown', name: '', die: 0, reason: '' }) < leafAt - 1);
    const leaf = made.struct('alloc::collections::btree::node::LeafNode<u32, u32>', 24, [
      ['parent', parent, 0],
      ['keys', pair, 4],
      ['vals', pair, 12],
      ['len', u16, 20],
    ]);
    made.struct('alloc::collections::btree::node::InternalNode<u32, u32>', 36, [
      ['data', leaf, 0],
      ['edges', edges, 24],
    ]);
    return map;
  }

  it('S6: a BTreeMap of two levels, in order', () => {
    const made = new Made();
    const map = tree(made);
    made.words(0, 1, 0x100, 5);
    made.words(0x100, 0, 30, 0, 3, 0, 1, 0x200, 0x300);
    made.words(0x200, 0x100, 10, 20, 1, 2, 2).words(0x300, 0x100, 40, 50, 4, 5, 2);
    const shown = made.show(map, 0);
    assert.equal(shown.text, '{10: 1, 20: 2, 30: 3, 40: 4, 50: 5}');
    assert.equal(shown.children(4, 1)[0]?.path, '[50]');
    assert.equal(shown.children(4, 1)[0]?.shown().text, '5');
  });

  it('S6: a BTreeMap that can not be says why', () => {
    const made = new Made();
    const map = tree(made);
    made.words(0, 40, 0x100, 5);
    assert.equal(made.show(map, 0).text, '‹not readable: its height 40 is more than a tree can have›');
    made.words(0, 1, 0x100, 5).words(0x100, 0, 30, 0, 3, 0, 7);
    assert.equal(made.show(map, 0).text, '‹not readable: a node has 7 elements, and room for 2›');
    // empty nodes that refer to themselves
    made.words(0, 30, 0x100, 5).words(0x100, 0, 30, 0, 3, 0, 0, 0x100, 0x100);
    assert.equal(made.show(map, 0).text, '‹not readable: its nodes refer to each other in a circle, or are too many›');
    made.words(0, 0, 0x200, 5).words(0x200, 0, 10, 20, 1, 2, 2);
    assert.equal(made.show(map, 0).text, '‹not readable: only 2 of its 5 entries are in the tree›');
    assert.deepEqual(
      made
        .show(map, 0)
        .children(0, 9)
        .map(({ name }) => name),
      ['root', 'length'],
    );
  });

  it('S6: a LinkedList, and one that ends too early', () => {
    const made = new Made();
    const { u32, usize } = rust(made);
    const nodeAt = 40;
    const pointer = made.struct('core::ptr::non_null::NonNull<Node>', 4, [
      ['pointer', made.pointer('*const Node', nodeAt), 0],
    ]);
    const none = made.struct('core::option::Option::None', 4, []);
    const some = made.struct('core::option::Option::Some', 4, [['__0', pointer, 0]]);
    const link = made.choice('core::option::Option<NonNull<Node>>', 4, u32, [
      ['None', 0n, none],
      ['Some', undefined, some],
    ]);
    const list = made.struct('alloc::collections::linked_list::LinkedList<u32>', 12, [
      ['head', link, 0],
      ['tail', link, 4],
      ['len', usize, 8],
    ]);
    while (made.define({ kind: 'unknown', name: '', die: 0, reason: '' }) < nodeAt - 1);
    made.struct('alloc::collections::linked_list::Node<u32>', 12, [
      ['next', link, 0],
      ['prev', link, 4],
      ['element', u32, 8],
    ]);
    made.words(0, 0x100, 0x200, 2).words(0x100, 0x200, 0, 1).words(0x200, 0, 0x100, 2);
    assert.equal(made.show(list, 0).text, '[1, 2]');
    assert.equal(made.show(list, 0).children(1, 1)[0]?.shown().text, '2');
    made.words(8, 3);
    assert.equal(made.show(list, 0).text, '‹not readable: the list ends after 2 elements›');
  });
});
