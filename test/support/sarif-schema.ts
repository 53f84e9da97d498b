import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Ajv, { type ValidateFunction } from 'ajv'

const fileOf = (name: string): object => JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(name)), 'utf8')) as object

/** Whether a document fits the schema of SARIF 2.1.0. */
export const sarifSchema = (): ValidateFunction =>
  new Ajv({ schemaId: 'auto', allErrors: true })
    .addMetaSchema(fileOf('ajv/lib/refs/json-schema-draft-04.json'))
    .compile(fileOf('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'))
