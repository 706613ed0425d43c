//! The workloads: what is asked, and what the issue that set the goals measured for them.

/// One query that is asked again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) query: &'static str,
    /// CPU of `plain` over CPU of `bare` as first measured; far from it, `plain` is not the yardstick it was.
    pub(crate) honest: f64,
    /// The least CPU of `plain` over CPU of ours.
    pub(crate) gain: f64,
    /// The most CPU of ours over CPU of `bare`.
    pub(crate) cost: f64,
}

/// How far `plain / bare` may be from what it was.
pub(crate) const TOLERANCE: f64 = 0.3;

/// All of them.
pub(crate) const WORKLOADS: [Workload; 5] = [
    Workload {
        name: "W1",
        query: r#"{ user(id: "USR-1671-0642") { id name email status icon revision } }"#,
        honest: 2.5,
        gain: 1.7,
        cost: 1.4,
    },
    Workload {
        name: "W2",
        query: "{ users(first: 100) { nodes { id name email status icon revision \
                settings { cultureCode languageCode } phone { prefix number } } } }",
        honest: 22.0,
        gain: 6.0,
        cost: 4.5,
    },
    Workload {
        name: "W3",
        query: "{ accounts(first: 50) { nodes { name groups { nodes { name modules { name } } } } } }",
        honest: 90.0,
        gain: 18.0,
        cost: 4.5,
    },
    Workload {
        name: "W4",
        query: "{ users(first: 20) { nodes { currentAccount { groups { nodes { users { nodes { currentAccount { name } } } } } } } } }",
        honest: 81.0,
        gain: 20.0,
        cost: 4.5,
    },
    Workload {
        name: "W5",
        query: "{ buyers(first: 100) { nodes { name account { name } sellers { nodes { name } } } } }",
        honest: 67.0,
        gain: 20.0,
        cost: 4.5,
    },
];

impl Workload {
    /// The body of its request.
    pub(crate) fn body(&self) -> String {
        serde_json::json!({ "query": self.query }).to_string()
    }
}
