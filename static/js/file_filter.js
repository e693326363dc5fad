// Filters a long list of files by typed text. Without it all files are shown.
(() => {
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
  const filter = () => {
    const input = document.getElementById("file-filter")
    if (!input) return
    const words = plain(input.value).split(/\s+/).filter(Boolean)
    const files = [...document.querySelectorAll("#files .file")]
    for (const file of files) {
      const line = plain(`${file.textContent} ${file.className}`)
      file.hidden = !words.every(word => line.includes(word))
    }
    for (const list of document.querySelectorAll("#files .files")) {
      list.hidden = list.previousElementSibling.hidden = !list.querySelector(".file:not([hidden])")
    }
    const found = document.getElementById("file-filter-found")
    const [shown, all] = [files.filter(file => !file.hidden).length, files.length]
    found.textContent = words.length ? found.dataset.found.replace("#", shown).replace("#", all) : ""
  }
  document.addEventListener("input", event => { if (event.target.id === "file-filter") filter() })
  document.addEventListener("morphed", filter)
  filter() // text may have been typed before this script was loaded
})()
