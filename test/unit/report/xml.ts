/** One element of a document that is well formed. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

const TOKEN = /<\?xml [^?]*\?>|<\/([A-Za-z]+)>|<([A-Za-z]+)((?: [A-Za-z]+="[^"<]*")*)(\/?)>|[^<]+/gy
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#(\d+));/g
const NAMED: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'" }

/** Reads the part of XML 1.0 that we write; throws where a text is not well formed. */
export const readXml = (text: string): Element => {
  if (!ALLOWED.test(text)) throw new Error('a character that XML does not allow')
  const top: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [top]
  let at = 0
  for (const [token, closed, opened, attributes, empty] of text.matchAll(TOKEN)) {
    at += token.length
    const parent = open.at(-1) ?? top
    if (closed !== undefined) {
      if (open.pop()?.name !== closed || open.length === 0) throw new Error(`</${closed}> closes what is not open`)
    } else if (opened !== undefined) {
      const element = { name: opened, attributes: attributesOf(attributes ?? ''), children: [], text: '' }
      parent.children.push(element)
      if (empty === '') open.push(element)
    } else if (!token.startsWith('<?xml')) parent.text += decode(token)
  }
  const [root] = top.children
  if (at !== text.length || open.length !== 1 || root === undefined || top.children.length !== 1)
    throw new Error(`not well formed at ${at}: ${text.slice(at, at + 60)}`)
  return root
}

const attributesOf = (text: string): Record<string, string> => {
  const pairs = [...text.matchAll(/ ([A-Za-z]+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', decode(value ?? '')] as const)
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error('an attribute twice')
  return Object.fromEntries(pairs)
}

const decode = (text: string): string => {
  if (text.replace(REFERENCE, '').includes('&')) throw new Error(`a bare & in ${text.slice(0, 60)}`)
  return text.replace(REFERENCE, (reference, code: string | undefined) => (code === undefined ? (NAMED[reference] ?? '') : String.fromCodePoint(Number(code))))
}
