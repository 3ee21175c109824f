/** Keeps the server small: it stays for hours beside an editor, and a repository-wide check leaves garbage that nothing would sweep up. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds without another call before anything is collected: nobody is waiting for an answer then. */
const QUIET = 1500;

/** The heap may grow by a fifth between two collections, not fourfold: a tenth more work in repository-wide checks, none that a keystroke feels. */
export function growSlowly(): void {
  setFlagsFromString('--heap-growing-percent=20');
}

let waiting: NodeJS.Timeout | undefined;
/** Gives memory back to the system once it has been quiet. */
export function collectSoon(): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, QUIET);
  waiting.unref();
}
