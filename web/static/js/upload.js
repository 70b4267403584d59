// Uploads of documents and prompts: several at once, with progress, cancellable; they go on while other pages are looked at.

import { csrf, toast } from "./page.js"
import { _, language } from "./words.js"

const AT_ONCE = 2
const LONGEST_NAME = 200 // the address has an end
const uploads = [] // of this window, newest last

class Upload {
  constructor(file, action) {
    Object.assign(this, { file, action, state: "waiting", sent: 0, problem: "" })
    this.xhr = new XMLHttpRequest()
  }

  begin() {
    this.state = "sending"
    const { xhr, file } = this
    xhr.open("POST", `${this.action}?name=${encodeURIComponent(short(file.name))}`)
    xhr.setRequestHeader("Accept", "application/json")
    xhr.setRequestHeader("Content-Type", "application/octet-stream")
    xhr.setRequestHeader("X-CSRF-Token", csrf())
    xhr.upload.addEventListener("progress", ({ loaded }) => {
      this.sent = loaded
      draw(this)
    })
    xhr.addEventListener("load", () => this.end(xhr.status === 201 ? "" : said(xhr)))
    xhr.addEventListener("error", () => this.end(_("The connection broke. Try again.")))
    xhr.send(file)
    draw(this)
  }

  end(problem) {
    this.problem = problem
    this.state = problem ? "failed" : "done"
    finished(this)
  }

  stop() {
    this.xhr.abort()
    uploads.splice(uploads.indexOf(this), 1)
    finished(this)
  }
}

/** The end of a name tells what it is, so the middle goes. */
const short = (name) => {
  const letters = [...name]
  return letters.length > LONGEST_NAME ? [...letters.slice(0, LONGEST_NAME - 20), ...letters.slice(-20)].join("") : name
}

function said(xhr) {
  try {
    return JSON.parse(xhr.responseText).message
  } catch {
    return _("The service cannot be reached. Try again.")
  }
}

function add(files, action, most) {
  for (const file of files) {
    const upload = new Upload(file, action)
    uploads.push(upload)
    // Known without sending it: the connection would only be cut.
    if (file.size > most * 2 ** 20) upload.end(_("The file is larger than {mb} MB, the most that is taken.", { mb: most }))
    else if (file.size === 0) upload.end(_("The file is empty."))
    else draw(upload)
  }
  next()
}

function next() {
  const busy = uploads.filter(({ state }) => state === "sending").length
  for (const upload of uploads.filter(({ state }) => state === "waiting").slice(0, AT_ONCE - busy)) upload.begin()
}

function finished(upload) {
  draw(upload)
  next()
  const rest = uploads.filter(({ action }) => action === upload.action)
  if (rest.some(({ state }) => state === "waiting" || state === "sending")) return
  const place = shown(upload.action)
  if (place) return place.settle()
  const done = rest.filter(({ state }) => state === "done").length
  const failed = rest.find(({ state }) => state === "failed")
  if (failed) toast(`${failed.file.name}: ${failed.problem}`, "bad")
  else if (done) toast(_("The files have been uploaded."))
  forget(upload.action)
}

function forget(action) {
  for (const upload of uploads.filter((each) => each.action === action)) uploads.splice(uploads.indexOf(upload), 1)
}

const shown = (action) =>
  [...document.querySelectorAll("document-upload")].find((each) => each.getAttribute("action") === action)

const draw = (upload) => shown(upload.action)?.draw()

class DocumentUpload extends HTMLElement {
  connectedCallback() {
    this.action = this.getAttribute("action")
    this.list = this.querySelector("[data-list]")
    this.rows = new Map()
    const input = this.querySelector("[data-files]")
    input.addEventListener("change", () => {
      this.take(input.files)
      input.value = "" // the same file may be chosen again
    })
    this.addEventListener("dragover", (event) => this.over(event, true))
    this.addEventListener("dragleave", (event) => this.over(event, this.contains(event.relatedTarget)))
    this.addEventListener("drop", (event) => {
      this.over(event, false)
      this.take(event.dataTransfer.files)
    })
    this.draw()
  }

  over(event, yes) {
    event.preventDefault()
    this.toggleAttribute("data-over", yes)
  }

  take(files) {
    for (const upload of uploads.filter(({ action, state }) => action === this.action && state === "done")) {
      uploads.splice(uploads.indexOf(upload), 1)
    }
    add([...files], this.action, Number(this.getAttribute("most")))
    this.draw()
  }

  draw() {
    const mine = uploads.filter(({ action }) => action === this.action)
    for (const [upload, row] of this.rows) {
      if (mine.includes(upload)) continue
      row.remove()
      this.rows.delete(upload)
    }
    for (const upload of mine) this.drawRow(upload)
    this.list.hidden = mine.length === 0
    if (mine.some(({ state }) => state === "done")) this.querySelector("[data-choose]").textContent = _("Add")
  }

  drawRow(upload) {
    if (!this.rows.has(upload)) this.rows.set(upload, this.row(upload))
    const row = this.rows.get(upload)
    const percent = Math.floor((100 * upload.sent) / (upload.file.size || 1))
    const bar = row.querySelector(".progress")
    row.dataset.state = upload.state
    row.querySelector("[data-said]").textContent = words(upload, percent)
    bar.setAttribute("aria-valuenow", percent)
    bar.style.setProperty("--v", `${percent}%`)
  }

  row(upload) {
    const row = this.querySelector("[data-row]").content.cloneNode(true).firstElementChild
    row.querySelector("[data-name]").textContent = upload.file.name
    row.querySelector(".progress").setAttribute("aria-label", upload.file.name)
    row.querySelector("[data-stop]").addEventListener("click", () => upload.stop())
    this.list.append(row)
    return row
  }

  /** All are through: show what is new in the list below, leaving what is said here. */
  settle() {
    const here = location.pathname + location.search
    const list = this.getAttribute("shows") ?? "#documents"
    window.htmx.ajax("GET", here, { source: this, target: list, select: list, swap: "outerHTML" })
  }
}

function words({ state, problem, sent, file }, percent) {
  if (state === "done") return _("Done")
  if (state === "failed") return problem
  if (state === "waiting") return _("Waiting")
  if (sent >= file.size) return _("Looking at it…")
  return _("{percent}% of {size}", { percent, size: size(file.size) })
}

/** As the list writes it: 1.2 MB. */
function size(bytes) {
  const unit = bytes < 1000 * 1024 ? "KB" : "MB"
  const value = bytes / (unit === "KB" ? 1024 : 2 ** 20)
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)} ${unit}`
}

addEventListener("beforeunload", (event) => {
  if (uploads.some(({ state }) => state === "waiting" || state === "sending")) event.preventDefault()
})

customElements.define("document-upload", DocumentUpload)
