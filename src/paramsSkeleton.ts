// What params of a Rust type look like as JSON, as far as the type's own text tells: a start for the box where params are typed.
// Not a check: structs are only `{}`, and what is unknown is null.

const NUMBER = /^(?:[iu](?:8|16|32|64|128|size)|f32|f64|NonZero\w*)$/;
const LIST = /^(?:Vec|VecDeque|HashSet|BTreeSet|LinkedList)</;
const OBJECT = /^(?:HashMap|BTreeMap|IndexMap|Map)(?:<|$)/;
const WRAPPER = /^(?:Box|Rc|Arc|Cow|Wrapping)<(?:'\w+,\s*)?(.*)>$/s;

/** Splits at commas that stand in no brackets. */
function parts(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '<' || c === '(' || c === '[') depth++;
    else if (c === '>' || c === ')' || c === ']') depth--;
    else if (c === ',' && depth === 0) {
      found.push(text.slice(from, i));
      from = i + 1;
    }
  }
  found.push(text.slice(from));
  return found.map((part) => part.trim()).filter((part) => part !== '');
}

/** JSON text of some value that deserializes into `type`, the simplest there is; `null` where the type is unknown. */
export function paramsSkeleton(type: string | undefined): string {
  if (type === undefined) return 'null';
  const whole = type.trim().replace(/^&\s*(?:'\w+\s+)?(?:mut\s+)?/, '');
  // the path before the name tells nothing: std::vec::Vec<u8>
  const name = whole.replace(/^(?:\w+\s*::\s*)+/, '');
  if (NUMBER.test(name)) return '0';
  if (name === 'bool') return 'false';
  if (name === 'String' || name === 'str' || name === 'char') return '""';
  if (LIST.test(name) || (name.startsWith('[') && name.endsWith(']'))) return '[]';
  if (OBJECT.test(name)) return '{}';
  if (/^(?:Option<|Value$|\(\)$|_$|Null$)/.test(name) || name === '') return 'null';
  const wrapped = WRAPPER.exec(name)?.[1];
  if (wrapped !== undefined) return paramsSkeleton(wrapped);
  if (name.startsWith('(') && name.endsWith(')')) return `[${parts(name.slice(1, -1)).map(paramsSkeleton).join(', ')}]`;
  // a generic parameter is a single letter; any other name is a struct or an enum
  return /^[A-Z]$/.test(name) ? 'null' : '{}';
}
