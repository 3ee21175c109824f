/** Figures for a person to read; nothing depends on them. */
export const notes: string[] = [];
