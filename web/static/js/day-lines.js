// <day-lines>: says what the bar is that one points at, and lets keys go along the bars.

class DayLines extends HTMLElement {
  connectedCallback() {
    this.svg = this.querySelector("svg")
    this.words = this.querySelector("output")
    this.hint = this.words.textContent
    this.svg.addEventListener("pointerover", ({ target }) => this.say(target.closest("[data-w]")))
    this.svg.addEventListener("pointerleave", () => this.say(this.at))
    this.svg.addEventListener("keydown", (event) => this.press(event))
    this.svg.addEventListener("blur", () => this.stand(null))
  }

  press(event) {
    if (event.target !== this.svg || event.altKey || event.ctrlKey || event.metaKey) return
    const next = this.next(event.key)
    if (event.key === "Enter") this.at?.closest("a")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }))
    else if (next) this.stand(next)
    else return
    event.preventDefault()
  }

  /** The bar that a key leads to. */
  next(key) {
    const lines = [...this.svg.querySelectorAll("[data-line]")].map((line) => [...line.querySelectorAll("[data-w]")].sort(byPlace))
    const filled = lines.filter((bars) => bars.length)
    const line = filled.findIndex((bars) => bars.includes(this.at))
    if (!KEYS.has(key) || !filled.length) return null
    if (line < 0) return filled[0][0]
    const bars = filled[line]
    const place = bars.indexOf(this.at)
    if (key === "ArrowRight") return bars[Math.min(place + 1, bars.length - 1)]
    if (key === "ArrowLeft") return bars[Math.max(place - 1, 0)]
    if (key === "Home") return bars[0]
    if (key === "End") return bars.at(-1)
    const other = filled[line + (key === "ArrowDown" ? 1 : -1)] ?? bars
    return other.reduce((best, bar) => (Math.abs(x(bar) - x(this.at)) < Math.abs(x(best) - x(this.at)) ? bar : best))
  }

  stand(bar) {
    this.at?.removeAttribute("data-at")
    this.at = bar
    bar?.setAttribute("data-at", "")
    bar?.scrollIntoView({ block: "nearest", inline: "nearest" })
    this.say(bar)
  }

  say(bar) {
    const line = bar?.closest("[data-line]").dataset.line
    this.words.textContent = bar ? `${line}: ${bar.dataset.w}` : this.hint
  }
}

const KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"])
const x = (bar) => Number(bar.getAttribute("x"))
const byPlace = (one, other) => x(one) - x(other)

customElements.define("day-lines", DayLines)
