type Texts = Readonly<Record<string, string>>

/** What the user adds to pods of ours. Checked: nothing in it widens their rights. */
export interface TwinTemplate {
  readonly labels: Texts
  readonly annotations: Texts
  readonly nodeSelector: Texts
  readonly tolerations: readonly unknown[]
  readonly priorityClassName: string | undefined
  readonly schedulerName: string | undefined
  readonly requests: Texts
  readonly limits: Texts
}

/** What a container asks for where a quota wants it said, and nothing else says it: a waiting program, a shell and small tools. */
export const SMALL: Readonly<Record<'requests' | 'limits', Texts>> = {
  requests: { cpu: '25m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
  limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '512Mi' }
}

/** Whether a quota refused a pod for what its containers do not say. */
export const isUnsaid = (message: string): boolean => /failed quota: [^]*must specify/.test(message)

/** The resources of each container; `bounded`: what is not said otherwise is small. */
export const resourcesOf = (template: TwinTemplate | undefined, { bounded }: { bounded: boolean }): Record<string, unknown> => {
  const limits = { ...(bounded ? { ...SMALL.limits, ...template?.requests } : {}), ...template?.limits } // no limit is below what is asked for
  const requests = { ...(bounded ? smallRequests(template?.limits ?? {}) : {}), ...template?.requests }
  const given = { ...(Object.keys(requests).length === 0 ? {} : { requests }), ...(Object.keys(limits).length === 0 ? {} : { limits }) }
  return Object.keys(given).length === 0 ? {} : { resources: given }
}

/** Where a limit is given, the API server takes it for the request, which must not be more. */
const smallRequests = (limits: Texts): Texts => Object.fromEntries(Object.entries(SMALL.requests).filter(([name]) => limits[name] === undefined))

/** The template in one line, for people; not escaped. */
export const showTemplate = (template: TwinTemplate): string => {
  const pairs = (what: string, of: Texts): string[] =>
    Object.keys(of).length === 0
      ? []
      : [
          `${what} ${Object.entries(of)
            .map(([key, value]) => `${key}=${value}`)
            .join(', ')}`
        ]
  const { tolerations, priorityClassName, schedulerName } = template
  return [
    ...pairs('labels', template.labels),
    ...pairs('annotations', template.annotations),
    ...pairs('nodeSelector', template.nodeSelector),
    ...(tolerations.length === 0 ? [] : [`tolerations ${JSON.stringify(tolerations)}`]),
    ...(priorityClassName === undefined ? [] : [`priorityClassName ${priorityClassName}`]),
    ...(schedulerName === undefined ? [] : [`schedulerName ${schedulerName}`]),
    ...pairs('requests', template.requests),
    ...pairs('limits', template.limits)
  ].join('; ')
}

/** What is asked for where a quota wants it said. */
export const showSmall = (): string =>
  showTemplate({ labels: {}, annotations: {}, nodeSelector: {}, tolerations: [], priorityClassName: undefined, schedulerName: undefined, ...SMALL })
