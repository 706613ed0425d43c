//! Connections that are cut out of lists which are read whole.

use super::{Nulled, Step, Writer, Written};
use crate::{
    entity::{
        kind::Kind,
        tape::{At, Json},
    },
    fault::Fault,
    graph::{
        document::plan::{Edge, Keyed, ListPlan, PageInfo, Paging, PlannedField},
        execute::view::{Listed, NO_ID, PLACEHOLDER},
        queries::list_page::ListWindow,
    },
    loader::store::{Place, Rows, is_placeholder},
};

/// A page of a list.
struct Page<'s, 'a> {
    plan: &'s ListPlan,
    window: &'s ListWindow,
    /// The elements on the page.
    nodes: Nodes<'a>,
    /// How many there are on all pages.
    total: usize,
    /// The place of the first on the page.
    skipped: usize,
}

/// The elements of a page.
enum Nodes<'a> {
    /// Values in a body.
    Embedded { holder: Place, field: Option<usize>, items: &'a [(&'a str, At)] },
    /// What rows of a relation lead to.
    Listed(&'a [Listed]),
}

impl Nodes<'_> {
    fn len(&self) -> usize {
        match self {
            Nodes::Embedded { items, .. } => items.len(),
            Nodes::Listed(nodes) => nodes.len(),
        }
    }
}

impl<'s> Writer<'s> {
    /// Writes a page of a list that stands in a body.
    pub(super) fn embedded_page(
        &mut self,
        (holder, list): (Place, At),
        field: Option<usize>,
        page: usize,
        planned: &'s PlannedField,
    ) -> Written {
        let view = self.view;
        let (plan, window) = self.list_window(page, planned)?;
        let tape = view.store.tape(holder);
        let mut items: Vec<(&str, At)> = vec![];
        for item in tape.items(list) {
            let Some(id) = view.embedded_id(holder, item) else {
                // It has no place in an order of ids, and would move the others.
                return Err(match tape.kind(item) {
                    Json::Object => self.invalid(NO_ID, planned.pos),
                    Json::Null => self.invalid("with null in a list that has no nulls", planned.pos),
                    _ if is_placeholder(tape, item) => self.invalid(PLACEHOLDER, planned.pos),
                    _ => self.invalid("with something else where an object belongs", planned.pos),
                });
            };
            items.push((id, item));
        }
        // Mostly they are in order already.
        items.sort_by_key(|(id, _)| *id);
        let (start, end) = window.places(&items, |(id, _)| Some(*id));
        let nodes = Nodes::Embedded { holder, field, items: &items[start..end] };
        self.list_page(&Page { plan, window, nodes, total: items.len(), skipped: start }, planned)
    }

    /// Writes a page of a list that came through a relation.
    pub(super) fn listed_page(
        &mut self,
        rows: &'s Rows,
        relation: usize,
        kind: Kind,
        page: usize,
        planned: &'s PlannedField,
    ) -> Written {
        let (plan, window) = self.list_window(page, planned)?;
        let listed = self.view.listed_by_id(rows, relation, kind);
        if let Some(Err(lost)) = listed.iter().find(|found| found.is_err()) {
            // What is not known cannot be put in order.
            return self.listed(Err(lost.clone()), kind, 0, planned.pos);
        }
        if listed.iter().any(|found| self.view.listed_id(found, kind).is_none()) {
            return Err(self.invalid(NO_ID, planned.pos));
        }
        let (start, end) = window.places(&listed, |found| self.view.listed_id(found, kind));
        let nodes = Nodes::Listed(&listed[start..end]);
        self.list_page(&Page { plan, window, nodes, total: listed.len(), skipped: start }, planned)
    }

    /// Writes the page of a list that is empty.
    pub(super) fn empty_page(&mut self, page: usize, planned: &'s PlannedField) -> Written {
        let (plan, window) = self.list_window(page, planned)?;
        self.list_page(&Page { plan, window, nodes: Nodes::Listed(&[]), total: 0, skipped: 0 }, planned)
    }

    fn list_window(&mut self, page: usize, planned: &PlannedField) -> Result<(&'s ListPlan, &'s ListWindow), Nulled> {
        match &self.view.queries.lists[page] {
            Ok(window) => Ok((&self.view.plan.lists[page], window)),
            Err(fault) => Err(self.fail(fault, planned.pos)),
        }
    }

