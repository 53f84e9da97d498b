// The bill of materials of dist: CycloneDX 1.6. No time and no serial number, so that the same packages give the same bytes.
import { idOf, type Shipped } from './packages.ts'

export interface Product {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  /** What it asks for itself, as `name@version`. */
  readonly asksFor: readonly string[]
}

export const billOf = (product: Product, shipped: readonly Shipped[]): string => {
  const root = purl(product)
  const direct = shipped.filter((each) => product.asksFor.includes(idOf(each)))
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': root, ...naming(product), description: product.description, licenses: licensesOf(product), purl: root }
    },
    components: shipped.map((each) => ({ type: 'library', 'bom-ref': purl(each), ...naming(each), licenses: licensesOf(each), purl: purl(each) })),
    dependencies: [
      { ref: root, dependsOn: direct.map(purl) },
      ...shipped.map((each) => ({ ref: purl(each), dependsOn: shipped.filter((other) => each.needs.includes(idOf(other))).map(purl) }))
    ]
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

/** As package URLs have it: only the `@` of a scope is escaped. */
const purl = ({ name, version }: Pick<Shipped, 'name' | 'version'>): string => `pkg:npm/${name.replace('@', '%40')}@${version}`

const naming = ({ name, version }: Pick<Shipped, 'name' | 'version'>): object => {
  const [scope = '', ...rest] = name.split('/')
  return rest.length === 0 ? { name, version } : { group: scope, name: rest.join('/'), version }
}

const licensesOf = ({ license }: { readonly license: string }): object[] =>
  /\s/.test(license) ? [{ expression: license.replace(/^\((.*)\)$/, '$1') }] : [{ license: { id: license } }]
