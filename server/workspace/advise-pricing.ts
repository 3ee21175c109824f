/** Lets an embedded engine answer what the search for indexes asks. */
import { stepsOf } from '../analysis/advisor/plans.ts';
import { batchPricings } from '../analysis/advisor/pricing-batches.ts';
import type { Choice, Priced, Pricing, Question, Reply, Search } from '../analysis/advisor/search-problem.ts';
import type { CandidateIndex, Plan, PlanStep } from '../analysis/facts.ts';
import { candidateName } from '../twin/candidate-name.ts';
import type { Blueprint } from '../twin/twin.ts';
import type { Planners } from './planners.ts';

export interface PricingContext {
  readonly planners: Planners;
  readonly blueprint: Blueprint;
  /** SQL of each statement of the search. */
  readonly sql: readonly string[];
  /** Lower-case tables of each. */
  readonly tables: readonly (readonly string[])[];
  readonly signal?: AbortSignal | undefined;
  /** How many statements were planned so far. */
  readonly progress?: ((planned: number) => void) | undefined;
  /** Told of every plan, for what must be known beyond its cost. */
  readonly seen?: ((statement: number, build: readonly number[], plan: Plan) => void) | undefined;
  /** Told why a statement has no plan. */
  readonly refused?: ((statement: number, reason: string) => void) | undefined;
}

/** Throws the signal's reason when aborted, and an Error with one sentence where the engine cannot be asked at all. */
export async function runSearch(search: Search<Choice>, context: PricingContext): Promise<Choice> {
  let planned = 0;
  let step = search.next();
  while (step.done !== true) {
    context.signal?.throwIfAborted();
    step = search.next(await answer(step.value));
  }
  return step.value;

  async function answer(question: Question): Promise<Reply> {
    if (question.kind === 'size') {
      const sized = await context.planners.sizes(context.blueprint, question.candidates, context.signal);
      if (sized === undefined) throw failure();
      return { kind: 'size', sized };
    }
    const { pricings, pool } = question;
    const priced: (Priced | undefined)[] = pricings.map(() => undefined);
    const names = new Map<string, number>();
    const tableOf = (index: number): string => pool[index]?.table.toLowerCase() ?? '';
    const batches = batchPricings(pricings, (statement) => context.tables[statement] ?? [], tableOf);
    for (const { pricings: list, build } of batches) {
      const candidates = build.flatMap((index) => pool[index] ?? []);
      for (const index of build) names.set(candidateName(pool[index] as CandidateIndex), index);
      await ask(list, candidates);
      planned += list.length;
      context.progress?.(planned);
    }
    return { kind: 'price', priced };

    async function ask(list: readonly number[], build: readonly CandidateIndex[]): Promise<void> {
      const statements = list.map((at) => context.sql[pricings[at]?.statement ?? -1] ?? '');
      const explained = await context.planners.price(context.blueprint, statements, { build, hide: [] }, context.signal);
      if (explained === undefined) throw failure();
      for (const [place, at] of list.entries()) {
        const { statement, build: wanted } = pricings[at] as Pricing;
        const found = explained[place];
        if (found?.outcome === 'planned') {
          const used = indexesOf(found.plan, names).filter((index) => wanted.includes(index));
          priced[at] = { cost: found.plan.totalCost, used, passes: passesOf(found.plan) };
          context.seen?.(statement, wanted, found.plan);
        } else if (found !== undefined) context.refused?.(statement, found.outcome === 'refused' ? found.reason : found.rejection.message);
      }
    }
  }

  function failure(): Error {
    return new Error(context.planners.problem(context.blueprint) ?? 'The embedded engine took too long to plan the workload.');
  }
}

const passing: ReadonlySet<PlanStep['kind']> = new Set(['scan', 'index-scan']);
const passesOf = (plan: Plan): number => stepsOf(plan).filter((step) => passing.has(step.kind)).length;

/** The candidates that a plan uses, ascending. */
function indexesOf(plan: Plan, names: ReadonlyMap<string, number>): number[] {
  const found = new Set<number>();
  for (const step of stepsOf(plan)) {
    const index = step.index === undefined ? undefined : names.get(step.index);
    if (index !== undefined) found.add(index);
  }
  return [...found].sort((one, other) => one - other);
}
