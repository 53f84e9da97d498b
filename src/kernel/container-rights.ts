/**
 * What a container may do, from the least to the most. `restricted`: no more than Pod Security's level of that name allows; `root`: the same, but for the user;
 * `wider`: something of that level is not promised.
 */
export const CONTAINER_RIGHTS = ['restricted', 'root', 'wider', 'privileged'] as const
export type ContainerRights = (typeof CONTAINER_RIGHTS)[number]

/** The most that any of them may do; undefined where there is none. */
export const mostOf = (all: readonly ContainerRights[]): ContainerRights | undefined => CONTAINER_RIGHTS.findLast((each) => all.includes(each))
