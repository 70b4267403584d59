// How well one hears the other side: packets lost and jitter since the last look, as 1 to 4 bars.

import { _ } from "./words.js"

const LEVELS = [
  { bars: 4, loss: 0.01, jitter: 0.03, words: () => _("Good"), kind: "" },
  { bars: 3, loss: 0.03, jitter: 0.05, words: () => _("Fair"), kind: "" },
  { bars: 2, loss: 0.08, jitter: 0.1, words: () => _("Poor"), kind: "k-warn" },
  { bars: 1, loss: Infinity, jitter: Infinity, words: () => _("Bad"), kind: "k-bad" },
]

let last = { received: 0, lost: 0 }

/** {bars, words, kind}, or null when nothing was received since the last look. */
export async function quality(connection) {
  for (const report of (await connection.getStats()).values()) {
    if (report.type !== "inbound-rtp" || report.kind !== "audio") continue
    const received = report.packetsReceived - last.received
    const lost = report.packetsLost - last.lost
    last = { received: report.packetsReceived, lost: report.packetsLost }
    if (received <= 0) return null // the first look, silence, or another call
    const loss = Math.max(0, lost) / (received + Math.max(0, lost))
    const level = LEVELS.find((each) => loss <= each.loss && report.jitter <= each.jitter)
    return { bars: level.bars, words: level.words(), kind: level.kind }
  }
  return null
}
