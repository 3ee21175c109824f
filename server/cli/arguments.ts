/** Command lines -> options; what is wrong is told in one sentence with what would be right. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../workspace/nearest.ts';

/** Bad usage or unreadable input: exit code 2. The message is one sentence for a person. */
export class UsageError extends Error {}

/** Something asked for could not be checked: exit code 3. */
export class UncheckedError extends Error {}

export interface Parsed<Values> {
  readonly values: Values;
  readonly positionals: readonly string[];
}

export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  command: string,
  args: readonly string[],
  options: Options,
): Parsed<ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>['values']> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(sentenceFor(command, error, Object.keys(options)));
  }
}

function sentenceFor(command: string, error: unknown, names: readonly string[]): string {
  const { code, message } = error as { code?: string; message: string };
  const flag = /'(-[^' <]*)/.exec(message)?.[1] ?? '';
  const help = `\`tunelens ${command} --help\` lists the options`;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    return `unknown option ${flag}${nearest(
      flag,
      names.map((name) => `--${name}`),
    ).replaceAll('"', '')}; ${help}`;
  }
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    return message.includes('does not take') ? `${flag} takes no value; ${help}` : `${flag} needs a value; ${help}`;
  }
  return `${message}; ${help}`;
}

/** One of a few words. */
export function oneOf<const Word extends string>(flag: string, value: string | undefined, words: readonly Word[], standard: Word): Word {
  if (value === undefined) return standard;
  const found = words.find((word) => word === value);
  if (found === undefined) throw new UsageError(`${flag} must be one of ${words.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}
