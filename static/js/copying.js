// Previews texts to copy in a dialog. Without it the links lead to a page with the same text.
(() => {
  const dialog = document.getElementById("copying")
  const text = () => document.getElementById("copying-text")

  const show = async address => {
    await htmx.ajax("GET", address, { target: "#copying-body", swap: "outerHTML", source: dialog })
    if (!text()) return location.assign(address) // no dialog in the response: the page shows the reason
    if (dialog.open) return
    dialog.showModal()
    dialog.querySelector("[data-copy-text]").focus() // not on Close, which comes first
  }
  const copy = async () => {
    try { await navigator.clipboard.writeText(text().value) } catch { // no clipboard on plain http
      text().select()
      document.execCommand("copy")
    }
    const done = document.getElementById("copying-done")
    done.textContent = done.dataset.done
  }

  document.addEventListener("click", event => {
    if (event.target.closest("[data-copy-text]")) return copy()
    const link = event.target.closest("a[data-copying]")
    if (!link || !dialog || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    show(link.href)
  })
  const choose = form => show(`${form.action}?${new URLSearchParams(new FormData(form))}`)
  document.addEventListener("change", event => {
    const form = event.target.closest("[data-copying-choices]")
    if (form && dialog) choose(form); else form?.requestSubmit()
  })
  document.addEventListener("submit", event => {
    const form = event.target.closest("[data-copying-choices]")
    if (!form || !dialog) return
    event.preventDefault()
    choose(form)
  })
  dialog?.addEventListener("close", () => document.getElementById("copying-body").replaceChildren())
})()
