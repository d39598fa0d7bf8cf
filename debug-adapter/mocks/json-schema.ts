// JSON Schema (draft 2020-12, the vocabularies for applying and validating) over values whose numbers keep their text. Of our own because the
// libraries round such numbers to doubles, and run `pattern` by an engine that some texts keep busy for ever. `format` and the rest are
// annotations here, as the specification has it; what would change the meaning and is not done is refused by name. Contracts P2, E4.
import { isNumber, type JsonObject, type JsonPath, type JsonValue, jsonEqual } from '../rpc/json.ts';
import { compareNumbers, type LosslessNumber } from '../rpc/json-number.ts';

/** A schema that can't be used. The message is a clause. */
export class SchemaError extends Error {}

export interface SchemaFault {
  readonly path: JsonPath;
  /** A clause. */
  readonly message: string;
}

export interface Schema {
  /** The first thing that does not fit, or undefined. */
  check(value: JsonValue): SchemaFault | undefined;
}

type Path = readonly (string | number)[];
type Checker = (value: JsonValue, path: Path, budget: Budget) => SchemaFault | undefined;

/** References may make a schema as large as they like: a check takes so many steps and no more. */
interface Budget {
  left: number;
  /** Schemas within one another. */
  depth: number;
}
const STEPS = 200_000;
const DEEPEST = 500;
const TOO_COSTLY = 'the schema takes too many steps on it';

class OutOfSteps extends Error {}

const REFUSED = [
  'unevaluatedProperties',
  'unevaluatedItems',
  '$dynamicRef',
  '$recursiveRef',
  'dependencies',
  'additionalItems',
];

