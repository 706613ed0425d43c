//! Kinds of hosts that together have every pair of values of their switches.

use super::host::{Echo, Missing, Moments, Omitted, Switches, Total};
use std::collections::BTreeSet;

/// A switch with one of its values, by their places.
type Value = (usize, usize);

/// Every kind of host that can be: without a total nobody can notice that a host states another limit than it applies.
pub(super) fn all() -> Vec<Switches> {
    let mut all = vec![];
    for total in Total::ALL {
        for cap in [100, 50] {
            for echo in Echo::ALL {
                if echo == Echo::Asked && matches!(total, Total::Null | Total::Absent) {
                    continue;
                }
                for omitted in Omitted::ALL {
                    for moments in Moments::ALL {
                        all.extend(Missing::ALL.map(|missing| Switches {
                            total,
                            cap,
                            echo,
                            omitted,
                            moments,
                            missing,
                        }));
                    }
                }
            }
        }
    }
    all
}

/// The values of a host, each with its switch.
fn values(host: &Switches) -> [Value; 6] {
    let Switches { total, cap, echo, omitted, moments, missing } = *host;
    let places = [total as usize, cap, echo as usize, omitted as usize, moments as usize, missing as usize];
    std::array::from_fn(|switch| (switch, places[switch]))
}

/// The pairs of values of a host.
pub(super) fn pairs(host: &Switches) -> BTreeSet<(Value, Value)> {
    let values = values(host);
    let pair = |one: usize, other: usize| (values[one], values[other]);
    (0..values.len()).flat_map(|one| (one + 1..values.len()).map(move |other| pair(one, other))).collect()
}

/// A few hosts that have all pairs that any host has: always the one that has most of those that are left.
pub(super) fn covering() -> Vec<Switches> {
    let all = all();
    let mut left: BTreeSet<_> = all.iter().flat_map(pairs).collect();
    let mut chosen = vec![];
    while !left.is_empty() {
        let next = all.iter().max_by_key(|host| pairs(host).intersection(&left).count()).expect("a host");
        left = left.difference(&pairs(next)).copied().collect();
        chosen.push(*next);
    }
    chosen
}
