//! The REST API: from a request to a reply, without any I/O.

use super::{
    cell::Cell,
    fault::{Refusal, Twist},
    problem::Problem,
    query::Query,
    quirk::{Host, UnknownRoute},
    read::{Body, Reader, Source},
    reply::Reply,
    route::{self, Route},
    schema::{Entity, Shapes},
    view,
    viewer::{Caller, Gate},
    world::World,
    write::{self, Content},
};

/// One request, and how the sandbox was told to misbehave about it.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// The path after the version prefix, decoded; `None` when there was no such prefix.
    pub(crate) path: Option<&'a str>,
    /// The query as it was sent.
    pub(crate) query: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) gate: Gate,
    pub(crate) host: Host,
    /// Milliseconds since 1970.
    pub(crate) now: i64,
    pub(crate) refusals: &'a [Refusal],
    pub(crate) twist: Option<Twist>,
}

/// Why there is no answer.
enum Failure {
    Problem(Problem),
    /// The path knows these methods, and not this one.
    Method(String),
    /// There is no such path.
    Route,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(problem)
    }
}

/// A reply, and the world to go on with if the request changed it.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) world: Option<World>,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        Answer { reply, world: None }
    }
}

impl Call<'_> {
    /// Answers from a world; `serial` marks the trace ids.
    pub(crate) fn answer(&self, world: &World, serial: u64) -> Answer {
        self.dispatch(world).unwrap_or_else(|failure| {
            let told = |problem: Problem| Reply::new(problem.status, "application/problem+json", problem.body(serial));
            match failure {
                Failure::Problem(problem) => told(problem).into(),
                Failure::Method(allowed) => {
                    let mut reply = told(Problem::plain(405, "The method is not supported here."));
                    reply.allow = Some(allowed);
                    reply.into()
                }
                Failure::Route => match self.host.quirks.unknown_route {
                    UnknownRoute::Problem => told(Problem::not_found()),
                    UnknownRoute::StatusCode => Reply::new(
                        404,
                        "application/json",
                        br#"{"statusCode":404,"message":"Resource not found"}"#.to_vec(),
                    ),
                    UnknownRoute::Empty => Reply::new(404, "", Vec::new()),
                    UnknownRoute::Html => {
                        Reply::new(404, "text/html", b"<!doctype html><title>404</title><h1>Not Found</h1>".to_vec())
                    }
                }
                .into(),
            }
        })
    }

    fn dispatch(&self, world: &World) -> Result<Answer, Failure> {
        let path = self.path.filter(|path| self.host.generation.speaks(path)).ok_or(Failure::Route)?;
        let (route, mut methods) = (route::route(path), write::methods(path, self.host.generation));
        match (self.method, route) {
            ("GET", Some(route)) => {
                return Ok(self.read(world, &route)?.into());
            }
            (_, None) if methods.is_empty() => return Err(Failure::Route),
            (_, Some(_)) => methods.insert(0, "GET"),
            (_, None) => {}
        }
        if methods.contains(&self.method) {
            return Ok(self.write(world, path)?);
        }
        Err(Failure::Method(methods.join(", ")))
    }

    fn read(&self, world: &World, route: &Route) -> Result<Reply, Problem> {
        if let Route::Icon(entity, id) = *route {
            return icon(world, entity, id);
        }
        let caller = Caller::of(world, self.authorization, self.gate)?;
        let reader =
            Reader { world, viewer: &caller.viewer, host: self.host, refusals: self.refusals, twist: self.twist };
        let body = match *route {
            // Its parameter is no filter, so it is no query of the language either.
            Route::Transfer(buyer) => reader.preview(buyer, self.query)?,
            _ => reader.route(route, &Query::parse(self.query)?)?,
        };
        let mut reply = Reply::json(body.bytes);
        reply.rows = Some(body.rows);
        Ok(reply)
    }

    fn write(&self, world: &World, path: &str) -> Result<Answer, Problem> {
        let caller = Caller::of(world, self.authorization, self.gate)?;
        let found = write::find(self.method, path, self.host.generation).ok_or_else(Problem::not_found)?;
        if !found.admits(world, &caller) {
            return Err(Problem::forbidden());
        }
        let content = Content::read(found.takes(), self.host.quirks.bodies, self.content_type, self.body)?;
        let outcome = write::write(world, &caller, self.host, self.now, &found, &content)?;
        let mut reply = Reply::json(Vec::new());
        reply.status = outcome.status;
        if let Some(body) = outcome.body {
            reply.body = body.bytes;
            reply.rows = Some(body.rows);
        }
        Ok(Answer { reply, world: outcome.world })
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
                let status = if self.signs_in_elsewhere(user)? { "enabled" } else { "disabled" };
                Ok(Body { bytes: format!("{{\"status\":\"{status}\"}}").into_bytes(), rows: 1 })
            }
            Route::SsoCheck(user) => {
                let sso = self.signs_in_elsewhere(user)?;
                Ok(Body { bytes: format!("{{\"sso\":{sso}}}").into_bytes(), rows: 1 })
            }
            Route::Notifications(account) => {
                let row = self.visible(Entity::Account, account)?;
                Ok(self.notifications(row))
            }
            Route::Icon(..) | Route::Transfer(_) => Err(Problem::not_found()),
        }
    }

    /// The notification settings of an account.
    pub(crate) fn notifications(&self, account: usize) -> Body {
        let bytes = match self.world.cell(Entity::Account, account, "notifications") {
            Cell::Json(settings) => settings.to_string().into_bytes(),
            _ => b"{}".to_vec(),
        };
        Body { bytes, rows: 1 }
    }

    fn signs_in_elsewhere(&self, user: &str) -> Result<bool, Problem> {
        let row = self.visible(Entity::User, user)?;
        Ok(*self.world.cell(Entity::User, row, "SSO") == true.into())
    }

    /// A row that the viewer may see; in v5 users are found by e-mail, too.
    fn visible(&self, entity: Entity, id: &str) -> Result<usize, Problem> {
        let table = self.world.table(entity);
        let email = Entity::User.slot("email");
        let by_email = || table.live().find(|&row| table.rows[row][email].as_text().eq_ignore_ascii_case(id));
        let row = match entity {
            Entity::User if id.contains('@') && self.host.shapes() == Shapes::V5 => by_email(),
            _ => table.find(id),
        };
        row.filter(|&row| self.viewer.sees(self.world, entity, row)).ok_or_else(Problem::not_found)
    }

    /// The transfer of a buyer that nobody has asked for yet.
    fn preview(&self, buyer: &str, query: &str) -> Result<Body, Problem> {
        if !self.viewer.is_operations() {
            return Err(Problem::forbidden());
        }
        let buyer = self.visible(Entity::Buyer, buyer)?;
        let destination = query.split('&').find_map(|part| part.strip_prefix("destinationAccountId="));
        let unknown =
            |_| Problem::rule("MPTACC00-0001", "The destination account does not exist.", "destinationAccountId");
        let destination = destination.map(|id| self.visible(Entity::Account, id).map_err(unknown)).transpose()?;
        self.transfer(buyer, destination)
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
