/** The protocol's words -> ours: positions, client abilities, settings. What is malformed is named, never obeyed. */
import type { InitializeParams, Position, Range } from 'vscode-languageserver/node';
import type { Target } from '../analysis/facts.ts';
import type { RuleId, Severity } from '../analysis/rule.ts';
import type { Span } from '../analysis/span.ts';
import type { InitializationOptions } from '../protocol.ts';
import type { Configuration } from '../workspace/project.ts';
import { parseBytes } from '../workspace/target.ts';
import type { OpenDocument } from './open-documents.ts';
import { type Encoding, negotiate, toOffset } from './positions.ts';
import type { ClientFeatures, EditorSettings } from './session.ts';

export function spanOf(document: OpenDocument, range: Range, encoding: Encoding): Span {
  return { start: offsetOf(document, range.start, encoding), end: offsetOf(document, range.end, encoding) };
}
export function offsetOf(document: OpenDocument, position: Position, encoding: Encoding): number {
  return toOffset(document, position, encoding);
}

export function optionsOf(params: InitializeParams): InitializationOptions {
  const options: unknown = params.initializationOptions;
  if (!isRecord(options)) return {};
  return {
    trusted: typeof options.trusted === 'boolean' ? options.trusted : undefined,
    commands: Array.isArray(options.commands) ? options.commands.filter((name) => typeof name === 'string') : undefined,
    rulePages: options.rulePages === true,
  };
}

export function featuresOf(params: InitializeParams, options: InitializationOptions): ClientFeatures {
  const { general, textDocument, workspace, window } = params.capabilities;
  return {
    encoding: negotiate(general?.positionEncodings),
    pullDiagnostics: textDocument?.diagnostic !== undefined,
    refreshDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    refreshCodeLens: workspace?.codeLens?.refreshSupport === true,
    // A client says what it shows per way of asking; one that pulls may have said nothing about pushing.
    relatedInformation:
      textDocument?.publishDiagnostics?.relatedInformation === true || textDocument?.diagnostic?.relatedInformation === true,
    codeDescription:
      textDocument?.publishDiagnostics?.codeDescriptionSupport === true || textDocument?.diagnostic?.codeDescriptionSupport === true,
    versionedEdits: workspace?.workspaceEdit?.documentChanges === true,
    createFile: workspace?.workspaceEdit?.resourceOperations?.includes('create') === true,
    snippetEdits: workspace?.workspaceEdit?.snippetEditSupport === true,
    resolveCodeAction: textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true,
    configuration: workspace?.configuration === true,
    registerConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    registerWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    progress: window?.workDoneProgress === true,
    markdown: textDocument?.hover?.contentFormat?.includes('markdown') !== false,
    commands: new Set(options.commands ?? []),
    rulePages: options.rulePages === true,
  };
}

export interface ReadSettings {
  readonly overrides: Partial<Configuration>;
  readonly editor: EditorSettings;
  /** One sentence for each setting that was not understood and therefore not used. */
  readonly problems: readonly string[];
}

const severityWords: readonly string[] = ['error', 'warning', 'info', 'hint', 'off'];
const dialectWords: readonly string[] = ['sqlite', 'postgres', 'mysql'];

/** Reads the `tunelens` section. A value of the wrong type leaves the default standing. */
export function settingsOf(section: unknown): ReadSettings {
  const problems: string[] = [];
  const from = isRecord(section) ? section : {};
  const wrong = (key: string, expected: string): undefined => {
    problems.push(`The setting tunelens.${key} must be ${expected}; the default is used.`);
    return undefined;
  };
  const rules = readRules(from.rules, wrong);
  const exclude = given(from.exclude, isStrings, 'exclude', 'a list of glob patterns', wrong);
  const dialects = given(from.dialects, isDialects, 'dialects', 'a list of { files, dialect }', wrong);
  const target = readTarget(from.target, wrong);
  const assumedRows = given(from.assumedRows, isCount, 'assumedRows', 'a number of rows', wrong);
  const smallTable = given(from.smallTable, isCount, 'smallTable', 'a number of rows', wrong);
  const codeLens = given(at(from, 'codeLens', 'enabled'), isBoolean, 'codeLens.enabled', 'true or false', wrong);
  const scope = given(from.scope, isScope, 'scope', '"workspace" or "openFiles"', wrong);
  return {
    overrides: {
      // Editors send their defaults, too: what is empty there must not hide what tunelens.toml says.
      ...(rules === undefined || Object.keys(rules).length === 0 ? {} : { rules }),
      ...(exclude === undefined || exclude.length === 0 ? {} : { exclude }),
      ...(dialects === undefined || dialects.length === 0 ? {} : { dialects }),
      ...(target === undefined || Object.keys(target).length === 0 ? {} : { target }),
      ...(assumedRows === undefined ? {} : { assumedRows }),
      ...(smallTable === undefined ? {} : { smallTable }),
    },
    editor: { codeLens: codeLens ?? true, scope: scope ?? 'workspace' },
    problems,
  };
}

type Wrong = (key: string, expected: string) => undefined;

function readRules(value: unknown, wrong: Wrong): Record<RuleId, Severity | 'off'> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) return wrong('rules', 'an object of rule ids and severities');
  const rules: Record<RuleId, Severity | 'off'> = {};
  for (const [id, severity] of Object.entries(value)) {
    if (typeof severity === 'string' && severityWords.includes(severity) && id.includes('/')) rules[id as RuleId] = severity as Severity;
    else wrong(`rules["${id}"]`, `one of ${severityWords.join(', ')}`);
  }
  return rules;
}

/** `memory` is written as people write it: `32GB`. */
function readTarget(value: unknown, wrong: Wrong): Target | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) return wrong('target', 'an object such as { "memory": "32GB", "cores": 8 }');
  const memory = value.memory;
  const bytes = typeof memory === 'string' ? parseBytes(memory) : undefined;
  if (memory !== undefined && memory !== null && memory !== '' && bytes === undefined) wrong('target.memory', 'a size such as "32GB"');
  const storage = given(value.storage, isStorage, 'target.storage', '"hdd", "ssd" or "nvme"', wrong);
  const cores = given(value.cores, isCount, 'target.cores', 'a number', wrong);
  const postgresVersion = given(value.postgresVersion, isCount, 'target.postgresVersion', 'a number', wrong);
  const maxConnections = given(value.maxConnections, isCount, 'target.maxConnections', 'a number', wrong);
  return {
    ...(bytes === undefined ? {} : { memoryBytes: bytes }),
    ...(cores === undefined ? {} : { cores }),
    ...(storage === undefined ? {} : { storage }),
    ...(postgresVersion === undefined ? {} : { postgresVersion }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
  };
}

function given<T>(value: unknown, is: (value: unknown) => value is T, key: string, expected: string, wrong: Wrong): T | undefined {
  if (value === undefined || value === null) return undefined;
  return is(value) ? value : wrong(key, expected);
}
function at(record: Readonly<Record<string, unknown>>, ...keys: readonly string[]): unknown {
  let value: unknown = record;
  for (const key of keys) value = isRecord(value) ? value[key] : undefined;
  return value;
}
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
function isScope(value: unknown): value is EditorSettings['scope'] {
  return value === 'workspace' || value === 'openFiles';
}
function isStorage(value: unknown): value is 'hdd' | 'ssd' | 'nvme' {
  return value === 'hdd' || value === 'ssd' || value === 'nvme';
}
function isDialects(value: unknown): value is Configuration['dialects'] {
  return (
    Array.isArray(value) &&
    value.every((item) => isRecord(item) && typeof item.files === 'string' && dialectWords.includes(String(item.dialect)))
  );
}
