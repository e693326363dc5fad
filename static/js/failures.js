// Sends the reader's time zone to the server, so that "today" is their day; keeps opened details open when the page updates.
// Without it days are in UTC, and an update closes opened details.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const known = document.cookie.split("; ").find(each => each.startsWith("zone="))?.slice(5)
  if (zone && known !== zone) {
    const secure = location.protocol === "https:" ? "; Secure" : ""
    document.cookie = `zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`
    addEventListener("load", () => { const page = document.getElementById("failures") ?? document.getElementById("day"); if (page) htmx.trigger(page, "poll") })
  }
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
