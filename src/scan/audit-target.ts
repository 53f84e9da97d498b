import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rejected } from '../approach/choose.ts'
import { type AuditEvent, openBroker } from '../auditor/broker.ts'
import { audit, type AuditJob } from '../auditor/launch.ts'
import { ScanError, messageOf } from '../kernel/error.ts'
import { Evidence, type Grounded, type Lack } from '../session/evidence.ts'
import { lookAgain } from '../session/look.ts'
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
  /** Beside a failure it is kept for people, and never judged: nobody has confirmed what it rests on. */
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
  extends SessionPlan, Pick<AuditJob, 'command' | 'env' | 'plugin' | 'profiles' | 'inputFiles' | 'waiverFiles' | 'controls' | 'tags' | 'logFile' | 'logPlace'> {
  /** The run's private folder. */
  readonly folder: string
  readonly commandTimeout: number
  readonly containerDetection: 'docker' | 'native'
  readonly runnerResources: 'deny' | 'allow'
  readonly transcript: 'off' | 'hashes' | 'full'
}

/** Of the 6 s that all undoing may take, so much is for closing one target. */
const TARGET_BUDGET_MS = 2000
const CLOSED = new ScanError('SESSION_FAILED', 'The audit of this container is over')

/** Audits one container and never throws but for an interruption: a target that fails does not hide the others. */
export const auditTarget = async (target: Target, plan: AuditPlan, { ports, leftovers }: { ports: Ports; leftovers: Leftover[] }): Promise<AuditRun> => {
  const begun = ports.clock.now()
  const evidence = new Evidence()
  const asides = plan.runnerResources === 'allow' ? new Evidence() : evidence
  const transcript = plan.transcript === 'off' ? undefined : new Transcript(plan.transcript)
  const scope = new Scope(TARGET_BUDGET_MS)
  const over = new AbortController()
  const [kept, rejected]: [string[], Rejected[]] = [[], []]
  let opened: Opened | undefined
  let raw: Buffer | undefined
  let failure: ScanError | undefined
  try {
    const dead = new AbortController()
    opened = await chooseSession(target, plan, { ports, scope, kept, rejected, over: over.signal, onDead: (error) => dead.abort(error) })
    const { session } = opened
    raw = await auditOver(opened, { plan, ports, scope, evidence, asides, transcript, signal: AbortSignal.any([ports.signal, dead.signal]) })
    await lookAgain(evidence, (code) => session.inspect(code, plan.commandTimeout), session.dialect)
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
    hint: 'They are in the hdf report, and were not judged. Scan it again.'
  })

interface AuditRoom {
  readonly plan: AuditPlan
  readonly ports: Ports
  readonly scope: Scope
  readonly evidence: Evidence
  readonly asides: Evidence
  readonly transcript: Transcript | undefined
  readonly signal: AbortSignal
}

const auditOver = async ({ session, target }: Opened, room: AuditRoom): Promise<Buffer> => {
  const { plan, ports, scope, signal } = room
  const folder = await mkdtemp(join(plan.folder, 't-'))
  scope.defer({ what: 'private folder', limit: 2000, undo: () => rm(folder, { recursive: true, force: true }) })
  const broker = await openBroker({
    folder,
    run: (command, timeout) => session.run(command, timeout),
    inspect: (code, timeout) => session.inspect(code, timeout),
    commandTimeout: plan.commandTimeout,
    containerDetection: plan.containerDetection,
    evidence: room.evidence,
    asides: room.asides,
    transcript: room.transcript,
    onEvent: countProgress(target, ports)
  })
  scope.defer({ what: 'broker', limit: 1000, undo: () => broker.close() })
  const identity = `${target.namespace}/${target.pod}/${target.container}?uid=${target.podUid}&image=${target.imageId}`
  return await audit({ ...plan, folder, broker, identity, timeout: plan.scanTimeout, signal })
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