/** Compiles a schema; `regex` compiles its patterns. @throws SchemaError */
export function compileSchema(schema: JsonValue, regex: (source: string) => { test(text: string): boolean }): Schema {
  const root = new Compiler(schema, regex).at(schema, '#');
  return {
    check(value) {
      try {
        return root(value, [], { left: STEPS, depth: 0 });
      } catch (error) {
        if (error instanceof OutOfSteps) return { path: [], message: TOO_COSTLY };
        throw error;
      }
    },
  };
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumber(value);

class Compiler {
  readonly #root: JsonValue;
  readonly #regex: (source: string) => { test(text: string): boolean };
  readonly #known = new Map<JsonValue, Checker>();
  #depth = 0;

  constructor(root: JsonValue, regex: (source: string) => { test(text: string): boolean }) {
    this.#root = root;
    this.#regex = regex;
  }

  at(schema: JsonValue | undefined, where: string): Checker {
    if (schema === true) return () => undefined;
    if (schema === false) return (_value, path) => ({ path, message: 'the schema allows nothing here' });
    if (!isObject(schema)) throw new SchemaError(`at ${where} stands no schema: it is an object, true or false`);
    const known = this.#known.get(schema);
    if (known !== undefined) return known;
    // a reference may lead back to it before it is done
    let checks: readonly Checker[] = [];
    const checker: Checker = (value, path, budget) => {
      if (--budget.left < 0 || ++budget.depth > DEEPEST) throw new OutOfSteps();
      for (const check of checks) {
        const fault = check(value, path, budget);
        if (fault === undefined) continue;
        budget.depth--;
        return fault;
      }
      budget.depth--;
      return undefined;
    };
    this.#known.set(schema, checker);
    if (++this.#depth > DEEPEST) throw new SchemaError(`its references lead through more than ${DEEPEST} schemas`);
    checks = Object.keys(schema).flatMap((keyword) => this.#keyword(schema, keyword, where) ?? []);
    this.#depth--;
    return checker;
  }

  #keyword(schema: JsonObject, keyword: string, where: string): Checker | undefined {
    const given = schema[keyword] as JsonValue; // it is one of its keys
    const here = `${where}/${keyword}`;
    const sub = (value: JsonValue | undefined, below = ''): Checker => this.at(value, here + below);
    const list = (): Checker[] => {
      if (!Array.isArray(given) || given.length === 0) throw new SchemaError(`${here} is a list of schemas`);
      return given.map((each, i) => sub(each, `/${i}`));
    };
    const map = (): (readonly [string, Checker])[] => {
      if (!isObject(given)) throw new SchemaError(`${here} is an object of schemas`);
      return Object.entries(given).map(([key, each]) => [key, sub(each, `/${key}`)] as const);
    };
    const amount = (): number | LosslessNumber => {
      if (!isNumber(given)) throw new SchemaError(`${here} is a number`);
      return given;
    };
    const names = (): string[] => {
      if (!Array.isArray(given) || !given.every((name): name is string => typeof name === 'string'))
        throw new SchemaError(`${here} is a list of texts`);
      return given;
    };
    if (REFUSED.includes(keyword)) throw new SchemaError(`${here} is not done here; say it with other keywords`);
    switch (keyword) {
      case '$ref':
        return this.#reference(given, here);
      case 'type':
        return typeChecker(given, here);
      case 'const':
        return (value, path) => fault(jsonEqual(value, given), path, 'it is another value than `const`');
      case 'enum':
        if (!Array.isArray(given)) throw new SchemaError(`${here} is a list`);
        return (value, path, budget) => {
          budget.left -= given.length;
          return fault(
            given.some((each) => jsonEqual(each, value)),
            path,
            'it is none of `enum`',
          );
        };
      case 'minimum':
        return numeric(amount(), (order) => order >= 0, 'it is below the minimum');
      case 'maximum':
        return numeric(amount(), (order) => order <= 0, 'it is above the maximum');
      case 'exclusiveMinimum':
        return numeric(amount(), (order) => order > 0, 'it is not above the minimum');
      case 'exclusiveMaximum':
        return numeric(amount(), (order) => order < 0, 'it is not below the maximum');
      case 'multipleOf': {
        const divisor = fractionOf(amount());
        if (divisor === undefined || divisor.digits <= 0n) throw new SchemaError(`${here} is a number above 0`);
        return (value, path) =>
          fault(!isNumber(value) || isMultiple(value, divisor), path, `it is no multiple of ${given}`);
      }
      case 'minLength':
      case 'maxLength':
        return sized(amount(), keyword, (value) => (typeof value === 'string' ? [...value].length : undefined));
      case 'minItems':
      case 'maxItems':
        return sized(amount(), keyword, (value) => (Array.isArray(value) ? value.length : undefined));
      case 'minProperties':
      case 'maxProperties':
        return sized(amount(), keyword, (value) => (isObject(value) ? Object.keys(value).length : undefined));
      case 'pattern': {
        if (typeof given !== 'string') throw new SchemaError(`${here} is a text`);
        const regex = this.#pattern(given, here);
        return (value, path) =>
          fault(typeof value !== 'string' || regex.test(value), path, 'the pattern does not match');
      }
      case 'uniqueItems':
        if (given !== true) return undefined;
        return (value, path, budget) => {
          if (!Array.isArray(value)) return undefined;
          for (let i = 0; i < value.length; i++)
            for (let j = 0; j < i; j++) {
              if (--budget.left < 0) throw new OutOfSteps();
              if (jsonEqual(value[i] as JsonValue, value[j] as JsonValue))
                // both are there
                return { path: [...path, i], message: 'it stands there twice' };
            }
          return undefined;
        };
      case 'required': {
        const required = names();
        return (value, path) => {
          if (!isObject(value)) return undefined;
          const missing = required.find((name) => !Object.hasOwn(value, name));
          return missing === undefined ? undefined : { path: [...path, missing], message: 'it is missing' };
        };
      }
      case 'properties': {
        const properties = map();
        return (value, path, budget) => {
          if (!isObject(value)) return undefined;
          for (const [key, check] of properties) {
            if (!Object.hasOwn(value, key)) continue;
            const found = check(value[key] as JsonValue, [...path, key], budget);
            if (found !== undefined) return found;
          }
          return undefined;
        };
      }
      case 'patternProperties':
      case 'additionalProperties':
        // these two go together; the first of them that comes sees to both
        if (keyword === 'additionalProperties' && schema['patternProperties'] !== undefined) return undefined;
        return this.#otherProperties(schema, where);
      case 'propertyNames': {
        const check = sub(given);
        return (value, path, budget) =>
          isObject(value) ? first(Object.keys(value), (name) => check(name, [...path, name], budget)) : undefined;
      }
      case 'dependentRequired':
      case 'dependentSchemas': {
        if (!isObject(given)) throw new SchemaError(`${here} is an object`);
        const each = Object.entries(given).map(
          ([key, then]) => [key, sub(keyword === 'dependentSchemas' ? then : { required: then }, `/${key}`)] as const,
        );
        return (value, path, budget) =>
          isObject(value)
            ? first(each, ([key, check]) => (Object.hasOwn(value, key) ? check(value, path, budget) : undefined))
            : undefined;
      }
      case 'prefixItems': {
        const checks = list();
        return (value, path, budget) =>
          Array.isArray(value)
            ? first(checks.slice(0, value.length).entries(), ([i, check]) =>
                check(value[i] as JsonValue, [...path, i], budget),
              )
            : undefined;
      }
      case 'items': {
        if (Array.isArray(given)) throw new SchemaError(`${here} is one schema; a list of them is \`prefixItems\``);
        const check = sub(given);
        const prefix = schema['prefixItems'];
        const from = Array.isArray(prefix) ? prefix.length : 0;
        return (value, path, budget) => {
          if (!Array.isArray(value)) return undefined;
          for (let i = from; i < value.length; i++) {
            const found = check(value[i] as JsonValue, [...path, i], budget);
            if (found !== undefined) return found;
          }
          return undefined;
        };
      }
      case 'contains': {
        const check = sub(given);
        const least = schema['minContains'];
        const most = schema['maxContains'];
        return (value, path, budget) => {
          if (!Array.isArray(value)) return undefined;
          const count = value.filter((item, i) => check(item, [...path, i], budget) === undefined).length;
          const enough = count >= (least === undefined ? 1 : Number(least));
          return fault(
            enough && (most === undefined || count <= Number(most)),
            path,
            'it does not hold as many items as `contains` asks for',
          );
        };
      }
      case 'allOf': {
        const checks = list();
        return (value, path, budget) => first(checks, (check) => check(value, path, budget));
      }
      case 'anyOf': {
        const checks = list();
        return (value, path, budget) =>
          fault(
            checks.some((check) => check(value, path, budget) === undefined),
            path,
            'it fits none of `anyOf`',
          );
      }
      case 'oneOf': {
        const checks = list();
        return (value, path, budget) => {
          const count = checks.filter((check) => check(value, path, budget) === undefined).length;
          return fault(count === 1, path, `it fits ${count === 0 ? 'none' : 'several'} of \`oneOf\``);
        };
      }
      case 'not': {
        const check = sub(given);
        return (value, path, budget) =>
          fault(check(value, path, budget) !== undefined, path, 'it fits what it must `not`');
      }
      case 'if': {
        const condition = sub(given);
        const then = schema['then'] === undefined ? undefined : this.at(schema['then'], `${where}/then`);
        const otherwise = schema['else'] === undefined ? undefined : this.at(schema['else'], `${where}/else`);
        return (value, path, budget) =>
          (condition(value, path, budget) === undefined ? then : otherwise)?.(value, path, budget);
      }
      default:
        return undefined;
    }
  }

  #otherProperties(schema: JsonObject, where: string): Checker {
    const patterns = schema['patternProperties'] ?? {};
    if (!isObject(patterns)) throw new SchemaError(`${where}/patternProperties is an object of schemas`);
    const named = Object.keys(isObject(schema['properties']) ? schema['properties'] : {});
    const known = new Set(named);
    const matched = Object.entries(patterns).map(([source, sub]) => {
      const place = `${where}/patternProperties`;
      return { regex: this.#pattern(source, place), check: this.at(sub, `${place}/${source}`) };
    });
    const others = schema['additionalProperties'];
    const rest = others === undefined ? undefined : this.at(others, `${where}/additionalProperties`);
    return (value, path, budget) => {
      if (!isObject(value)) return undefined;
      for (const [key, each] of Object.entries(value)) {
        let other = !known.has(key);
        for (const { regex, check } of matched) {
          if (!regex.test(key)) continue;
          other = false;
          const found = check(each, [...path, key], budget);
          if (found !== undefined) return found;
        }
        const found = other ? rest?.(each, [...path, key], budget) : undefined;
        if (found !== undefined) return found;
      }
      return undefined;
    };
  }

  #pattern(source: string, here: string): { test(text: string): boolean } {
    try {
      return this.#regex(source);
    } catch (error) {
      throw new SchemaError(`${here} is no pattern in the syntax of RE2 (${(error as Error).message})`);
    }
  }

  /** Only within the same schema: RFC 6901 behind `#`. */
  #reference(given: JsonValue, here: string): Checker {
    if (typeof given !== 'string' || !/^#(\/|$)/.test(given))
      throw new SchemaError(`${here} may only lead to a place of the same schema, such as "#/$defs/name"`);
    let at: JsonValue | undefined = this.#root;
    for (const step of given.split('/').slice(1)) {
      const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(at)) at = at[Number(key)];
      else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    }
    if (at === undefined) throw new SchemaError(`${here} leads to ${given}, where nothing stands`);
    return this.at(at, given);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const fault = (fits: boolean, path: Path, message: string): SchemaFault | undefined =>
  fits ? undefined : { path, message };

function first<T>(each: Iterable<T>, check: (one: T) => SchemaFault | undefined): SchemaFault | undefined {
  for (const one of each) {
    const found = check(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function numeric(bound: number | LosslessNumber, holds: (order: number) => boolean, message: string): Checker {
  return (value, path) => fault(!isNumber(value) || holds(compareNumbers(value, bound)), path, message);
}

function sized(
  bound: number | LosslessNumber,
  keyword: string,
  sizeOf: (value: JsonValue) => number | undefined,
): Checker {
  const least = keyword.startsWith('min');
  return (value, path) => {
    const size = sizeOf(value);
    if (size === undefined) return undefined;
    const order = compareNumbers(size, bound);
    return fault(least ? order >= 0 : order <= 0, path, `its size is ${least ? 'below' : 'above'} \`${keyword}\``);
  };
}

const TYPES = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];

function typeChecker(given: JsonValue, here: string): Checker {
  const types = Array.isArray(given) ? given : [given];
  if (!types.every((type): type is string => typeof type === 'string' && TYPES.includes(type)))
    throw new SchemaError(`${here} is one of ${TYPES.join(', ')}, or a list of such`);
  return (value, path) =>
    fault(
      types.some((type) => isType(value, type)),
      path,
      `it is no ${types.join(' or ')}`,
    );
}

function isType(value: JsonValue, type: string): boolean {
  if (value === null) return type === 'null';
  if (isNumber(value)) return type === 'number' || (type === 'integer' && isInteger(value));
  if (Array.isArray(value)) return type === 'array';
  return typeof value === type;
}

/** `digits` times ten to the `exponent`. Undefined past any exponent that a sane number has. */
function fractionOf(value: number | LosslessNumber): { digits: bigint; exponent: number } | undefined {
  const [, sign = '', whole = '0', part = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(value)) ?? [];
  const exponent = Number(power) - part.length;
  if (Math.abs(exponent) > 2000 || whole.length + part.length > 2000) return undefined;
  return { digits: BigInt(`${sign}${whole}${part}`), exponent };
}

function isInteger(value: number | LosslessNumber): boolean {
  if (typeof value === 'number') return Number.isInteger(value);
  return isMultiple(value, { digits: 1n, exponent: 0 });
}

function isMultiple(value: number | LosslessNumber, divisor: { digits: bigint; exponent: number }): boolean {
  const dividend = fractionOf(value);
  if (dividend === undefined) return false;
  const least = Math.min(dividend.exponent, divisor.exponent);
  const scaled = (number: typeof divisor): bigint => number.digits * 10n ** BigInt(number.exponent - least);
  return scaled(dividend) % scaled(divisor) === 0n;
}
