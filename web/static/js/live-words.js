// The words of the live board and of wallboards.

import { length } from "./clock.js"
import { counted, lost } from "./live-stream.js"
import { _, _n, language } from "./words.js"

export const DOTS = { ready: "k-ok", unreachable: "k-bad", break: "k-warn", ringing: "k-acc", talking: "k-acc", on_hold: "k-acc", wrap_up: "k-warn", offline: "" }

/** 6.0 % of how many, as people write it. */
export const share = (part, whole) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(whole ? part / whole : 0)

/** What is wrong in a queue, or with a provider, as a sentence; `stream` knows since when. */
export function alarmWords({ kind, limit, queue, why }, stream) {
  if (kind === "trunk") return TRUNKS()[why]
  const now = stream.queues.get(queue) ?? {}
  if (kind === "wait") return _("A customer has waited for {length}; the limit is {limit}.", { length: length(now.longest ? stream.since(now.longest) : limit), limit: length(limit) })
  if (kind === "nobody") return _n("{n} customer waits, and nobody is ready.", "{n} customers wait, and nobody is ready.", now.waiting ?? 1)
  return _("{share} of today’s calls hung up before they were answered; the limit is {limit}%.", { share: share(lost(now), counted(now)), limit })
}

const TRUNKS = () => ({
  silent: _("The provider does not answer. Calls take the next trunk, where there is one."),
  refused: _("The provider refuses us: is the password right? Calls take the next trunk, where there is one."),
})

/** The same of one that is over. */
export function pastWords({ kind, limit, why }) {
  if (kind === "trunk") return why === "refused" ? _("The provider refused us.") : _("The provider did not answer.")
  if (kind === "wait") return _("A customer waited for more than {limit}.", { limit: length(limit) })
  if (kind === "nobody") return _("Customers waited, and nobody was ready.")
  return _("More than {limit}% of the day’s calls were lost.", { limit })
}

// Short: they are read from five metres.
export const stateNames = () => ({
  ready: _("Ready"),
  unreachable: _("Phone not connected"),
  break: _("Break"),
  ringing: _("Rings"),
  talking: _("Talks"),
  on_hold: _("Talks"),
  wrap_up: _("Wraps up"),
  offline: _("Offline"),
})
