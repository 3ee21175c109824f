/** PostgreSQL counts characters from 1; the editor counts UTF-16 units from 0. */

/** The UTF-16 offset of the `position`th character, clamped to the text. */
export function utf16Offset(text: string, position: number): number {
  let units = 0;
  for (let characters = 1; characters < position && units < text.length; characters++) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}
