// The tree Host Methods: rows of model.ts as VS Code shows them, checkboxes, drag and drop. What a row does is actions.ts's.
import * as vscode from 'vscode';
import { groupLook, inGroups, type RowGroup } from './groups.ts';
import type { HostMethodsNode, MethodNode, RuleNode } from './model.ts';
import { methodLook, ruleLook, tooltipOf } from './rowText.ts';

/** What a row of the view stands for. */
export type TreeRow = HostMethodsNode | RowGroup;

const DRAGGED = 'application/vnd.code.tree.wasmiplugindebugger.hostmethods';

export interface TreeActions {
  /** Checkboxes that were clicked. */
  turn(nodes: readonly (readonly [node: HostMethodsNode, on: boolean])[]): Promise<void>;
  /** A rule is to stand where another one does. */
  move(rule: RuleNode, to: RuleNode): Promise<void>;
}

export class HostMethodsTree
  implements vscode.TreeDataProvider<TreeRow>, vscode.TreeDragAndDropController<TreeRow>, vscode.Disposable
{
  readonly dropMimeTypes = [DRAGGED];
  readonly dragMimeTypes = [DRAGGED];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly view: vscode.TreeView<TreeRow>;
  readonly #actions: TreeActions;
  #methods: readonly MethodNode[] = [];
  #parents = new Map<string, MethodNode>();

  constructor(actions: TreeActions) {
    this.#actions = actions;
    this.view = vscode.window.createTreeView('wasmiPluginDebugger.hostMethods', {
      treeDataProvider: this,
      dragAndDropController: this,
      manageCheckboxStateManually: true,
      showCollapseAll: true,
    });
    this.view.onDidChangeCheckboxState(({ items }) => {
      const nodes = items.flatMap(([node, state]) =>
        node.kind === 'group' ? [] : [[node, state === vscode.TreeItemCheckboxState.Checked] as const],
      );
      void this.#actions.turn(nodes);
    });
  }

  get methods(): readonly MethodNode[] {
    return this.#methods;
  }

  /** What is selected, as it is now. */
  get selected(): HostMethodsNode | undefined {
    const [selected] = this.view.selection;
    return selected && this.present(selected.kind === 'group' ? (selected.of?.id ?? '') : selected.id);
  }

  show(methods: readonly MethodNode[], message: string | undefined): void {
    this.#methods = methods;
    this.#parents = new Map(methods.flatMap((method) => method.rules.map((rule) => [rule.id, method] as const)));
    this.view.message = message ?? '';
    const unmatched = methods.filter(({ state }) => state === 'unmatched').length;
    this.view.badge =
      unmatched === 0
        ? undefined
        : { value: unmatched, tooltip: `${unmatched} host method${unmatched === 1 ? '' : 's'} that nothing answers` };
    this.#changed.fire();
  }

  /** The row of that id as it is now. */
  present(id: string): HostMethodsNode | undefined {
    const method = this.#parents.get(id);
    if (method !== undefined) return method.rules.find((rule) => rule.id === id);
    return this.#methods.find((one) => one.id === id);
  }

  /** Of a group of rules the method that they belong to; none of a group of methods. */
  methodOf(node: TreeRow): MethodNode | undefined {
    if (node.kind === 'group') return node.of;
    return node.kind === 'method' ? node : this.#parents.get(node.id);
  }

  getChildren(node?: TreeRow): TreeRow[] {
    if (node === undefined) return [...inGroups(this.#methods, undefined)];
    if (node.kind === 'method') return [...inGroups(node.rules, node)];
    return node.kind === 'group' ? [...node.rows] : [];
  }

  getTreeItem(node: TreeRow): vscode.TreeItem {
    if (node.kind === 'group') {
      const { label, description } = groupLook(node);
      const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
      item.id = node.id;
      item.description = description;
      item.contextValue = 'group';
      return item;
    }
    const { label, description, spoken, icon, color } = node.kind === 'method' ? methodLook(node) : ruleLook(node);
    const item = new vscode.TreeItem(
      label,
      node.kind === 'rule' || node.rules.length === 0
        ? vscode.TreeItemCollapsibleState.None
        : vscode.TreeItemCollapsibleState.Expanded,
    );
    // VS Code remembers of an id whether it is open: a method that gets its first rule shows it
    item.id = node.kind === 'method' && node.rules.length === 0 ? `${node.id} without rules` : node.id;
    item.description = description;
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.accessibilityInformation = { label: spoken };
    item.contextValue = contextOf(node, this.methodOf(node));
    const rules = node.kind === 'rule' ? [node] : node.rules;
    if (rules.length > 0) {
      const on = rules.some(({ rule }) => !rule.disabled);
      const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
      const tooltip = node.kind === 'rule' ? 'This rule answers' : 'The rules of this method answer';
      item.checkboxState = { state: on ? Checked : Unchecked, tooltip };
    }
    return item;
  }

  /** Tooltips are made when one points at a row. */
  resolveTreeItem(item: vscode.TreeItem, node: TreeRow): vscode.TreeItem {
    if (node.kind === 'group') return item;
    // without `isTrusted` and `supportHtml` no command and no markup of a plugin's is more than text
    item.tooltip = new vscode.MarkdownString(tooltipOf(node));
    return item;
  }

  handleDrag(source: readonly TreeRow[], transfer: vscode.DataTransfer): void {
    const [rule] = source;
    if (rule?.kind === 'rule') transfer.set(DRAGGED, new vscode.DataTransferItem(rule.id));
  }

  async handleDrop(target: TreeRow | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const id: unknown = transfer.get(DRAGGED)?.value;
    const rule = typeof id === 'string' ? this.present(id) : undefined;
    // dropped on a method it comes first, on a group to where that begins
    const to = target?.kind === 'method' ? target.rules[0] : target?.kind === 'group' ? target.rows[0] : target;
    if (rule?.kind === 'rule' && to?.kind === 'rule' && rule.id !== to.id) await this.#actions.move(rule, to);
  }

  dispose(): void {
    this.view.dispose();
    this.#changed.dispose();
  }
}

/** Words that the menus of package.json look for. */
function contextOf(node: HostMethodsNode, method: MethodNode | undefined): string {
  const words: string[] = [node.kind];
  const rules = node.kind === 'rule' ? [node] : node.rules;
  if (rules.length > 0) words.push('mocked', rules.some(({ rule }) => !rule.disabled) ? 'on' : 'off');
  if (method?.real !== undefined) words.push('real');
  if (method?.last !== undefined) words.push('called');
  else if (method !== undefined && method.places.length > 0) words.push('source');
  return words.join(' ');
}
