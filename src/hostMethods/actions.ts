// What rows of the tree do: edits of the mock file, ways to where things stand, the clipboard. Each asks what it has to and hands on; which rule is
// changed and how is wanted.ts's and mockEdits.ts's. Refusals are thrown as sentences.
import path from 'node:path';
import * as vscode from 'vscode';
import { CUSTOM_CODE } from '../../debug-adapter/rpc/errors.ts';
import { notJson } from '../askCall.ts';
import { KeptCall } from '../transcript/calls.ts';
import type { Doors } from '../transcript/doors.ts';
import { delayOf, errorOf } from './answerText.ts';
import { answerOf, type RowAnswer } from './callTally.ts';
import type { FileEdits } from './editFile.ts';
import type { NewReply } from './mockEdits.ts';
import type { MocksInForce } from './mocksInForce.ts';
import type { HostMethodsNode, MethodNode, RuleNode } from './model.ts';
import { methodJson } from './rowText.ts';
import type { TreeActions } from './tree.ts';
import { type WantedEdit, wantDelay, wantMoved, wantPause, wantReply, wantTurned } from './wanted.ts';

/** A row that something is done with, and its method. */
export interface Chosen {
  readonly method: MethodNode;
  readonly rule: RuleNode | undefined;
}

export class Actions implements TreeActions {
  readonly #mocks: MocksInForce;
  readonly #edits: FileEdits;
  readonly #doors: Doors;
  #last: Promise<void> = Promise.resolve();

  constructor(mocks: MocksInForce, edits: FileEdits, doors: Doors) {
    this.#mocks = mocks;
    this.#edits = edits;
    this.#doors = doors;
  }

  /** Edits one after the other: each must see the text that the one before it has made. */
  #apply(wanted: WantedEdit | undefined): Promise<void> {
    const done = this.#last.then(async () => {
      if (wanted === undefined) return;
      const target = wanted.file === undefined ? await this.#mocks.target() : { file: wanted.file, made: false };
      if (target === undefined) return;
      await this.#edits.edit(path.resolve(target.file), (text) => wanted.change(text), target.made);
      if (wanted.file === undefined) await this.#mocks.use(target.file);
      else await this.#mocks.refresh();
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** Sends this reply from now on. */
  reply({ method, rule }: Chosen, reply: NewReply): Promise<void> {
    return this.#apply(wantReply(method, rule, reply));
  }

  /** Changes the mock file as is wanted. */
  keep(wanted: WantedEdit): Promise<void> {
    return this.#apply(wanted);
  }

  /** With the last answer that was no mock's; one is asked for where there is none. */
  async mockWithReal(chosen: Chosen): Promise<void> {
    const { real } = chosen.method;
    const answer = real && answerOf(real.tally.call, real.row);
    if (answer === undefined) return this.mockWithValue(chosen);
    await this.reply(chosen, replyOf(answer));
  }

  async mockWithValue(chosen: Chosen): Promise<void> {
    const { last } = chosen.method;
    const answer = last && answerOf(last.tally.call, last.row);
    const value = answer?.kind === 'result' && answer.json.length < 1000 ? answer.json : 'null';
    const json = await vscode.window.showInputBox({
      title: `Mock ${chosen.method.name} with a Value`,
      prompt: 'The result, as JSON',
      value,
      ignoreFocusOut: true,
      validateInput: notJson,
    });
    if (json !== undefined) await this.reply(chosen, { kind: 'result', json: json.trim() });
  }

  /** At once, with an error that says where it comes from. */
  async fail(chosen: Chosen): Promise<void> {
    const message = `mocked error of ${chosen.method.name}`;
    await this.reply(chosen, { kind: 'error', code: String(CUSTOM_CODE), message });
  }

  async mockWithError(chosen: Chosen): Promise<void> {
    const text = await vscode.window.showInputBox({
      title: `Mock ${chosen.method.name} with an Error`,
      prompt: 'The code and the message; production passes on the standard codes and -32000',
      value: `${CUSTOM_CODE} mocked error of ${chosen.method.name}`,
      valueSelection: [`${CUSTOM_CODE} `.length, 1000],
      ignoreFocusOut: true,
    });
    if (text !== undefined) await this.reply(chosen, errorOf(text));
  }

