// The case: polls for changes by colleagues, stores drafts until they are sent, and keeps the scroll position.
// Without it the case is not updated, and its forms are ordinary forms.
(() => {
  const bar = () => document.getElementById("case"), form = document.getElementById("note-form")
  if (!form) return
  const text = document.getElementById("note-text"), hint = document.getElementById("note-draft"), discard = document.getElementById("note-discard")

  // A draft of a note survives a reload, the end of a session, and a closed browser.
  const KEPT = 14 * 86400e3, name = form.dataset.draft
  const storage = use => { try { return use(localStorage) } catch { return null } } // private windows have no storage
  const drop = () => storage(it => it.removeItem(name))
  const keep = () => text.value.trim() ? storage(it => it.setItem(name, JSON.stringify({ text: text.value, at: Date.now() }))) : drop()
  const read = key => { try { return JSON.parse(storage(it => it.getItem(key))) } catch { return null } }
  const offer = () => { hint.textContent = text.value.trim() ? form.dataset.unsent : ""; discard.hidden = !text.value.trim() }
  const clear = () => { text.value = ""; drop(); offer() }
  const isThere = () => [...document.querySelectorAll(".case-note[data-own] .case-text")].some(it => it.textContent.trim() === text.value.trim())
  for (const key of storage(it => Object.keys(it)) ?? []) if (key.startsWith("draft:") && !(Date.now() - read(key)?.at < KEPT)) storage(it => it.removeItem(key))
  text.value ||= read(name)?.text ?? ""
  if (isThere()) clear() // it was sent, but the response was lost
  offer()
  text.addEventListener("input", () => { keep(); discard.hidden = true; hint.textContent = "" })
  text.addEventListener("blur", offer)
  discard.addEventListener("click", () => { clear(); text.focus() })
  text.addEventListener("keydown", event => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit() })

  if (!document.getElementById("job")) return // the case's own page is not updated

  let timer, due = false
  const poll = () => {
    due = document.hidden || !navigator.onLine || !!document.body.dataset.held
    if (!due) htmx.trigger(bar(), "poll")
  }
  const arm = ms => { clearTimeout(timer); if (ms) timer = setTimeout(poll, ms * (1 + Math.random() / 4)) }
  const wake = () => due && !document.hidden && poll()
  const notes = () => new Map([...document.querySelectorAll(".case-note")].map(it => [it.id, it]))

  // Keeps the scroll position when notes are inserted above.
  let before = notes(), anchor, top, place
  const hasChanged = ({ xhr, requestConfig }) => requestConfig.verb === "post" && (xhr.getResponseHeader("HX-Trigger") ?? "").includes("case-changed")
  const hold = detail => {
    const active = document.activeElement, part = active?.closest("#case :is(details, form)[id]")
    // A focused button would not be replaced, and a menu closes once its form is sent: the focus moves to what takes their place.
    const isLost = part && (hasChanged(detail) || active.matches("button") && active.parentElement === part)
    place = isLost ? part.id.split("-", 2).join("-") : ""
    if (place) active.blur()
    anchor = active?.closest?.("#note-form, .case-edit") ?? document.elementFromPoint(innerWidth / 2, innerHeight / 3)
    document.documentElement.style.overflowAnchor = "none" // or the browser would compensate as well
    top = anchor?.getBoundingClientRect().top
  }
  const settle = () => {
    if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" })
    const again = place && (document.querySelector(`#case [id^="${place}"] > :is(summary, button)`) ?? document.querySelector("#case button"))
    if (again && document.activeElement === document.body) again.focus({ preventScroll: true })
    requestAnimationFrame(() => { document.documentElement.style.overflowAnchor = "" })
  }
  const announce = () => {
    const now = notes(), fresh = [...now].filter(([id, it]) => !before.has(id) && !("own" in it.dataset))
    before = now
    for (const [, it] of fresh) it.classList.add("changed")
    const region = document.getElementById("announce")
    if (fresh.length && region) region.textContent = form.dataset.wrote.replace("#", fresh.at(-1)[1].dataset.author)
  }

  document.addEventListener("htmx:beforeSwap", event => { if (event.detail.target?.id === "case" && event.detail.shouldSwap) hold(event.detail) })
  document.addEventListener("htmx:afterSwap", event => {
    if (event.detail.target?.id !== "case") return
    settle()
    announce()
    document.dispatchEvent(new Event("times"))
  })
  document.addEventListener("htmx:afterRequest", event => {
    const { xhr, target, elt, successful } = event.detail
    if (target?.id !== "case") return
    if (hasChanged(event.detail)) {
      if (elt === form) clear()
      const menu = elt.closest("details")
      if (menu) menu.open = false
    }
    const gone = xhr.status === 403 || xhr.status === 404
    arm(gone ? 0 : successful || xhr.status === 304 ? Number(xhr.getResponseHeader("X-Poll-Ms") ?? bar().dataset.pollMs) : 30000)
  })
  document.addEventListener("visibilitychange", wake)
  document.addEventListener("hold", wake)
  addEventListener("online", wake)
  arm(Math.max(1, bar().dataset.pollMs - performance.now())) // this script may be loaded late
})()
