// Polls #job at the server's interval, pauses in a hidden tab, and shows when the connection is lost.
// Without it the page is not updated and has a reload link.
(() => {
  const SLOW = 3000, LONGEST = 30000
  const live = document.getElementById("live"), word = document.getElementById("live-word")
  const job = () => document.getElementById("job")
  const finished = () => /^(completed|cancelled)/.test(job().dataset.outcome)
  let timer, slow, failures = 0, pause = Number(job().dataset.pollMs), due = false, asking = false, again = false

  const show = state => {
    const text = live.dataset[state.replace(/-./, it => it[1].toUpperCase())]
    if (word.textContent !== text) word.textContent = text // writing it again would cause a layout
    if (live.dataset.state === state) return
    live.dataset.state = state
    if (/^(offline|lost|shut|signed-out)$/.test(state)) document.getElementById("announce").textContent = text
  }
  const held = () => document.body.dataset.held
  const rest = () => show(held() && (pause || document.body.dataset.news) ? "held" : pause ? "live" : finished() ? "finished" : "still")
  const spread = ms => ms * (1 + Math.random() / 4) // so that a thousand watchers of a job do not poll at the same instant
  const arm = ms => { clearTimeout(timer); if (ms) timer = setTimeout(poll, spread(ms)) }
  const poll = () => {
    due = document.hidden && !document.body.dataset.notify
    if (due) return show("paused")
    if (!navigator.onLine) return show("offline")
    if (asking) { again = true; return } // the response on its way may be older than what has made it poll
    htmx.trigger(job(), "poll")
  }
  const checked = seconds => {
    if (!seconds) return
    const age = document.getElementById("live-age")
    age.hidden = false // nothing had been fetched when the page was rendered
    age.querySelector("time").dateTime = new Date(seconds * 1000).toISOString() // shown with the next tick, in one frame
  }
  const answered = xhr => {
    failures = 0
    pause = Number(xhr.getResponseHeader("X-Poll-Ms") ?? job().dataset.pollMs)
    checked(Number(xhr.getResponseHeader("X-Checked-At")))
    rest()
    arm((document.body.dataset.notify && document.hidden) || document.body.dataset.news ? Math.max(pause, 15000) * !!pause : pause)
  }
  const failed = () => {
    again = false
    failures += 1
    show(navigator.onLine ? "lost" : "offline")
    arm(Math.min(LONGEST, 1000 * 2 ** failures))
  }

  document.addEventListener("htmx:beforeRequest", event => {
    if (event.detail.target?.id !== "job") return
    asking = true
    clearTimeout(slow)
    slow = setTimeout(show, SLOW, "slow")
  })
  document.addEventListener("htmx:afterRequest", event => {
    const { xhr, target, successful, requestConfig } = event.detail
    if (target?.id !== "job") return
    asking = false
    clearTimeout(slow)
    if (!xhr.status) return // another request replaced it, or it was not answered
    if (again) setTimeout(poll)
    again = false
    if (xhr.getResponseHeader("HX-Redirect")) return show("signed-out")
    if (successful || xhr.status === 304) return answered(xhr)
    const refused = xhr.status === 403 || xhr.status === 404
    if (refused && requestConfig.verb === "get") { pause = 0; return show("shut") } // a refused button may only mean that the form is too old
    failed()
  })
  for (const kind of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(kind, event => event.detail.target?.id === "job" && failed())
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !pause) return
    if (due) poll(); else rest()
  })
  document.addEventListener("poll", event => event.target.id !== "job" && (pause || event.target.id === "workflow-news") && poll()) // another part of the page has learned something new
  document.addEventListener("hold", () => held() ? rest() : poll())
  addEventListener("online", () => pause && poll())
  addEventListener("offline", () => pause && show("offline"))
  rest()
  arm(pause)
})();

// Pauses updates: changes are announced but not shown until updates resume. The choice is stored. Without it the page is always live.
(() => {
  const button = document.getElementById("hold"), bar = document.getElementById("held")
  const stored = () => { try { return localStorage.getItem("held") } catch { return null } }
  const words = element => element?.textContent.trim().replace(/\s+/g, " ") ?? ""
  const rows = root => new Map([...root.querySelectorAll(".step:not(.expected), .file, .cause")].map(row =>
    [row.id || row.dataset.fault, `${row.dataset.status} ${row.dataset.events} ${words(row.querySelector(".step-name bdi, .file-name"))}`]))
  const news = text => {
    const then = new DOMParser().parseFromString(text, "text/html")
    const before = rows(document.getElementById("job")), changed = [...rows(then)].filter(([id, state]) => before.get(id) !== state)
    const names = changed.map(([, state]) => state.split(" ").slice(2).join(" ")).filter(Boolean)
    const verdict = ["outcome", "document-outcome"].map(id => words(then.getElementById(id) ?? document.getElementById(id))).filter(Boolean).join(" · ")
    const more = names.length > 3 ? ` +${names.length - 3}` : ""
    return `${bar.dataset.meanwhile} ${verdict}.${names.length ? ` ${bar.dataset.changed} ${names.slice(0, 3).join(", ")}${more}.` : ""}`
  }
  const show = on => {
    if (on) document.body.dataset.held = "yes"
    else { delete document.body.dataset.held; delete document.body.dataset.news; bar.hidden = true }
    button.setAttribute("aria-pressed", on)
  }
  const set = on => {
    show(on)
    try { localStorage.setItem("held", on ? "yes" : "") } catch { /* private window: not stored */ }
    document.dispatchEvent(new Event("hold"))
  }
  document.addEventListener("htmx:beforeSwap", event => {
    const { target, requestConfig, xhr } = event.detail
    if (target?.id !== "job" || !document.body.dataset.held || requestConfig.verb !== "get" || xhr.status !== 200 || !document.getElementById("headline")) return
    event.detail.shouldSwap = false
    const text = news(xhr.responseText), box = document.getElementById("held-news")
    document.body.dataset.news = "yes"
    bar.hidden = false
    if (box.textContent === text) return
    box.textContent = text
    document.getElementById("announce").textContent = text
  })
  button.addEventListener("click", () => set(!document.body.dataset.held))
  document.getElementById("held-show").addEventListener("click", () => { button.focus(); set(false) })
  if (stored() === "yes") { show(true); document.dispatchEvent(new Event("hold")) }
})();

// "Tell me when it is done": a browser notification when the job ends.
(() => {
  const text = id => document.getElementById(id)?.textContent.trim().replace(/\s+/g, " ") ?? ""
  const isOn = () => !!document.body.dataset.notify
  let asked = false
  const show = () => {
    const button = document.getElementById("notify")
    button?.setAttribute("aria-pressed", isOn())
    button?.toggleAttribute("hidden", !("Notification" in window)) // not available on plain http
    const why = document.getElementById("notify-why")
    if (why) why.textContent = asked && Notification.permission === "denied" ? why.dataset.blocked : isOn() ? why.dataset.on : ""
  }

  document.addEventListener("morphed", () => {
    show()
    if (!isOn() || document.getElementById("job").dataset.pollMs !== "0") return
    delete document.body.dataset.notify
    if (Notification.permission === "granted") new Notification(text("outcome"), { body: text("document-outcome"), tag: location.pathname }).onclick = () => focus()
  })
  document.addEventListener("click", async event => {
    if (!event.target.closest("#notify")) return
    asked = true
    const on = !isOn() && await Notification.requestPermission() === "granted"
    if (on) document.body.dataset.notify = "yes"; else delete document.body.dataset.notify
    show()
  })
  show()
})()
