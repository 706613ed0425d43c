//! The REST API: from a request to a reply, without any I/O.

use super::{
    fault::{Refusal, Twist},
    problem::Problem,
    query::Query,
    read::{Body, Reader, Source},
    reply::Reply,
    route::{self, Route},
    schema::Entity,
    view,
    viewer::Viewer,
    world::World,
};

/// One request, and how the sandbox was told to misbehave about it.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// The path after the version prefix, decoded; `None` when there was no such prefix.
    pub(crate) path: Option<&'a str>,
    /// The query as it was sent.
    pub(crate) query: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) require_token: bool,
    pub(crate) refusals: &'a [Refusal],
    pub(crate) twist: Option<Twist>,
}

impl Call<'_> {
    /// Answers from a world; `serial` marks the trace ids.
    pub(crate) fn answer(&self, world: &World, serial: u64) -> Reply {
        self.read(world)
            .unwrap_or_else(|problem| Reply::new(problem.status, "application/problem+json", problem.body(serial)))
    }

    fn read(&self, world: &World) -> Result<Reply, Problem> {
        let route = self.path.and_then(route::route).ok_or_else(Problem::not_found)?;
        if self.method != "GET" {
            return Err(Problem::plain(405, "The method is not supported here."));
        }
        if let Route::Icon(entity, id) = route {
            return icon(world, entity, id);
        }
        let viewer = Viewer::of(world, self.authorization, self.require_token)?;
        let query = Query::parse(self.query)?;
        let reader = Reader { world, viewer: &viewer, refusals: self.refusals, twist: self.twist };
        let body = reader.route(&route, &query)?;
        let mut reply = Reply::json(body.bytes);
        reply.rows = Some(body.rows);
        Ok(reply)
    }
}

impl Reader<'_> {
    fn route(&self, route: &Route, query: &Query) -> Result<Body, Problem> {
        match *route {
            Route::List(entity) => {
                self.viewer.admit(entity)?;
                self.list(&Source::Table(entity, None), query)
            }
            Route::Single(entity, id) => {
                self.viewer.admit(entity)?;
                let row = self.visible(entity, id)?;
                self.single(entity, self.world.row(entity, row), query)
            }
            Route::Memberships(account) => {
                let memberships = self.memberships("account", self.visible(Entity::Account, account)?);
                self.list(&Source::Table(Entity::AccountUser, Some(memberships)), query)
            }
            Route::Membership(account, user) => {
                let row = self.membership(account, user)?;
                self.single(Entity::AccountUser, self.world.row(Entity::AccountUser, row), query)
            }
            Route::Members(account) => {
                let memberships = self.memberships("account", self.visible(Entity::Account, account)?);
                self.list(&Source::Made(Entity::Member, view::members(self.world, memberships)), query)
            }
            Route::Member(account, user) => {
                let rows = view::members(self.world, &[self.membership(account, user)?]);
                self.single(Entity::Member, rows.first().ok_or_else(Problem::not_found)?, query)
            }
            Route::Accesses(user) => {
                let mut memberships = self.memberships("user", self.visible(Entity::User, user)?).to_vec();
                memberships.retain(|&row| self.viewer.sees(self.world, Entity::AccountUser, row));
                self.list(&Source::Made(Entity::Access, view::accesses(self.world, &memberships)), query)
            }
            Route::Sso(user) => {
                let row = self.visible(Entity::User, user)?;
                let sso = *self.world.cell(Entity::User, row, "SSO") == true.into();
                Ok(Body { bytes: format!("{{\"sso\":{sso}}}").into_bytes(), rows: 1 })
            }
            Route::Icon(..) => Err(Problem::not_found()),
        }
    }

    /// A row that the viewer may see; users are found by e-mail, too.
    fn visible(&self, entity: Entity, id: &str) -> Result<usize, Problem> {
        let table = self.world.table(entity);
        let email = Entity::User.slot("email");
        let by_email = || table.rows.iter().position(|row| row[email].as_text().eq_ignore_ascii_case(id));
        let row = match entity {
            Entity::User if id.contains('@') => by_email(),
            _ => table.find(id),
        };
        row.filter(|&row| self.viewer.sees(self.world, entity, row)).ok_or_else(Problem::not_found)
    }

    fn memberships(&self, reference: &str, target: usize) -> &[usize] {
        self.world.table(Entity::AccountUser).referring(Entity::AccountUser.slot(reference), target)
    }

    fn membership(&self, account: &str, user: &str) -> Result<usize, Problem> {
        let account = self.visible(Entity::Account, account)?;
        let user = self.visible(Entity::User, user)?;
        let of_user = |row: &&usize| self.world.cell(Entity::AccountUser, **row, "user").targets() == [user];
        self.memberships("account", account).iter().find(of_user).copied().ok_or_else(Problem::not_found)
    }
}

/// Images live elsewhere and are public.
fn icon(world: &World, entity: Entity, id: &str) -> Result<Reply, Problem> {
    let row = world.table(entity).find(id).ok_or_else(Problem::not_found)?;
    if world.cell(entity, row, "icon").as_text().is_empty() {
        return Err(Problem::not_found());
    }
    let mut reply = Reply::new(307, "text/plain", Vec::new());
    reply.location = Some(format!("https://images.example.com/{}/{id}.svg", entity.collection()));
    Ok(reply)
}
