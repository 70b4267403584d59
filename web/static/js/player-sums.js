// The player's sums: how a moment is written, what is drawn, what is skipped. Pure.

export const WIDTH = 680 // of the drawing, in its own units
export const LANE = 28
const STEP = 4
const QUIET = 3 // of 255, about -39 dB: a line without a voice is below, a whisper is above
const LEAST = 2 // seconds: a shorter silence is a breath
const EDGE = 0.3 // seconds of a silence that stay at both ends, so that no first sound is cut off

/** "1:23", "1:02:45". */
export const clock = (seconds) => {
  const whole = Math.floor(seconds || 0)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n) => String(n).padStart(2, "0")
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** The louder of the peaks behind each stroke, as a path of vertical strokes around the lane's middle. */
export function lane(peaks, middle) {
  let path = ""
  const strokes = WIDTH / STEP
  for (let each = 0; each < strokes; each++) {
    const from = Math.floor((each * peaks.length) / strokes)
    const to = Math.max(from + 1, Math.floor(((each + 1) * peaks.length) / strokes))
    const peak = Math.max(0, ...peaks.slice(from, to))
    const height = Math.max(1, (peak / 255) * (LANE - 4))
    path += `M${each * STEP + 2} ${(middle - height / 2).toFixed(1)}v${height.toFixed(1)}`
  }
  return path
}

/** [[from, to]] in seconds: where neither is heard for a while. Peaks of a long call are far apart, so that less of it
 * counts as silent; a word never does. */
export function silences({ customer, agent, duration_s }) {
  const slices = Math.max(customer.length, agent.length)
  const long = duration_s / slices
  const found = []
  for (let first = 0; first < slices; first++) {
    let last = first
    while (last < slices && (customer[last] ?? 0) <= QUIET && (agent[last] ?? 0) <= QUIET) last++
    const from = first ? first * long + EDGE : 0
    const to = last < slices ? last * long - EDGE : duration_s
    if (last > first && to - from >= LEAST) found.push([from, to])
    first = last
  }
  return found
}

/** Where it goes on: behind the silence that `second` lies in, else there. */
export const beyond = (silent, second) => silent.find(([from, to]) => from <= second && second < to - 0.05)?.[1] ?? second

/** Those of `stretches` that have nothing in common with `others`. */
export const apart = (stretches, others) => stretches.filter(([from, to]) => !others.some(([start, end]) => start < to && from < end))

export const length = (stretches) => stretches.reduce((sum, [from, to]) => sum + to - from, 0)

/** What somebody has chosen for all recordings, out of what was kept; whatever is wrong with it is left out. */
export function chosen(text, speeds) {
  let kept
  try {
    kept = JSON.parse(text) ?? {}
  } catch {
    kept = {}
  }
  const volume = (side) => (kept.volume?.[side] >= 0 && kept.volume[side] <= 1 ? Number(kept.volume[side]) : 1)
  return {
    speed: speeds.includes(kept.speed) ? kept.speed : 1,
    skip: kept.skip === true,
    onward: kept.onward === true,
    volume: { customer: volume("customer"), agent: volume("agent") },
  }
}
