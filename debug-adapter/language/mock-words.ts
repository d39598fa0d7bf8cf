// The members, operators and words of mock files with what each means: for completion and hover. docs/mock-files.md has the whole.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: snippets of editors are written so
import { OPERATORS } from '../mocks/pattern.ts';
import { MOCK_DEFAULTS } from '../mocks/rules.ts';
import { QUOTES } from '../mocks/template.ts';
import type { MockRole } from './mock-document.ts';

export interface Word {
  readonly name: string;
  /** Markdown. */
  readonly about: string;
  /** What stands behind the colon at first, as a snippet (`$1`, `${1:text}`). */
  readonly value: string;
}

const word = (name: string, value: string, about: string): Word => ({ name, value, about });

const FILE: readonly Word[] = [
  word(
    'hostMethods',
    '{\n\t"${1:method}": [\n\t\t{ "reply": { "result": ${2:null} } }\n\t]\n}',
    'Host methods by name, each with its rules in order: the first whose `when` holds answers.',
  ),
  word(
    'include',
    '["${1:other.mocks.jsonc}"]',
    'Other mock files, seen from this one. Their rules are tried after those of this file.',
  ),
  word(
    'default',
    '"${1|unknown,pause,host|}"',
    'What a call gets that no rule matches: `unknown`, error -32601 as production says it; `pause`, stop and ask; `host`, pass on to the host command.',
  ),
  word(
    'states',
    '["${1:start}"]',
    'The states of the scenario. Where they are declared, a state of another name is an error.',
  ),
  word('initialState', '"${1:start}"', 'The state in which a run begins; else the first of `states`.'),
  word('$schema', '"${1:schema}"', 'Where the JSON Schema of mock files is, for editors that need to be told.'),
];

const METHOD: readonly Word[] = [
  word('rules', '[\n\t{ "reply": { "result": ${1:null} } }\n]', 'The rules, in the order in which they are tried.'),
  word('default', '"${1|unknown,pause,host|}"', 'What a call of this method gets that no rule matches.'),
];

const RULE: readonly Word[] = [
  word(
    'when',
    '{ "params": { $1 } }',
    'When the rule answers: all that is given must hold. Without it, it always answers.',
  ),
  word(
    'reply',
    '{ "result": ${1:null} }',
    'What is sent: one of `result`, `error`, `sequence`, `never`, `malformed`, `$call`.',
  ),
  word('name', '"${1:name}"', 'A name for people.'),
  word(
    'delay',
    '${1:100}',
    "Milliseconds on the run's clock before the reply, or a range of them such as `[100, 300]`.",
  ),
  word(
    'times',
    '${1:1}',
    'How many calls are expected, or a range such as `[1, 3]`; what did not come is told at the end.',
  ),
  word('setState', '"${1:state}"', "The scenario's state from this call on."),
  word('pause', 'true', 'Stops the run at the call and asks.'),
  word('disabled', 'true', 'The rule is passed over.'),
];

const WHEN: readonly Word[] = [
  word(
    'params',
    '{ $1 }',
    'A partial deep match: the members that are given must match, others may be there. Arrays match item by item.',
  ),
  word(
    'nth',
    '${1:1}',
    'The number of this call among those of its method, from 1; a list of them; or operators such as `{"$gt": 3}`.',
  ),
  word('state', '"${1:state}"', 'The state of the scenario, or a list of states.'),
];

const REPLY: readonly Word[] = [
  word(
    'result',
    '${1:null}',
    'A result. Numbers keep their digits. `{"$param": "user.id"}` and the like quote the call.',
  ),
  word('error', '{ "code": ${1:-32000}, "message": "${2:message}" }', 'An error reply.'),
  word(
    'sequence',
    '[{ "result": ${1:1} }, { "result": ${2:2} }]',
    'Replies one after the other; then, by `then`, the last one again or from the first again.',
  ),
  word('then', '"${1|stay,cycle|}"', 'After a `sequence`: `stay` with the last reply, or `cycle`.'),
  word('never', 'true', 'No answer comes, and what the plugin asks later waits behind it, as in production.'),
  word('malformed', 'true', 'A line that is no message: `true` for a reply that is cut off, or the text of the line.'),
  word(
    '$call',
    '{ "plugin": "${1:other.wasm}", "method": "${2:method}" }',
    'The answer of a method of another plugin.',
  ),
  word('wrongId', 'true', 'With a result or an error: the reply goes out under another id.'),
  word('duplicate', 'true', 'With a result or an error: the reply goes out twice.'),
  word('outOfOrder', 'true', 'With a result or an error: the reply goes out behind the reply to a later call.'),
];

