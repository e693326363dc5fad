// Warns five minutes before the session ends, and extends it; after its end, states that typed text is still there. Tabs of
// a browser share a session, so they inform each other. Without it a page notices the end at its next request.
(() => {
  const WARNING = 300e3, SHOWN = 6e3, NEWS = 30e3 // milliseconds; other tabs are told of nothing smaller
  const bar = document.getElementById("session"), [words, stay, again] = bar.children
  const storage = use => { try { return use(localStorage) } catch { return null } } // private windows have no storage
  let ends, told = 0, timer, state = "quiet"

  const announce = text => { words.textContent = text; document.getElementById("session-said").textContent = text }
  const show = (now, text = "") => {
    if (now === state) return
    state = now
    announce(text)
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
  const update = seconds => {
    if (!Number(seconds)) return
    ends = Date.now() + seconds * 1000
    if (Math.abs(ends - told) > NEWS) storage(it => it.setItem("session-ends", told = ends)) // each poll moves the end a little, and wakes every tab
    check()
  }
  const ask = async () => {
    const answer = await fetch(bar.dataset.address, { redirect: "manual" })
    if (!answer.ok) { ends = Date.now(); check(); return false } // it was ended elsewhere
    const token = await answer.text()
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token
    update(answer.headers.get("X-Session-Left"))
    return true
  }
  const stays = () => {
    if (ends - Date.now() <= WARNING) return show("last", at(bar.dataset.last))
    show("stays", bar.dataset.stays)
    setTimeout(() => state === "stays" && show("quiet"), SHOWN)
  }

  stay.addEventListener("click", async () => {
    try { if (await ask()) stays() } catch { announce(bar.dataset.unreachable) }
  })
  document.addEventListener("htmx:afterRequest", event => update(event.detail.xhr.getResponseHeader("X-Session-Left")))
  addEventListener("storage", event => {
    if (event.key !== "session-ends" || !event.newValue) return
    ends = told = Number(event.newValue)
    if (state === "ended" && ends > Date.now()) ask().catch(() => {}) // signed in again in another tab
    check()
  })
  document.addEventListener("visibilitychange", check) // timers are late after the machine was asleep
  update(bar.dataset.left)
})();

// Restores the fragment of a link after signing in (sign_in_fragment.js stores it), and stores it if the session ends while the page
// is open. Without it people arrive at the top of the page.
(() => {
  const stored = use => { try { return use(sessionStorage) } catch { return null } } // private windows have no storage
  const here = location.pathname + location.search, [page, hash] = stored(it => JSON.parse(it.getItem("place"))) ?? []
  if (page === here) {
    stored(it => it.removeItem("place"))
    if (!location.hash && /^#[\w.:-]+$/.test(hash)) location.replace(hash)
  }
  document.addEventListener("htmx:afterRequest", event => {
    if (location.hash && event.detail.xhr.getResponseHeader("HX-Redirect")) stored(it => it.setItem("place", JSON.stringify([here, location.hash])))
  })
})()
