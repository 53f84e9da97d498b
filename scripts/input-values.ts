import type { Input } from '../src/config/input.ts'

/** What an input takes, in words that follow its text. */
export const valuesOf = ({ type }: Input): string => {
  switch (type.kind) {
    case 'choice':
      return ` One of: ${type.of.join(', ')}.`
    case 'boolean':
      return ' true or false.'
    case 'list':
      return ' Several by line, comma or JSON array.'
    case 'text':
    case 'yaml':
    case 'count':
    case 'duration':
      return ''
  }
}
