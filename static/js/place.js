// Keeps a link's place ("#event-…") while somebody signs in: no server ever sees it. Kept in this tab, for the page that
// was asked for, which takes it up in session.js. Without it people arrive at the top of that page.
(() => {
  const next = new URLSearchParams(location.search).get("next")
  if (!next || location.hash.length < 2) return
  try { sessionStorage.setItem("place", JSON.stringify([next, location.hash])) } catch { /* private window */ }
})()
