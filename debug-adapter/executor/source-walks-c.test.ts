// Walks through a plugin in C, each compared with a golden file: DWARF 4 and 5 as clang writes them, and optimised code. Contracts S1, S3.
import { testWalks, type Walk } from '../testing/source-walk.ts';

const FILE = 'c-views/main.c';
const BUILDS = { '': ['c-views', 'c-views.dwarf4'], '.optimized': ['c-views.optimized'] };

const WALKS: readonly Walk[] = [
  {
    name: 'c-scopes',
    title: 'blocks, a loop and the line after it, inlined calls, recursion, a switch',
    file: FILE,
    method: 'scopes',
    breakpoints: ['stop_here(); // stop: scopes inner', 'int tripled = number * 3;'],
    keys: 'F10*5 F5 F10 Shift+F11*2 F10 F11*2 Shift+F11 F10*6',
    optimized: 'F10*4 F5 F10*7',
    locals: ['index', 'number', 'tripled', 'doubled', 'rest', 'recursive', 'in_case'],
    builds: BUILDS,
  },
  {
    name: 'c-pointers',
    title: 'calls through pointers, one within the other on a line: out of the first one can go into the second',
    file: FILE,
    method: 'pointers',
    breakpoints: ['number = function(1, table[1](2, 3));'],
    keys: 'F11 Shift+F11 F11 F10 Shift+F11 F10',
    locals: ['left', 'right', 'result', 'number'],
    builds: BUILDS,
  },
  {
    name: 'c-loop',
    title: 'a loop on one line is one stop, unrolled or not',
    file: FILE,
    method: 'registers',
    breakpoints: ['total += name[round & 3] ^ round;'],
    keys: 'F10*3',
    optimized: 'F10',
    locals: ['count', 'name', 'total'],
    builds: BUILDS,
  },
];

testWalks(import.meta.url, WALKS);
