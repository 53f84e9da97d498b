import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rejected } from '../approach/choose.ts'
import { type AuditEvent, openBroker } from '../auditor/broker.ts'
import { removeFolder } from '../auditor/remove-folder.ts'
import { audit, type AuditJob } from '../auditor/launch.ts'
import { ScanError, messageOf } from '../kernel/error.ts'
import { unlessAborted, waitAtMost } from '../kernel/give-up.ts'
import type { HelperRecord } from '../report/record.ts'
import type { CommandReader } from '../session/command-reader.ts'
import { Evidence, type Grounded, type Lack } from '../session/evidence.ts'
import { type Asking, lookAgain } from '../session/look.ts'
import { type Question, Transcript } from '../session/transcript.ts'
import { sameAsBefore, type Target } from '../target/facts.ts'
import { type Leftover, Scope } from '../undo/scope.ts'
import { chooseSession } from './choose-session.ts'
import type { Ports } from './ports.ts'
import type { Opened, SessionPlan, Way } from './session-room.ts'

/** What one target's audit gave: the auditor's bytes, or why there are none or they do not count. */
export interface AuditRun {
  /** The container that answered; the one that was chosen where none did. */
  readonly target: Target
  /** By which approach it was reached; undefined where none got so far. */
  readonly way: Way | undefined
  /** The approaches that were not taken, each with why. */
  readonly rejected: readonly Rejected[]
  /** What stays in the pod by design. */
  readonly kept: readonly string[]
  readonly helpers: readonly HelperRecord[]
  /** Beside a failure it is kept for people, where it is results at all, and never judged: nobody has confirmed what it rests on. */
  readonly raw: Buffer | undefined
  readonly lacks: readonly Lack[]
  /** What this machine answered in place of the container, where that is allowed; else it is among the lacks. */
  readonly allowed: readonly Lack[]
  /** Services that were found not to be there without a service manager. */
  readonly services: readonly Grounded[]
  /** What was asked and answered; empty where no transcript is kept. */
  readonly questions: readonly Question[]
  readonly commands: number
  /** It answered through a helper of an image that is not the toolbox. */
  readonly foreign: boolean
  readonly failure: ScanError | undefined
  /** Milliseconds. */
  readonly duration: number
}

export interface AuditPlan
  extends
    SessionPlan,
    Pick<
      AuditJob,
      'command' | 'isolation' | 'env' | 'plugin' | 'profiles' | 'inputFiles' | 'waiverFiles' | 'controls' | 'tags' | 'log' | 'logPlace' | 'later'
    > {
  /** The run's private folder. */
  readonly folder: string
  readonly commandTimeout: number
  readonly reader: CommandReader
  readonly containerDetection: 'docker' | 'native'
  readonly runnerResources: 'deny' | 'allow'
  readonly transcript: 'off' | 'hashes' | 'full'
}

/** Of the 6 s that all undoing may take, so much is for closing one target. */
const TARGET_BUDGET_MS = 2000
/** How long what the auditor said last may take to get here, once it has ended. */
const SETTLE_MS = 1000
const REMOVE_MS = 1500
const CLOSED = new ScanError('SESSION_FAILED', 'The audit of this container is over')

/** Audits one container and never throws but for an interruption: a target that fails does not hide the others. */
export const auditTarget = async (target: Target, plan: AuditPlan, { ports, leftovers }: { ports: Ports; leftovers: Leftover[] }): Promise<AuditRun> => {
  const begun = ports.clock.now()
  const evidence = new Evidence()
  const asides = plan.runnerResources === 'allow' ? new Evidence() : evidence
  const transcript = plan.transcript === 'off' ? undefined : new Transcript(plan.transcript)
  const scope = new Scope(TARGET_BUDGET_MS)
  const over = new AbortController()
  const [kept, rejected, helpers]: [string[], Rejected[], HelperRecord[]] = [[], [], []]
  let opened: Opened | undefined
  let raw: Buffer | undefined
  let failure: ScanError | undefined
  try {
    const dead = new AbortController()
    const fail = (error: ScanError): void => dead.abort(error)
    opened = await chooseSession(target, plan, { ports, scope, kept, helpers, rejected, over: over.signal, onDead: fail })
    const { session } = opened
    const started = ports.clock.now()
    raw = await auditOver(opened, { plan, ports, scope, evidence, asides, transcript, fail, signal: AbortSignal.any([ports.signal, dead.signal]) })
    await look(evidence, session, { plan, ports, left: plan.scanTimeout - (ports.clock.now() - started) })
    await sameAsBefore(plan.connection, opened.target, ports.signal)
  } catch (error) {
    ;({ raw, failure } = await broken(error, { raw, answering: opened?.target ?? (plan.approach.kind === 'twin-pod' ? undefined : target), plan, ports }))
  } finally {
    await scope.close()
    leftovers.push(...scope.leftovers)
    over.abort(CLOSED)
  }
  ports.signal.throwIfAborted()
  return {
    target: opened?.target ?? target,
    ...wayOf(opened),
    rejected,
    kept,
    helpers,
    raw,
    lacks: evidence.lacks(),
    allowed: asides === evidence ? [] : asides.lacks(),
    services: evidence.grounds(),
    questions: transcript?.questions(evidence) ?? [],
    failure,
    duration: ports.clock.now() - begun
  }
}

