/** `name=value` lines and `name<<DELIMITER` blocks. Throws with the runner's words for anything else. */
export const parseFile = (file: string, text: string): Record<string, string> => {
  const values: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const [, name, sign, rest = ''] = /^(.+?)(=|<<)(.*)$/s.exec(line) ?? []
    if (name === undefined || (sign === '<<' && rest === '')) throw new Error(`${file}: Invalid format '${line}'`)
    const end = sign === '=' ? at : lines.indexOf(rest, at + 1)
    if (end < 0) throw new Error(`${file}: Invalid value. Matching delimiter not found '${rest}'`)
    values[name] = sign === '=' ? rest : lines.slice(at + 1, end).join('\n')
    at = end
  }
  return values
}
