// Walks through the control flow of real plugins, each compared with a golden file: at every stop how it came, its line, the author's frames, and
// variables that changed. Where two builds step alike, or two versions of rustc do, one golden file holds for both. Contracts S1, S3.
import { stopAtEvery } from '../testing/run-call.ts';
import { testWalks, type Walk } from '../testing/source-walk.ts';

const ALIKE = { '': ['rust-views.debug', 'rust-views.kept'], '.optimized': ['rust-views.optimized'] };
/** rustc 1.85 has fewer lines in a chain of calls. */
const EACH = { '': ['rust-views.debug'], '.kept': ['rust-views.kept'], '.optimized': ['rust-views.optimized'] };

const CONTROL = 'rust-views/src/control.rs';
const PANICS = 'rust-views/src/panics.rs';

const WALKS: readonly Walk[] = [
  {
    name: 'loops',
    title: 'over loops, to the line after each',
    file: CONTROL,
    method: 'loops',
    breakpoints: ['let mut rounds = 0;', "break 'outer (row, column);"],
    keys: 'F10*17 F5 F10*14',
    optimized: 'F10*2',
    locals: ['rounds', 'stack', 'popped', 'top', 'row', 'column', 'found', 'sum', 'number'],
    builds: ALIKE,
  },
  {
    name: 'question-mark',
    title: 'through `?`: Ok goes on, Err leaves the function',
    file: CONTROL,
    method: 'question_mark',
    breakpoints: ['let good = parse_sum'],
    keys: 'F11 F10*5 F11 F10*3',
    optimized: 'F11 F10*5',
    locals: 'all',
    builds: ALIKE,
  },
  {
    name: 'closures',
    title: 'over a chain of iterators, into its closures, and out of them: each call of one is left for the next',
    file: CONTROL,
    method: 'iterators',
    breakpoints: ['let numbers = [1, 2, 3, 4];'],
    keys: 'F10 F11*7 Shift+F11 F10 Shift+F11 F11*2 F10*2 F11 F10*4',
    optimized: 'F10 F11*6',
    locals: ['numbers', 'sum', 'names', 'number', 'square', 'index', 'name'],
    builds: EACH,
  },
  {
    name: 'matches',
    title: 'into the arms of a match',
    file: CONTROL,
    method: 'matches',
    breakpoints: ['match shape {'],
    keys: 'F10*2 Shift+F11 F5 F10*3 Shift+F11 F5 F10*3 F5 F10*3 Shift+F11 F5 F10 F11 Shift+F11*2',
    locals: ['shape', 'radius', 'rounded', 'from', 'to', 'width', 'height', 'area', 'inner', 'described'],
    builds: ALIKE,
  },
  {
    name: 'recursion',
    title: 'recursion: over and out stay in their frame',
    file: CONTROL,
    method: 'recursion',
    breakpoints: ['let result = factorial(5);'],
    keys: 'F11 F10 F11 F10 F11 F10 Shift+F11 F10*2 Shift+F11 F10',
    optimized: 'F11 F10*3',
    locals: ['number', 'rest', 'result'],
    builds: ALIKE,
  },
  {
    name: 'generics',
    title: 'a breakpoint in a generic function stops in every copy of it',
    file: CONTROL,
    method: 'generics',
    breakpoints: ['let items = vec![item.clone(); times];'],
    keys: 'F10 Shift+F11 F5 F10 Shift+F11',
    locals: ['item', 'times', 'items', 'numbers', 'strings'],
    builds: ALIKE,
  },
  {
    name: 'inlined-calls',
    title:
      'lines of which an optimiser left nothing but calls that it inlined: breakpoints stand where those begin, once a pass',
    file: 'rust-views/src/cells.rs',
    method: 'once',
    breakpoints: [
      'let unset: OnceCell<String> = OnceCell::new();',
      'let set = OnceCell::from(3u32);',
      'let unset_lock: OnceLock<u64> = OnceLock::new();',
      'let lazy_lock: LazyLock<u32> = LazyLock::new(|| 12);',
    ],
    keys: 'F5*4 F10',
    optimized: 'F5 F10 F5*3',
    builds: { '': ['rust-views.debug'], '.optimized': ['rust-views.optimized'] },
  },
  {
    name: 'inlined-chains',
    title: 'lines with several calls that were inlined, one after the other and in each other: once a pass',
    file: 'rust-views/src/json.rs',
    method: 'json',
    breakpoints: [
      'let integer = json!(42);',
      'let float = json!(1.5);',
      'let string = json!("text',
      'let number: Number = 9.into();',
    ],
    keys: 'F5*4',
    builds: { '.optimized': ['rust-views.optimized'] },
  },
  {
    name: 'inlined',
    title: 'into, over and out of functions that are inlined',
    file: CONTROL,
    method: 'inlined',
    breakpoints: ['let result = middle(black_box(3));', 'let tripled = number * 3;'],
    keys: 'F11*5 Shift+F11*2 F10*2',
    optimized: 'F10*3',
    locals: ['number', 'doubled', 'tripled', 'result'],
    builds: ALIKE,
  },
  {
    name: 'panic-step',
    title: 'a step over a line that panics stops where the panic was raised',
    file: PANICS,
    method: 'index_out_of_bounds',
    breakpoints: ['let numbers = vec![1, 2, 3];'],
    keys: 'F10*3 F5',
    optimized: 'F10 F5',
    locals: ['numbers', 'index'],
    options: { rules: [stopAtEvery('trap')] },
    builds: ALIKE,
  },
  {
    name: 'panic-closure',
    title: 'a panic in a closure, stepping over the chain that calls it',
    file: PANICS,
    method: 'panic_in_closure',
    breakpoints: ['let limit = black_box(2);'],
    keys: 'F10*2 F5',
    locals: ['limit', 'number'],
    options: { rules: [stopAtEvery('trap')] },
    builds: { '.kept': ['rust-views.kept'] },
  },
];

testWalks(import.meta.url, WALKS);
