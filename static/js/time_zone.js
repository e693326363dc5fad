// Sends the reader's time zone to the server, so that "today" is their day. Without it days are in UTC.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const known = document.cookie.split("; ").find(each => each.startsWith("zone="))?.slice(5)
  if (zone && known !== zone) {
    const secure = location.protocol === "https:" ? "; Secure" : ""
    document.cookie = `zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`
    addEventListener("load", () => { const page = document.getElementById("failures") ?? document.getElementById("day"); if (page) htmx.trigger(page, "poll") })
  }
})()
