// Values of the services as values of the Language Server Protocol: offsets become positions. Decides nothing.
import {
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  type Hover,
  InsertTextFormat,
  MarkupKind,
  type Range,
  SymbolKind,
  SymbolTag,
  type TextEdit,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Completion } from '../language/mock-completion.ts';
import type { Diagnosis } from '../language/mock-diagnostics.ts';
import type { TextEdit as Edit } from '../language/mock-format.ts';
import type { Hover as HoverText } from '../language/mock-hover.ts';
import type { Fold, MockSymbol } from '../language/mock-symbols.ts';
import type { RecordingSymbol } from '../language/recording-views.ts';
import type { Span } from '../language/span.ts';

/** Where diagnostics say that they come from. */
const SOURCE = 'wasmi-plugin';

export function rangeOf(document: TextDocument, { from, to }: Span): Range {
  return { start: document.positionAt(from), end: document.positionAt(to) };
}

export function spanOfRange(document: TextDocument, { start, end }: Range): Span {
  return { from: document.offsetAt(start), to: document.offsetAt(end) };
}

const SEVERITY = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

export function diagnosticOf(document: TextDocument, diagnosis: Diagnosis): Diagnostic {
  return {
    range: rangeOf(document, diagnosis),
    severity: SEVERITY[diagnosis.severity],
    code: diagnosis.code,
    source: SOURCE,
    message: diagnosis.message,
    ...(diagnosis.unnecessary && { tags: [DiagnosticTag.Unnecessary] }),
  };
}

const SYMBOL = { method: SymbolKind.Function, rule: SymbolKind.Event, setting: SymbolKind.Property } as const;

export function symbolOf(document: TextDocument, symbol: MockSymbol): DocumentSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: SYMBOL[symbol.kind],
    ...(symbol.disabled && { tags: [SymbolTag.Deprecated] }),
    range: rangeOf(document, symbol),
    selectionRange: rangeOf(document, symbol.selection),
    children: symbol.children.map((child) => symbolOf(document, child)),
  };
}

const RECORDED = {
  call: SymbolKind.Method,
  hostCall: SymbolKind.Function,
  fault: SymbolKind.Null,
  end: SymbolKind.Event,
} as const;

export function recordingSymbolOf(document: TextDocument, symbol: RecordingSymbol): DocumentSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: RECORDED[symbol.kind],
    range: rangeOf(document, symbol),
    selectionRange: rangeOf(document, symbol.selection),
    children: symbol.children.map((child) => recordingSymbolOf(document, child)),
  };
}

export function foldOf({ start, end, kind }: Fold): FoldingRange {
  const range = { startLine: start, endLine: end };
  return kind === 'comment' ? { ...range, kind: FoldingRangeKind.Comment } : range;
}

export function hoverOf(document: TextDocument, hover: HoverText): Hover {
  return { contents: { kind: MarkupKind.Markdown, value: hover.markdown }, range: rangeOf(document, hover) };
}

const COMPLETION = {
  method: CompletionItemKind.Function,
  member: CompletionItemKind.Property,
  operator: CompletionItemKind.Operator,
  value: CompletionItemKind.Value,
  field: CompletionItemKind.Field,
  state: CompletionItemKind.EnumMember,
  file: CompletionItemKind.File,
} as const;

export function completionOf(document: TextDocument, item: Completion): CompletionItem {
  const range = rangeOf(document, item.replaces);
  // what is typed so far may begin with a quote: the editor compares with that
  const isQuoted =
    document.getText({ start: range.start, end: { ...range.start, character: range.start.character + 1 } }) === '"';
  const filter = isQuoted && !item.label.startsWith('"') ? JSON.stringify(item.label) : item.label;
  return {
    label: item.label,
    kind: COMPLETION[item.kind],
    filterText: filter,
    sortText: String(item.rank).padStart(4, '0'),
    insertTextFormat: item.snippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range, newText: item.insert },
    ...(item.detail !== '' && { detail: item.detail }),
    ...(item.about !== '' && { documentation: { kind: MarkupKind.Markdown, value: item.about } }),
  };
}

export function editOf(document: TextDocument, edit: Edit): TextEdit {
  return { range: rangeOf(document, edit), newText: edit.text };
}
