// Keeps #job live: asks again after the pause the server named, rests in a hidden tab, says so when it cannot.
// Without it the page is a still picture with a reload link.
(() => {
  const SLOW = 3000, LONGEST = 30000
  const live = document.getElementById("live"), word = document.getElementById("live-word")
  const job = () => document.getElementById("job")
  const finished = () => /^(completed|cancelled)/.test(job().dataset.outcome)
  let timer, slow, failures = 0, pause = Number(job().dataset.pollMs), due = false

  const say = state => {
    live.dataset.state = state
    word.textContent = live.dataset[state.replace(/-./, it => it[1].toUpperCase())]
  }
  const rest = () => say(pause ? "live" : finished() ? "finished" : "still")
  const arm = ms => { clearTimeout(timer); if (ms) timer = setTimeout(poll, ms) }
  const poll = () => {
    due = document.hidden && !document.body.dataset.notify
    if (due) return say("paused")
    if (!navigator.onLine) return say("offline")
    htmx.trigger(job(), "poll")
  }
  const checked = seconds => {
    const time = document.querySelector("#live-age time")
    if (!seconds || !time) return
    time.dateTime = new Date(seconds * 1000).toISOString()
    document.dispatchEvent(new Event("times"))
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
    arm(Math.min(LONGEST, 1000 * 2 ** failures) * (1 + Math.random() / 2))
  }

  document.addEventListener("htmx:beforeRequest", event => {
    if (event.detail.target?.id !== "job") return
    clearTimeout(slow)
    slow = setTimeout(say, SLOW, "slow")
  })
  document.addEventListener("htmx:afterRequest", event => {
    const { xhr, target, successful } = event.detail
    if (target?.id !== "job") return
    clearTimeout(slow)
    if (xhr.getResponseHeader("HX-Redirect")) return say("signed-out")
    if (successful || xhr.status === 304) return answered(xhr)
    if (xhr.status === 403 || xhr.status === 404) { pause = 0; return say("still") }
    failed()
  })
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !pause) return
    if (due) poll(); else rest()
  })
  addEventListener("online", () => pause && poll())
  addEventListener("offline", () => pause && say("offline"))
  rest()
  arm(pause)
})()
