//! Traffic: what a run sent, minute by minute, against its limit.
//!
//! The limit holds in any 60 seconds, so what is drawn is the number of requests in the 60 seconds before each moment.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::bars::share;
use super::html::{counted, grouped, number};

const WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// A silence that is left out of the drawing: a run that was carried on the next day would show nothing else.
const SILENCE: SignedDuration = SignedDuration::from_mins(3);
/// Points of the curve.
const POINTS: u64 = 300;

/// What was sent, and when.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    sent: Vec<Timestamp>,
    limit: Option<u32>,
}

/// Time in which something was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: Timestamp,
    to: Timestamp,
}

impl Stretch {
    /// How long it is. What was sent at one moment takes room, too.
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.to.duration_since(self.from).as_millis() + 1).unwrap_or(0).max(1_000)
    }
}

impl Traffic {
    /// When requests were sent, in any order; `limit` is how many might be in any 60 seconds, where there was a limit.
    pub fn new(mut sent: Vec<Timestamp>, limit: Option<u32>) -> Self {
        sent.sort_unstable();
        Self { sent, limit }
    }

    /// How many were sent in the 60 seconds up to a moment.
    fn count_at(&self, at: Timestamp) -> u64 {
        let until = |moment: Timestamp| self.sent.partition_point(|sent| *sent <= moment);
        (until(at) - until(at - WINDOW)) as u64
    }

    /// The most that were sent in any 60 seconds up to a moment between the two, both included.
    fn most_between(&self, from: Timestamp, to: Timestamp) -> u64 {
        // The number grows only when something is sent.
        let first = self.sent.partition_point(|sent| *sent <= from);
        let last = self.sent.partition_point(|sent| *sent <= to);
        let growing = self.sent[first..last].iter().map(|at| self.count_at(*at));
        growing.max().unwrap_or(0).max(self.count_at(from))
    }

    fn peak(&self) -> u64 {
        self.sent.iter().map(|at| self.count_at(*at)).max().unwrap_or(0)
    }

    /// The time in which something was sent, without the long silences.
    fn stretches(&self) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        for at in self.sent.iter().copied() {
            match stretches.last_mut() {
                Some(last) if at.duration_since(last.to) <= SILENCE => last.to = at,
                Some(_) | None => stretches.push(Stretch { from: at, to: at }),
            }
        }
        stretches
    }

    /// The curve, drawn as high as `height` requests, and where silences were left out.
    fn curve(&self, height: u64) -> Curve {
        let stretches = self.stretches();
        let whole = stretches.iter().map(Stretch::milliseconds).sum();
        let mut curve = Curve::default();
        let mut before = 0;
        for stretch in &stretches {
            let length = stretch.milliseconds();
            if before > 0 {
                curve.breaks.push(share(before, whole));
            }
            curve.points.push((share(before, whole), 0.0));
            // At least two points, or a short stretch would be no line.
            let points = (length * POINTS).div_ceil(whole).max(2);
            let mut from = stretch.from;
            for point in 1..=points {
                let passed = length * point / points;
                let to = stretch.from + SignedDuration::from_millis(passed.cast_signed());
                let count = self.most_between(from, to);
                curve.points.push((share(before + passed, whole), share(count, height)));
                from = to;
            }
            before += length;
            curve.points.push((share(before, whole), 0.0));
        }
        curve
    }
}

/// A curve from the left to the right, 0 to 1, and from the bottom to the top, 0 to 1.
#[derive(Debug, Default)]
struct Curve {
    points: Vec<(f64, f64)>,
    breaks: Vec<f64>,
}

impl Curve {
    /// As the path of a drawing of 1000 by 1000.
    fn path(&self) -> String {
        let mut path = String::from("M0 1000");
        for (x, y) in &self.points {
            let _ = write!(path, "L{:.1} {:.1}", x * 1000.0, (1.0 - y) * 1000.0);
        }
        path.push('Z');
        path
    }
}

