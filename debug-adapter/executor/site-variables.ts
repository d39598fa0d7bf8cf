// The variables of the source at the sites of breakpoints, for conditions and log messages: which there are is looked up once a site, where
// one lies only when what that was found from has changed, and its bytes are read at every hit. Contracts S1, S6.
import { isMissing, type Location, type Machine, type Missing } from '../dwarf/location.ts';
import type { Scope as SourceScope, Variable } from '../dwarf/program.ts';
import { castIn } from '../expressions/source-cast.ts';
import type { NamedVariables } from '../expressions/source-scope.ts';
import { SourceValue } from '../expressions/source-value.ts';
import { Unavailable, type Value } from '../expressions/values.ts';
import { MemoryBytes, MissingBytes } from '../source/bytes.ts';
import { withGenerics } from '../source/frame-variables.ts';
import type { ModuleSource } from '../source/module-source.ts';
import { Validity } from '../source/validity.ts';
import type { Program } from '../source/value.ts';
import { VariableAt } from '../source/variable-at.ts';
import { staticNamed, visibleAt } from '../source/visible-variables.ts';
import { FrameMachine } from './frame-machine.ts';
import type { GuestCode } from './guest-code.ts';

/** What one question of a location expression was answered with. */
type Asked =
  | { readonly kind: 'local' | 'global' | 'operand'; readonly index: number; readonly bits: bigint }
  | { readonly kind: 'memory'; readonly address: number; readonly bytes: Uint8Array };

/** A machine that notes what it is asked; `asked` is undefined where something can't be asked again as cheaply. */
class NotingMachine implements Machine {
  readonly checksCode = true;
  readonly #machine: Machine;
  asked: Asked[] | undefined = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  #slot(kind: 'local' | 'global' | 'operand', index: number): bigint | Missing {
    const bits = this.#machine[kind](index);
    if (isMissing(bits)) this.asked = undefined;
    else this.asked?.push({ kind, index, bits });
    return bits;
  }
  local(index: number): bigint | Missing {
    return this.#slot('local', index);
  }
  global(index: number): bigint | Missing {
    return this.#slot('global', index);
  }
  operand(index: number): bigint | Missing {
    return this.#slot('operand', index);
  }
  memory(address: number, length: number): Uint8Array | Missing {
    const bytes = this.#machine.memory(address, length);
    if (isMissing(bytes)) this.asked = undefined;
    else this.asked?.push({ kind: 'memory', address, bytes: bytes.slice() });
    return bytes;
  }
  frameBase(): number | Missing {
    return this.#machine.frameBase();
  }
  stackPointer(): ReturnType<Machine['stackPointer']> {
    return this.#machine.stackPointer();
  }
  entry(location: Parameters<Machine['entry']>[0]): bigint | Missing {
    this.asked = undefined;
    return this.#machine.entry(location);
  }
}

/** What the body of an async function works on at a site: found anew only when something that it was found by has changed. */
class RememberedFuture {
  readonly validity: Validity;
  #found: ReturnType<Validity['future']>;
  #asked: readonly Asked[] | undefined;

  constructor(validity: Validity) {
    this.validity = validity;
  }

