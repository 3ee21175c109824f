/** Time a statement on the connected database: values for its parameters, a look at the text that will run, then the figures. */
import { type CancellationToken, commands, ProgressLocation, window } from 'vscode';
import { type BenchmarkParams, type BenchmarkResult, requests } from '../../server/protocol.ts';
import type { Server } from '../language-client.ts';
import type { PlanDocuments } from '../plan-documents.ts';
import { type StatementPlace, statementPlace } from '../statement-place.ts';

export async function benchmark(server: Server, plans: PlanDocuments, uri?: string, position?: StatementPlace['position']): Promise<void> {
  const place = statementPlace(uri, position);
  if (place === undefined) return;
  let parameters: BenchmarkParams = place;
  for (;;) {
    const running = parameters;
    const ask = (token?: CancellationToken) => server.request<BenchmarkResult>(requests.benchmark, running, token);
    // The steps before it answer at once; only the runs themselves are worth a notification.
    const result =
      running.agreed === undefined
        ? await ask()
        : await window.withProgress(
            { location: ProgressLocation.Notification, title: 'Timing the statement', cancellable: true },
            (_progress, token) => ask(token),
          );
    if (result.step === 'refused') {
      const connect = 'Connect to a Database…';
      if ((await window.showWarningMessage(result.reason, connect)) === connect) await commands.executeCommand('tunelens.connect');
      return;
    }
    if (result.step === 'done') {
      await plans.show(`${uri ?? place.uri}#${place.position.line}#timed`, result.title, result.text);
      return;
    }
    if (result.step === 'values') {
      const values = await askValues(result.parameters);
      if (values === undefined) return;
      parameters = { ...parameters, values };
    } else {
      const agreed = await window.showInformationMessage(
        `Run this statement on ${result.connection} up to 30 times, for at most about 5 seconds?`,
        { modal: true, detail: `${result.shown}\n\nIt reads only, but it costs the database what it costs.` },
        'Run',
      );
      if (agreed !== 'Run') return;
      parameters = { ...parameters, agreed: result.sql };
    }
  }
}

async function askValues(parameters: readonly string[]): Promise<string[] | undefined> {
  const values: string[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const value = await window.showInputBox({
      title: `Value for ${parameter} (${index + 1} of ${parameters.length})`,
      prompt: 'A number, null, true, false, or text. Choose one that is typical: it decides what is measured.',
      ignoreFocusOut: true,
    });
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
