import { useData, withBase } from 'vitepress'
import type { Mermaid } from 'mermaid'
import { defineComponent, h, onMounted, ref, useId, watch } from 'vue'

/** A mermaid diagram, drawn in the browser by the library that is part of the site; until then, and where it cannot be drawn, its text. */
export const Diagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup: ({ source }) => {
    const text = decodeURIComponent(source)
    const { isDark } = useData()
    const svg = ref('')
    const id = `diagram-${useId()}`
    const draw = async (): Promise<void> => {
      const { default: mermaid } = (await import(/* @vite-ignore */ withBase('/mermaid/mermaid.esm.min.mjs'))) as { default: Mermaid }
      mermaid.initialize({
        startOnLoad: false,
        securityLevel: 'strict',
        theme: isDark.value ? 'dark' : 'neutral',
        fontFamily: 'inherit'
      })
      svg.value = (await mermaid.render(id, text)).svg
    }
    onMounted(() => {
      void draw()
      watch(isDark, () => void draw())
    })
    return () => (svg.value === '' ? h('pre', { class: 'diagram' }, text) : h('div', { class: 'diagram', innerHTML: svg.value }))
  }
})
