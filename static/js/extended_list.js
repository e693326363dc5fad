// Returns to the same row of a list that was extended. Without it the way back leads to the newest jobs.
(() => {
  // "Earlier jobs" extends the list. On the way back the same number of pages is loaded again, up to the row that was opened.
  const { row, top } = history.state ?? {}
  let left = history.state?.pages ?? 1 // how many pages there were; 0 once they are there again
  let had = 1
  const remember = more => history.replaceState({ ...history.state, ...more }, "")
  const focus = part => part?.querySelector("a")?.focus({ preventScroll: true }) // the keyboard goes on from there
  const again = () => {
    const more = document.querySelector(".more [hx-get]"), pages = document.querySelectorAll(".jobs-table tbody:not(.more)")
    if (more && pages.length < left) return htmx.trigger(more, "click")
    const opened = left > 1 && document.getElementById(row)
    if (opened) { scrollBy(0, opened.getBoundingClientRect().top - top); focus(opened) }
    else if (!left && pages.length > had) focus(pages[had])
    history.scrollRestoration = "auto"
    left = 0
    had = pages.length
    remember({ pages: had })
  }
  if (document.querySelector(".more")) {
    document.addEventListener("click", ({ target }) => {
      const opened = target.closest("tr[id]")
      if (!opened) return
      remember({ row: opened.id, top: opened.getBoundingClientRect().top })
      if (had > 1) history.scrollRestoration = "manual" // the browser's place would be one of other heights
    })
    document.addEventListener("htmx:afterSettle", again)
    addEventListener("load", again)
  }
})()
