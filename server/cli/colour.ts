/** Colour where a person looks: on a terminal or when forced, never with NO_COLOR. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  cyan(text: string): string;
  green(text: string): string;
}

export function wantsColour(isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  // no-color.org: any value that is not empty; force-color.org likewise, with 0 as its opposite.
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  const forced = environment.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return isTerminal && environment.TERM !== 'dumb';
}

export function createPaint(on: boolean): Paint {
  const wrap = (open: number, close: number) => (text: string) => (on && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text);
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    yellow: wrap(33, 39),
    blue: wrap(34, 39),
    cyan: wrap(36, 39),
    green: wrap(32, 39),
  };
}
