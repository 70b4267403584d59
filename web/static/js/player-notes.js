// Notes at a second of a recording: written while it plays, read beside it, and shown on its lanes.

import { ask, toast } from "./page.js"
import { clock } from "./player-sums.js"
import { _ } from "./words.js"

export class Notes {
  constructor(player) {
    this.player = player
    this.list = player.querySelector("[data-notes]")
    this.form = player.querySelector("[data-note-form]")
    this.field = this.form.querySelector("textarea")
    this.problem = this.form.querySelector(".err")
    this.drafts = new Map() // what was typed and not saved, by the line that it changes; null: a new note
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      event.stopPropagation()
      this.save()
    })
    this.form.addEventListener("keydown", (event) => this.key(event))
    this.form.querySelector("[data-cancel]").addEventListener("click", () => this.close())
    this.list.addEventListener("click", (event) => this.click(event))
    this.draw()
  }

  get address() {
    return `/api/v1/recordings/${encodeURIComponent(this.player.getAttribute("call"))}/notes`
  }

  get lines() {
    return [...this.list.querySelectorAll("[data-note]")]
  }

  /** Write at that second; what was typed before and not saved is still there. */
  write(at) {
    this.open(at, null)
  }

  open(at, line) {
    this.putAside()
    this.at = at
    this.line = line // whose text is changed; null: a new one
    this.field.value = this.drafts.get(line)?.text ?? line?.querySelector("[data-text]").textContent ?? ""
    this.say("")
    this.form.querySelector("[data-at]").textContent = clock(at)
    this.form.hidden = false
    this.field.focus()
  }

  /** Whatever is typed now, for when its form is open again. */
  putAside() {
    if (!this.form.hidden) this.drafts.set(this.line, { at: this.at, text: this.field.value })
  }

  /** A new note that was being written when another one was opened goes on. */
  close() {
    if (this.line) this.drafts.delete(this.line)
    else this.drafts.set(null, { text: this.field.value })
    this.form.hidden = true
    const { at, text } = this.drafts.get(null) ?? {}
    if (this.line && at !== undefined && text.trim()) return this.open(at, null)
    this.line = null
    this.player.wave.focus({ preventScroll: true })
  }

  say(problem) {
    this.problem.hidden = !problem
    this.problem.querySelector("span").textContent = problem
    this.field.setAttribute("aria-invalid", Boolean(problem))
  }

  key(event) {
    event.stopPropagation() // letters are letters here
    if (event.key === "Escape") this.close()
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === this.field) this.save()
    else return
    event.preventDefault()
  }

  async save() {
    const text = this.field.value.trim()
    if (!text) return this.say(_("A note needs some words."))
    if (this.saving) return
    this.saving = true
    const { line, at } = this
    try {
      if (line) this.show(line, await ask(`${this.address}/${line.dataset.note}`, { method: "PUT", json: { text } }))
      else this.put(await ask(this.address, { method: "POST", json: { at_s: at, text } }))
      this.drafts.delete(line)
      if (this.line === line) {
        this.field.value = ""
        this.close()
      }
    } catch (error) {
      this.say(error.status ? error.message : _("There is no connection. What you typed is still here: try again."))
    }
    this.saving = false
  }

  click({ target }) {
    const line = target.closest("[data-note]")
    if (target.closest("[data-seek]")) this.player.seek(Number(line.dataset.at))
    else if (target.closest("[data-edit]")) this.open(Number(line.dataset.at), line)
    else if (target.closest("[data-delete]")) this.remove(line)
  }

  async remove(line) {
    const [at_s, text] = [Number(line.dataset.at), line.querySelector("[data-text]").textContent]
    try {
      await ask(`${this.address}/${line.dataset.note}`, { method: "DELETE" })
    } catch (error) {
      if (error.status !== 404) return toast(error.status ? error.message : _("There is no connection. Try again."), "bad")
    }
    if (this.line === line) this.close()
    line.remove()
    this.draw()
    this.player.wave.focus({ preventScroll: true })
    const back = () => ask(this.address, { method: "POST", json: { at_s, text } }).then((note) => this.put(note), (error) => toast(error.message, "bad"))
    toast(_("The note has been deleted."), "ok", { words: _("Undo"), run: back })
  }

  /** A new line, in the order of the recording. */
  put(note) {
    const line = this.player.querySelector("template[data-note-line]").content.cloneNode(true).firstElementChild
    line.dataset.note = note.id
    line.dataset.at = note.at_s
    line.querySelector("[data-seek]").textContent = clock(note.at_s)
    line.querySelector("[data-by]").textContent = note.user.name
    this.list.insertBefore(line, this.lines.find(({ dataset }) => Number(dataset.at) > note.at_s) ?? null)
    this.show(line, note)
  }

  show(line, { text }) {
    line.querySelector("[data-text]").textContent = text
    this.draw()
  }

  /** The notes as marks on the lanes. For the eye: the list beside them is what is read out. */
  draw() {
    for (const mark of this.player.wave.querySelectorAll(".wave__note")) mark.remove()
    this.list.hidden = this.lines.length === 0
    for (const line of this.lines) {
      const mark = document.createElement("i")
      mark.className = "wave__note"
      mark.dataset.at = line.dataset.at
      mark.title = `${clock(line.dataset.at)} ${line.querySelector("[data-text]").textContent}`
      mark.style.setProperty("--at", `${this.player.share(line.dataset.at)}%`)
      this.player.wave.append(mark)
    }
  }
}
