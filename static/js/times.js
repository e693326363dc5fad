// Shows all times of the page in UTC, in local time, or relative to the job's start, and stores the choice. Updates ages.
// Pages about the reader's own days (data-local) start with local time. Without it times are in UTC.
(() => {
  const pad = (number, width = 2) => String(Math.trunc(number)).padStart(width, "0")
  const origin = () => Date.parse(document.getElementById("headline")?.dataset.origin)
  const stored = () => { try { return sessionStorage.getItem("zone") ?? localStorage.getItem("zone")?.replace("elapsed", "utc") } catch { return null } }
  let zone = document.querySelector("[data-local]") ? "local" : "utc" // until the reader chooses

  const span = ms => {
    const s = ms / 1000, m = Math.floor(s / 60), h = Math.floor(m / 60)
    if (s < 10) return `${s.toFixed(s < 1 ? 3 : 2)} s`
    if (m < 1) return `${s.toFixed(1)} s`
    if (h < 1) return `${m} min ${pad(s % 60)} s`
    return h < 48 ? `${h} h ${pad(m % 60)} min` : `${Math.floor(h / 24)} d ${pad(h % 24)} h`
  }
  const ticking = ms => ms < 60000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : span(ms)
  const ago = ms => { // Intl.RelativeTimeFormat would take longer than the rest of the page's start
    const s = Math.max(0, Math.round(ms / 1000)), { now, ago: pattern = "#" } = document.body.dataset
    if (s < 4 && now) return now // a page that polls every second shows one word instead of changing numbers
    const [length, unit] = s < 60 ? [1, "s"] : s < 5400 ? [60, "min"] : s < 129600 ? [3600, "h"] : [86400, "d"]
    return pattern.replace("#", `${Math.round(s / length)} ${unit}`)
  }
  const clock = (at, form) => {
    const get = name => at[`get${zone === "utc" ? "UTC" : ""}${name}`]()
    const day = `${pad(get("FullYear"), 4)}-${pad(get("Month") + 1)}-${pad(get("Date"))}`
    const time = `${pad(get("Hours"))}:${pad(get("Minutes"))}:${pad(get("Seconds"))}`
    const fine = form === "full" ? time : `${time}.${pad(get("Milliseconds"), 3)}`
    return form === "time" ? fine : `${day} ${fine}`
  }
  const named = at => {
    const minutes = -at.getTimezoneOffset(), sign = minutes < 0 ? "−" : "+", m = Math.abs(minutes)
    return zone === "utc" ? " UTC" : ` UTC${sign}${Math.floor(m / 60)}${m % 60 ? ":" + pad(m % 60) : ""}`
  }
  const formatted = (iso, form, plain) => {
    const at = new Date(iso)
    if (form === "age") return ago(Date.now() - at)
    if (zone === "elapsed" && origin()) return at < origin() ? "−" + span(origin() - at) : "+" + span(at - origin())
    return clock(at, form) + (form === "time" || plain ? "" : named(at))
  }
  const write = (element, text) => {
    if (element.textContent === text) return
    if (element.childNodes.length === 1 && element.firstChild.data) element.firstChild.data = text // a new text node would also be styled
    else element.textContent = text
  }
  const all = () => {
    for (const it of document.querySelectorAll("time[data-as]")) write(it, formatted(it.dateTime, it.dataset.as))
    for (const it of document.querySelectorAll("a[data-at]")) write(it, formatted(it.dataset.at, it.dataset.as, true))
    for (const it of document.querySelectorAll("[data-zone]")) it.setAttribute("aria-pressed", it.dataset.zone === zone)
    tick()
  }
  const tick = () => {
    if (document.hidden || document.body.dataset.held) return
    for (const it of document.querySelectorAll("[data-since]")) write(it, ticking(Date.now() - Date.parse(it.dataset.since)))
    for (const it of document.querySelectorAll("time[data-as=age]")) write(it, ago(Date.now() - Date.parse(it.dateTime)))
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-zone]")
    if (!button) return
    zone = button.dataset.zone
    try {
      sessionStorage.setItem("zone", zone)
      if (zone !== "elapsed") localStorage.setItem("zone", zone) // relative times are only for this visit
    } catch { /* private window: not stored */ }
    all()
  })
  document.addEventListener("times", () => zone === "utc" ? tick() : all()) // the server renders UTC
  document.addEventListener("visibilitychange", tick)
  setInterval(tick, 1000)
  const later = window.requestIdleCallback ?? setTimeout // times are already in UTC, so the page is painted first
  later(() => { if (["utc", "local", "elapsed"].includes(stored())) zone = stored(); all() }, { timeout: 500 }) // milliseconds; a busy browser is never idle
})()
