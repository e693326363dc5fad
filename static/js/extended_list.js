// Returns to the same row of a list that was extended. Without it the way back leads to the newest jobs.
(() => {
  // "Earlier jobs" extends the list. On the way back the same number of pages is loaded again, up to the row that was opened.
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
})()
