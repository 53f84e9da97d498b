import { type Question, showQuestions } from './role.ts'

/** Something that somebody must be allowed, of any object or of some by name. */
export interface Need extends Question {
  /** Objects that it is about; empty: of any name. */
  readonly names: readonly string[]
  /** The names stay as they are: a role may hold them. Those of pods that a workload made do not. */
  readonly fixed: boolean
  /** It is needed to hand it on, in roles of a run; who may give what he has not needs it not. */
  readonly handedOn: boolean
}

/** Whether somebody may do something. */
export type Ask = (question: Question) => Promise<boolean>

/** More names are not asked for one by one. */
const MOST_NAMES = 50

/** Which of the needs are not met: by a right to any name, by one to each name, or, of what is handed on, by the right to give what one has not. */
export const unmetNeeds = async (needs: readonly Need[], ask: Ask): Promise<Need[]> => {
  const open = await without(needs, ask)
  const unnamed = await without(open, async (need) => need.names.length > 0 && need.names.length <= MOST_NAMES && (await asksEach(need, ask)))
  const givers = new Map<string, Promise<boolean>>()
  return await without(unnamed, async ({ handedOn, namespace }) => {
    if (!handedOn) return false
    const gives = givers.get(namespace) ?? mayGive(namespace, ask)
    givers.set(namespace, gives)
    return await gives
  })
}

const without = async (needs: readonly Need[], met: (need: Need) => Promise<boolean>): Promise<Need[]> => {
  const answers = await Promise.all(needs.map(met))
  return needs.filter((_, index) => answers[index] !== true)
}

const asksEach = async (need: Need, ask: Ask): Promise<boolean> => {
  for (const name of need.names) if (!(await ask({ ...questionOf(need), name }))) return false
  return true
}

/** RBAC lets whoever may `escalate` roles write what he has not into one, and whoever may `bind` them bind it. */
const mayGive = async (namespace: string, ask: Ask): Promise<boolean> => {
  const role = { namespace, group: 'rbac.authorization.k8s.io', resource: 'roles', subresource: '', name: '' }
  return (await ask({ ...role, verb: 'escalate' })) && (await ask({ ...role, verb: 'bind' }))
}

const questionOf = ({ namespace, verb, group, resource, subresource, name }: Need): Question => ({ namespace, verb, group, resource, subresource, name })

/** In one line, with the names that stay. */
export const showNeeds = (needs: readonly Need[]): string =>
  needs.map((need) => showQuestions([{ ...questionOf(need), name: need.fixed ? need.names.join(' ') : '' }])).join('; ')
