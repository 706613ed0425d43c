//! What a router composes its schema of.

use super::{Writer, Written};
use crate::graph::{
    document::plan::{Keyed, ServiceField},
    error::write_text,
    schema::subgraph,
};
use std::sync::LazyLock;

/// The federation schema as JSON text.
static SDL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut json = vec![];
    write_text(&mut json, &subgraph::sdl(false));
    json
});

impl Writer<'_> {
    /// Writes `_service`.
    ///
    /// # Errors
    ///
    /// When it was asked for so often that the answer is too large.
    pub fn service(&mut self, fields: &[Keyed<ServiceField>]) -> Written {
        self.out.push(b'{');
        for (index, (key, field)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            self.out.extend_from_slice(match field {
                ServiceField::Typename(name) => name,
                ServiceField::Sdl => &SDL,
            });
            self.check_room()?;
        }
        self.out.push(b'}');
        Ok(())
    }
}
