/** Values as Python source. */

export function pythonString(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
}

export function pythonList(values: readonly string[]): string {
  return `[${values.map(pythonString).join(', ')}]`;
}

/** A string that may span lines: triple quotes where it does. */
export function pythonText(value: string): string {
  const text = value.trim();
  if (!text.includes('\n')) return pythonString(text);
  return `"""\n${text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"')}\n"""`;
}
