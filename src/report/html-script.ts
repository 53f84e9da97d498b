/** The filter of the controls: it hides rows by one class each and writes nothing anew. The page is whole without it. */
export const SCRIPT = `
const form = document.getElementById('filter')
if (form !== null) {
  const shown = document.getElementById('shown')
  const groups = [...document.querySelectorAll('.group')].map((section) => ({
    section,
    outcome: section.querySelector('h3').id,
    rows: [...section.querySelectorAll('.row')].map((row) => ({ row, severity: row.dataset.s, container: row.dataset.t, text: undefined }))
  }))
  const total = groups.reduce((sum, { rows }) => sum + rows.length, 0)
  const textOf = (entry) => (entry.text ??= entry.row.textContent.toLowerCase())
  const apply = () => {
    const wanted = new FormData(form)
    const outcomes = wanted.getAll('outcome')
    const severity = wanted.get('severity')
    const container = wanted.get('container') ?? ''
    const words = wanted.get('text').toLowerCase().split(/\\s+/).filter((word) => word !== '')
    let count = 0
    for (const { section, outcome, rows } of groups) {
      const open = outcomes.includes(outcome)
      let inside = 0
      for (const entry of rows) {
        const fits =
          open &&
          (severity === '' || entry.severity === severity) &&
          (container === '' || entry.container === container) &&
          words.every((word) => textOf(entry).includes(word))
        entry.row.classList.toggle('off', !fits)
        if (fits) inside += 1
      }
      section.classList.toggle('off', inside === 0)
      count += inside
    }
    shown.textContent = count === total ? '' : 'Shown: ' + count + ' of ' + total + ' controls.'
  }
  let timer
  const soon = (wait) => {
    clearTimeout(timer)
    timer = setTimeout(apply, wait)
  }
  const openAll = (open) => {
    for (const row of document.querySelectorAll('.row:not(.off)')) row.open = open
  }
  const reveal = () => {
    const at = /^#c\\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null
    if (at === null) return
    if (at.closest('.off') !== null) {
      form.reset()
      apply()
    }
    at.parentElement.open = true
    at.scrollIntoView()
  }
  form.addEventListener('input', (event) => soon(event.target.name === 'text' ? 120 : 0))
  form.addEventListener('reset', () => soon(0))
  form.addEventListener('submit', (event) => event.preventDefault())
  document.getElementById('open').addEventListener('click', () => openAll(true))
  document.getElementById('close').addEventListener('click', () => openAll(false))
  addEventListener('hashchange', reveal)
  form.hidden = false
  apply()
  reveal()
}
`