const ERROR: readonly Word[] = [
  word('code', '${1:-32000}', 'A whole number of 64 bits.'),
  word('message', '"${1:message}"', 'What went wrong.'),
  word('data', '${1:null}', 'More about it. Production drops it, and so does the debugger.'),
];

const CALL: readonly Word[] = [
  word('plugin', '"${1:other.wasm}"', "Path of the other plugin's module, as seen from this file."),
  word('method', '"${1:method}"', 'The method of it that is called.'),
  word(
    'params',
    '{ $1 }',
    'Its params, which may quote those of the call as a result may; without it, the params of the call.',
  ),
];

const RANDOM: readonly Word[] = [
  word('from', '${1:1}', 'The lowest of the whole numbers.'),
  word('to', '${1:6}', 'The highest of the whole numbers.'),
  word('oneOf', '[$1]', 'One of these results.'),
];

/** Beside `$param`. */
export const OR = word('or', '${1:null}', 'What stands in its place where the params have no such value.');

const OPERATOR_WORDS: Readonly<Record<string, readonly [value: string, about: string]>> = {
  $any: ['true', 'Anything, as long as it is there.'],
  $absent: ['true', 'The member is not there.'],
  $regex: [
    '"${1:^a.*}"',
    'A text in which this pattern is found, in the syntax of RE2. In JSON a backslash is written twice.',
  ],
  $gt: ['${1:0}', 'A number above this one.'],
  $gte: ['${1:0}', 'A number no lower than this one.'],
  $lt: ['${1:0}', 'A number below this one.'],
  $lte: ['${1:0}', 'A number no higher than this one.'],
  $oneOf: ['[$1]', 'One of these patterns matches.'],
  $schema: ['{ "type": "${1:string}" }', 'The value is valid under this JSON Schema.'],
  $literal: ['$1', 'Exactly this JSON, also where it looks like an operator.'],
};

const QUOTE_WORDS: Readonly<Record<string, readonly [value: string, about: string]>> = {
  $param: [
    '"${1:path}"',
    'The value at this path of the params; `""` is all of them. `"or"` beside it is taken where there is none.',
  ],
  $count: [
    '"${1|method,rule|}"',
    'How many calls there were, this one too: of the method, or of those that the rule answered.',
  ],
  $random: [
    '"${1|uuid,fraction|}"',
    'By chance, the same in each run with one seed: `"uuid"`, `"fraction"`, `{"from": 1, "to": 6}` or `{"oneOf": […]}`.',
  ],
  $now: ['"${1|iso,ms,s,ns|}"', "The time on the run's clock."],
  $literal: ['$1', 'Exactly this JSON, also where it looks like a quote.'],
};

const listed = (names: readonly string[], table: Readonly<Record<string, readonly [string, string]>>): Word[] =>
  names.map((name) => {
    const [value, about] = table[name] ?? ['$1', 'See docs/mock-files.md.'];
    return { name, value, about };
  });

const OPERATOR_LIST = listed(OPERATORS, OPERATOR_WORDS);
const QUOTE_LIST = listed(QUOTES, QUOTE_WORDS);

/** The members that an object with this role may have, apart from names that the author chooses. */
export function wordsOf(role: MockRole): readonly Word[] {
  switch (role.kind) {
    case 'file':
      return FILE;
    case 'method':
      return METHOD;
    case 'rule':
      return RULE;
    case 'when':
      return WHEN;
    case 'reply':
      return REPLY;
    case 'error':
      return ERROR;
    case 'params':
    case 'nth':
      return OPERATOR_LIST;
    case 'call':
      return CALL;
    case 'result':
      return role.at.at(-1) === '$random' ? RANDOM : QUOTE_LIST;
    default:
      return [];
  }
}

/** The texts that a value with this role may be. */
export function valuesOf(role: MockRole): readonly (readonly [value: string, about: string])[] {
  switch (role.kind) {
    case 'default':
      return MOCK_DEFAULTS.map((name) => [JSON.stringify(name), DEFAULTS[name]] as const);
    case 'then':
      return [
        ['"stay"', 'The last reply, again and again.'],
        ['"cycle"', 'From the first again.'],
      ];
    case 'flag':
      return [['true', '']];
    default:
      return [];
  }
}

const DEFAULTS = {
  unknown: 'Error -32601, as production answers.',
  pause: 'Stop and ask.',
  host: 'Pass on to the host command.',
} as const;
