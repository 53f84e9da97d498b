import { expect, test } from '@jest/globals'
import { demandGate } from '../../../src/command/gate.ts'
import { ScanError } from '../../../src/kernel/error.ts'

type Given = Parameters<typeof demandGate>

const problemsOf = (config: Partial<Given[0]> = {}, host: Partial<Given[1]> = {}): string[] => {
  try {
    demandGate({ reports: ['hdf', 'sarif'], upload: 'auto', ...config }, { env: { KSCAN_JOB_SARIF: 'true' }, uploadByDefault: true, ...host })
    return []
  } catch (error) {
    return error instanceof ScanError && error.code === 'BAD_INPUT' ? error.problems.map(({ name }) => name) : [String(error)]
  }
}

test.each<[string, Parameters<typeof problemsOf>, readonly string[]]>([
  ['gets the results', [], []],
  ['gets them because they are always uploaded', [{ upload: 'always' }, { uploadByDefault: false }], []],
  ['lacks the results', [{ reports: ['sarif', 'junit'] }], ['reports']],
  ['lacks the report', [{ reports: ['hdf'] }], ['reports']],
  ['lacks the artifact', [{ upload: 'never' }], ['upload']],
  ['lacks the artifact of a public project', [{}, { uploadByDefault: false }], ['upload']],
  ['would get those of one of many', [{}, { env: { KSCAN_JOB_SARIF: 'true', CI_NODE_TOTAL: '2' } }], ['sarif']],
  ['lacks all at once', [{ reports: [], upload: 'never' }, { env: { KSCAN_JOB_SARIF: 'true', CI_NODE_TOTAL: '2' } }], ['reports', 'upload', 'sarif']],
  ['is not there', [{ reports: [], upload: 'never' }, { env: {} }], []]
])('the job that judges %s', (_what, given, problems) => expect(problemsOf(...given)).toEqual(problems))
