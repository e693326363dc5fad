// Loads scripts when they are needed: `data-scripts` after the first paint, because people read first, and `data-on-use`
// before the first interaction. Without it the page is not updated and works with links and forms.
(() => {
  const { scripts, onUse } = document.currentScript.dataset
  const stored = use => { try { return use() } catch { return null } } // private windows have no storage
  let first, all, isReady = false

  const put = src => new Promise(done => document.head.append(
    Object.assign(document.createElement("script"), { src, async: false, onload: done, onerror: done }))) // they run in this order
  const isComplete = new Promise(done => addEventListener("load", done)) // htmx starts at DOMContentLoaded, or at once in a complete page
  const putAll = list => isComplete.then(() => Promise.all(list.split(" ").map(put)))
  const loadFirst = () => first ??= putAll(scripts)
  const loadAll = () => all ??= Promise.all([loadFirst(), putAll(onUse)]).then(() => { isReady = true })

  const isWanted = () => location.hash || document.querySelector("[hx-trigger=load], details[open][hx-get]")
    || stored(() => localStorage.getItem("held") || Object.keys(localStorage).some(it => it.startsWith("draft:")))
  const start = () => { loadFirst(); if (isWanted()) loadAll() }
  isComplete.then(() => {
    if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes("paint")) return start()
    // A page in a background tab is not painted until it is shown, and must not wait for that.
    new PerformanceObserver((_, observer) => { observer.disconnect(); start() }).observe({ type: "paint", buffered: true })
  })

  // The first sign of an interaction.
  const USED = "main :is(button, summary, form, input, textarea, [data-copying], [data-copy-place]), [data-keys-help]"
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, event => event.target.closest?.(USED) && loadAll())
  for (const kind of ["keydown", "click", "hashchange"]) addEventListener(kind, loadAll)

  // Clicks before the scripts are loaded are repeated afterwards. Copying and sheets do not need the scripts, and browsers
  // allow copying only during a click.
  const HELD = { submit: "form[hx-post]", click: "button[type=button]:not([data-copy], [data-copy-link], [data-copy-place], [popovertarget]), [data-copying]" }
  const hold = event => {
    const target = event.target.closest?.(HELD[event.type])
    if (isReady || !target || event.button || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    event.preventDefault()
    event.stopImmediatePropagation()
    loadAll().then(() => event.type === "submit" ? target.requestSubmit(event.submitter) : target.click())
  }
  for (const kind of Object.keys(HELD)) document.addEventListener(kind, hold, true)

  const colleagues = document.getElementById("case") // polls for their changes
  if (colleagues) setTimeout(loadAll, Number(colleagues.dataset.pollMs))

  // Fetches the job's workflow after the page has loaded; if it is new, the job is polled again.
  const workflow = document.getElementById("workflow-news")
  const learn = async (isAgain = false) => {
    const answer = await fetch(workflow.dataset.address, { headers: { "HX-Request": "true" } })
    if (answer.status === 202 && !isAgain) setTimeout(() => learn(true).catch(() => {}), 6000) // a slow API
    if (!answer.headers.has("HX-Trigger")) return
    await loadFirst()
    if (!window.htmx) await loadAll()
    workflow.dispatchEvent(new Event("poll", { bubbles: true }))
  }
  if (workflow) isComplete.then(() => setTimeout(() => learn().catch(() => {}), Number(workflow.dataset.after)))

  // Most people never open the envelope, so its script is loaded when it is opened.
  const envelope = document.getElementById("envelope")
  envelope?.addEventListener("toggle", () => put(envelope.dataset.script), { once: true })
})()
