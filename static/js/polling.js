// Polls #job: waits as long as the server said, pauses in a hidden tab, and shows when the connection is lost.
// Without it the page is a still picture with a reload link.
(() => {
  const SLOW = 3000, LONGEST = 30000
  const live = document.getElementById("live"), word = document.getElementById("live-word")
  const job = () => document.getElementById("job")
  const finished = () => /^(completed|cancelled)/.test(job().dataset.outcome)
  let timer, slow, failures = 0, pause = Number(job().dataset.pollMs), due = false

  const say = state => {
    const said = live.dataset[state.replace(/-./, it => it[1].toUpperCase())]
    if (word.textContent !== said) word.textContent = said // writing the same again would lay the page out again
    if (live.dataset.state === state) return
    live.dataset.state = state
    if (/^(offline|lost|shut|signed-out)$/.test(state)) document.getElementById("announce").textContent = said
  }
  const held = () => document.body.dataset.held
  const rest = () => say(held() && (pause || document.body.dataset.news) ? "held" : pause ? "live" : finished() ? "finished" : "still")
  const spread = ms => ms * (1 + Math.random() / 4) // so that a thousand watchers of one job do not all ask in one instant
  const arm = ms => { clearTimeout(timer); if (ms) timer = setTimeout(poll, spread(ms)) }
  const poll = () => {
    due = document.hidden && !document.body.dataset.notify
    if (due) return say("paused")
    if (!navigator.onLine) return say("offline")
    htmx.trigger(job(), "poll")
  }
  const checked = seconds => {
    if (!seconds) return
    const age = document.getElementById("live-age")
    age.hidden = false // nothing had come yet when the page was made
    age.querySelector("time").dateTime = new Date(seconds * 1000).toISOString()
    document.dispatchEvent(new Event("ages"))
  }
  const answered = xhr => {
    failures = 0
    pause = Number(xhr.getResponseHeader("X-Poll-Ms") ?? job().dataset.pollMs)
    checked(Number(xhr.getResponseHeader("X-Checked-At")))
    rest()
    arm((document.body.dataset.notify && document.hidden) || document.body.dataset.news ? Math.max(pause, 15000) * !!pause : pause)
  }
  const failed = () => {
    failures += 1
    say(navigator.onLine ? "lost" : "offline")
    arm(Math.min(LONGEST, 1000 * 2 ** failures))
  }

  document.addEventListener("htmx:beforeRequest", event => {
    if (event.detail.target?.id !== "job") return
    clearTimeout(slow)
    slow = setTimeout(say, SLOW, "slow")
  })
  document.addEventListener("htmx:afterRequest", event => {
    const { xhr, target, successful, requestConfig } = event.detail
    if (target?.id !== "job") return
    clearTimeout(slow)
    if (xhr.getResponseHeader("HX-Redirect")) return say("signed-out")
    if (successful || xhr.status === 304) return answered(xhr)
    const refused = xhr.status === 403 || xhr.status === 404
    if (refused && requestConfig.verb === "get") { pause = 0; return say("shut") } // a refused button may be a form too old
    failed()
  })
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !pause) return
    if (due) poll(); else rest()
  })
  document.addEventListener("poll", event => event.target.id !== "job" && (pause || event.target.id === "workflow-news") && poll()) // something else on the page learned more
  document.addEventListener("hold", () => held() ? rest() : poll())
  addEventListener("online", () => pause && poll())
  addEventListener("offline", () => pause && say("offline"))
  rest()
  arm(pause)
})();

// Holds the page still: what comes is told, not shown, until it is released. Remembered. Without it the page is as live as ever.
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
    try { localStorage.setItem("held", on ? "yes" : "") } catch { /* private window: for this page only */ }
    document.dispatchEvent(new Event("hold"))
  }
  document.addEventListener("htmx:beforeSwap", event => {
    const { target, requestConfig, xhr } = event.detail
    if (target?.id !== "job" || !document.body.dataset.held || requestConfig.verb !== "get" || xhr.status !== 200 || !document.getElementById("headline")) return
    event.detail.shouldSwap = false
    const told = news(xhr.responseText), said = document.getElementById("held-news")
    document.body.dataset.news = "yes"
    bar.hidden = false
    if (said.textContent === told) return
    said.textContent = told
    document.getElementById("announce").textContent = told
  })
  button.addEventListener("click", () => set(!document.body.dataset.held))
  document.getElementById("held-show").addEventListener("click", () => { button.focus(); set(false) })
  if (stored() === "yes") { show(true); document.dispatchEvent(new Event("hold")) }
})();

// "Tell me when it is done": a browser notification once the job has ended.
(() => {
  const text = id => document.getElementById(id)?.textContent.trim().replace(/\s+/g, " ") ?? ""
  const isOn = () => !!document.body.dataset.notify
  let asked = false
  const show = () => {
    const button = document.getElementById("notify")
    button?.setAttribute("aria-pressed", isOn())
    button?.toggleAttribute("hidden", !("Notification" in window)) // plain http has none
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
