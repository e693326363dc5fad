// Copies the text of copy buttons, and handles the keys / r c n t h ?, which can be switched off. Everything works without it.
(() => {
  const recall = name => { try { return localStorage.getItem(name) } catch { return null } }
  const done = button => { button.dataset.said = document.body.dataset.copied ?? "✓"; button.classList.add("copied"); setTimeout(() => button.classList.remove("copied"), 1200) }
  const address = (place = "") => location.href.split("#")[0] + (place && `#${place}`)
  const write = async (text, button) => {
    try { await navigator.clipboard.writeText(text) } catch { byHand(text) }
    if (button) done(button)
    const announce = document.getElementById("announce")
    if (announce) announce.textContent = document.body.dataset.copied ?? "✓"
  }
  const byHand = text => { // no clipboard on plain http
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" })
    document.body.append(area)
    area.select()
    document.execCommand("copy")
    area.remove()
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-copy], [data-copy-link]")
    if (button && "copyLink" in button.dataset) write(address(), button)
    else if (button) write(button.dataset.copy, button)
    const place = event.target.closest("[data-copy-place]") // a step's button, or an event's time, which is also a link
    if (place) write(address(place.dataset.copyPlace || place.closest("[id]").id), place)
    if (event.target.closest("[data-keys-help]")) help()
    for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false
  })

  document.addEventListener("copy-text", event => write(event.detail, event.target)) // a text that had to be fetched first

  const dialog = document.getElementById("keys"), on = document.getElementById("keys-on")
  const help = () => dialog?.showModal()
  const keys = {
    "/": () => document.querySelector("[data-look-up]")?.focus(),
    r: () => document.getElementById("refresh")?.click(),
    c: () => { const copy = document.getElementById("copy-for"); if (copy) copy.click(); else write(address()) },
    n: () => document.querySelector(".viewer-steps a") || document.getElementById("note-text")?.focus(), // in the viewer, the next hit
    t: () => { const take = document.querySelector("[data-take]"); if (take?.dataset.take) take.focus(); else take?.click() }, // a key alone does not take over another person's case
    h: () => document.getElementById("hold")?.click(),
    "?": help,
  }
  if (on) {
    on.checked = recall("keys") !== "off"
    on.addEventListener("change", () => { try { localStorage.setItem("keys", on.checked ? "on" : "off") } catch { /* not stored */ } })
  }
  document.addEventListener("keydown", event => {
    if (event.key === "Escape") for (const menu of document.querySelectorAll(".menu[open]")) { menu.open = false; menu.querySelector("summary").focus() }
    if (!on?.checked || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
    if (event.target.closest("input, textarea, select, [contenteditable]") || !(event.key in keys)) return
    event.preventDefault()
    keys[event.key]()
  })
})()