  at(machine: Machine): ReturnType<Validity['future']> {
    if (stillHolds(this.#asked, machine)) return this.#found;
    const noting = new NotingMachine(machine);
    this.#found = this.validity.future(noting);
    this.#asked = noting.asked;
    return this.#found;
  }
}

/** A variable at a site. */
class Remembered {
  readonly #at: VariableAt;
  /** Tells whether what lies where the variable is, is its value; undefined: it is. */
  readonly #future: RememberedFuture | undefined;
  #location: Location | undefined;
  #asked: readonly Asked[] | undefined;

  constructor(at: VariableAt, future: RememberedFuture | undefined) {
    this.#at = at;
    this.#future = future;
  }

  value(machine: Machine, program: Program): Value {
    if (this.#location === undefined || !stillHolds(this.#asked, machine)) {
      const noting = new NotingMachine(machine);
      this.#location = this.#at.locate(noting);
      this.#asked = noting.asked;
    }
    const location = this.#location;
    const { variable } = this.#at;
    const future = this.#future;
    const lying = this.#at.value(location, machine);
    const { value } =
      future === undefined ? { value: lying } : future.validity.judged(variable, lying, future.at(machine), machine);
    if (value.bytes instanceof MissingBytes) return unavailable(variable.name, value.bytes.read().reason);
    if (location.kind === 'unavailable') return unavailable(variable.name, location.reason);
    return new SourceValue(program, value);
  }
}

const unavailable = (name: string, reason: string): Value =>
  new Unavailable(`'${name}' is not available here: ${reason}`);

function stillHolds(asked: readonly Asked[] | undefined, machine: Machine): boolean {
  if (asked === undefined) return false;
  for (const one of asked) {
    if (one.kind === 'memory') {
      const bytes = machine.memory(one.address, one.bytes.length);
      if (isMissing(bytes)) return false;
      for (let at = 0; at < bytes.length; at++) if (bytes[at] !== one.bytes[at]) return false;
    } else if (machine[one.kind](one.index) !== one.bits) return false;
  }
  return true;
}

/** Those of one site. */
class Site implements NamedVariables {
  readonly #owner: SiteVariables;
  readonly #offset: number;
  readonly #function: SourceScope | undefined;
  readonly #future: RememberedFuture;
  readonly #visible = new Map<string, Variable>();
  readonly #remembered = new Map<string, Remembered | undefined>();

  constructor(owner: SiteVariables, offset: number) {
    this.#owner = owner;
    this.#offset = offset;
    this.#function = owner.source.program.functionAt(offset);
    // of a library's function that was inlined it is the author's, which the breakpoint is in
    const level = owner.source.levelAt(offset);
    this.#future = new RememberedFuture(new Validity(owner.source.program, offset, level));
    if (this.#function === undefined) return;
    for (const { variable, shadowed } of visibleAt(this.#function, offset, level))
      if (!shadowed) this.#visible.set(variable.name, variable);
  }

  get names(): string[] {
    return [...this.#visible.keys()];
  }

  get cast(): NamedVariables['cast'] {
    return this.#owner.cast;
  }

  has(name: string): boolean {
    return this.#of(name) !== undefined;
  }

  named(name: string): Value {
    const { machine, program } = this.#owner;
    return this.#visible.has(name) ? this.#of(name)?.value(machine, program) : undefined;
  }

  static(name: string): Value {
    const { machine, program } = this.#owner;
    return this.#of(name)?.value(machine, program);
  }

  #of(name: string): Remembered | undefined {
    const known = this.#remembered.get(name);
    if (known !== undefined || this.#remembered.has(name)) return known;
    const { source } = this.#owner;
    const local = this.#visible.get(name);
    const variable = local ?? staticNamed(source.program, name, this.#offset);
    const future = local === undefined || this.#future.validity.isCertain(local) ? undefined : this.#future;
    const made =
      variable === undefined || this.#function === undefined
        ? undefined
        : new Remembered(new VariableAt(source.program, variable, this.#function, this.#offset), future);
    this.#remembered.set(name, made);
    return made;
  }
}

export class SiteVariables {
  readonly source: ModuleSource;
  readonly machine: Machine;
  readonly program: Program;
  readonly cast: NamedVariables['cast'];
  readonly #sites = new Map<number, Site>();

  /** @param stackPointer index of `__stack_pointer`; -1: there is none */
  constructor(source: ModuleSource, guest: GuestCode, stackPointer: number, functionNamed: Program['functionNamed']) {
    this.source = source;
    // where the guest stands its own locals tell where the frame is
    const machine = new FrameMachine(guest, () => undefined, stackPointer);
    this.machine = machine;
    this.program = {
      types: source.program.types,
      memory: (address) => new MemoryBytes((at, length) => machine.memory(at, length), address),
      get memorySize() {
        return guest.memory(0)?.size ?? 0;
      },
      functionNamed: withGenerics(source.program, functionNamed),
    };
    this.cast = castIn(this.program);
  }

  /** The variables that are visible where the instruction at `offset` stands, in the innermost of the author's frames there. */
  at(offset: number): NamedVariables & { has(name: string): boolean } {
    let site = this.#sites.get(offset);
    if (site === undefined) {
      site = new Site(this, offset);
      this.#sites.set(offset, site);
    }
    return site;
  }
}
