/** Takes every secret out of a text in the forms in which the runner knows it, the longest first. */
export const mask = (text: string, secrets: Iterable<string>): string => {
  const forms = [...secrets].flatMap(encodings).toSorted((one, other) => other.length - one.length)
  return forms.reduce((masked, form) => masked.replaceAll(form, '***'), text)
}

/** The forms in which the runner looks for a secret: as it is, in JSON, in a URL, and in base64 at each of its three offsets. */
const encodings = (secret: string): string[] => {
  const shifted = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .slice(before === '' ? 0 : 4)
      .replace(/=+$/, '')
      .slice(0, -1)
  )
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...shifted.filter((form) => form.length >= 8)]
}
