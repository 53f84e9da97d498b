/** An address from behind its scheme. */
const ADDRESS = /:\/\/[^\s"'<>`]+/g

/** What stands behind an @ that is part of a path: a commit, `@sha256:…`, or the word with which kscan itself stands for a commit. */
const OF_PATH = /^(?:(?:[0-9a-f]{40}|[0-9a-f]{64})\b|sha256:|COMMIT(?![\w.:-]))/

/** The same text without the names and passwords of addresses; rather too much is hidden than too little. */
export const withoutUserinfo = (text: string): string => text.replace(ADDRESS, shown)

/** What stands before the host: up to the last @ that is not part of the path, as `/@scope` is. */
const shown = (address: string): string => {
  for (let at = address.lastIndexOf('@'); at > 3; at = address.lastIndexOf('@', at - 1)) {
    if (address[at - 1] !== '/' && !OF_PATH.test(address.slice(at + 1, at + 66))) return `://***${address.slice(at)}`
  }
  return address
}
