// Morphs the live part in place, which preserves opened details, typed text, focus and scroll position; marks and announces changes.
// Without it the live part is replaced as a whole.
(() => {
  Idiomorph.defaults.ignoreActiveValue = true
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, now) => {
    if (now.isEqualNode(old)) return false // which the browser finds out faster than a walk over all descendants
    if (now.dataset?.same === undefined) return !old.dataset?.keep || !old.hasChildNodes()
    put(now.id === old.id ? [...now.children] : [now])
    return false
  }
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node, how) => // polls omit the htmx attributes of the live part, and know no heights
    !(name === "open" && node.tagName === "DETAILS") && !(how === "remove" && (name === "style" || node.id === "job" && name.startsWith("hx-")))

  // A poll brings only pieces that this page does not show yet. The others are stubs, which contain the new pieces inside.
  const shown = () => [...document.querySelectorAll("#job [data-piece]")].map(it => it.dataset.piece).join(" ")
  let isIncomplete = false
  const put = pieces => {
    for (const piece of pieces) {
      const own = piece.dataset.same === undefined && document.getElementById(piece.id)
      if (!own) isIncomplete = true
      else if (piece instanceof SVGElement) own.replaceWith(piece) // a drawing has nothing to preserve
      else Idiomorph.morph(own, piece)
    }
  }
  const again = () => setTimeout(() => htmx.trigger("#job", "poll"))
  document.addEventListener("htmx:configRequest", event => {
    const { target, headers } = event.detail
    if (target?.id !== "job") return
    if (isIncomplete) headers["HX-PTag"] = "none"; else headers["X-Pieces"] = shown()
    isIncomplete = false
  })
  document.addEventListener("htmx:beforeSwap", event => {
    const { target, requestConfig, shouldSwap, xhr } = event.detail, asked = requestConfig?.headers["X-Pieces"]
    if (target?.id !== "job" || !shouldSwap) return
    document.dispatchEvent(new Event("morphing"))
    if (asked === undefined) return
    if (asked === shown()) { event.detail.shouldSwap = !putIn(xhr.responseText); return }
    event.detail.shouldSwap = false // it was for a version of the page that has changed since
    again()
  })

  // Inserts the pieces of a response if their places match those of the page, which is far faster than comparing the whole
  // page with the whole response. Returns false if elements between them were added or removed.
  const parts = section => [...section.children].flatMap(it => it.id ? [it] : [...it.children])
  const places = section => [...section.children].map(it => it.id || `${it.className}: ${[...it.children].map(it => it.id)}`).join()
  const putIn = text => {
    const job = document.getElementById("job"), now = new DOMParser().parseFromString(text, "text/html").getElementById("job")
    if (!now || places(now) !== places(job) || !parts(now).every(it => it.id)) return false
    for (const { name, value } of now.attributes) if (job.getAttribute(name) !== value) job.setAttribute(name, value)
    job.toggleAttribute("data-stale", now.hasAttribute("data-stale"))
    for (const part of parts(now)) {
      const pieces = part.dataset.same === undefined ? [part] : [...part.children]
      put(pieces)
      for (const { id } of pieces) htmx.process(document.getElementById(id) ?? job)
    }
    swapped()
    return true
  }

  const text = id => document.getElementById(id)?.textContent.trim().replace(/\s+/g, " ") ?? ""
  const rows = () => new Map([...document.querySelectorAll("#job .step:not(.expected), #job .file, #job .cause")].map(row =>
    [row.id || row.dataset.fault, `${row.dataset.status} ${row.dataset.events}`]))
  const ANNOUNCED = ["outcome", "document-outcome", "why", "whose-move"] // the reason contains step and cause
  const verdict = () => ANNOUNCED.map(text)
  let before = rows(), known = verdict()

  const mark = () => {
    const now = rows()
    for (const row of document.querySelectorAll("#job .changed")) row.classList.remove("changed")
    for (const [id, state] of now) if (id && before.get(id) !== state) document.getElementById(id)?.classList.add("changed")
    const changed = [...now].find(([id, state]) => before.get(id) !== state)?.[0]
    before = now
    return changed && document.getElementById(changed)
  }
  const announceChanges = row => {
    const now = verdict(), isNew = now[0] !== known[0] || now[1] !== known[1]
    if (isNew) announce(now.filter((each, at) => each && each !== known[at]).map(each => each.replace(/[.\s]*$/, ".")).join(" "))
    else if (row) announce([row.querySelector(".step-name bdi, .file-name")?.textContent, row.querySelector("summary > .icon")?.getAttribute("aria-label")].filter(Boolean).join(": "))
    known = now
  }
  const announce = sentence => { document.getElementById("announce").textContent = sentence }
  const updateTab = () => {
    const top = document.querySelector("#job [data-title]")
    if (!top) return
    const title = top.dataset.title.trim()
    if (document.title !== title) document.title = title
    const icon = document.getElementById("favicon"), { favicon } = document.querySelector("#job [data-favicon]").dataset
    if (icon.getAttribute("href") !== favicon) icon.href = favicon
  }

  const swapped = () => {
    isIncomplete ||= document.querySelector("#job [data-same]") !== null
    if (isIncomplete) again()
    document.dispatchEvent(new Event("times"))
    announceChanges(mark())
    updateTab()
    document.dispatchEvent(new Event("morphed"))
  }
  document.addEventListener("htmx:afterSwap", event => event.detail.target?.id === "job" && swapped())
  updateTab()
})();

