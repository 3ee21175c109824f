/** `tunelens lsp`: the language server, over the streams that the client named. */
import { UsageError } from './arguments.ts';

export const lspHelp = `Usage: tunelens lsp --stdio

Starts the language server on standard input and output, as an editor does.
`;

/** Editors add arguments of their own (the client's process id, say), so only the transport is looked for. */
export async function lsp(args: readonly string[]): Promise<number> {
  if (args.some((argument) => argument.startsWith('--socket') || argument.startsWith('--pipe'))) {
    throw new UsageError('the language server speaks over --stdio only');
  }
  if (!args.includes('--stdio') && !args.includes('--node-ipc')) throw new UsageError('lsp needs a transport: tunelens lsp --stdio');
  const { startServer } = await import('../lsp/main.ts');
  startServer(args.includes('--node-ipc') ? 'ipc' : 'stdio');
  // The server ends its own process when its client says so or is gone.
  return new Promise<number>(() => undefined);
}
