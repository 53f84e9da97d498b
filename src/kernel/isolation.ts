/** How a program is kept apart, from the strongest to none. */
export const ISOLATIONS = ['bwrap', 'namespaces', 'user', 'none'] as const
export type IsolationKind = (typeof ISOLATIONS)[number]
