// A long time as lines, to zoom into: drag over days, press Escape or twice for all of them; a click opens the day's
// calls. The library comes only where there is such a chart; the numbers stand in the table below it.

import { _ } from "./words.js"
import { go } from "./page.js"

const here = (path) => new URL(`../vendor/${path}`, import.meta.url).href // addressed so that it is not bundled
const HEIGHT = 240
const DAY = 86_400

class ZoomChart extends HTMLElement {
  async connectedCallback() {
    this.told = JSON.parse(this.dataset.chart) // {days: ["2026-11-21"], series: [{name, color, values, unit}], href}
    const { default: UPlot } = await import(here("uplot.js"))
    if (!this.isConnected) return
    if (!document.querySelector("link[data-uplot]")) document.head.append(sheet())
    this.UPlot = UPlot
    this.draw()
    this.sizes = new ResizeObserver(() => this.chart.setSize({ width: this.clientWidth || 600, height: HEIGHT }))
    this.sizes.observe(this)
    this.themes = new MutationObserver(() => this.draw())
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] })
    this.dark = matchMedia("(prefers-color-scheme: dark)")
    this.redraw = () => this.draw()
    this.dark.addEventListener("change", this.redraw)
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.whole())
    this.dataset.drawn = ""
  }

  disconnectedCallback() {
    this.sizes?.disconnect()
    this.themes?.disconnect()
    this.dark?.removeEventListener("change", this.redraw)
    this.chart?.destroy()
  }

  whole() {
    const { days } = this.told
    this.chart.setScale("x", { min: seconds(days[0]), max: seconds(days.at(-1)) })
  }

  draw() {
    this.chart?.destroy()
    const { days, series } = this.told
    const data = [days.map(seconds), ...series.map((each) => each.values)]
    this.chart = new this.UPlot(this.options(series), data, this)
    this.chart.over.addEventListener("click", () => this.open())
  }

  /** The day below the mouse, unless it has just been dragged over several. */
  open() {
    const at = this.chart.cursor.idx
    if (at == null || this.chart.select.width > 4) return
    const day = this.told.days[at]
    go(`${this.told.href}&since=${day}&until=${day}`)
  }

  options(series) {
    const style = getComputedStyle(this)
    const colour = (name) => style.getPropertyValue(`--${name}`).trim() || style.color
    const of = (name) => resolved(this, colour(name))
    const axis = { stroke: of("text-3"), grid: { stroke: of("line"), width: 1 }, ticks: { show: false }, font: `12px ${style.fontFamily}` }
    const figure = (value, unit) => (value == null ? "–" : new Intl.NumberFormat(lang(), unit === "share" ? { style: "percent", maximumFractionDigits: 1 } : {}).format(value))
    return {
      width: this.clientWidth || 600,
      height: HEIGHT,
      tzDate: (at) => this.UPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      scales: { x: { time: true }, y: { range: (_chart, _low, high) => [0, Math.max(high || 0, series[0].unit === "share" ? 1 : 4)] } },
      cursor: { drag: { x: true, y: false }, focus: { prox: 24 } },
      axes: [
        { ...axis, values: (_chart, ticks) => ticks.map(shortDay), incrs: [1, 2, 7, 14, 28, 61, 91, 182].map((n) => n * DAY), space: 64 },
        { ...axis, size: 52, values: (_chart, ticks) => ticks.map((each) => figure(each, series[0].unit)) },
      ],
      series: [
        { label: _("Day"), value: (_chart, at) => (at == null ? "–" : fullDay(at)) },
        ...series.map((each) => ({ label: each.name, stroke: of(each.color), width: 1.5, dash: each.dash, points: { show: false }, value: (_chart, value) => figure(value, each.unit) })),
      ],
    }
  }
}

/** A colour as canvases know it: light-dark() has to be worked out first. */
function resolved(element, text) {
  const probe = document.createElement("i")
  probe.hidden = true
  probe.style.color = text
  element.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

const parts = (at) => new Date(at * 1000).toISOString().slice(0, 10).split("-")
const months = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" })

/** 21/11, 21 Nov */
function shortDay(at) {
  const [, month, day] = parts(at)
  return lang() === "vi-VN" ? `${day}/${month}` : `${Number(day)} ${months.format(at * 1000)}`
}

/** 21/11/2026, 21 Nov 2026 */
const fullDay = (at) => `${shortDay(at)}${lang() === "vi-VN" ? "/" : " "}${parts(at)[0]}`

const seconds = (day) => Date.parse(`${day}T00:00:00Z`) / 1000
const lang = () => (document.documentElement.lang === "vi" ? "vi-VN" : "en-GB")

function sheet() {
  const link = document.createElement("link")
  link.rel = "stylesheet"
  link.href = here("uPlot.min.css")
  link.dataset.uplot = ""
  return link
}

customElements.define("zoom-chart", ZoomChart)
