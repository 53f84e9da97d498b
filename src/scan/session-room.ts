import type { ShellOptions } from '../approach/shell-session.ts'
import type { Connection } from '../cluster/connection.ts'
import type { Marks } from '../cluster/manifests.ts'
import type { ScanError } from '../kernel/error.ts'
import type { HelperRecord } from '../report/record.ts'
import type { Session } from '../session/session.ts'
import { unendedText } from '../session/ended.ts'
import { sameAsBefore, type Target } from '../target/facts.ts'
import type { Journal } from '../undo/journal.ts'
import type { Scope } from '../undo/scope.ts'
import type { Rejected } from '../approach/choose.ts'
import type { Approach, Auto } from './approach.ts'
import type { Ports } from './ports.ts'

/** What a session is opened with. */
export interface SessionPlan {
  readonly connection: Connection
  readonly approach: Approach | Auto
  /** Gives the scanner what an approach needs beyond its first rights. Rejects with ACCESS_DENIED. */
  readonly grantMore: (target: Target, approach: Approach, index: number) => Promise<void>
  readonly run: string
  /** The place of the target in its run. */
  readonly index: number
  readonly marks: Marks
  /** The profiles may need more than kscan's own does: tools that most images have. */
  readonly needsTools: boolean
  readonly journal: Journal
  /** Milliseconds. */
  readonly scanTimeout: number
  /** Images that only the nodes have, where there are any: they are not pulled. */
  readonly loaded?: readonly string[]
}

export interface SessionRoom {
  readonly ports: Ports
  readonly scope: Scope
  /** Gets what stays in the pod by design. */
  readonly kept: string[]
  /** Gets what lends a shell, or was added in order to. */
  readonly helpers: HelperRecord[]
  /** Gets the approaches that were not taken, each with why. */
  readonly rejected: Rejected[]
  /** Aborted once the scope is closed. */
  readonly over: AbortSignal
  readonly onDead: (error: ScanError) => void
}

export interface Opened {
  readonly session: Session
  /** The container that answers. */
  readonly target: Target
  readonly way: Way
}

/** By which approach a target was reached, and why by that one. */
export interface Way {
  readonly approach: Approach['kind']
  readonly why: string
}

/** A session plan of one approach. */
export type OneWay<Kind extends Approach['kind'] = Approach['kind']> = SessionPlan & { readonly approach: Extract<Approach, { kind: Kind }> }

export const SESSION_UNDO_MS = 2000
/** How much longer than the audit a helper waits before it ends by itself. */
export const HELPER_MARGIN_S = 60

export const shellOptions = (target: Target, plan: SessionPlan, room: SessionRoom): ShellOptions => ({
  connection: plan.connection,
  target,
  clock: room.ports.clock,
  check: () => sameAsBefore(plan.connection, target, room.over),
  signal: room.over,
  interrupt: room.ports.signal,
  onUnended: () => {
    const text = unendedText(target.name)
    if (!room.kept.includes(text)) room.kept.push(text)
  },
  onDead: room.onDead
})
