// Small comforts of forms: filters that apply themselves, fields that repeat, Escape that goes back.

import { ask, toast } from "./page.js"

let waiting

function apply(form) {
  clearTimeout(waiting)
  form.requestSubmit()
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-filters]")
  if (form && event.target.type !== "search" && !event.target.matches("[data-day], [data-later]")) apply(form)
})

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-filters]")
  if (!form || event.target.type !== "search") return
  clearTimeout(waiting)
  waiting = setTimeout(() => apply(form), 250)
})

// Empty filters do not belong into an address that people send to each other.
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt
  if (!form.matches?.("form[data-filters], form[data-tidy]")) return
  for (const [name, value] of [...event.detail.formData.entries()]) {
    if (value === "") event.detail.formData.delete(name)
  }
})

document.addEventListener("click", (event) => {
  const more = event.target.closest("[data-repeat]")
  if (more) repeat(more)
  const less = event.target.closest("[data-unrepeat]")
  if (less) less.parentElement.remove()
})

function repeat(button) {
  const template = document.getElementById(button.dataset.repeat)
  const row = template.content.cloneNode(true).firstElementChild
  template.parentElement.insertBefore(row, template)
  row.querySelector("input").focus()
}

document.addEventListener("keydown", (event) => {
  const back = event.target.closest?.("form[data-back]")?.dataset.back
  if (event.key === "Escape" && back) {
    event.preventDefault()
    document.querySelector(`a[data-cancel][href="${back}"]`)?.click()
  }
})

// The last change of a draft is undone by its key, where nobody is typing; one for each press.
document.addEventListener("keydown", (event) => {
  const isKey = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey
  if (!isKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return
  const button = document.querySelector("form[data-undo] button")
  if (!button) return
  event.preventDefault()
  if (!event.repeat) button.click()
})

// A form that changes nothing on the page: what came of it is said at the corner.
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target
    if (!form.matches("[data-quiet]")) return
    event.preventDefault()
    event.stopPropagation()
    const button = event.submitter
    if (button) button.disabled = true
    try {
      await ask(form.getAttribute("action"), { method: "POST", form: new FormData(form) })
      toast(form.dataset.done)
    } catch (error) {
      toast(error.message, "bad")
    }
    if (button) button.disabled = false
  },
  true,
)

// A line of a list unfolds to what is behind it, asked for once.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-unfold]")
  if (!button) return
  const line = button.closest("tr")
  const chevron = line.querySelector("[data-unfold][aria-expanded]")
  const wantsPlay = button.dataset.then === "play"
  const open = line.nextElementSibling?.matches("tr.open") ? line.nextElementSibling : null
  if (open && !(wantsPlay && open.hidden)) {
    if (wantsPlay) return play(open)
    open.hidden = !open.hidden
  } else if (open) open.hidden = false
  else await unfold(line, button.dataset.unfold)
  const now = line.nextElementSibling
  chevron.setAttribute("aria-expanded", !now.hidden)
  line.setAttribute("aria-selected", !now.hidden)
  if (wantsPlay) play(now)
})

/** The player comes with the first page that has one. */
async function play(row) {
  const button = row.querySelector("call-player [data-play]")
  if (!button) return
  await customElements.whenDefined("call-player")
  button.focus({ preventScroll: true })
  button.click()
}

async function unfold(line, address) {
  const below = document.getElementById("unfolded").content.cloneNode(true).firstElementChild
  line.after(below)
  await window.htmx.ajax("GET", address, { target: below.firstElementChild, swap: "innerHTML" })
}
