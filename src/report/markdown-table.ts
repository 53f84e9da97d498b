/** How many rows a table has at most. */
const ROWS = 500

/** Cells are markup. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const more = rows.length > ROWS ? `\n\n_${rows.length - ROWS} more in the report._` : ''
  return [line(heads), line(heads.map(() => '---')), ...rows.slice(0, ROWS).map(line)].join('\n') + more
}