/// The chart of requests against the limit; nothing where nothing was sent.
pub(super) fn chart(traffic: &Traffic) -> Markup {
    let (Some(first), Some(last)) = (traffic.sent.first(), traffic.sent.last()) else { return Markup::default() };
    let (peak, limit) = (traffic.peak(), traffic.limit.map(u64::from));
    let top = peak.max(limit.unwrap_or(0));
    // Room above, so that neither line lies on the edge.
    let height = top + top.div_ceil(8);
    let curve = traffic.curve(height);
    let sentence = sentence(traffic, peak);
    let is_same_day = first.strftime("%F").to_string() == last.strftime("%F").to_string();
    let until = last.strftime(if is_same_day { "%H:%M:%S UTC" } else { "%-d %B, %H:%M:%S UTC" });
    html! {
        p.title { "Requests a minute" }
        figure {
            svg.traffic width="100%" height="220" role="img" aria-label=(sentence) {
                svg viewBox="0 0 1000 1000" preserveAspectRatio="none" {
                    path.area d=(curve.path()) {}
                    @for x in curve.breaks.iter().map(|at| number(at * 1000.0)) {
                        line.silence y1="0" y2="1000" x1=(x) x2=(x) {}
                    }
                }
                line.axis x1="0" x2="100%" y1="100%" y2="100%" {}
                @if let Some(limit) = limit { (level(limit, height, "limit", "Limit")) }
                @if limit != Some(peak) { (level(peak, height, "peak", "Most")) }
            }
            p.times { span { (first.strftime("%H:%M:%S")) } span { (until) } }
            figcaption {
                (sentence)
                @match curve.breaks.len() {
                    0 => {}
                    1 => { " The dotted line is a long silence, which is left out." }
                    _ => { " The dotted lines are long silences, which are left out." }
                }
            }
        }
    }
}

/// A level line with its number.
fn level(count: u64, height: u64, class: &'static str, label: &'static str) -> Markup {
    let y = format!("{}%", number(100.0 * (1.0 - share(count, height))));
    let (x, anchor) = if class == "limit" { ("100%", "end") } else { ("0", "start") };
    html! {
        line class=(class) x1="0" x2="100%" y1=(y) y2=(y) {}
        text class=(class) x=(x) text-anchor=(anchor) dy="-5" y=(y) { (label) " " (grouped(count)) }
    }
}

/// What the drawing shows, in words.
fn sentence(traffic: &Traffic, peak: u64) -> String {
    let all = traffic.sent.len() as u64;
    let limit = traffic
        .limit
        .map_or_else(|| "without a limit".to_owned(), |limit| format!("the limit was {}", grouped(u64::from(limit))));
    format!(
        "{} on record, reading included. At most {} in any 60 seconds; {limit}.",
        counted(all, "request", "requests"),
        grouped(peak),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(seconds: &[i64]) -> Traffic {
        Traffic::new(seconds.iter().map(|at| Timestamp::from_second(*at).unwrap()).collect(), Some(270))
    }

    #[test]
    fn a_minute_is_any_60_seconds_and_not_one_of_the_clock() {
        // seconds of the requests, the most in any 60 seconds
        let table = [
            (vec![], 0),
            (vec![30], 1),
            (vec![0, 59], 2),
            (vec![0, 60], 1),
            (vec![55, 56, 57, 61, 62, 63], 6),
            (vec![200, 0, 100], 1),
        ];
        for (seconds, peak) in table {
            assert_eq!(traffic(&seconds).peak(), peak, "{seconds:?}");
        }
    }

    #[test]
    fn the_curve_reaches_its_peak_and_stays_in_the_drawing() {
        let steady: Vec<i64> = (0..2_000).collect();
        let day_after: Vec<i64> = [0, 1, 2].into_iter().chain(86_400..86_500).collect();
        for seconds in [vec![5], vec![5, 5, 5], vec![0, 1], steady, day_after] {
            let traffic = traffic(&seconds);
            let peak = traffic.peak();
            let curve = traffic.curve(2 * peak);
            let highest = curve.points.iter().map(|(_, y)| *y).fold(0.0, f64::max);
            assert!((highest - 0.5).abs() < 1e-9, "{highest} for {seconds:?}");
            let in_order = curve.points.windows(2).all(|pair| pair[0].0 <= pair[1].0 + 1e-9);
            let inside = curve.points.iter().all(|(x, y)| (0.0..=1.000_001).contains(x) && (0.0..=1.0).contains(y));
            assert!(in_order && inside, "{curve:?}");
        }
    }

    #[test]
    fn a_silence_of_a_day_takes_no_room() {
        let traffic = traffic(&[0, 50, 100, 86_400, 86_450, 86_500]);
        assert_eq!(traffic.stretches().len(), 2);
        let breaks = traffic.curve(10).breaks;
        assert!(breaks.len() == 1 && (breaks[0] - 0.5).abs() < 1e-9, "{breaks:?}");
    }
}
