// Keeps a link's fragment ("#event-…"), which servers never see, during sign-in. It is stored for this tab and the
// requested page, where session.js restores it. Without it people arrive at the top of that page.
(() => {
  const next = new URLSearchParams(location.search).get("next")
  if (!next || location.hash.length < 2) return
  try { sessionStorage.setItem("place", JSON.stringify([next, location.hash])) } catch { /* private window: not stored */ }
})()
