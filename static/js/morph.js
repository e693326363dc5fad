// Morphs the live part in place: what was opened, typed, focused or scrolled stays; what changed is marked and told once.
(() => {
  Idiomorph.defaults.ignoreActiveValue = true
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS")

  const top = () => document.querySelector("#job [data-title]")
  const told = id => document.getElementById(id)?.textContent.trim().replace(/\s+/g, " ") ?? ""
  const rows = () => new Map([...document.querySelectorAll("#job .step, #job .file, #job .cause")].map(row =>
    [row.id || row.dataset.fault, `${row.dataset.status} ${row.querySelectorAll(".event").length}`]))
  let before = rows(), outcome = told("outcome") + told("document-outcome")

  const mark = () => {
    const now = rows()
    for (const [id, state] of now) if (id && before.get(id) !== state) document.getElementById(id)?.classList.add("changed")
    const changed = [...now].find(([id, state]) => before.get(id) !== state)?.[0]
    before = now
    return changed && document.getElementById(changed)
  }
  const announce = row => {
    const said = told("outcome") + told("document-outcome")
    if (said !== outcome) say([told("outcome"), told("document-outcome")].filter(Boolean).join(". "))
    else if (row) say([row.querySelector(".step-name bdi, .file-name")?.textContent, row.querySelector("summary > .icon")?.getAttribute("aria-label")].filter(Boolean).join(": "))
    outcome = said
  }
  const say = sentence => { document.getElementById("announce").textContent = sentence }
  const dress = () => {
    if (!top()) return
    document.title = top().dataset.title.trim()
    const icon = document.getElementById("favicon")
    if (icon.getAttribute("href") !== top().dataset.favicon) icon.href = top().dataset.favicon
    document.getElementById("notify")?.setAttribute("aria-pressed", !!document.body.dataset.notify)
  }
  const notify = () => {
    if (!document.body.dataset.notify || document.getElementById("job").dataset.pollMs !== "0") return
    delete document.body.dataset.notify
    if (Notification.permission === "granted") new Notification(told("outcome"), { body: told("document-outcome"), tag: location.pathname }).onclick = () => focus()
  }

  document.addEventListener("htmx:afterSwap", event => {
    if (event.detail.target?.id !== "job") return
    document.dispatchEvent(new Event("times"))
    announce(mark())
    dress()
    notify()
  })
  document.addEventListener("click", async event => {
    const button = event.target.closest("#notify")
    if (!button) return
    const on = !document.body.dataset.notify && await Notification.requestPermission() === "granted"
    if (on) document.body.dataset.notify = "yes"; else delete document.body.dataset.notify
    button.setAttribute("aria-pressed", on)
  })

  // An address with a fragment opens what it names.
  const reveal = () => {
    const wanted = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)))
    if (!wanted) return
    for (let it = wanted; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true
    wanted.scrollIntoView({ block: "center" })
  }
  addEventListener("hashchange", reveal)
  reveal()
})()
