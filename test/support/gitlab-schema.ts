import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import Ajv, { type ValidateFunction } from 'ajv'

const RUNNER = 'node_modules/gitlab-ci-local/dist/index.js'
const BEGIN = '{$schema:"http://json-schema.org/draft-07/schema#",$id:"https://gitlab.com/.gitlab-ci.yml"'

/** GitLab's own schema of `.gitlab-ci.yml`, as gitlab-ci-local brings it: a literal in its bundle. */
export const gitlabSchema = (): ValidateFunction => {
  const source = readFileSync(RUNNER, 'utf8')
  const begin = source.indexOf(BEGIN)
  if (begin === -1) throw new Error(`${RUNNER} has no schema of GitLab's`)
  const schema = runInNewContext(`(${source.slice(begin, endOf(source, begin))})`) as object
  return new Ajv({ allErrors: true, schemaId: 'auto' }).compile(JSON.parse(JSON.stringify(schema)) as object)
}

/** The end of the literal that begins there. */
const endOf = (source: string, begin: number): number => {
  let depth = 0
  for (let at = begin; at < source.length; at += 1) {
    const character = source[at]
    if (character === '"' || character === "'" || character === '`') at = stringEnd(source, at)
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  throw new Error('the schema does not end')
}

const stringEnd = (source: string, begin: number): number => {
  let at = begin + 1
  while (source[at] !== source[begin]) at += source[at] === '\\' ? 2 : 1
  return at
}
