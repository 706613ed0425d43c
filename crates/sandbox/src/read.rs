//! The read engine: one list and one single read for every entity.

use std::cmp::Ordering;

use super::{
    cell::Row,
    fault::{Refusal, Twist},
    luck::Luck,
    print::{self, Printer},
    problem::Problem,
    query::Query,
    quirk::{Broken, Host, Omitted, PageLimit, Support, Total},
    rql::{
        bind::Binder,
        eval::{Item, compare},
        parse::{self, Expr},
        test::{Path, Test},
    },
    schema::{Entity, Field, Kind, Shapes},
    select::Select,
    shape::{Base, MAX_SELECT_DEPTH, Shaper},
    viewer::Viewer,
    world::World,
};

/// Who reads what, and how the sandbox was told to misbehave.
pub(crate) struct Reader<'a> {
    pub(crate) world: &'a World,
    pub(crate) viewer: &'a Viewer,
    pub(crate) host: Host,
    pub(crate) refusals: &'a [Refusal],
    pub(crate) twist: Option<Twist>,
}

/// The rows that a request reads from.
pub(crate) enum Source<'a> {
    /// A table of the world, or the given rows of it, ascending.
    Table(Entity, Option<&'a [usize]>),
    /// Rows that were made for the request.
    Made(Entity, Vec<Row>),
}

/// A body and how many rows it shows.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: usize,
}

/// A query whose names are resolved.
struct Plan {
    test: Option<Test>,
    /// Paths with the direction; descending is true.
    order: Vec<(Path, bool)>,
    /// Whether the filter is about the status of the rows.
    by_status: bool,
    select: Select,
}

impl Source<'_> {
    fn entity(&self) -> Entity {
        match self {
            Source::Table(entity, _) | Source::Made(entity, _) => *entity,
        }
    }

    fn rows<'s>(&'s self, world: &'s World) -> &'s [Row] {
        match self {
            Source::Table(entity, _) => &world.table(*entity).rows,
            Source::Made(_, rows) => rows,
        }
    }
}

