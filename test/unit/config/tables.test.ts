import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { INPUTS, inputsOf } from '../../../src/config/inputs.ts'
import { OUTPUTS } from '../../../src/config/outputs.ts'
import { parseValue } from '../../../src/config/values.ts'

const Described = z.strictObject({ description: z.string().min(10) })
const Action = z.object({
  inputs: z.record(z.string(), Described.extend({ required: z.literal(false) })),
  outputs: z.record(z.string(), Described),
  runs: z.strictObject({ using: z.literal('node24'), main: z.literal('dist/action.js'), post: z.literal('dist/post.js'), 'post-if': z.literal('always()') })
})

describe('action.yml', () => {
  const action = Action.parse(parse(readFileSync('action.yml', 'utf8')))

  test('has the inputs of a scan, and no others', () => {
    expect(Object.keys(action.inputs)).toEqual(inputsOf('scan').map(({ name }) => name))
  })

  test('has every output', () => {
    expect(Object.keys(action.outputs)).toEqual(Object.keys(OUTPUTS))
  })

  test.each(INPUTS.filter((input) => input.default !== '').map((input) => [input.name, input.default]))('says the default of %s', (name, standard) => {
    expect(action.inputs[name]?.description).toContain(`Default: ${standard}.`)
  })
})

test('action.yml and docs/inputs.md are what the tables give', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/tables.ts', '--check'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

describe('the table of inputs', () => {
  test('names each input once, as a flag can be written', () => {
    const names = INPUTS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  test.each(INPUTS.filter((input) => input.default !== '').map((input) => [input.name, input] as const))(
    'the default of %s is a value that it accepts',
    (_, input) => {
      expect(parseValue(input, input.default)).toHaveProperty('value')
    }
  )

  test.each(INPUTS.map((input) => [input.name, input] as const))('%s is text for people: sentences that end', (_, input) => {
    expect(input.text).toMatch(/^[^\s].{15,240}\.$/)
    expect(input.verbs.length).toBeGreaterThan(0)
  })

  test('what may hold a secret is marked', () => {
    expect(INPUTS.filter(({ secret }) => secret === true).map(({ name }) => name)).toEqual(['git-token', 'profile-inputs'])
  })
})
