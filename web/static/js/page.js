// What every script may need of the page around it: where to go, what to say, what proves that we are we.

export const csrf = () => document.querySelector("meta[name=csrf]")?.content ?? ""

/** Show `path` in the main part; the phone beside it lives on. */
export function go(path) {
  const here = path === location.pathname + location.search // then Back should lead to the page before
  return window.htmx.ajax("GET", path, { target: "#page", swap: "innerHTML", ...(here ? {} : { push: "true" }) })
}

let drawing = null // what is being drawn anew
let again = false

/** Draw the page anew where it is, for as long as that `part` of it is there; who asks meanwhile has it drawn once
 * more. Whoever is on their way elsewhere is let go: htmx gives up what was asked for #page before. */
export async function redraw(part) {
  again = true
  if (drawing) return
  drawing = document
  try {
    while (again) {
      while (document.querySelector("#busy.htmx-request")) await new Promise((done) => setTimeout(done, 100))
      again = false
      drawing = document.querySelector(`#page ${part}`)
      if (drawing) await draw(drawing)
    }
  } catch {
    // They have gone elsewhere, or nobody answers: then the whole state is told as soon as somebody does.
  } finally {
    drawing = null
  }
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status >= 400 && detail.requestConfig.elt === drawing) detail.shouldSwap = false // what was there is worth more
})

async function draw(source) {
  const page = document.getElementById("page")
  const [focused, inPage, inWindow] = [placeOf(document.activeElement), page.scrollTop, window.scrollY]
  await window.htmx.ajax("GET", location.pathname + location.search, { source, target: "#page", swap: "innerHTML" })
  focused()?.focus({ preventScroll: true })
  page.scrollTop = inPage
  window.scrollTo(0, inWindow)
}

/** Whoever walks through the lines with the keyboard stays in theirs: finds what stands there afterwards. */
function placeOf(element) {
  const key = element?.closest("#page [data-key]")?.dataset.key
  const inside = () => [...(document.querySelector(`#page [data-key="${CSS.escape(key)}"]`)?.querySelectorAll("a, button, summary") ?? [])]
  const at = key ? inside().indexOf(element) : -1
  return () => (at < 0 ? null : inside()[at])
}

/** fetch to our own service as JSON, with the proof of who we are; throws {status, error, message}. */
export async function ask(path, { method = "GET", json, form, keepalive = false } = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrf() }
  if (json !== undefined) headers["Content-Type"] = "application/json"
  const body = json !== undefined ? JSON.stringify(json) : form && new URLSearchParams(form)
  const answer = await fetch(path, { method, headers, body, keepalive })
  const text = await answer.text()
  const said = text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : {}
  if (!answer.ok) throw Object.assign(new Error(said.message ?? answer.statusText), said, { status: answer.status })
  return said
}

/** A short message at the corner; kind "bad", or one with a link {href, words}, stays until it is closed. One with a
 * button {run, words} stays long enough to press it. */
export function toast(text, kind = "ok", link = null) {
  const region = document.getElementById("toasts")
  const one = document.getElementById("toast").content.cloneNode(true).firstElementChild
  one.dataset.kind = kind
  one.querySelector("span").textContent = text
  one.querySelector("button").addEventListener("click", () => one.remove())
  if (kind === "bad") one.querySelector("svg").replaceWith(icon("alert"))
  if (link?.run) one.querySelector("button").before(button(link, one))
  else if (link) one.querySelector("span").append(" ", linkTo(link, () => one.remove()))
  region.append(one)
  if (kind !== "bad" && !link?.href) setTimeout(() => one.remove(), link ? 20_000 : 6000)
  return one
}

function linkTo({ href, words }, followed) {
  const link = document.createElement("a")
  link.className = "link"
  link.href = href
  link.textContent = words
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    followed()
    go(href)
  })
  return link
}

function button({ words, run }, one) {
  const made = document.createElement("button")
  made.type = "button"
  made.className = "btn btn--s"
  made.textContent = words
  made.addEventListener("click", () => {
    one.remove()
    run()
  })
  return made
}

/** An icon of icons.svg, as an element. */
export function icon(name, extra = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use")
  svg.setAttribute("class", `i ${extra}`)
  svg.setAttribute("aria-hidden", "true")
  use.setAttribute("href", `${document.querySelector("meta[name=icons]").content}#i-${name}`)
  svg.append(use)
  return svg
}
