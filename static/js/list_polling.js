// Updates lists, each with one request for all its rows, at the list's own interval; pauses in a hidden tab.
// Without it the lists are not updated.
(() => {
  const lists = () => [...document.querySelectorAll("[data-poll-ms][hx-trigger=poll]")].filter(it => Number(it.dataset.pollMs))
  const due = new Map() // by id: when to poll again
  const pause = (list, again) => Number(again ?? list.dataset.pollMs) || 0
  const tick = () => {
    if (document.hidden || !navigator.onLine) return
    for (const list of lists()) {
      if (!due.has(list.id)) due.set(list.id, Date.now() + pause(list))
      if (Date.now() < due.get(list.id)) continue
      due.set(list.id, Date.now() + 30000) // until the response sets the next time
      htmx.trigger(list, "poll")
    }
  }
  document.addEventListener("htmx:afterRequest", event => {
    const { xhr, target } = event.detail
    const list = target && document.getElementById(target.id)
    if (!list || !due.has(target.id)) return
    const ms = pause(list, xhr.getResponseHeader("X-Poll-Ms"))
    if (ms) due.set(target.id, Date.now() + ms)
    document.dispatchEvent(new Event("times"))
  })
  document.addEventListener("visibilitychange", tick)
  setInterval(tick, 500)
})()
