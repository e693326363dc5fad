// The envelope's tree: copies whole values from the server, navigates with arrow keys, scrolls to the marked place.
// Without it the tree opens through links, and every place has a page with its pointer and its unchanged value.
(() => {
  const stored = () => { try { return localStorage.getItem("wrap") } catch { return null } }
  const keep = value => { try { localStorage.setItem("wrap", value) } catch { /* private window: not stored */ } }
  const tools = () => document.getElementById("row-tools")
  const head = row => row.querySelector(":scope > details > summary, :scope > a")
  const fold = row => row.querySelector(":scope > details")

  const showWrap = () => {
    const wrap = document.getElementById("viewer-wrap")
    if (wrap) wrap.checked = stored() !== "off"
  }

  // The three tools are in the row with the focus or the mouse: after its head, so that Tab reaches them next.
  const moveTools = row => {
    const its = tools(), here = row.closest(".viewer").dataset.here
    if (!its || its.parentElement?.closest("li") === row && its.dataset.open === String(!!fold(row)?.open)) return
    const at = `${here}?at=${encodeURIComponent(row.dataset.at).replaceAll("%2F", "/")}`
    const [value, pointer, link] = its.children
    value.dataset.take = `${at}&value`
    pointer.dataset.copy = row.dataset.at
    link.href = `${at}#here`
    its.dataset.open = !!fold(row)?.open
    if (fold(row)?.open) head(row).after(its)
    else row.append(its)
    its.hidden = false
  }
  const rowOf = element => element.closest?.(".tree li[data-at]")
  for (const kind of ["focusin", "pointerover"]) document.addEventListener(kind, event => {
    const row = rowOf(event.target)
    if (row && !tools()?.contains(event.target)) moveTools(row)
  })
  document.addEventListener("toggle", event => {
    const row = event.target.parentElement
    if (row?.matches(".tree li[data-at]") && tools()?.closest("li") === row) moveTools(row)
  }, true)

  // Arrow keys as in other trees; Tab works too.
  const visible = tree => [...tree.querySelectorAll("li[data-at]")].filter(row => head(row).checkVisibility()).map(head)
  const moves = {
    ArrowDown: (tree, rows, at) => rows[at + 1],
    ArrowUp: (tree, rows, at) => rows[at - 1],
    Home: (tree, rows) => rows[0],
    End: (tree, rows) => rows.at(-1),
    ArrowRight: (tree, rows, at) => {
      const it = rows[at].closest("details")
      if (rows[at].tagName !== "SUMMARY") return null
      if (it.open) return rows[at + 1]
      it.open = true
      return rows[at]
    },
    ArrowLeft: (tree, rows, at) => {
      const own = rows[at].tagName === "SUMMARY" && rows[at].closest("details")
      if (own && own.open) { own.open = false; return rows[at] }
      const above = rows[at].closest("li").parentElement.closest("li[data-at]")
      return above && head(above)
    },
  }
  document.addEventListener("keydown", event => {
    const row = rowOf(event.target)
    if (!row || head(row) !== event.target || !(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const tree = row.closest(".tree"), rows = visible(tree)
    const next = moves[event.key](tree, rows, rows.indexOf(event.target))
    event.preventDefault()
    next?.focus()
  })

  // A string is copied as text, other values exactly as in the source; always whole, even if folded.
  const plain = source => {
    if (!source.startsWith('"')) return source
    try { return JSON.parse(source) } catch { return source }
  }
  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-take]")
    if (!button) return
    button.setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(button.dataset.take, { credentials: "same-origin" })
      if (!answer.ok || answer.redirected) throw new Error(answer.status)
      button.dispatchEvent(new CustomEvent("copy-text", { bubbles: true, detail: plain(await answer.text()) }))
    } catch {
      location.assign(button.dataset.take) // that page shows the problem
    }
    button.removeAttribute("aria-busy")
  })

  // n and p move between search hits, if single keys are enabled.
  document.addEventListener("keydown", event => {
    const off = !document.getElementById("keys-on")?.checked || document.querySelector("dialog[open]")
    if (off || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return
    const step = { n: "next", p: "prev" }[event.key]
    if (step) document.querySelector(`.viewer-steps a[rel=${step}]`)?.click()
  })

  document.addEventListener("change", event => {
    if (event.target.id === "viewer-wrap") keep(event.target.checked ? "on" : "off")
  })
  document.addEventListener("htmx:afterSwap", showWrap)
  for (const kind of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(kind, event => {
    const viewer = event.target.closest?.(".viewer")
    if (viewer) event.target.textContent = viewer.dataset.failed // on the link itself, so that it can be tried again
  })
  showWrap()
  document.querySelector(".viewer-hits [aria-current]")?.scrollIntoView({ block: "nearest" })
  const here = document.getElementById("here")
  if (!here) return
  here.scrollIntoView({ block: "center" })
  if (here.matches("li")) head(here)?.focus({ preventScroll: true })
})()
