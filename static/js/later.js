// Loads the scripts its tag names, in their order, once the page has been painted: people read first. A page opened in
// the background is painted when somebody comes to it, and must not wait for that. Without it the page is a still picture.
(() => {
  const names = document.currentScript.dataset.scripts.split(" ")
  const load = () => names.forEach(src =>
    document.head.append(Object.assign(document.createElement("script"), { src, async: false })))
  addEventListener("load", () => { // not before: htmx starts at DOMContentLoaded, or at once in a page that is complete
    if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes("paint")) return load()
    new PerformanceObserver((_, observer) => { observer.disconnect(); load() }).observe({ type: "paint", buffered: true })
  })
})()
