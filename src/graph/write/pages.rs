//! Connections: nodes, edges, and where the page lies.

use super::{Nulled, Quiet, Step, Writer, Written};
use crate::{
    entity::{kind::Kind, model::Shape, tape::Json},
    fault::Fault,
    graph::{
        page,
        plan::{ConnectionPlan, Edge, Keyed, PageInfo, Paging, Planned},
        view::{ConnectionQuery, Listed},
    },
    loader::store::{Place, Rows},
    upstream::marketplace::{
        detail::{DETAILS, Detail},
        spelling,
    },
};
use async_graphql::Pos;

impl<'s> Writer<'s> {
    /// Writes what a route of its own answered; null when there was nothing.
    pub(super) fn detail(&mut self, detail: usize, rows: &Rows, planned: &Planned) -> Written {
        let Some(row) = rows.rows.first() else { return Err(Nulled::quiet(Quiet::NotFound)) };
        let tape = self.view.store.tape(*row);
        match self.view.plan.details[detail].sel {
            Some(sel) if tape.kind(row.at) == Json::Object => self.object(*row, row.at, row.at, sel),
            Some(_) => Err(self.invalid("with a value of another kind than documented", planned.pos)),
            None => self.told_at_route(&DETAILS[self.view.plan.details[detail].detail], *row, planned),
        }
    }

    /// Writes a leaf that a route of its own tells, or the row where there is no such route.
    fn told_at_route(&mut self, detail: &Detail, row: Place, planned: &Planned) -> Written {
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
        let nodes = self.view.nodes(rows, plan);
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
                        writer.edge(edges, plan.kind, node, &page::cursor(query.digest, rows.skipped + place))
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

    fn edge(&mut self, edges: &'s [Keyed<Edge>], kind: Kind, node: &Listed, cursor: &str) -> Written {
        self.out.push(b'{');
        for (index, (key, edge)) in edges.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            match edge {
                Edge::Typename(name) => self.out.extend_from_slice(name),
                Edge::Cursor => self.quoted(cursor),
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

    pub(super) fn quoted(&mut self, plain: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(plain.as_bytes());
        self.out.push(b'"');
    }

    fn page_info(&mut self, fields: &[Keyed<PageInfo>], rows: &Rows, query: &ConnectionQuery) {
        let end = rows.skipped + rows.shown;
        self.out.push(b'{');
        for (index, (key, field)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            let truth = |truth: bool| if truth { b"true".as_slice() } else { b"false".as_slice() };
            match field {
                PageInfo::Typename(name) => self.out.extend_from_slice(name),
                PageInfo::HasNext => {
                    self.out.extend_from_slice(truth(rows.total.map_or(rows.more, |total| end < total)));
                }
                // Leaving out more than there is does not make more of it.
                PageInfo::HasPrevious => {
                    self.out.extend_from_slice(truth(rows.skipped.min(rows.total.unwrap_or(usize::MAX)) > 0));
                }
                PageInfo::Start | PageInfo::End if rows.shown == 0 => self.null(),
                PageInfo::Start => self.quoted(&page::cursor(query.digest, rows.skipped)),
                PageInfo::End => self.quoted(&page::cursor(query.digest, end - 1)),
            }
        }
        self.out.push(b'}');
    }
}
