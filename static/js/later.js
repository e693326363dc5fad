// Loads scripts when they are wanted: `data-scripts` once the page has been painted, because people read first, and
// `data-on-use` when somebody is about to do something. Without it the page is a still picture, with links and forms.
(() => {
  const { scripts, onUse } = document.currentScript.dataset
  const stored = use => { try { return use() } catch { return null } } // a private window has no storage
  let first, all, isReady = false

  const put = src => new Promise(done => document.head.append(
    Object.assign(document.createElement("script"), { src, async: false, onload: done, onerror: done }))) // they run in this order
  const isComplete = new Promise(done => addEventListener("load", done)) // htmx starts at DOMContentLoaded, or at once in a page that is complete
  const putAll = list => isComplete.then(() => Promise.all(list.split(" ").map(put)))
  const loadFirst = () => first ??= putAll(scripts)
  const loadAll = () => all ??= Promise.all([loadFirst(), putAll(onUse)]).then(() => { isReady = true })

  const isWanted = () => location.hash || document.querySelector("[hx-trigger=load], details[open][hx-get]")
    || stored(() => localStorage.getItem("held") || sessionStorage.getItem("place") || Object.keys(localStorage).some(it => it.startsWith("draft:")))
  const start = () => { loadFirst(); if (isWanted()) loadAll() }
  isComplete.then(() => {
    if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes("paint")) return start()
    // A page opened in the background is painted when somebody comes to it, and must not wait for that.
    new PerformanceObserver((_, observer) => { observer.disconnect(); start() }).observe({ type: "paint", buffered: true })
  })

  // The first sign that somebody is about to do something, and what was done before the scripts were there: it is done again.
  const USED = "main :is(button, summary, form, input, textarea, [data-copying], [data-copy-place]), [data-keys-help]"
  const HELD = { submit: "form[hx-post]", click: "button[type=button]:not([data-zone]), [data-copying], [data-copy-place]", keydown: "*" }
  const KEYS = "/rcnth?" // keys.js; a key that is typed into something is not held
  const again = {
    submit: (form, { submitter }) => form.requestSubmit(submitter),
    click: target => target.click(),
    keydown: (target, { key }) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })),
  }
  const isKey = ({ key, target }) => key.length === 1 && KEYS.includes(key) && !target.closest("input, textarea, select, dialog[open]")
    && stored(() => localStorage.getItem("keys")) !== "off"
  const hold = event => {
    const target = event.target.closest?.(HELD[event.type])
    if (isReady || !target || !event.isTrusted || event.button || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.type === "keydown" ? !isKey(event) : event.shiftKey) return
    event.preventDefault()
    event.stopImmediatePropagation()
    loadAll().then(() => again[event.type](target, event))
  }
  for (const kind of Object.keys(HELD)) document.addEventListener(kind, hold, true)
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, event => event.target.closest?.(USED) && loadAll())
  for (const kind of ["keydown", "click", "hashchange"]) addEventListener(kind, loadAll)
  const colleagues = document.getElementById("case") // asks for news of them
  if (colleagues) setTimeout(loadAll, Number(colleagues.dataset.pollMs))

  // What the job's workflow is called is learned beside the page; when that is news, the job is asked for again.
  const workflow = document.getElementById("workflow-news")
  const learn = async () => {
    const answer = await fetch(workflow.dataset.address, { headers: { "HX-Request": "true" } })
    if (!answer.headers.has("HX-Trigger")) return
    await loadFirst()
    if (!window.htmx) await loadAll()
    workflow.dispatchEvent(new Event("poll", { bubbles: true }))
  }
  if (workflow) isComplete.then(() => setTimeout(() => learn().catch(() => {}), Number(workflow.dataset.after)))

  // Most people never open the envelope: its script comes when it is opened.
  const envelope = document.getElementById("envelope")
  envelope?.addEventListener("toggle", () => put(envelope.dataset.script), { once: true })
})()
