// <job-progress job="7" href="/where/to/go/then">: how far long work is, and a way to stop it.
// Around it: a word at the corner when mine ends, on whatever page; and <jobs-now> while some goes on.

import { live } from "./events.js"
import { ask, go, icon, toast } from "./page.js"
import { _, language } from "./words.js"

const POLL_MS = 2000 // where /events is away, or says nothing of somebody else's work
const gone = new Set() // jobs whose page was left for their href: once is enough

const written = (value) => (typeof value === "number" ? new Intl.NumberFormat(language).format(value) : String(value))

/** A sentence of the service, {text, values}; values may be sentences themselves. */
export function words(sentence) {
  if (!sentence.text) return ""
  const values = Object.entries(sentence.values).map(([name, value]) => [name, typeof value === "object" ? words(value) : written(value)])
  return _(sentence.text, Object.fromEntries(values))
}

function left(seconds) {
  if (seconds === null) return ""
  if (seconds < 90) return _("about {n} s left", { n: Math.max(1, Math.round(seconds)) })
  return _("about {n} min left", { n: Math.round(seconds / 60) })
}

class JobProgress extends HTMLElement {
  #listening = null
  #heard = 0 // when /events last said something of it

  connectedCallback() {
    if (!this.querySelector(".job")) this.replaceChildren(document.getElementById("job-progress").content.cloneNode(true))
    this.id_ = Number(this.getAttribute("job"))
    this.#part("cancel").addEventListener("click", () => this.#cancel())
    this.#listening = new AbortController()
    const { signal } = this.#listening
    live.addEventListener("job", ({ detail }) => detail.id === this.id_ && this.#hear(detail), { signal })
    this.timer = setInterval(() => this.#poll(), POLL_MS)
    const known = live.jobs.get(this.id_)
    known ? this.#hear(known) : this.#poll()
  }

  disconnectedCallback() {
    this.#listening.abort()
    clearInterval(this.timer)
  }

  #hear(job) {
    this.#heard = Date.now()
    this.#draw(job)
  }

  async #poll() {
    const mine = live.connected && live.jobs.has(this.id_)
    if (mine || Date.now() - this.#heard < POLL_MS) return
    try {
      const job = await ask(`/jobs/${this.id_}`)
      if (this.isConnected) this.#draw(job)
    } catch {
      // no network, or the service restarts: asked again
    }
  }

  #draw(job) {
    if (this.job?.finished_at) return
    this.job = job
    this.dataset.state = job.state
    const over = Boolean(job.finished_at)
    this.#bar(job)
    this.querySelector(".job__row").hidden = over
    this.#part("words").hidden = over
    this.#part("words").textContent = this.#words(job)
    this.#part("cancel").disabled = job.cancel_requested
    const listed = this.closest("tr")?.querySelector("[data-job-state]")
    if (listed && job.state === "running") listed.textContent = _("In progress")
    if (over) this.#over(job)
  }

  #bar({ done, total, title }) {
    const bar = this.querySelector("[role=progressbar]")
    const percent = total ? Math.min(100, Math.floor((100 * done) / total)) : 0
    bar.setAttribute("aria-label", words(title))
    total ? bar.setAttribute("aria-valuenow", String(percent)) : bar.removeAttribute("aria-valuenow")
    if (total) bar.style.setProperty("--v", `${percent}%`)
    this.#part("percent").textContent = total ? `${percent}%` : ""
  }

  #words({ state, done, total, left_s, going, cancel_requested }) {
    if (cancel_requested) return _("Stopping …")
    if (state === "waiting") return _("Waiting for its turn")
    const far = total ? _("{n} of {total}", { n: written(done), total: written(total) }) : done ? written(done) : _("In progress")
    return [far, words(going), left(left_s)].filter(Boolean).join(" · ")
  }

  #over(job) {
    const said = this.#part("said")
    said.hidden = false
    said.prepend(icon(job.state === "done" ? "check" : job.state === "failed" ? "alert" : "x", job.state === "done" ? "t-ok" : job.state === "failed" ? "t-bad" : "mut"))
    said.querySelector("span").textContent = words(job.said)
    clearInterval(this.timer)
    this.dispatchEvent(new CustomEvent("job-over", { bubbles: true, detail: job }))
    const href = this.getAttribute("href")
    if (href && !gone.has(job.id)) {
      gone.add(job.id)
      go(href)
    }
  }

  async #cancel() {
    this.#part("cancel").disabled = true
    try {
      await ask(`/jobs/${this.id_}/cancel`, { method: "POST" })
    } catch (error) {
      this.#part("cancel").disabled = false
      toast(error.message, "bad")
    }
  }

  #part(name) {
    return this.querySelector(`[data-part=${name}]`)
  }
}

customElements.define("job-progress", JobProgress)

class JobsNow extends HTMLElement {
  connectedCallback() {
    live.addEventListener("change", ({ detail }) => ["state", "job"].includes(detail) && this.draw())
    this.draw()
  }

  draw() {
    const n = live.jobs.size
    this.hidden = n === 0
    const [first] = live.jobs.values()
    const percent = n === 1 && first.total ? ` · ${Math.floor((100 * first.done) / first.total)}%` : ""
    this.querySelector("[data-part=label]").textContent = n ? _("{n} in the background", { n }) + percent : ""
    this.querySelector("a").title = [...live.jobs.values()].map((job) => words(job.title)).join("\n")
  }
}

customElements.define("jobs-now", JobsNow)

function ended(job) {
  const link = job.link ? { href: job.link, words: _("Open") } : null
  toast(words(job.said), job.state === "failed" ? "bad" : "ok", link)
}

live.addEventListener("job", ({ detail }) => detail.finished_at && ended(detail))
live.addEventListener("letter", ({ detail }) => toast(_("A report by email did not reach everybody."), "bad", { href: detail.href, words: _("Open") }))
live.addEventListener("lost-job", async ({ detail }) => {
  try {
    const job = await ask(`/jobs/${detail.id}`)
    if (job.finished_at) ended(job)
  } catch {
    // it was forgotten, or there is no network: nothing to say
  }
})
