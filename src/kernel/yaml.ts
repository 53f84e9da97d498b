import { CST, type Document, isScalar, Lexer, LineCounter, parseDocument, visit, type YAMLError, YAMLParseError } from 'yaml'

type Options = NonNullable<Parameters<typeof parseDocument>[1]>

/** Deeper than anything that we read; the parser runs out of its stack, slowly, at a thousand. */
const DEEPEST = 100

/**
 * YAML or JSON as a document, with every fault in its `errors`, the first of which has its place; never throws. The parser's own look for keys that are given twice
 * compares each key with each other, and for the place of a fault it reads all lines anew: of some ten thousand it takes a minute.
 */
export const parseYaml = (text: string, options: Options): Document.Parsed => {
  const lineCounter = options.lineCounter ?? new LineCounter()
  try {
    if (isDeep(text)) return faulty(options)
    const document = parseDocument(text, { ...options, lineCounter, uniqueKeys: false, prettyErrors: false })
    document.errors.push(...repeatedKeys(document, lineCounter))
    place(document.errors[0], lineCounter)
    place(document.warnings[0], lineCounter)
    return document
  } catch (error) {
    if (error instanceof RangeError) return faulty(options)
    throw error
  }
}

const place = (fault: YAMLError | undefined, lineCounter: LineCounter): void => {
  if (fault !== undefined) fault.linePos ??= [lineCounter.linePos(fault.pos[0])]
}

const faulty = (options: Options): Document.Parsed => {
  const document = parseDocument('', options)
  document.errors.push(new YAMLParseError([0, 0], 'RESOURCE_EXHAUSTION', 'More levels than can be read'))
  return document
}

/** Levels of brackets, and of lists and keys that begin on one line. */
export const isDeep = (text: string): boolean => {
  let [brackets, begun] = [0, 0]
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token)
    if (type === 'flow-seq-start' || type === 'flow-map-start') brackets += 1
    else if (type === 'flow-seq-end' || type === 'flow-map-end') brackets -= 1
    else if (type === 'newline') begun = 0
    else if (brackets === 0 && (type === 'seq-item-ind' || type === 'explicit-key-ind')) begun += 1
    if (brackets > DEEPEST || begun > DEEPEST) return true
  }
  return false
}

/** The first of them. */
const repeatedKeys = (document: Document.Parsed, lineCounter: LineCounter): YAMLParseError[] => {
  const faults: YAMLParseError[] = []
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>()
      const twice = items.find(({ key }) => {
        const value = isScalar(key) ? key.value : key
        return seen.size === seen.add(value).size
      })
      if (twice === undefined) return undefined
      faults.push(repeated(twice.key, lineCounter))
      return visit.BREAK
    }
  })
  return faults
}

const repeated = (key: unknown, lineCounter: LineCounter): YAMLParseError => {
  const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0
  const fault = new YAMLParseError([offset, offset + 1], 'DUPLICATE_KEY', 'Map keys must be unique')
  fault.linePos = [lineCounter.linePos(offset)]
  return fault
}