impl Reader<'_> {
    /// A page of a collection.
    pub(crate) fn list(&self, source: &Source, query: &Query) -> Result<Body, Problem> {
        let entity = source.entity();
        let plan = self.plan(entity, query)?;
        let (shape, omitted) = self.shaper(Base::List).root(entity, &plan.select);
        let rows = source.rows(self.world);
        let mut found = self.found(source, rows, plan.test.as_ref());
        // Nobody lists the deleted people and tokens unless the filter asks about the status.
        if matches!(entity, Entity::User | Entity::ApiToken) && !plan.by_status {
            let status = entity.slot("status");
            found.retain(|&row| rows[row][status].as_text() != "Deleted");
        }
        self.sort(&mut found, source, rows, &plan.order);
        let total = found.len();
        let quirks = self.host.quirks;
        let limit = query.limit.min(quirks.page_cap.rows());
        let mut page: Vec<usize> = found.into_iter().skip(query.offset).take(limit).collect();
        self.twist(&mut page);

        let stated = if quirks.page_limit == PageLimit::Asked { query.limit } else { limit };
        let total = match quirks.total {
            Total::Given => format!(",\"total\":{total}"),
            Total::Null => ",\"total\":null".to_owned(),
            Total::Absent => String::new(),
        };
        let mut bytes = Vec::with_capacity(256 + 512 * page.len());
        let head = format!("{{\"$meta\":{{\"pagination\":{{\"offset\":{},\"limit\":{stated}{total}}}", query.offset);
        bytes.extend_from_slice(head.as_bytes());
        let (on_list, on_rows) = match quirks.omitted {
            Omitted::Both => (true, true),
            Omitted::Envelope => (true, false),
            Omitted::Rows => (false, true),
            Omitted::Absent => (false, false),
        };
        let meta = print::omitted(&omitted);
        if on_list {
            // The list tells the same names as each of its rows; only the wrapping differs.
            bytes.push(b',');
            bytes.extend_from_slice(meta.strip_prefix(b"\"$meta\":{").unwrap_or_default());
        } else {
            bytes.push(b'}');
        }
        bytes.extend_from_slice(b",\"data\":");
        let (printer, meta) = (self.printer(), if on_rows { &meta[..] } else { b"" });
        print::list(&mut bytes, &page, |out, &row| printer.root(out, &shape, &rows[row], meta));
        bytes.push(b'}');
        Ok(Body { bytes, rows: page.len() })
    }

    /// One row, with its collections.
    pub(crate) fn single(&self, entity: Entity, row: &Row, query: &Query) -> Result<Body, Problem> {
        let select = self.select(query)?;
        self.check_depth(entity, &select, &[])?;
        let (shape, omitted) = self.shaper(Base::Single).root(entity, &select);
        let mut bytes = Vec::with_capacity(2048);
        let told = self.host.quirks.omitted != Omitted::Absent;
        let meta = if told { print::omitted(&omitted) } else { Vec::new() };
        self.printer().root(&mut bytes, &shape, row, &meta);
        Ok(Body { bytes, rows: 1 })
    }

    fn printer(&self) -> Printer<'_> {
        Printer { world: self.world, viewer: self.viewer, host: self.host }
    }

    fn shaper(&self, root: Base) -> Shaper<'_> {
        let flat = self.refusals.contains(&Refusal::NestedSelectSilently);
        let depth = if flat { 0 } else { MAX_SELECT_DEPTH };
        Shaper { viewer: self.viewer, shapes: self.host.shapes(), root, depth, touched: self.host.quirks.touched }
    }

    fn select(&self, query: &Query) -> Result<Select, Problem> {
        let select = query.select.as_deref().map(Select::parse).unwrap_or_default();
        if select.all == Some(false) && self.refusals.contains(&Refusal::SelectStar) {
            return Err(Problem::mistake("Excluding all properties is not permitted."));
        }
        Ok(select)
    }

    fn check_depth(&self, entity: Entity, select: &Select, touched: &[Vec<&str>]) -> Result<(), Problem> {
        let refuses = self.refusals.contains(&Refusal::NestedSelect);
        if refuses && reaches(entity.fields(), self.host.shapes(), select, &mut vec![], touched) {
            return Err(Problem::mistake("Invalid property path."));
        }
        Ok(())
    }

    fn plan(&self, entity: Entity, query: &Query) -> Result<Plan, Problem> {
        let mut select = self.select(query)?;
        let mut binder = Binder::new(self.viewer, self.host);
        let test = match &query.filter {
            Some(filter) => Some(binder.filter(&self.parse(filter)?, entity.fields())?),
            None => None,
        };
        guard_audit(entity, &binder.touched, &select, "Filtering is not permitted.")?;
        let filtered = binder.touched.len();
        let by_status = binder.touched.iter().any(|names| **names == ["status"]);
        let order = match &query.order {
            Some(order) => ordering(&mut binder, entity, order)?,
            None => Vec::new(),
        };
        guard_audit(entity, &binder.touched[filtered..], &select, "Ordering is not permitted.")?;
        self.check_depth(entity, &select, &binder.touched)?;
        for names in &binder.touched {
            select.touch(names);
        }
        Ok(Plan { test, order, by_status, select })
    }

    fn parse(&self, filter: &str) -> Result<Expr, Problem> {
        let quirks = self.host.quirks;
        let expr = parse::parse(filter, quirks.rql).map_err(|problem| match quirks.broken_rql {
            Broken::Refused => problem,
            Broken::Fails => Problem::plain(500, "An unexpected error occurred."),
        })?;
        let refused = self.refusals.contains(&Refusal::AnyIn) || quirks.any_in == Support::Refused;
        match expr.has_list_inside_quantifier(false) {
            true if refused => Err(Problem::mistake("Operator 'in' is not permitted")),
            true if quirks.any_in == Support::Fails => Err(Problem::plain(500, "An unexpected error occurred.")),
            _ => Ok(expr),
        }
    }

    fn found(&self, source: &Source, rows: &[Row], test: Option<&Test>) -> Vec<usize> {
        let (asked, narrowed) = match source {
            Source::Made(..) => (None, None),
            Source::Table(entity, only) => {
                let scope = self.viewer.scope(self.world, *entity);
                let named = test.and_then(|test| test.candidates(self.world, *entity));
                (named, both(only.map(<[usize]>::to_vec), scope))
            }
        };
        let there = |row: &usize| match source {
            Source::Table(entity, _) => self.world.table(*entity).has(*row),
            Source::Made(..) => true,
        };
        let passes = |row: &usize| test.is_none_or(|test| test.passes(self.world, Item::Row(&rows[*row])));
        match both(asked, narrowed) {
            Some(few) => few.into_iter().filter(|row| there(row) && passes(row)).collect(),
            None => (0..rows.len()).filter(|row| there(row) && passes(row)).collect(),
        }
    }

    fn sort(&self, found: &mut [usize], source: &Source, rows: &[Row], order: &[(Path, bool)]) {
        let by_id = |one: usize, other: usize| match source {
            Source::Table(entity, _) => {
                let rank = &self.world.table(*entity).rank;
                rank[one].cmp(&rank[other])
            }
            Source::Made(..) => rows[one][0].as_text().cmp(rows[other][0].as_text()),
        };
        if order.is_empty() {
            return;
        }
        if let [(path, descending)] = order
            && path.is_id()
        {
            found.sort_unstable_by(|&one, &other| turn(by_id(one, other), *descending));
            return;
        }
        found.sort_by(|&one, &other| {
            let keys = order.iter().map(|(path, descending)| {
                turn(compare(path.walk(self.world, &rows[one]), path.walk(self.world, &rows[other])), *descending)
            });
            keys.fold(Ordering::Equal, Ordering::then).then_with(|| by_id(one, other))
        });
    }

    fn twist(&self, page: &mut Vec<usize>) {
        match self.twist {
            Some(Twist::MissingRows) => {
                let mut place = 0;
                page.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
            }
            Some(Twist::Shuffle(seed)) => Luck::new(seed).shuffle(page),
            None => {}
        }
    }
}

