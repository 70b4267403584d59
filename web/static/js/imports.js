// An import: the file on its way, with progress; ticks among the people who receive its rows.

import { csrf, go } from "./page.js"
import { _, _n } from "./words.js"

class FileUpload extends HTMLElement {
  #xhr = null

  connectedCallback() {
    const input = this.querySelector("[data-file]")
    input.addEventListener("change", () => {
      if (input.files[0]) this.send(input.files[0])
      input.value = "" // the same file may be chosen again
    })
    this.addEventListener("dragover", (event) => this.over(event, true))
    this.addEventListener("dragleave", (event) => this.over(event, this.contains(event.relatedTarget)))
    this.addEventListener("drop", (event) => {
      this.over(event, false)
      if (event.dataTransfer.files[0]) this.send(event.dataTransfer.files[0])
    })
    this.part("stop").addEventListener("click", () => this.#xhr?.abort())
  }

  disconnectedCallback() {
    this.#xhr?.abort()
  }

  over(event, yes) {
    event.preventDefault()
    this.toggleAttribute("data-over", yes)
  }

  send(file) {
    const most = Number(this.getAttribute("most"))
    this.tell("")
    // Known without sending it: the connection would only be cut.
    if (file.size > most * 2 ** 20) return this.tell(_("This file is larger than {n} MB.", { n: most }))
    const xhr = (this.#xhr = new XMLHttpRequest())
    xhr.open("POST", `${this.getAttribute("to") ?? "/imports"}?name=${encodeURIComponent(file.name.slice(-200))}`)
    xhr.setRequestHeader("Accept", "application/json")
    xhr.setRequestHeader("Content-Type", "application/octet-stream")
    xhr.setRequestHeader("X-CSRF-Token", csrf())
    xhr.upload.addEventListener("progress", ({ loaded }) => this.draw(loaded / (file.size || 1)))
    xhr.addEventListener("load", () => this.end(xhr))
    xhr.addEventListener("error", () => this.end(xhr, _("The connection broke. Try again.")))
    xhr.addEventListener("abort", () => this.busy(false))
    this.part("name").textContent = file.name
    this.busy(true)
    this.draw(0)
    xhr.send(file)
  }

  draw(part) {
    const bar = this.querySelector("[role=progressbar]")
    const percent = Math.floor(100 * part)
    const reading = part >= 1
    reading ? bar.removeAttribute("aria-valuenow") : bar.setAttribute("aria-valuenow", String(percent))
    bar.style.setProperty("--v", reading ? "100%" : `${percent}%`)
    this.part("said").textContent = reading ? _("Being read …") : `${percent}%`
  }

  end(xhr, problem = "") {
    if (xhr.status === 201) return go(JSON.parse(xhr.responseText).address)
    this.busy(false)
    this.tell(problem || said(xhr))
  }

  busy(yes) {
    this.toggleAttribute("data-busy", yes)
    this.part("progress").hidden = !yes
  }

  tell(problem) {
    this.part("problem").hidden = !problem
    this.part("problem").querySelector("span").textContent = problem
  }

  part(name) {
    return this.querySelector(`[data-part=${name}]`)
  }
}

function said(xhr) {
  try {
    return JSON.parse(xhr.responseText).message
  } catch {
    return _("The service cannot be reached. Try again.")
  }
}

customElements.define("file-upload", FileUpload)

class PeopleTicks extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", () => this.draw())
    this.querySelector("[data-part=all]").addEventListener("click", () => {
      const all = this.ticked() < this.boxes().length
      for (const box of this.boxes()) box.checked = all
      this.draw()
    })
    this.draw()
  }

  boxes() {
    return [...this.querySelectorAll("[name=person]")]
  }

  ticked() {
    return this.boxes().filter((box) => box.checked).length
  }

  draw() {
    this.querySelector("[data-part=count]").textContent = _n("{n} ticked", "{n} ticked", this.ticked())
    const all = this.ticked() === this.boxes().length
    this.querySelector("[data-part=all]").textContent = all ? _("Untick all") : _("Tick all")
  }
}

customElements.define("people-ticks", PeopleTicks)
