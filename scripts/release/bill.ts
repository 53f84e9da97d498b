// The bills of materials of a release: of dist, and of the job's image, which has the auditor's gems beside it. Debian's packages in the images are in the bills that the image's build attaches.
import { z } from 'zod'
import { CATALOG } from '../../src/auditor/gems.ts'

const Bill = z.looseObject({
  metadata: z.unknown(),
  components: z.array(z.unknown()),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) }))
})

/** dist's bill with the gems of the catalog, which the root needs through the auditor. */
export const imageBillOf = (bill: string): string => {
  const { dependencies, components, ...rest } = Bill.parse(JSON.parse(bill))
  const gems = CATALOG.gems.map(({ name, version, sha256 }) => ({
    type: 'library',
    'bom-ref': purl(name, version),
    name,
    version,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    purl: purl(name, version)
  }))
  const { gem, version } = CATALOG.auditor
  const auditor = purl(gem, version)
  const [root, ...others] = dependencies
  if (root === undefined) throw new Error('dist/sbom.cdx.json does not say what kscan needs')
  const whole = {
    ...rest,
    components: [...components, ...gems],
    dependencies: [
      { ...root, dependsOn: [...root.dependsOn, auditor] },
      ...others,
      // which gem needs which the catalog does not say: the auditor's tree is one
      { ref: auditor, dependsOn: gems.map(({ purl }) => purl).filter((each) => each !== auditor) },
      ...gems.filter(({ purl }) => purl !== auditor).map(({ purl }) => ({ ref: purl, dependsOn: [] }))
    ]
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}

const purl = (name: string, version: string): string => `pkg:gem/${name}@${version}`
