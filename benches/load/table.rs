//! The report: one table, and whether the goals are met.

use super::{
    drive::Slot,
    tap::Traffic,
    workload::{TOLERANCE, Workload},
};
use std::{fs, thread::available_parallelism, time::Duration};

/// What was measured of one server with one workload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// Slots without upstream latency.
    pub(crate) near: Vec<Slot>,
    /// Slots with it; none when the upstream cannot be slowed down.
    pub(crate) far: Vec<Slot>,
    pub(crate) traffic: Traffic,
    pub(crate) peak_kib: u64,
}

/// What was measured with one workload.
pub(crate) struct Row {
    pub(crate) workload: Workload,
    pub(crate) ours: Measured,
    pub(crate) plain: Measured,
    pub(crate) bare: Measured,
}

impl Measured {
    /// CPU milliseconds per query: the median of the slots, so that a disturbed one does not count.
    fn cpu(&self) -> f64 {
        median(self.near.iter().map(|slot| milliseconds(slot.cpu) / count(slot.times.len())).collect())
    }

    fn rate(&self) -> f64 {
        median(self.near.iter().map(|slot| count(slot.times.len()) / slot.took.as_secs_f64()).collect())
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The time below which so many of a hundred queries stay.
fn percentile(slots: &[Slot], percent: usize) -> Option<f64> {
    let mut times: Vec<_> = slots.iter().flat_map(|slot| &slot.times).copied().collect();
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().checked_sub(1)?);
    Some(milliseconds(times[place]))
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// Counts here are far below what an `f64` holds exactly.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Prints all rows.
pub(crate) fn print(rows: &[Row], [near, far, memory]: [usize; 3]) {
    println!("\n{}; {near} connections, {far} at 20 ms, {memory} for memory\n", machine());
    println!(
        "| workload | server | CPU ms/query | ÷ ours | ÷ bare | RPS | p50 ms | p99 ms | p50 at 20 ms | p99 at 20 ms \
         | upstream requests | upstream bytes | peak RSS MiB |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for row in rows {
        let (ours, bare) = (row.ours.cpu(), row.bare.cpu());
        for (name, server) in [("ours", &row.ours), ("plain", &row.plain), ("bare", &row.bare)] {
            let time = |slots: &[Slot], percent| {
                percentile(slots, percent).map_or_else(|| "–".to_owned(), |time| format!("{time:.2}"))
            };
            println!(
                "| {} | {name} | {:.3} | {:.2} | {:.2} | {:.0} | {} | {} | {} | {} | {} | {} | {}.{} |",
                row.workload.name,
                server.cpu(),
                server.cpu() / ours,
                server.cpu() / bare,
                server.rate(),
                time(&server.near, 50),
                time(&server.near, 99),
                time(&server.far, 50),
                time(&server.far, 99),
                server.traffic.requests,
                server.traffic.bytes,
                server.peak_kib / 1024,
                server.peak_kib % 1024 * 10 / 1024,
            );
        }
    }
    println!();
    rows.iter().for_each(verdict);
}

/// One line on the goals.
fn verdict(row: &Row) {
    let Workload { name, honest, gain, cost, .. } = row.workload;
    let (ours, plain, bare) = (row.ours.cpu(), row.plain.cpu(), row.bare.cpu());
    let mark = |met: bool| if met { "met" } else { "MISSED" };
    print!("{name}: plain/ours {:.1} (at least {gain}: {})", plain / ours, mark(plain / ours >= gain));
    print!(", ours/bare {:.2} (at most {cost}: {})", ours / bare, mark(ours / bare <= cost));
    if let (Some(ours), Some(bare)) = (percentile(&row.ours.far, 50), percentile(&row.bare.far, 50)) {
        print!(", p50 at 20 ms {:.2} of bare (at most 1.10: {})", ours / bare, mark(ours / bare <= 1.1));
    }
    let (low, high) = (honest * (1.0 - TOLERANCE), honest * (1.0 + TOLERANCE));
    let sound = (low..=high).contains(&(plain / bare));
    println!(
        ", plain/bare {:.1} ({low:.1} to {high:.1}: {})",
        plain / bare,
        if sound { "the comparison holds" } else { "VOID" }
    );
}

fn machine() -> String {
    let cores = available_parallelism().map_or(0, std::num::NonZero::get);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("?");
    format!("{cores} cores, {}, load average at the end {load}", model.unwrap_or("unknown model"))
}