    fn list_page(&mut self, page: &Page<'s, '_>, planned: &'s PlannedField) -> Written {
        let plan = page.plan;
        self.out.push(b'{');
        for (index, (key, paging)) in plan.fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            match paging {
                Paging::Typename(name) => self.out.extend_from_slice(name),
                Paging::TotalCount(..) => self.out.extend_from_slice(page.total.to_string().as_bytes()),
                Paging::Nodes(name, pos, sel) => {
                    self.path.push(Step::Key(name));
                    let around = std::mem::replace(&mut self.pos, *pos);
                    let written = match (&page.nodes, plan.poly(*sel)) {
                        (Nodes::Embedded { holder, field, items }, Some(poly)) => {
                            let items = items.iter().map(|(_, item)| *item);
                            self.references(*holder, *field, items, poly, planned)
                        }
                        (Nodes::Listed(nodes), _) => self.list(nodes.iter(), (false, *pos), |writer, node| {
                            writer.listed(node.clone(), plan.kind, *sel, *pos)
                        }),
                        (Nodes::Embedded { .. }, None) => Err(self.unplanned(planned)),
                    };
                    self.pos = around;
                    self.path.pop();
                    written?;
                }
                Paging::Edges(name, edges) => {
                    self.path.push(Step::Key(name));
                    let written = self.list(0..page.nodes.len(), (false, planned.pos), |writer, place| {
                        writer.list_edge(edges, page, place, planned)
                    });
                    self.path.pop();
                    written?;
                }
                Paging::PageInfo(fields) => self.list_page_info(fields, page),
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn list_edge(
        &mut self,
        edges: &'s [Keyed<Edge>],
        page: &Page<'s, '_>,
        place: usize,
        planned: &'s PlannedField,
    ) -> Written {
        let plan = page.plan;
        self.out.push(b'{');
        for (index, (key, edge)) in edges.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            match edge {
                Edge::Typename(name) => self.out.extend_from_slice(name),
                Edge::Cursor => self.list_cursor(page, place),
                Edge::Node(name, pos, sel) => {
                    self.path.push(Step::Key(name));
                    let around = std::mem::replace(&mut self.pos, *pos);
                    let written = match (&page.nodes, plan.poly(*sel)) {
                        (Nodes::Embedded { holder, field, items }, Some(poly)) => {
                            let view = self.view;
                            let reference = view.references(*holder, *field, poly);
                            self.item(*holder, items[place].1, &reference, planned)
                        }
                        (Nodes::Listed(nodes), _) => self.listed(nodes[place].clone(), plan.kind, *sel, *pos),
                        (Nodes::Embedded { .. }, None) => Err(self.unplanned(planned)),
                    };
                    self.pos = around;
                    self.path.pop();
                    written?;
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn unplanned(&mut self, planned: &PlannedField) -> Nulled {
        self.fail(&Fault::internal("The nodes of a list were not planned."), planned.pos)
    }

    fn list_cursor(&mut self, page: &Page<'s, '_>, place: usize) {
        let id = match &page.nodes {
            Nodes::Embedded { items, .. } => Some(items[place].0),
            Nodes::Listed(nodes) => self.view.listed_id(&nodes[place], page.plan.kind),
        };
        self.quoted(&page.window.cursor(id.unwrap_or_default()));
    }

    fn list_page_info(&mut self, fields: &[Keyed<PageInfo>], page: &Page<'s, '_>) {
        let shown = page.nodes.len();
        let truth = |truth: bool| if truth { b"true".as_slice() } else { b"false".as_slice() };
        self.out.push(b'{');
        for (index, (key, field)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            match field {
                PageInfo::Typename(name) => self.out.extend_from_slice(name),
                PageInfo::HasNext => self.out.extend_from_slice(truth(page.skipped + shown < page.total)),
                PageInfo::HasPrevious => self.out.extend_from_slice(truth(page.skipped > 0)),
                PageInfo::Start | PageInfo::End if shown == 0 => self.null(),
                PageInfo::Start => self.list_cursor(page, 0),
                PageInfo::End => self.list_cursor(page, shown - 1),
            }
        }
        self.out.push(b'}');
    }
}