/// Whether more is selected of something nested than its reduced form and what is touched anyway. Nobody but their
/// holders tells of modules, so of these everything may be selected.
fn reaches<'f>(
    fields: &'f [Field],
    shapes: Shapes,
    select: &Select,
    path: &mut Vec<&'f str>,
    touched: &[Vec<&str>],
) -> bool {
    fields.iter().filter(|field| field.is_in(shapes)).any(|field| {
        let Some(select) = select.get(field.name) else { return false };
        path.push(field.name);
        let found = match field.kind {
            Kind::One(Entity::Module) | Kind::Many(Entity::Module) => path.len() > 1,
            Kind::One(_) | Kind::Many(_) => {
                field.members().unwrap_or_default().iter().filter(|member| member.is_in(shapes)).any(|member| {
                    path.push(member.name);
                    let reduced = member.is_core(shapes)
                        || member.name == "revision"
                        || touched.iter().any(|names| names.starts_with(path));
                    path.pop();
                    !reduced && select.get(member.name).is_some()
                })
            }
            Kind::Object(members) | Kind::Objects(members) => reaches(members, shapes, select, path, touched),
            _ => false,
        };
        path.pop();
        found
    })
}

fn ordering(binder: &mut Binder, entity: Entity, text: &str) -> Result<Vec<(Path, bool)>, Problem> {
    let mut order = Vec::new();
    for item in text.split(',').filter(|item| !item.trim().is_empty()) {
        let (descending, name) = match item.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, item.trim_start_matches(['+', ' '])),
        };
        order.push((binder.order(name, entity.fields())?, descending));
    }
    if order.is_empty() {
        return Err(Problem::mistake("No valid ordering properties were detected"));
    }
    Ok(order)
}

/// Audit data can be asked about only where the same request also selects it.
fn guard_audit(entity: Entity, touched: &[Vec<&str>], select: &Select, text: &str) -> Result<(), Problem> {
    let quiet = entity.fields().iter().any(|field| field.name == "audit" && field.quiet);
    let asked = touched.iter().any(|names| names.first() == Some(&"audit"));
    let selected = select.all == Some(true) || select.get("audit").is_some_and(Select::adds);
    if quiet && asked && !selected { Err(Problem::mistake(text)) } else { Ok(()) }
}

/// What two ascending lists have in common, where none means everything.
fn both(one: Option<Vec<usize>>, other: Option<Vec<usize>>) -> Option<Vec<usize>> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.retain(|row| other.binary_search(row).is_ok());
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

fn turn(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}
