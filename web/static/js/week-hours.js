// Opening hours: days that are alike with their times, and the week as a picture while they are typed.

const LEFT = 34, WIDE = 576, ROW = 22, DAY = 1440 // as pictures.py draws it
const SVG = "http://www.w3.org/2000/svg"

class WeekHours extends HTMLElement {
  connectedCallback() {
    this.groups = this.querySelector("[data-part=groups]")
    this.addEventListener("click", (event) => this.press(event))
    this.addEventListener("input", () => this.draw())
    this.addEventListener("change", () => this.draw())
    this.draw() // of what was typed wrongly the service draws nothing
  }

  press(event) {
    const more = event.target.closest("[data-more]")?.dataset.more
    const less = event.target.closest("[data-less]")
    if (more === "group") this.add("group").querySelector("input").focus()
    else if (more) this.add("span", event.target.closest("[data-group]")).querySelector("input").focus()
    else if (less) this.remove(less)
    else if (event.target.closest("[data-around]")) this.around()
    else return
    this.draw()
  }

  /** A new row of the template; its fields are of that group, or of one that is new itself. */
  add(kind, group) {
    const row = this.querySelector(`template[data-row=${kind}]`).content.cloneNode(true).firstElementChild
    const numbers = [...this.groups.children].map((each) => Number(each.dataset.group))
    const number = group?.dataset.group ?? Math.max(-1, ...numbers) + 1
    if (kind === "group") row.dataset.group = number
    for (const field of row.querySelectorAll("[name$=-N]")) field.name = field.name.replace("-N", `-${number}`)
    if (group) group.querySelector("[data-more=span]").before(row)
    else this.groups.append(row)
    return row
  }

  remove(button) {
    const row = button.closest(button.dataset.less === "group" ? "[data-group]" : ".sw__span")
    const next = row.nextElementSibling?.querySelector("input") ?? row.previousElementSibling?.querySelector("input")
    row.remove()
    ;(next ?? this.querySelector("[data-more=group]")).focus()
  }

  around() {
    this.groups.replaceChildren()
    const row = this.add("group")
    for (const day of row.querySelectorAll("[type=checkbox]")) day.checked = true
    const [begins, ends] = row.querySelectorAll(".sw__span input")
    begins.value = "0:00"
    ends.value = "24:00"
  }

  /** What can be read of the times, whether or not the rest can. */
  draw() {
    const bars = [...this.groups.children].flatMap((group) => {
      const days = [...group.querySelectorAll(":checked")].map((each) => Number(each.value))
      return [...group.querySelectorAll(".sw__span")].flatMap((span) => {
        const [begins, ends] = [...span.querySelectorAll("input")].map((each) => minute(each.value))
        if (begins === null || ends === null) return []
        return days.flatMap((day) => (ends > begins ? [[day, begins, ends]] : [[day, begins, DAY], [(day + 1) % 7, 0, ends]]))
      })
    })
    this.querySelector("[data-part=bars]").replaceChildren(...bars.map(bar))
  }
}

function minute(text) {
  const found = /^(\d{1,2})(?:\s*[:.hg]?\s*(\d{2})?)$/.exec(text.trim())
  const all = found ? Number(found[1]) * 60 + Number(found[2] ?? 0) : DAY + 1
  return all > DAY || Number(found[2] ?? 0) > 59 ? null : all
}

function bar([day, begins, ends]) {
  const rect = document.createElementNS(SVG, "rect")
  const place = { class: "sw__open", x: LEFT + (begins * WIDE) / DAY, y: day * ROW + 2, width: ((ends - begins) * WIDE) / DAY, height: 18, rx: 3 }
  for (const [name, value] of Object.entries(place)) rect.setAttribute(name, value)
  return rect
}

customElements.define("week-hours", WeekHours)
