/** Where something is in a text: its first character and the one behind its last. */
export type Range = readonly [start: number, end: number]

/** The same place, before the backslashes that lead to it: in JSON, and in JSON that a string of JSON holds, they belong to what is there. */
export const beforeBackslashes = (text: string, at: number): number => {
  let before = at
  while (text[before - 1] === '\\') before -= 1
  return before
}
