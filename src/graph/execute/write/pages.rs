//! Connections: nodes, edges, and where the page lies.

use super::{Nulled, Quiet, Step, Writer, Written};
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::Shape,
        tape::Json,
    },
    fault::Fault,
    graph::{
        document::plan::{ConnectionPlan, Edge, Keyed, PageInfo, Paging, PlannedField},
        execute::view::{Listed, NO_ID},
        queries::{ConnectionQuery, connection},
    },
    loader::{
        cursor::{Cursor, names},
        store::{Place, Rows},
    },
    upstream::marketplace::{
        detail::{SUB_RESOURCES, SubResource},
        spelling,
    },
};
use async_graphql::Pos;

impl<'s> Writer<'s> {
    /// Writes what a route of its own answered; null when there was nothing.
    pub(super) fn detail(&mut self, detail: usize, rows: &Rows, planned: &PlannedField) -> Written {
        let Some(row) = rows.rows.first() else { return Err(Nulled::quiet(Quiet::NotFound)) };
        let tape = self.view.store.tape(*row);
        match self.view.plan.details[detail].sel {
            Some(sel) if tape.kind(row.at) == Json::Object => self.object(*row, row.at, row.at, sel),
            Some(_) => Err(self.invalid("with a value of another kind than documented", planned.pos)),
            None => self.told_at_route(&SUB_RESOURCES[self.view.plan.details[detail].detail], *row, planned),
        }
    }

    /// Writes a leaf that a route of its own tells, or the row where there is no such route.
    fn told_at_route(&mut self, detail: &SubResource, row: Place, planned: &PlannedField) -> Written {
        let tape = self.view.store.tape(row);
        let Shape::Leaf(leaf) = self.view.model.kind(detail.parent).fields[planned.field].shape else {
            return Err(self.fail(&Fault::internal("A route tells something else than a leaf."), planned.pos));
        };
        let Some(member) = detail.member else { return self.leaf(tape, row.at, leaf, planned.pos) };
        if tape.kind(row.at) != Json::Object {
            return Err(self.invalid("with a value of another kind than documented", planned.pos));
        }
        if let Some(value) = tape.get(row.at, member) {
            return self.leaf(tape, value, leaf, planned.pos);
        }
        match detail.row.and_then(|name| tape.get(row.at, name)) {
            Some(value) if tape.kind(value) == Json::Bool => {
                let switched = spelling::switched(tape.raw(value) == b"true");
                self.out.extend_from_slice(switched.as_bytes());
                Ok(())
            }
            Some(value) => self.leaf(tape, value, leaf, planned.pos),
            None => Err(self.invalid("without the value that the route is for", planned.pos)),
        }
    }

    /// Writes a connection.
    ///
    /// # Errors
    ///
    /// When one of its nodes cannot be written: nodes are not null.
    pub fn connection(&mut self, connection: usize, rows: &'s Rows, pos: Pos) -> Written {
        let plan: &'s ConnectionPlan = &self.view.plan.connections[connection];
        let query = match &self.view.queries.connections[connection] {
            Ok(query) => query,
            Err(fault) => return Err(self.fail(fault, pos)),
        };
        // A position in an order that ends in the id is none without it.
        let nameless = |row: &Place| names(plan.rows).iter().any(|name| Cursor::lacks_id(self.view.store, *row, name));
        if plan.kind.upstream() == Upstream::Accounts
            && connection::selects_cursors(plan)
            && rows.rows.iter().any(nameless)
        {
            return Err(self.invalid(NO_ID, pos));
        }
        let nodes = self.view.nodes(rows, plan);
        if rows.position.as_ref().is_some_and(|position| position.by_offset) {
            self.by_offset.push(self.place_in_answer());
        }
        self.out.push(b'{');
        for (index, (key, paging)) in plan.fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            match paging {
                Paging::Typename(name) => self.out.extend_from_slice(name),
                Paging::TotalCount(name, pos) => {
                    self.path.push(Step::Key(name));
                    self.nullable(|writer| writer.total(rows.total, *pos));
                    self.path.pop();
                }
                Paging::Nodes(name, pos, sel) => {
                    self.path.push(Step::Key(name));
                    let write = |writer: &mut Self, node: &Listed| writer.listed(node.clone(), plan.kind, *sel, *pos);
                    let written = self.list(nodes.iter(), (false, *pos), write);
                    self.path.pop();
                    written?;
                }
                Paging::Edges(name, edges) => {
                    self.path.push(Step::Key(name));
                    let written = self.list(nodes.iter().enumerate(), (false, pos), |writer, (place, node)| {
                        writer.edge(edges, plan.kind, node, (rows, place, query))
                    });
                    self.path.pop();
                    written?;
                }
                Paging::PageInfo(fields) => self.page_info(fields, rows, query),
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn edge(
        &mut self,
        edges: &'s [Keyed<Edge>],
        kind: Kind,
        node: &Listed,
        (rows, place, query): (&Rows, usize, &ConnectionQuery),
    ) -> Written {
        self.out.push(b'{');
        for (index, (key, edge)) in edges.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            match edge {
                Edge::Typename(name) => self.out.extend_from_slice(name),
                Edge::Cursor => self.cursor(rows, place, query),
                Edge::Node(name, pos, sel) => {
                    self.path.push(Step::Key(name));
                    let written = self.listed(node.clone(), kind, *sel, *pos);
                    self.path.pop();
                    written?;
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn total(&mut self, total: Option<usize>, pos: Pos) -> Written {
        let Some(total) = total else {
            let message = format!("{} does not say how many there are.", self.upstream.name());
            return Err(self.fail(&Fault::invalid(message), pos));
        };
        // Any number of rows can be claimed, and `Int` ends here.
        if i32::try_from(total).is_err() {
            return Err(self.invalid("with a number of rows that cannot be", pos));
        }
        self.out.extend_from_slice(total.to_string().as_bytes());
        Ok(())
    }

    /// Writes the cursor of a row.
    fn cursor(&mut self, rows: &Rows, index: usize, query: &ConnectionQuery) {
        let Some(row) = rows.rows.get(index) else { return self.null() };
        let paths = query.keys.iter().map(|path| &**path);
        let cursor = Cursor::of_row(self.view.store, *row, paths, rows.mode, rows.place(index));
        // Whoever sees a property in one row sees it in all.
        let seen = rows.position.as_ref().is_some_and(|position| position.seen);
        let cursor = cursor.seen(|key| {
            let has = |row: &Place| !Cursor::holds_none(self.view.store, *row, &query.keys[key]);
            seen || query.seen[key] || rows.rows.iter().any(has)
        });
        self.quoted(&cursor.text(query.digest));
    }

    pub(super) fn quoted(&mut self, plain: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(plain.as_bytes());
        self.out.push(b'"');
    }

    fn page_info(&mut self, fields: &[Keyed<PageInfo>], rows: &Rows, query: &ConnectionQuery) {
        self.out.push(b'{');
        for (index, (key, field)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            let truth = |truth: bool| if truth { b"true".as_slice() } else { b"false".as_slice() };
            match field {
                PageInfo::Typename(name) => self.out.extend_from_slice(name),
                PageInfo::HasNext => self.out.extend_from_slice(truth(rows.has_next())),
                PageInfo::HasPrevious => self.out.extend_from_slice(truth(rows.has_previous())),
                PageInfo::Start | PageInfo::End if rows.rows.is_empty() => self.null(),
                PageInfo::Start => self.cursor(rows, 0, query),
                PageInfo::End => self.cursor(rows, rows.rows.len() - 1, query),
            }
        }
        self.out.push(b'}');
    }
}
