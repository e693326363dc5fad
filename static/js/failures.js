// Sends the reader's time zone to the server, so that "today" is their day; keeps opened details open when the page updates;
// returns to the same row of a list that was extended. Without it days are in UTC, an update closes opened details, and
// the way back leads to the newest jobs.
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
  // "Earlier jobs" extends the list. Whoever comes back gets the same number of pages again, at the row that they opened.
  const { row, top } = history.state ?? {}
  let left = history.state?.pages ?? 1 // how many pages there were; 0 once they are there again
  const remember = more => history.replaceState({ ...history.state, ...more }, "")
  const pages = () => document.querySelectorAll(".jobs-table tbody:not(.more)").length
  const again = () => {
    const more = document.querySelector(".more [hx-get]")
    if (more && pages() < left) return htmx.trigger(more, "click")
    if (left > 1) scrollBy(0, (document.getElementById(row)?.getBoundingClientRect().top ?? top) - top)
    left = 0
    remember({ pages: pages() })
  }
  if (document.querySelector(".more")) {
    document.addEventListener("click", ({ target }) => {
      const opened = target.closest("tr[id]")
      if (opened) remember({ row: opened.id, top: opened.getBoundingClientRect().top })
    })
    document.addEventListener("htmx:afterSettle", again)
    addEventListener("load", again)
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
