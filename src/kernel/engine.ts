/** The container engines that kind can use, in the order in which they are looked for. */
export const ENGINES = ['docker', 'nerdctl', 'podman'] as const
export type EngineName = (typeof ENGINES)[number]