interface Broken extends Pick<AuditRun, 'raw'> {
  /** The container that was reached, or was to be. */
  readonly answering: Target | undefined
  readonly plan: AuditPlan
  readonly ports: Ports
}

/** What an audit is worth in which something failed: its results are kept for people, but not those that may be of two containers. */
const broken = async (error: unknown, { raw, answering, plan, ports }: Broken): Promise<{ raw: Buffer | undefined; failure: ScanError }> => {
  const failure = await explain(error, answering, { plan, ports })
  return raw === undefined || failure.code === 'TARGET_CHANGED' ? { raw: undefined, failure } : { raw, failure: unconfirmed(failure) }
}

const wayOf = (opened: Opened | undefined): Pick<AuditRun, 'way' | 'commands' | 'foreign'> =>
  opened === undefined
    ? { way: undefined, commands: 0, foreign: false }
    : { way: opened.way, commands: opened.session.commands, foreign: opened.session.dialect.doubt !== undefined }

const toFailure = (error: unknown): ScanError => (error instanceof ScanError ? error : new ScanError('API_FAILED', messageOf(error), { cause: error }))

/** A container that went away breaks what was under way in many forms; the reason is the one thing to say. */
const explain = async (error: unknown, target: Target | undefined, { plan, ports }: { plan: AuditPlan; ports: Ports }): Promise<ScanError> => {
  if (ports.signal.aborted || target === undefined) return toFailure(error)
  try {
    await sameAsBefore(plan.connection, target, AbortSignal.any([ports.signal, AbortSignal.timeout(EXPLAIN_MS)]))
  } catch (found) {
    if (found instanceof ScanError && found.code === 'TARGET_CHANGED') return found
  }
  return toFailure(error)
}

const EXPLAIN_MS = 2000

/** The audit has ended, and what its results rest on was not to be learnt. */
const unconfirmed = ({ code, message, cause }: ScanError): ScanError =>
  new ScanError(code, `The audit ended, but its results could not be confirmed: ${message}`, {
    cause,
    hint: 'Where hdf is among the reports, it holds them; they were not judged. Scan it again.'
  })

interface AuditRoom {
  readonly plan: AuditPlan
  readonly ports: Ports
  readonly scope: Scope
  readonly evidence: Evidence
  readonly asides: Evidence
  readonly transcript: Transcript | undefined
  readonly signal: AbortSignal
  /** Aborts that signal. */
  readonly fail: (error: ScanError) => void
}

interface LookRoom {
  readonly plan: AuditPlan
  readonly ports: Ports
  /** Milliseconds of the time of the whole audit. */
  readonly left: number
}

/** What there is always time for: helpers and objects of the run live longer by more than that. */
const LEAST_LOOK_MS = 30_000

/** A container that answers drop by drop holds up no more than its own audit. */
const look = async (evidence: Evidence, session: Opened['session'], { plan, ports, left }: LookRoom): Promise<void> => {
  const late = new AbortController()
  const error = new ScanError('TIMED_OUT', `kscan could not check within ${plan.scanTimeout / 1000} s what the answers rest on`, {
    hint: 'Raise scan-timeout.'
  })
  const timer = setTimeout(() => late.abort(error), Math.max(LEAST_LOOK_MS, left))
  const end = AbortSignal.any([ports.signal, late.signal])
  const asking: Asking = {
    inspect: async (code) => {
      end.throwIfAborted()
      return await session.inspect(code, plan.commandTimeout)
    },
    read: async (command) => {
      end.throwIfAborted() // nobody waits for it any more
      return await plan.reader.read(command)
    }
  }
  try {
    await unlessAborted(lookAgain(evidence, asking, session.dialect), end)
  } finally {
    clearTimeout(timer)
  }
}

const auditOver = async ({ session, target }: Opened, room: AuditRoom): Promise<Buffer> => {
  const { plan, ports, scope, signal } = room
  const folder = await mkdtemp(join(plan.folder, 't-'))
  const broker = await openBroker({
    folder,
    run: (command, timeout) => session.run(command, timeout),
    inspect: (code, timeout) => session.inspect(code, timeout),
    commandTimeout: plan.commandTimeout,
    containerDetection: plan.containerDetection,
    evidence: room.evidence,
    asides: room.asides,
    transcript: room.transcript,
    onEvent: countProgress(target, ports),
    onFailure: room.fail
  })
  scope.defer({ what: 'broker', limit: 1000, undo: () => broker.close() })
  const identity = `${target.namespace}/${target.pod}/${target.container}?uid=${target.podUid}&image=${target.imageId}`
  const ending: Promise<unknown>[] = []
  try {
    const raw = await audit({ ...plan, folder, broker, identity, timeout: plan.scanTimeout, signal, later: (work) => ending.push(work) })
    if (!(await waitAtMost(broker.settled(), SETTLE_MS))) throw new ScanError('SESSION_FAILED', 'The auditor ended, and what it said last did not arrive')
    signal.throwIfAborted() // what it said may be what kscan cannot read
    return raw
  } finally {
    plan.later(Promise.allSettled(ending).then(() => removeFolder(folder, REMOVE_MS)))
  }
}

const countProgress = (target: Target, ports: Ports): ((event: AuditEvent) => void) => {
  let total: number | undefined
  let done = 0
  return (event) => {
    if (event.kind === 'start') {
      total = event.checks
      return
    }
    done += 1
    ports.host.progress({ target: target.name, done, total, control: event.control, status: event.status })
  }
}
