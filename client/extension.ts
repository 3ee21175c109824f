/** Builds the parts and ties commands to them; nothing else happens here. */
import { commands, type ExtensionContext, window } from 'vscode';
import type { MigrationParams } from '../server/protocol.ts';
import type { AdviceNode } from './advice-tree.ts';
import { benchmark } from './commands/benchmark.ts';
import { checkWorkspace } from './commands/check-workspace.ts';
import { connect } from './commands/connect.ts';
import { createMigration } from './commands/create-migration.ts';
import { disconnect } from './commands/disconnect.ts';
import { explain } from './commands/explain.ts';
import { reconnect } from './commands/reconnect.ts';
import { restartServer } from './commands/restart-server.ts';
import { showMenu } from './commands/show-menu.ts';
import { showOutput } from './commands/show-output.ts';
import { showRule } from './commands/show-rule.ts';
import { createConnections } from './connections.ts';
import { createIndexAdvisor, type IndexAdvisor } from './index-advisor.ts';
import { createServer, type Server } from './language-client.ts';
import { createPlanDocuments } from './plan-documents.ts';
import { createStatusItem } from './status-item.ts';

/** For tests: what is otherwise seen only on the screen. */
export interface Api {
  readonly server: Server;
  /** Resolves when the server has answered its first request. */
  readonly started: Promise<void>;
  readonly advisor: IndexAdvisor;
}

/** Commands the server may put into its answers. */
const offered = ['tunelens.explain', 'tunelens.benchmark', 'tunelens.createMigration', 'tunelens.showRule'];

export function activate(context: ExtensionContext): Api {
  const output = window.createOutputChannel('TuneLens', { log: true });
  const server = createServer(context, output, offered);
  const connections = createConnections(context, server, output);
  const plans = createPlanDocuments();
  const advisor = createIndexAdvisor(context, server);
  const told = <P extends readonly unknown[]>(act: (...parameters: P) => unknown) => tellErrors(output.error.bind(output), act);

  context.subscriptions.push(
    output,
    server,
    connections,
    plans,
    advisor,
    createStatusItem(server),
    commands.registerCommand(
      'tunelens.connect',
      told(() => connect(server, connections)),
    ),
    commands.registerCommand(
      'tunelens.disconnect',
      told(() => disconnect(connections)),
    ),
    commands.registerCommand(
      'tunelens.reconnect',
      told(() => reconnect(connections)),
    ),
    commands.registerCommand(
      'tunelens.explain',
      told((uri?: string, position?: { line: number; character: number }) => explain(server, plans, uri, position)),
    ),
    commands.registerCommand(
      'tunelens.benchmark',
      told((uri?: string, position?: { line: number; character: number }) => benchmark(server, plans, uri, position)),
    ),
    commands.registerCommand(
      'tunelens.createMigration',
      told((parameters?: MigrationParams) => createMigration(server, parameters)),
    ),
    commands.registerCommand(
      'tunelens.checkWorkspace',
      told(() => checkWorkspace(server)),
    ),
    commands.registerCommand(
      'tunelens.adviseIndexes',
      told(() => advisor.advise()),
    ),
    commands.registerCommand(
      'tunelens.createAdvisedIndex',
      told((node?: AdviceNode) => advisor.createMigration(node)),
    ),
    commands.registerCommand(
      'tunelens.copyAdvisedDdl',
      told((node?: AdviceNode) => advisor.copyDdl(node)),
    ),
    commands.registerCommand(
      'tunelens.dismissAdvisedIndex',
      told((node?: AdviceNode, reason?: string) => advisor.dismiss(node, reason)),
    ),
    commands.registerCommand(
      'tunelens.restoreAdvisedIndex',
      told((node?: AdviceNode) => advisor.restore(node)),
    ),
    commands.registerCommand(
      'tunelens.restartServer',
      told(() => restartServer(server)),
    ),
    commands.registerCommand(
      'tunelens.showOutput',
      told(() => showOutput(output)),
    ),
    commands.registerCommand(
      'tunelens.showRule',
      told((id?: string) => showRule(context, id)),
    ),
    commands.registerCommand(
      'tunelens.showMenu',
      told(() => showMenu(connections)),
    ),
  );
  // The editor is shown before the server starts: what costs time comes after the activation.
  const started = new Promise<void>((resolve) => setImmediate(() => resolve(server.start())));
  return { server, started, advisor };
}

/** A command that fails says so in one sentence; the log has the rest. */
function tellErrors<P extends readonly unknown[]>(log: (error: Error | string) => void, act: (...parameters: P) => unknown) {
  return async (...parameters: P): Promise<void> => {
    try {
      await act(...parameters);
    } catch (error) {
      log(error instanceof Error ? error : String(error));
      void window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  };
}
