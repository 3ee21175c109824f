/** One line on the terminal that says how far the work is. */
import type { Run } from './run.ts';

export interface Progress {
  files(done: number, total: number): void;
  end(): void;
}

/** Drawn at most ten times a second: a terminal is slower than the work. */
export function createProgress(run: Run): Progress {
  let last = 0;
  let drawn = false;
  return {
    files(done, total) {
      const now = performance.now();
      if (now - last < 100 && done < total) return;
      last = now;
      drawn = true;
      run.progress(`\r\u001b[2K${done} of ${total} files`);
    },
    end() {
      if (drawn) run.progress('\r\u001b[2K');
    },
  };
}
