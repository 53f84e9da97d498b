/** A container of an image that is loaded. */
export const container = (image: string, more: object = {}): object => ({ name: 'app', image, imagePullPolicy: 'IfNotPresent', ...more })

/** A Deployment whose pods are labelled `scan=wanted`. */
export const deployment = (name: string, spec: object): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name, scan: 'wanted' } }, spec } }
})
