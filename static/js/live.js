// Keeps #job live: asks again after the pause the server named, rests in a hidden tab, says so when it cannot.
// Without it the page is a still picture with a reload link.
(() => {
  const SLOW = 3000, LONGEST = 30000
  const live = document.getElementById("live"), word = document.getElementById("live-word")
  const job = () => document.getElementById("job")
  const finished = () => /^(completed|cancelled)/.test(job().dataset.outcome)
  let timer, slow, failures = 0, pause = Number(job().dataset.pollMs), due = false

  const say = state => {
    const said = live.dataset[state.replace(/-./, it => it[1].toUpperCase())]
    if (live.dataset.state !== state) live.dataset.state = state
    if (word.textContent !== said) word.textContent = said // writing the same again would lay the page out again
  }
  const rest = () => say(pause ? "live" : finished() ? "finished" : "still")
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
    arm(document.body.dataset.notify && document.hidden ? Math.max(pause, 15000) * !!pause : pause)
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
  document.addEventListener("poll", event => event.target.id !== "job" && pause && poll()) // something else on the page learned more
  addEventListener("online", () => pause && poll())
  addEventListener("offline", () => pause && say("offline"))
  rest()
  arm(pause)
})();

// Morphs the live part in place: what was opened, typed, focused or scrolled stays; what changed is marked and told once.
(() => {
  Idiomorph.defaults.ignoreActiveValue = true
  Idiomorph.defaults.callbacks.beforeNodeMorphed = old => !old.dataset?.keep || !old.hasChildNodes()
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS")

  const top = () => document.querySelector("#job [data-title]")
  const told = id => document.getElementById(id)?.textContent.trim().replace(/\s+/g, " ") ?? ""
  const rows = () => new Map([...document.querySelectorAll("#job .step:not(.expected), #job .file, #job .cause")].map(row =>
    [row.id || row.dataset.fault, `${row.dataset.status} ${row.querySelectorAll(".event").length}`]))
  let before = rows(), outcome = told("outcome") + told("document-outcome")

  const mark = () => {
    const now = rows()
    for (const [id, state] of now) if (id && before.get(id) !== state) document.getElementById(id)?.classList.add("changed")
    const changed = [...now].find(([id, state]) => before.get(id) !== state)?.[0]
    before = now
    return changed && document.getElementById(changed)
  }
  const announce = row => {
    const said = told("outcome") + told("document-outcome")
    if (said !== outcome) say([told("outcome"), told("document-outcome")].filter(Boolean).join(". "))
    else if (row) say([row.querySelector(".step-name bdi, .file-name")?.textContent, row.querySelector("summary > .icon")?.getAttribute("aria-label")].filter(Boolean).join(": "))
    outcome = said
  }
  const say = sentence => { document.getElementById("announce").textContent = sentence }
  const dress = () => {
    if (!top()) return
    const title = top().dataset.title.trim()
    if (document.title !== title) document.title = title
    const icon = document.getElementById("favicon")
    if (icon.getAttribute("href") !== top().dataset.favicon) icon.href = top().dataset.favicon
    const button = document.getElementById("notify")
    button?.setAttribute("aria-pressed", !!document.body.dataset.notify)
    button?.toggleAttribute("hidden", !("Notification" in window)) // plain http has none
  }
  const notify = () => {
    if (!document.body.dataset.notify || document.getElementById("job").dataset.pollMs !== "0") return
    delete document.body.dataset.notify
    if (Notification.permission === "granted") new Notification(told("outcome"), { body: told("document-outcome"), tag: location.pathname }).onclick = () => focus()
  }

  document.addEventListener("htmx:afterSwap", event => {
    if (event.detail.target?.id !== "job") return
    document.dispatchEvent(new Event("times"))
    announce(mark())
    dress()
    notify()
  })
  document.addEventListener("click", async event => {
    const button = event.target.closest("#notify")
    if (!button) return
    const on = !document.body.dataset.notify && await Notification.requestPermission() === "granted"
    if (on) document.body.dataset.notify = "yes"; else delete document.body.dataset.notify
    button.setAttribute("aria-pressed", on)
  })

  // Most people never open the envelope: what its tree needs comes when it is opened.
  const envelope = document.getElementById("envelope")
  envelope.addEventListener("toggle", () =>
    document.head.append(Object.assign(document.createElement("script"), { src: envelope.dataset.script })), { once: true })

  // What somebody opened before htmx was there is fetched now.
  for (const opened of document.querySelectorAll("details[open][hx-trigger='toggle once']")) htmx.trigger(opened, "toggle")

  // An address with a fragment opens what it names.
  const reveal = () => {
    const wanted = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)))
    if (!wanted) return
    for (let it = wanted; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true
    wanted.scrollIntoView({ block: "center" })
  }
  dress()
  addEventListener("hashchange", reveal)
  reveal()
})()
