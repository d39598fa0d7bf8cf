// One run of cargo in a terminal of VS Code: prints what it prints, marks its errors where they are, and knows the module that it made.
// Ours and not a shell's, because rustc's paths are relative to the Cargo workspace, which a problem matcher can't be told, and because
// only cargo's own messages say where the module is.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import * as vscode from 'vscode';
import { type Mark, readCargoLine } from './cargoMessages.ts';

export interface CargoCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The Cargo workspace's directory. */
  readonly root: string;
  /** Name of the binary whose module is wanted. */
  readonly binary: string;
}

const { Error: ERROR, Warning: WARNING } = vscode.DiagnosticSeverity;

function diagnostic(mark: Mark): vscode.Diagnostic {
  const range = new vscode.Range(...mark.from, ...mark.to);
  const found = new vscode.Diagnostic(range, mark.message, mark.severity === 'error' ? ERROR : WARNING);
  found.source = 'rustc';
  if (mark.code !== undefined) found.code = mark.code;
  return found;
}

/** In a terminal, lines end with both. */
const lines = (text: string): string => text.replace(/\r?\n/g, '\r\n');

export class CargoBuild implements vscode.Pseudoterminal {
  readonly #what: CargoCommand;
  readonly #diagnostics: vscode.DiagnosticCollection;
  readonly #wrote = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly #marks = new Map<string, vscode.Diagnostic[]>();
  #child: ChildProcess | undefined;
  readonly onDidWrite = this.#wrote.event;
  readonly onDidClose = this.#closed.event;
  /** Absolute path of the module; undefined until there is one. */
  module: string | undefined;
  /** Whether an error was marked in a file. */
  marked = false;
  /** True when cargo itself could not be started. */
  absent = false;

  constructor(what: CargoCommand, diagnostics: vscode.DiagnosticCollection) {
    this.#what = what;
    this.#diagnostics = diagnostics;
  }

  open(size: vscode.TerminalDimensions | undefined): void {
    const { command, args, env, root } = this.#what;
    this.#diagnostics.clear();
    this.#print(`> ${[command, ...args].join(' ')}\n`);
    const look = {
      CARGO_TERM_COLOR: 'always',
      CARGO_TERM_PROGRESS_WHEN: 'always',
      CARGO_TERM_PROGRESS_WIDTH: String(Math.min(size?.columns ?? 80, 120)),
    };
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...look, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#print(text));
    readline
      .createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })
      .on('line', (line) => this.#read(line));
    child.on('error', (error: NodeJS.ErrnoException) => {
      this.absent = error.code === 'ENOENT';
      this.#print(`${command} did not start: ${error.message}\n`);
      this.#end(127);
    });
    child.on('close', (code) => this.#end(code ?? 130));
  }

  #print(text: string): void {
    this.#wrote.fire(lines(text));
  }

  #read(line: string): void {
    const { text, mark, executable } = readCargoLine(line, this.#what.root);
    if (text) this.#print(text);
    if (executable?.binary === this.#what.binary) this.module = path.normalize(executable.file);
    if (!mark) return;
    this.marked ||= mark.severity === 'error';
    const marks = this.#marks.get(mark.file) ?? [];
    marks.push(diagnostic(mark));
    this.#marks.set(mark.file, marks);
    this.#diagnostics.set(vscode.Uri.file(mark.file), marks);
  }

  #end(code: number): void {
    if (this.#child === undefined) return;
    this.#child = undefined;
    this.#closed.fire(code);
  }

  /** The person closed the terminal, or the task was ended. */
  close(): void {
    this.#child?.kill();
  }
}
