import { printableLine } from '../kernel/name.ts'

/** The state of a container, as the API has it. */
export interface ContainerState {
  readonly running?: unknown
  readonly waiting?: { readonly reason?: string | undefined; readonly message?: string | undefined } | undefined
  readonly terminated?: { readonly reason?: string | undefined; readonly message?: string | undefined; readonly exitCode?: number | undefined } | undefined
}

/** User and group id of a container's processes. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
}

const HOPELESS = /^(?:Err|ImagePullBackOff|InvalidImageName|Create\w+Error|RunContainerError|CrashLoopBackOff)/

/** A container that waits for one of these does not come by waiting. */
export const isHopeless = ({ waiting }: ContainerState): boolean => HOPELESS.test(waiting?.reason ?? '')

/** The runtime's own words. */
export const reasonOf = ({ terminated, waiting }: ContainerState): string => {
  const { reason = 'no reason given', message = '' } = terminated ?? waiting ?? { reason: 'no status yet' }
  return printableLine(message === '' ? reason : `${reason}: ${message}`, 300)
}
