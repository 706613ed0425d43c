//! Accounts, user groups and roles of Wavefront. They are no nodes: their ids are e-mail addresses and UUIDs, which do not
//! tell what they are the ids of.

pub mod account;
pub mod role;
pub mod user_group;
