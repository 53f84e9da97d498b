import { type Entry, facts, name, number } from './html-markup.ts'
import { named } from './profile-of.ts'
import type { RunRecord, TargetRecord } from './record.ts'

/** How many of one kind the head of the page names. */
const NAMED = 3

/** What was scanned, and with what. */
export const subject = ({ cluster, targets }: RunRecord, entries: readonly Entry[]): string =>
  facts([
    ['Cluster', `${name(cluster.context || cluster.server)}${cluster.version === '' ? '' : `<span class="quiet">Kubernetes ${name(cluster.version)}</span>`}`],
    ['Namespace', several(targets.map(({ namespace }) => namespace))],
    ['Workload', several(targets.map(workloadOf))],
    ['Profile', profilesOf(entries)]
  ])

const profilesOf = (entries: readonly Entry[]): string => {
  const titles = new Set(entries.map(({ profile }) => profile.title.trim()))
  const [title = ''] = titles.size === 1 ? titles : []
  const names = several(entries.map(({ control, profile }) => named(control.profile, { ...profile, title: '' })))
  return title === '' ? names : `${names}<span class="quiet">${name(title)}</span>`
}

/** Each once, and how many more there are. */
const several = (all: readonly string[]): string => {
  const different = [...new Set(all.filter((each) => each !== ''))]
  const more = different.length > NAMED ? [`${number(different.length - NAMED)} more`] : []
  return [...different.slice(0, NAMED).map(name), ...more].join(', ')
}

/** What stands between namespace and container in the name of a target; empty for an image, which has none. */
const workloadOf = ({ stableName, namespace, pod, container }: TargetRecord): string => {
  const [before, after] = [`${namespace}/`, `/${container}`]
  if (pod === '') return ''
  return stableName.startsWith(before) && stableName.endsWith(after) && stableName.length > before.length + after.length
    ? stableName.slice(before.length, -after.length)
    : pod
}
