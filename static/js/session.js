// Says five minutes before that the session ends, and prolongs it; after its end, that what was typed is still there. The
// tabs of one browser share a session, so they tell each other. Without it a page learns of the end at its next request.
(() => {
  const WARNING = 300e3, SHOWN = 6e3 // milliseconds
  const bar = document.getElementById("session"), [words, stay, again] = bar.children
  const storage = use => { try { return use(localStorage) } catch { return null } } // a private window has none
  let ends, timer, state = "quiet"

  const say = text => { words.textContent = text; document.getElementById("session-said").textContent = text }
  const show = (now, text = "") => {
    if (now === state) return
    state = now
    say(text)
    bar.hidden = now === "quiet"
    stay.hidden = now !== "ending"
    again.hidden = now !== "ended"
  }
  const at = text => text.replace("#", new Date(ends).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }))
  const check = () => {
    clearTimeout(timer)
    const left = ends - Date.now()
    if (left <= 0) return show("ended", bar.dataset.ended)
    if (left > WARNING) { if (state !== "stays") show("quiet") }
    else if (state !== "last") show("ending", at(bar.dataset.ending))
    timer = setTimeout(check, left > WARNING ? left - WARNING : left)
  }
  const heard = seconds => {
    if (!Number(seconds)) return
    ends = Date.now() + seconds * 1000
    storage(it => it.setItem("session-ends", ends))
    check()
  }
  const ask = async () => {
    const answer = await fetch(bar.dataset.address, { redirect: "manual" })
    if (!answer.ok) { ends = Date.now(); check(); return false } // it has ended from elsewhere
    const token = await answer.text()
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token
    heard(answer.headers.get("X-Session-Left"))
    return true
  }
  const stays = () => {
    if (ends - Date.now() <= WARNING) return show("last", at(bar.dataset.last))
    show("stays", bar.dataset.stays)
    setTimeout(() => state === "stays" && show("quiet"), SHOWN)
  }

  stay.addEventListener("click", async () => {
    try { if (await ask()) stays() } catch { say(bar.dataset.unreachable) }
  })
  document.addEventListener("htmx:afterRequest", event => heard(event.detail.xhr.getResponseHeader("X-Session-Left")))
  addEventListener("storage", event => {
    if (event.key !== "session-ends" || !event.newValue) return
    ends = Number(event.newValue)
    if (state === "ended" && ends > Date.now()) ask().catch(() => {}) // signed in again in another tab
    check()
  })
  document.addEventListener("visibilitychange", check) // a machine that slept has held the timer back
  heard(bar.dataset.left)
})();

// Takes up the place that a link had before somebody had to sign in (place.js keeps it), and keeps it itself where the
// session ends while the page is open. Without it people arrive at the top of the page.
(() => {
  const stored = use => { try { return use(sessionStorage) } catch { return null } } // a private window has none
  const here = location.pathname + location.search, [page, hash] = stored(it => JSON.parse(it.getItem("place"))) ?? []
  if (page === here) {
    stored(it => it.removeItem("place"))
    if (!location.hash && /^#[\w.:-]+$/.test(hash)) location.replace(hash)
  }
  document.addEventListener("htmx:afterRequest", event => {
    if (location.hash && event.detail.xhr.getResponseHeader("HX-Redirect")) stored(it => it.setItem("place", JSON.stringify([here, location.hash])))
  })
})()
