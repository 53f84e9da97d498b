/** Files that take minutes, the longest first: begun last, one of them would run alone at the end. */
const LONGEST = [
  'scan.test',
  'baseline.e2e',
  'kind.test',
  'exactness',
  'pairs',
  'collected',
  'twin-pod',
  'debug-container',
  'api-faults',
  'auto',
  'containers',
  'file-truth',
  'verdicts',
  'places',
  'broken',
  'killed-late'
]

const place = ({ path }) => {
  const index = LONGEST.findIndex((name) => path.includes(`/${name}.`))
  return index < 0 ? LONGEST.length : index
}

/** The order in which jest runs the files: those first, the others by size, for most that is long takes long. */
export default class LongestFirst {
  sort(tests) {
    const sizes = new Map(tests.map((test) => [test, test.context.hasteFS.getSize(test.path) ?? 0]))
    return tests.toSorted((one, other) => place(one) - place(other) || sizes.get(other) - sizes.get(one))
  }

  allFailedTests(tests) {
    return tests
  }

  shard(tests) {
    return tests
  }

  cacheResults() {}
}
