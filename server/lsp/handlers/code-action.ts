/**
 * textDocument/codeAction: the fixes of the findings in the range, a comment that silences a finding
 * with a reason, and `source.fixAll.tunelens` for the fixes that are safe without looking.
 */
import { type CodeAction, CodeActionKind, type Diagnostic, type SnippetTextEdit } from 'vscode-languageserver/node';
import type { EditFix, ScriptFix } from '../../analysis/fix.ts';
import type { Finding } from '../../analysis/rule.ts';
import { overlaps } from '../../analysis/span.ts';
import type { MigrationParams } from '../../protocol.ts';
import type { FileResult } from '../../workspace/project.ts';
import type { Checks } from '../checks.ts';
import { spanOf } from '../from-lsp.ts';
import { guarded } from '../guard.ts';
import { migrationEdit } from '../migration.ts';
import type { OpenDocument } from '../open-documents.ts';
import { pathOf } from '../paths.ts';
import { type Session, signalOf } from '../session.ts';
import { reasonPlaceholder, suppressionEdit } from '../suppression.ts';
import { diagnosticOf, mergeable, source, textEditsOf, workspaceEditOf } from '../to-lsp.ts';

export const fixAllKind = `${CodeActionKind.SourceFixAll}.tunelens`;

/** What a script action carries until the client asks for its edit. */
interface ScriptData {
  readonly migration: MigrationParams;
}

export function onCodeAction(session: Session, checks: Checks): void {
  const { connection } = session;
  connection.onCodeAction(
    guarded(connection, 'textDocument/codeAction', async (params, token): Promise<CodeAction[]> => {
      const path = pathOf(params.textDocument.uri);
      const document = session.documents.get(path);
      if (document === undefined) return [];
      const { only, diagnostics } = params.context;
      const wanted = (kind: string): boolean => only === undefined || only.some((each) => kind === each || kind.startsWith(`${each}.`));
      // Only a client that asks for source actions gets them: they act on the whole file, not on the cursor's line.
      const wantsAll = only?.some((each) => fixAllKind === each || fixAllKind.startsWith(`${each}.`)) === true;
      if (!wanted(CodeActionKind.QuickFix) && !wantsAll) return [];
      const result = await checks.asked(path, signalOf(token));
      if (result === undefined || (result.version !== undefined && result.version !== document.version)) return [];
      const actions: CodeAction[] = [];
      if (wantsAll) actions.push(...fixAll(session, document, result));
      if (wanted(CodeActionKind.QuickFix)) {
        const range = spanOf(document, params.range, session.client.encoding);
        const touched = result.findings.filter(
          (finding) => overlaps(finding.span, range) || (range.start >= finding.span.start && range.start <= finding.span.end),
        );
        for (const finding of touched) actions.push(...quickFixes(session, document, finding, diagnostics));
        for (const finding of touched) actions.push(...suppressions(session, document, result, finding, diagnostics));
      }
      return actions;
    }),
  );
  connection.onCodeActionResolve(
    guarded(connection, 'codeAction/resolve', async (action): Promise<CodeAction> => {
      const data = action.data as ScriptData | undefined;
      if (data?.migration === undefined || action.edit !== undefined) return action;
      const edit = await migrationEdit(session, data.migration);
      return edit === undefined ? action : { ...action, edit };
    }) as Parameters<typeof connection.onCodeActionResolve>[0],
  );
}

function quickFixes(session: Session, document: OpenDocument, finding: Finding, asked: readonly Diagnostic[]): CodeAction[] {
  const diagnostics = matching(session, document, finding, asked);
  return finding.fixes.flatMap((fix, index): CodeAction[] => {
    const base = { title: fix.title, kind: CodeActionKind.QuickFix, diagnostics, ...(index === 0 ? { isPreferred: true } : {}) };
    if (fix.kind === 'edit') return [{ ...base, edit: workspaceEditOf(session, document, fix.edits) }];
    const migration = migrationOf(document, fix);
    if (session.client.commands.has('tunelens.createMigration'))
      return [{ ...base, command: { title: fix.title, command: 'tunelens.createMigration', arguments: [migration] } }];
    if (fix.shownOnly !== true && session.client.createFile && session.client.resolveCodeAction)
      return [{ ...base, data: { migration } satisfies ScriptData }];
    return [];
  });
}

function suppressions(
  session: Session,
  document: OpenDocument,
  result: FileResult,
  finding: Finding,
  asked: readonly Diagnostic[],
): CodeAction[] {
  const { client } = session;
  const snippet = client.snippetEdits && client.versionedEdits;
  const edit = suppressionEdit(document, result.document, finding, snippet ? `\${1:${reasonPlaceholder}}` : reasonPlaceholder);
  const base = {
    title: `Ignore ${finding.rule} here, with a reason`,
    kind: CodeActionKind.QuickFix,
    diagnostics: matching(session, document, finding, asked),
  };
  if (!snippet) return [{ ...base, edit: workspaceEditOf(session, document, [edit]) }];
  const [plain] = textEditsOf(document, [edit], client.encoding);
  if (plain === undefined) return [];
  const change: SnippetTextEdit = { range: plain.range, snippet: { kind: 'snippet', value: plain.newText } };
  return [{ ...base, edit: { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: [change] }] } }];
}

function fixAll(session: Session, document: OpenDocument, result: FileResult): CodeAction[] {
  const safe = result.findings.flatMap((finding) => {
    const fix = finding.fixes.find((each): each is EditFix => each.kind === 'edit' && each.safe);
    return fix === undefined ? [] : [fix];
  });
  const edits = mergeable(safe);
  if (edits.length === 0) return [];
  return [{ title: 'Apply all safe TuneLens fixes', kind: fixAllKind, edit: workspaceEditOf(session, document, edits) }];
}

function migrationOf(document: OpenDocument, fix: ScriptFix): MigrationParams {
  return {
    uri: document.uri,
    script: fix.text,
    down: fix.down,
    name: fix.name,
    engine: fix.engine,
    outsideTransaction: fix.outsideTransaction,
    ...(fix.shownOnly === true && { shownOnly: true }),
  };
}

/** The client's own copy of the diagnostic where it sent one: it then knows which squiggle the action belongs to. */
function matching(session: Session, document: OpenDocument, finding: Finding, asked: readonly Diagnostic[]): Diagnostic[] {
  const own = diagnosticOf(session, finding, document);
  const same = asked.filter(
    (each) =>
      each.source === source &&
      each.code === own.code &&
      each.range.start.line === own.range.start.line &&
      each.range.start.character === own.range.start.character,
  );
  return same.length > 0 ? same : [own];
}
