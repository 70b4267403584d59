// Small comforts of forms: filters that apply themselves, fields that repeat, Escape that goes back.

let waiting

function apply(form) {
  clearTimeout(waiting)
  form.requestSubmit()
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-filters]")
  if (form && event.target.type !== "search") apply(form)
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
  if (!form.matches?.("form[data-filters]")) return
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
