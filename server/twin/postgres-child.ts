import type { Handlers } from '../engines/child-main.ts';
export const handlers: Handlers = {};
