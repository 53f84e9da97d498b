import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import Ajv from 'ajv'

/** The published schema, and what it refers to. */
const schema = (name: string): object => {
  const library = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'))
  return JSON.parse(readFileSync(join(library, 'res', 'schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object
}

/** Whether a bill of materials is one of CycloneDX 1.6. */
export const cycloneDx = (): Ajv.ValidateFunction => {
  const ajv = new Ajv({ unknownFormats: 'ignore', logger: false })
  for (const name of ['spdx', 'jsf-0.82']) ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  return ajv.compile(schema('bom-1.6'))
}
