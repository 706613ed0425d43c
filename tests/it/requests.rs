//! How few requests a query takes, and that the list is a function of query and data, never of timing.
