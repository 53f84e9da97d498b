import type { Input, Verb } from './input.ts'
import { CLUSTER_INPUTS } from './inputs-of-cluster.ts'
import { RESULT_INPUTS } from './inputs-of-results.ts'
import { RUN_INPUTS } from './inputs-of-run.ts'

/** THE table: flags, action.yml and the documentation are made from it. */
export const INPUTS = [...CLUSTER_INPUTS, ...RUN_INPUTS, ...RESULT_INPUTS]

export type InputName = (typeof INPUTS)[number]['name']

/** The variable of the environment that gives an input. */
export const variableOf = (name: string): string => `KSCAN_${name.toUpperCase().replaceAll('-', '_')}`

export const inputsOf = (verb: Verb): readonly Input[] => INPUTS.filter(({ verbs }) => verbs.includes(verb))
