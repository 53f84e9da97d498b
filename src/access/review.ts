import { z } from 'zod'
import { call } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import { atMost } from '../kernel/at-most.ts'
import type { Clock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { type ApproachKind, forbiddenQuestions, neededQuestions, type Question, type Rule, showQuestion, showQuestions } from './role.ts'

const Answer = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) })

/** Asks the API server (SelfSubjectAccessReview) whether the connection's identity may do something. */
export const may = async (connection: Connection, question: Question, signal?: AbortSignal): Promise<boolean> => {
  const { namespace, verb, group, resource, subresource, name } = question
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace, verb, group, resource, subresource, name } }
  }
  const answer = await call(connection, {
    method: 'POST',
    path: 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body,
    asks: true,
    signal
  })
  return Answer.parse(answer).status.allowed
}

/** Questions that are asked at once; the time of each begins when it is its turn, however many there are. */
const ASKED_AT_ONCE = 12

/** Which of the questions are answered no. */
export const refused = async (connection: Connection, questions: readonly Question[], signal?: AbortSignal): Promise<Question[]> => {
  const answers = await atMost(ASKED_AT_ONCE, questions, async (question) => ((await may(connection, question, signal)) ? [] : [question]))
  return answers.flat()
}

/** Within how many milliseconds a grant must be in force. */
export const EFFECTIVE_MS = 10_000
const PAUSE_MS = 100

/** How long rights that somebody else has given may take to reach every server. */
const STANDING_MS = 2000

/** Whose rights are waited for: `standing` are those that were there before the run, of whom it says. */
export interface Awaited {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly standing?: string | undefined
  /** Milliseconds; negative: it is asked once. */
  readonly patience?: number
}

/** Waits until the scanner's rights are in force. Throws ACCESS_DENIED, naming what is still refused. */
export const awaitGrant = async (connection: Connection, scope: { namespace: string; rules: readonly Rule[] }, ports: Awaited): Promise<void> => {
  let open = neededQuestions(scope.namespace, scope.rules)
  const { patience = ports.standing === undefined ? EFFECTIVE_MS : STANDING_MS } = ports
  const end = ports.clock.now() + patience
  for (;;) {
    const late = ports.clock.now() > end
    open = await refused(connection, open, ports.signal)
    if (open.length === 0) return
    if (late && ports.standing !== undefined) throw new ScanError('ACCESS_DENIED', `${ports.standing} may not ${showQuestions(open)}`)
    if (late) {
      throw new ScanError('ACCESS_DENIED', `The scanner's rights did not come into force: ${open.map(showQuestion).join('; ')}`, {
        hint: 'Does the account have this role, and does no other authorizer of this cluster refuse what its roles allow?'
      })
    }
    await ports.clock.sleep(PAUSE_MS, ports.signal)
  }
}

/** What the scanner may do and must not be able to do. */
export const excess = async (connection: Connection, scan: { namespace: string; approach: ApproachKind }, signal: AbortSignal): Promise<string[]> => {
  const questions = forbiddenQuestions(scan.namespace, scan.approach)
  const denied = await refused(connection, questions, signal)
  return questions.filter((question) => !denied.includes(question)).map(showQuestion)
}
