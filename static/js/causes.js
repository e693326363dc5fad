// The causes of failures: keeps opened ones open when the page updates, and moves between them by keys. Without it an update
// closes opened ones.
(() => {
  if (globalThis.Idiomorph) {
    Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS")
  }
  // j and k move between causes; Enter opens one.
  document.addEventListener("keydown", event => {
    if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return
    if (document.getElementById("keys-on")?.checked === false) return
    const rows = [...document.querySelectorAll(".cause-row > summary")].filter(it => it.checkVisibility())
    const at = rows.indexOf(document.activeElement?.closest(".cause-row")?.querySelector("summary"))
    const next = event.key === "j" ? at + 1 : at < 0 ? rows.length - 1 : at - 1
    rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus()
  })
})()
