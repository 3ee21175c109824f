/** The languages TuneLens reads, as VS Code names them. */
export const languages = [
  'sql',
  'python',
  'javascript',
  'javascriptreact',
  'typescript',
  'typescriptreact',
  'go',
  'rust',
  'ruby',
  'prisma',
  'markdown',
  'postgresql-conf',
] as const;

/** Files, new documents, and files of a virtual workspace, which are read but have no neighbours on disk. */
const schemes = ['file', 'untitled', 'vscode-vfs'] as const;

export const documentSelector = schemes.flatMap((scheme) => languages.map((language) => ({ scheme, language })));
