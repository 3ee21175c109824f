/** The libraries of every language, by language. */
import type { LanguageId } from '../document.ts';
import type { Driver, Ecosystem } from './drivers/driver.ts';
import { goDrivers } from './drivers/go.ts';
import { pythonDrivers } from './drivers/python.ts';
import { rustDrivers } from './drivers/rust.ts';
import { scriptDrivers } from './drivers/script.ts';

export const driversOf: Readonly<Record<Ecosystem, readonly Driver[]>> = {
  python: pythonDrivers,
  script: scriptDrivers,
  go: goDrivers,
  rust: rustDrivers,
};

const ecosystems: Readonly<Record<LanguageId, Ecosystem>> = {
  python: 'python',
  javascript: 'script',
  javascriptreact: 'script',
  typescript: 'script',
  typescriptreact: 'script',
  go: 'go',
  rust: 'rust',
};

/** Undefined for a language without calls (SQL, configuration). */
export function ecosystemOf(language: LanguageId): Ecosystem | undefined {
  return ecosystems[language];
}
