/** Whatever stands in a JSON, with names; empty where none do. */
export type Bag = Readonly<Record<string, unknown>>

export const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null ? { ...value } : {})

export const list = (value: unknown): Bag[] => (Array.isArray(value) ? value.map(bag) : [])
