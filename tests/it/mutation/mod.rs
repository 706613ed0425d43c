//! Mutations: what is sent, once and in order, and what is answered.

mod crash;
mod manners;
mod seeds;
mod upstream;