  async mockWithDelay({ method, rule }: Chosen): Promise<void> {
    const [least, most] = rule?.rule.delay ?? [];
    const text = await vscode.window.showInputBox({
      title: `Mock ${method.name} with a Delay`,
      prompt: "Milliseconds of the run's clock, or a range such as 100 to 300",
      value: least === undefined ? '1000' : least === most ? String(least) : `${least} to ${most}`,
      ignoreFocusOut: true,
      validateInput: (given) =>
        delayOf(given) === undefined ? 'Milliseconds up to 86400000, or a range such as 100 to 300.' : undefined,
    });
    const delay = text === undefined ? undefined : delayOf(text);
    if (delay === undefined) return;
    const answer = method.last && answerOf(method.last.tally.call, method.last.row);
    const reply: NewReply = answer === undefined ? { kind: 'result', json: 'null' } : replyOf(answer);
    await this.#apply(wantDelay(method, rule, delay, reply));
  }

  async pauseHere({ method, rule }: Chosen): Promise<void> {
    await this.#apply(wantPause(method, rule));
  }

  async enable({ method, rule }: Chosen, on: boolean): Promise<void> {
    for (const wanted of wantTurned(rule === undefined ? method.rules : [rule], on)) await this.#apply(wanted);
  }

  async turn(nodes: readonly (readonly [node: HostMethodsNode, on: boolean])[]): Promise<void> {
    for (const [node, on] of nodes)
      for (const wanted of wantTurned(node.kind === 'rule' ? [node] : node.rules, on)) await this.#apply(wanted);
  }

  async move(rule: RuleNode, to: RuleNode): Promise<void> {
    const wanted = wantMoved(rule, to);
    if (wanted === undefined) throw new Error('A rule can be moved among the rules of its method in one file only.');
    await this.#apply(wanted);
  }

  /** One place up (-1) or down (1). */
  async moveBy({ method, rule }: Chosen, by: number): Promise<void> {
    if (rule === undefined) throw new Error('Methods have no order: choose one of the rules below it.');
    const to = method.rules[method.rules.findIndex(({ id }) => id === rule.id) + by];
    if (to !== undefined) await this.move(rule, to);
  }

  /** The rule, or where the method stands, in the mock file. */
  async goToRule({ method, rule }: Chosen): Promise<void> {
    const place = rule?.rule.place ?? method.rules[0]?.rule.place ?? method.mock?.places[0];
    if (place === undefined) throw new Error(`No mock file says anything about ${method.name} yet.`);
    const at = new vscode.Position(place.line - 1, place.column - 1);
    await vscode.window.showTextDocument(vscode.Uri.file(path.resolve(place.file)), {
      selection: new vscode.Range(at, at),
      preview: true,
    });
  }

  /** Where a source calls the method; where no source is known, the function of the module that called it last. */
  async goToGuest({ method }: Chosen): Promise<void> {
    const { places, last } = method;
    const items = places.map((place) => ({
      label: place.within === undefined ? method.name : `fn ${place.within}`,
      description: `${vscode.workspace.asRelativePath(place.file)}:${place.line + 1}`,
      place,
    }));
    const chosen =
      items.length > 1 ? await vscode.window.showQuickPick(items, { title: `Who calls ${method.name}?` }) : items[0];
    if (chosen !== undefined) {
      const at = new vscode.Position(chosen.place.line, chosen.place.character);
      const selection = new vscode.Range(at, at);
      await vscode.window.showTextDocument(vscode.Uri.file(chosen.place.file), { selection, preview: true });
      return;
    }
    if (items.length > 0) return;
    const call = last?.tally.call;
    if (last === undefined || !(call instanceof KeptCall))
      throw new Error(`No source here calls ${method.name}, and no call of it was seen yet.`);
    await this.#doors.open('revealFunction', call, last.row);
  }

  async copyJson({ method, rule }: Chosen): Promise<void> {
    await vscode.env.clipboard.writeText(rule === undefined ? methodJson(method) : rule.rule.text);
    vscode.window.setStatusBarMessage(rule === undefined ? 'The method was copied.' : 'The rule was copied.', 3000);
  }

  async undo(): Promise<void> {
    const gone = await this.#edits.undo();
    if (gone === undefined) await this.#mocks.refresh();
    else await this.#mocks.gone(gone);
  }

  async openMocks(): Promise<void> {
    const { file } = this.#mocks;
    if (file === undefined) throw new Error('There is no mock file yet: mock a host method, and one is made.');
    await vscode.window.showTextDocument(vscode.Uri.file(file));
  }
}

export const replyOf = (answer: RowAnswer): NewReply =>
  answer.kind === 'result' ? { kind: 'result', json: answer.json } : answer;
