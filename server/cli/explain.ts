/** `tunelens explain`: how a database would run statements. */
import type { Run } from './run.ts';

export const explainHelp = 'Usage: tunelens explain SQL|FILE --connect URL\n';

export async function explain(_args: readonly string[], run: Run): Promise<number> {
  run.log('explain is not built yet');
  return 2;
}
