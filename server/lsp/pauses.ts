/** How long the keys must rest before more than the text around them is looked at, in milliseconds. */

/** Before an engine is asked about what was typed: shorter than the time between two keys, so that few statements are asked about half-typed. */
export const enginePause = 40;
/** Before the whole file is looked at again after that. */
export const filePause = 400;
