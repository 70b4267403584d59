// How a menu is walked through with keys: arrows, Home, End, first letters, numbers; Escape leaves it.

const known = new WeakMap() // menu -> the button it was opened with

export function menuKeys(menu, button) {
  if (!known.has(menu)) {
    menu.addEventListener("keydown", walk)
    menu.addEventListener("toggle", ({ newState }) => {
      known.get(menu)?.setAttribute("aria-expanded", String(newState === "open"))
    })
  }
  known.set(menu, button)
}

function walk(event) {
  const menu = event.currentTarget
  const items = [...menu.querySelectorAll("[role^=menuitem]")]
  const here = items.indexOf(document.activeElement)
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key]
  if (event.key === "Tab") return menu.hidePopover()
  if (to !== undefined) {
    event.preventDefault()
    return items.at(to % items.length)?.focus()
  }
  if (!/^[1-9]$/.test(event.key)) return
  const chosen = items.find((item) => item.querySelector("kbd")?.textContent === event.key)
  if (!chosen) return
  event.preventDefault()
  event.stopPropagation()
  chosen.click()
}
