import { z } from 'zod'
import { call } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import { LISTING } from '../cluster/request.ts'
import { ScanError } from '../kernel/error.ts'

/** Where is asked, and what ends the asking. */
export interface Place {
  readonly connection: Connection
  readonly namespace: string
  readonly signal: AbortSignal | undefined
}

const List = z.looseObject({ metadata: z.looseObject({ continue: z.string().optional() }).default({}), items: z.array(z.unknown()) })
const PAGE = 500
/** More pods than a namespace may have; a server that is none may lead on for ever. */
const PAGES = 200
/** Milliseconds for all pages. */
const LIST_MS = 60_000

/** All items, page by page. Throws API_FAILED for a list without an end. */
export const list = async ({ connection, signal }: Place, path: string, selector: string): Promise<unknown[]> => {
  const items: unknown[] = []
  const end = performance.now() + LIST_MS
  let next = ''
  for (let pages = 0; pages < PAGES && performance.now() < end; pages += 1) {
    const query = new URLSearchParams({ labelSelector: selector, limit: String(PAGE), ...(next === '' ? {} : { continue: next }) })
    const page = List.parse(await call(connection, { method: 'GET', path: `${path}?${query.toString()}`, signal, ...LISTING }))
    items.push(...page.items)
    next = page.metadata.continue ?? ''
    if (next === '') return items
  }
  throw new ScanError('API_FAILED', `GET /${path}: the list has no end within ${PAGES} pages and ${LIST_MS / 1000} s`, {
    hint: 'Choose fewer pods by a selector.'
  })
}
