/** How a run fetches what it lacks. */
export interface Fetching {
  /** An address in front of the files' own names, in place of where they come from. */
  readonly mirror: string | undefined
  /** PEM: authorities that are trusted beside those of this machine. */
  readonly ca: string | undefined
  /** Nothing is fetched. */
  readonly offline: boolean
}

export const FETCHING: Fetching = { mirror: undefined, ca: undefined, offline: false }
