/** Keeps the server small: it stays for hours beside an editor, and a repository-wide check leaves garbage that nothing would sweep up. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds without another call before anything is collected: nobody is waiting for an answer then. */
const QUIET = 1500;

/** The heap may grow by two fifths between two collections, not fourfold: a tenth more work in repository-wide checks, and few collections among keystrokes. */
export function growSlowly(): void {
  setFlagsFromString('--heap-growing-percent=40');
}

type Collect = (options: { type: 'minor' | 'major'; execution: 'sync'; flavor?: 'last-resort' }) => void;
let collect: Collect | undefined;
function collector(): Collect {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}

let waiting: NodeJS.Timeout | undefined;
/** Gives memory back to the system once it has been quiet. */
export function collectSoon(): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => collector()({ type: 'major', execution: 'sync', flavor: 'last-resort' }), QUIET);
  waiting.unref();
}

/** Milliseconds after an answer: the next key comes later than that, and what an engine is asked later still. */
const BREATH = 8;
let sweeping: NodeJS.Timeout | undefined;
/** Sweeps up after a keystroke while the person's finger is still in the air, so that the next one does not have to wait for it. */
export function sweepSoon(): void {
  clearTimeout(sweeping);
  sweeping = setTimeout(() => collector()({ type: 'minor', execution: 'sync' }), BREATH);
  sweeping.unref();
}
