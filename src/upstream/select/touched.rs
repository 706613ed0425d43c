//! What a filter and an order name: the upstream adds it to the rows, without anything else of the objects on the way.

use crate::entity::{
    kind::Kind,
    model::{Model, Shape, Target},
};

/// A place on one of the paths: [`Touched::ROW`], or behind a step.
pub type Node = u8;

/// Stands for every place where there are more steps than there are numbers: then every path counts as named.
const ANYWHERE: Node = Node::MAX;

/// The paths that the filter and the order of a request name, through entities and up to the first field that leads to no
/// entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// From which place each step leads on, and by which field. It leads to the place with the number behind its own.
    steps: Vec<(Node, u8)>,
}

impl Touched {
    const ROW: Node = 0;

    /// The row, if a path starts there.
    #[must_use]
    pub fn row(&self) -> Option<Node> {
        (!self.steps.is_empty()).then_some(Touched::ROW)
    }

    /// Where a field of a place leads, if a path goes on by it.
    #[must_use]
    pub fn below(&self, node: Node, field: usize) -> Option<Node> {
        if node == ANYWHERE || self.steps.len() >= usize::from(ANYWHERE) {
            return Some(ANYWHERE);
        }
        let step = self.steps.iter().position(|(above, by)| *above == node && usize::from(*by) == field)?;
        Node::try_from(step + 1).ok()
    }

    /// Adds a path, spelled as in REST.
    pub fn add(&mut self, model: &Model, kind: Kind, path: &str) {
        let (mut kind, mut node) = (kind, Touched::ROW);
        for name in path.split('.') {
            let object = model.kind(kind);
            let Some(field) = object.keys.get(name) else { return };
            node = self.step(node, field);
            match object.fields[field].shape {
                Shape::Ref(Target::One(inner)) | Shape::Refs(Target::One(inner)) if node != ANYWHERE => kind = inner,
                _ => return,
            }
        }
    }

    fn step(&mut self, node: Node, field: usize) -> Node {
        if let Some(known) = self.below(node, field) {
            return known;
        }
        self.steps.push((node, super::narrow(field)));
        Node::try_from(self.steps.len()).unwrap_or(ANYWHERE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_on_from_where_another_one_left() {
        let mut touched = Touched::default();
        assert_eq!(touched.row(), None);
        let groups = touched.step(Touched::ROW, 3);
        let modules = touched.step(groups, 5);
        assert_eq!((touched.step(Touched::ROW, 3), touched.step(groups, 5)), (groups, modules));
        assert_eq!(
            (touched.row(), touched.below(Touched::ROW, 3), touched.below(groups, 5)),
            (Some(0), Some(groups), Some(modules))
        );
        assert_eq!((touched.below(Touched::ROW, 5), touched.below(modules, 3)), (None, None));
    }

    #[test]
    fn more_paths_than_there_are_numbers_are_everywhere() {
        let mut touched = Touched::default();
        for _ in 0..4 {
            for field in 0..64 {
                for above in 0..4 {
                    touched.step(above, field);
                }
            }
        }
        let far = touched.below(Touched::ROW, 63);
        assert_eq!(far, Some(ANYWHERE));
        assert_eq!(touched.below(ANYWHERE, 1), Some(ANYWHERE));
        assert!(touched.steps.len() <= usize::from(ANYWHERE));
    }
}
