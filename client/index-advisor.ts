/** The Index Advisor view: the last advice, what was dismissed and why, and the fixes. */
import {
  commands,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  env,
  MarkdownString,
  Range,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  window,
  workspace,
} from 'vscode';
import { type AdviseParams, type AdviseResult, requests } from '../server/protocol.ts';
import { type AdviceNode, adviceTree, type Dismissed } from './advice-tree.ts';
import type { Server } from './language-client.ts';

const view = 'tunelens.indexAdvisor';
/** Kept with the folder, so that what was decided once is not asked again. */
const memory = 'tunelens.advisor.dismissed';

export interface IndexAdvisor extends Disposable {
  /** Asks for advice on everything that is open and shows it. */
  advise(): Promise<void>;
  createMigration(node: AdviceNode | undefined): Promise<void>;
  copyDdl(node: AdviceNode | undefined): Promise<void>;
  dismiss(node: AdviceNode | undefined, reason?: string): Promise<void>;
  restore(node: AdviceNode | undefined): Promise<void>;
  /** What is shown, for tests. */
  readonly nodes: readonly AdviceNode[];
}

export function createIndexAdvisor(context: ExtensionContext, server: Server): IndexAdvisor {
  const changed = new EventEmitter<void>();
  let advice: AdviseResult | undefined;
  let nodes: readonly AdviceNode[] = [];
  const dismissed = (): Dismissed => context.workspaceState.get<Dismissed>(memory, {});
  const show = (): void => {
    nodes = advice === undefined ? [] : adviceTree(advice, dismissed());
    const open = advice?.indexes.filter(({ ddl }) => dismissed()[ddl] === undefined).length ?? 0;
    tree.badge = open === 0 ? undefined : { value: open, tooltip: `${open} ${open === 1 ? 'index' : 'indexes'} to create` };
    changed.fire();
  };
  const provider: TreeDataProvider<AdviceNode> = {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => [...(node === undefined ? nodes : node.children)],
    getTreeItem: itemOf,
  };
  const tree = window.createTreeView(view, { treeDataProvider: provider, showCollapseAll: true });
  const remember = async (ddl: string, reason: string | undefined): Promise<void> => {
    const { [ddl]: _, ...rest } = dismissed();
    await context.workspaceState.update(memory, reason === undefined ? rest : { ...rest, [ddl]: reason });
    show();
  };
  return {
    async advise() {
      await commands.executeCommand(`${view}.focus`);
      const parameters: AdviseParams = { budget: budgetOf() };
      const result = await window.withProgress({ location: { viewId: view } }, () =>
        server.request<AdviseResult>(requests.advise, parameters),
      );
      // A person who cancels keeps what there was.
      if (result.cancelled) return;
      advice = result;
      show();
    },
    async createMigration(node) {
      if (node?.index !== undefined) await commands.executeCommand('tunelens.createMigration', node.index.migration);
    },
    async copyDdl(node) {
      if (node?.ddl !== undefined) await env.clipboard.writeText(node.ddl);
    },
    async dismiss(node, given) {
      if (node?.ddl === undefined) return;
      const reason =
        given ??
        (await window.showInputBox({
          title: `Dismiss ${node.label}`,
          prompt: 'Why is this index not wanted? The reason is shown beside it, and it is not proposed again in this folder.',
          placeHolder: 'the table is written far more often than it is read',
        }));
      if (reason !== undefined) await remember(node.ddl, reason.trim());
    },
    async restore(node) {
      if (node?.ddl !== undefined) await remember(node.ddl, undefined);
    },
    get nodes() {
      return nodes;
    },
    dispose() {
      tree.dispose();
      changed.dispose();
    },
  };
}

/** In bytes; the setting is in megabytes, and 0 means no limit. */
function budgetOf(): number | undefined {
  const megabytes = workspace.getConfiguration('tunelens').get<number>('advisor.budget', 0);
  return megabytes > 0 ? megabytes * 1_000_000 : undefined;
}

const icons: Readonly<Record<AdviceNode['kind'], string | undefined>> = {
  group: undefined,
  proposal: 'lightbulb',
  dismissed: 'circle-slash',
  statement: 'code',
  redundant: 'trash',
  reason: 'info',
  note: 'note',
};

function itemOf(node: AdviceNode): TreeItem {
  const { Collapsed, Expanded, None } = TreeItemCollapsibleState;
  const item = new TreeItem(node.label, node.children.length === 0 ? None : node.expanded === true ? Expanded : Collapsed);
  item.id = node.id;
  if (node.description !== undefined) item.description = node.description;
  if (node.tooltip !== undefined) item.tooltip = new MarkdownString(node.tooltip);
  item.contextValue = node.kind;
  const icon = icons[node.kind];
  if (icon !== undefined) item.iconPath = new ThemeIcon(icon);
  if (node.place !== undefined) {
    const { uri, line, character } = node.place;
    const selection = new Range(line, character, line, character);
    item.command = { title: 'Open', command: 'vscode.open', arguments: [Uri.parse(uri), { selection, preview: true }] };
  }
  return item;
}
