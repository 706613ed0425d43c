//! The order of creation, and the counts.

use super::{
    World,
    build::{Build, Role},
    dates, derive, firms, groups, modules, people, pinned, since, tokens, trade,
};

/// Makes a world of a scale.
pub(super) fn generate(scale: f64) -> World {
    let users = scaled(2000, scale, people::FIXED + 16);
    let token_rows = scaled(100, scale, 8);
    let mut build = Build::new(users, token_rows);
    modules::modules(&mut build);
    firms::accounts(&mut build, scaled(200, scale, 8));
    build.clients = (0..build.firms.len()).filter(|&firm| build.firms[firm].role == Role::Client).collect();
    trade::sellers(&mut build, scaled(30, scale.max(0.2), 6));
    people::users(&mut build, users);
    trade::buyers(&mut build, scaled(1000, scale, 24));
    modules::filters(&mut build);
    groups::groups(&mut build, 5);
    people::memberships(&mut build);
    trade::links(&mut build, scaled(1000, scale, 30));
    trade::licensees(&mut build, scaled(1200, scale, 30));
    tokens::tokens(&mut build, token_rows);
    tokens::tenants(&mut build, scaled(100, scale, 10));
    pinned::pin(&mut build.world);
    dates::freshen(&mut build.world);
    since::add(&mut build.world);
    derive::derive(&mut build.world);
    build.world
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are small, positive and rounded")]
fn scaled(count: u32, scale: f64, least: usize) -> usize {
    ((f64::from(count) * scale.clamp(0.0, 100.0)).round() as usize).max(least)
}
