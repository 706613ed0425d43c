//! Mutations: what is sent, once and in order, and what is answered.

mod crash;
mod every;
mod forms;
mod logs;
mod manners;
mod matrix;
mod moved;
mod plans;
mod sandbox;
mod seeds;
mod time;
mod unread;
pub(crate) mod upstream;