// Prevents layout shifts: what shrinks keeps its height, and no step opens by itself, until the person opens, closes or
// resizes something.
(() => {
  const parts = () => ["headline", "steps"].map(id => document.getElementById(id)).filter(Boolean)
  if (document.getElementById("job").dataset.pollMs !== "0") document.documentElement.classList.add("watched")
  const keep = () => {
    const heights = parts().map(part => [part, part.getBoundingClientRect().height]) // all are read before any is written, which would cause a layout
    for (const [part, height] of heights) part.style.setProperty("--least", `${height}px`)
  }
  const letGo = () => { for (const part of parts()) part.style.removeProperty("--least") }
  Idiomorph.defaults.callbacks.beforeNodeAdded = node => {
    const step = node.matches?.("details.step") ? node : node.querySelector?.(":scope > details.step")
    if (step) step.open = false
    if (node.id === "faults" && document.getElementById("steps")) document.documentElement.classList.add("failed-late")
  }
  document.addEventListener("morphing", keep)
  document.addEventListener("click", event => event.target.closest("#job summary, [data-zone]") && letGo())
  addEventListener("resize", letGo)
  document.addEventListener("visibilitychange", () => { // nothing follows a finished job, and nobody sees this move
    if (!document.hidden || document.getElementById("job").dataset.pollMs !== "0") return
    document.documentElement.classList.remove("watched")
    letGo()
  })
})();

// Opens what the URL's fragment names, and fetches the content of opened sections.
(() => {
  // Fetches sections that were opened before htmx was loaded.
  for (const opened of document.querySelectorAll("details[open][hx-trigger='toggle once']")) htmx.trigger(opened, "toggle")

  const named = () => { try { return decodeURIComponent(location.hash.slice(1)) } catch { return "" } }
  const reveal = () => {
    const name = named(), wanted = name && document.getElementById(name)
    if (!wanted) { // a step or event left out of the page: the page of events has it
      if (/^(event|intent)-/.test(name) && document.getElementById("steps")) location.replace(`events/?at=${encodeURIComponent(name)}`)
      return
    }
    for (let it = wanted; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true
    wanted.scrollIntoView({ block: "center" })
  }
  addEventListener("hashchange", reveal)
  if (document.getElementById("steps")) reveal()
  else document.addEventListener("morphed", reveal, { once: true }) // the job is not loaded yet
})()
