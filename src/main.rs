//! The command line of `accounts-graph`.

fn main() {}
