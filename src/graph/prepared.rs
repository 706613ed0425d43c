//! Documents, prepared once: parsed, validated, and planned for each combination of what their directives depend on.

#[cfg(test)]
mod tests;
mod weight;

use super::{
    cost::CostBounds,
    document::{
        self,
        coerce::{self, ValueOrigin},
        introspect,
        limits::{self, DocumentLimits},
        plan::{self, Plan, RootKind},
        schema::Schema,
    },
    error::GraphError,
    queries::{UpstreamQueries, values::VariableValues},
    schema::sizes::Sizes,
};
use crate::{entity::model::Model, error::ErrorCode, upstream::marketplace::host::RouteState};
use async_graphql::{
    Name, Positioned, Value,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
        VariableDefinition,
    },
    registry::Registry,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

/// How many plans of one document are kept: one for each combination of the variables its directives use.
const MAX_PLANS: usize = 16;

/// A valid document with the operation that was chosen from it, and the plans that were made of it so far. It does not
/// change: with one plan more it is another one, so that a cache can know what each weighs.
pub struct PreparedDocument {
    head: Arc<OperationInfo>,
    plans: Plans,
    weight: usize,
}

/// What every request with the document needs.
struct OperationInfo {
    ty: OperationType,
    writes: bool,
    variables: Vec<Positioned<VariableDefinition>>,
    /// Fields as they are written, fragments counted where they are spread.
    written_fields: usize,
}

enum Plans {
    /// No variable decides what is selected, so there is but one, and what it was made from is no longer needed.
    Single(Arc<ExecutionPlan>),
    /// One for each combination of the variables that decide.
    ByVariables { parsed: Arc<Parsed>, made: Vec<(Vec<bool>, Arc<ExecutionPlan>)> },
}

/// What plans are made from.
struct Parsed {
    document: ExecutableDocument,
    operation: OperationDefinition,
    /// The Boolean variables that directives use.
    deciding: Vec<Name>,
}

/// A plan, and what of the operation the library runs.
pub struct ExecutionPlan {
    /// The plan.
    pub plan: Plan,
    /// The introspection fields as they stand, if there are some.
    pub introspection: Option<ExecutableDocument>,
    /// What it can cost at most, where no variable decides that; computed when it is first run.
    pub bounds: [OnceLock<CostBounds>; RouteState::STATES],
    /// What it asks for, where no variable decides that; made when it is first run.
    pub questions: OnceLock<Arc<UpstreamQueries>>,
}

/// Reads a text, within limits, finds it valid, and chooses the operation.
///
/// # Errors
///
/// Of the request: beyond a limit, not GraphQL, not valid, or without the operation.
pub fn parse(
    text: &str,
    operation_name: Option<&str>,
    read_only: bool,
    schema: &Schema,
    limits: &DocumentLimits,
) -> Result<(ExecutableDocument, OperationDefinition), Vec<GraphError>> {
    let one = |error| vec![error];
    limits::check_text(text, limits).map_err(one)?;
    let written = document::parse(text).map_err(one)?;
    document::validate::unique(&written)?;
    let document = document::lower(&written);
    // Validation follows fragments, which may spread themselves or multiply until these limits are known to hold.
    limits::check_selections(&document, limits).map_err(one)?;
    document::validate::validate(schema, &written, limits.introspection)?;
    let operation = choose(&document, operation_name).map_err(one)?.clone();
    check_kind(operation.ty, read_only).map_err(one)?;
    Ok((document, operation))
}

/// Refuses what changes something, asked for by a request that may only read: a link must not be able to.
fn check_kind(kind: OperationType, read_only: bool) -> Result<(), GraphError> {
    if !read_only || kind == OperationType::Query {
        return Ok(());
    }
    Err(GraphError::request(ErrorCode::MethodNotAllowed, format!("A {kind} needs a POST request."), None))
}

fn choose<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, GraphError> {
    let bad = |message: String| GraphError::request(ErrorCode::BadRequest, message, None);
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get(name)
            .map(|operation| &operation.node)
            .ok_or_else(|| bad(format!("The document has no operation named {name:?}."))),
        (DocumentOperations::Single(_), Some(name)) => {
            Err(bad(format!("The document has no operation named {name:?}: its only operation has no name.")))
        }
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next().map(|operation| &operation.node).ok_or_else(|| bad("No operation.".to_owned()))
        }
        (DocumentOperations::Multiple(_), None) => {
            Err(bad("The document has several operations: operationName must say which one to run.".to_owned()))
        }
    }
}

impl PreparedDocument {
    /// Prepares a valid document.
    #[must_use]
    pub fn new(document: ExecutableDocument, operation: OperationDefinition) -> Self {
        let head = OperationInfo {
            ty: operation.ty,
            writes: document.operations.iter().any(|(_, it)| it.node.ty == OperationType::Mutation),
            variables: operation.variable_definitions.clone(),
            written_fields: written(&document, &operation.selection_set.node, &mut HashMap::new()),
        };
        let deciding = deciding(&document, &operation);
        let parsed = Arc::new(Parsed { document, operation, deciding });
        PreparedDocument::with(Arc::new(head), Plans::ByVariables { parsed, made: vec![] })
    }

    fn with(head: Arc<OperationInfo>, plans: Plans) -> Self {
        let weight = weight::head(&head)
            + match &plans {
                Plans::Single(only) => weight::runnable(only),
                Plans::ByVariables { parsed, made } => {
                    weight::parsed(parsed) + made.iter().map(|(_, made)| weight::runnable(made)).sum::<usize>()
                }
            };
        PreparedDocument { head, plans, weight }
    }

    /// How many bytes of memory it takes, by estimate.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Refuses an operation that a request which may only read must not run.
    ///
    /// # Errors
    ///
    /// With [`ErrorCode::MethodNotAllowed`].
    pub fn check_kind(&self, read_only: bool) -> Result<(), GraphError> {
        check_kind(self.head.ty, read_only)
    }

    /// Whether the document, whose text this is, may hold a secret. Such a document is run and not kept, in no cache:
    /// by its text or its hash, whoever guesses the secret could find out that the guess is right.
    ///
    /// Only inputs of mutations take secrets (a test reads the schema), and all that do are texts. So a document that has
    /// a mutation may hold one if it has a quotation mark anywhere: in an argument, in the default of a variable, in a
    /// fragment, in another operation, or in a comment. A document that is not valid is not kept at all.
    #[must_use]
    pub fn may_hold_secret(&self, text: &str) -> bool {
        self.head.writes && text.contains('"')
    }

    /// How many fields the operation has as it is written, fragments counted where they are spread.
    #[must_use]
    pub fn written_fields(&self) -> usize {
        self.head.written_fields
    }

    /// The operation's variables, coerced against their types.
    ///
    /// # Errors
    ///
    /// When a value does not fit or a required one is missing.
    pub fn variables(
        &self,
        registry: &Registry,
        mut given: BTreeMap<Name, Value>,
        suggest: bool,
    ) -> Result<VariableValues, GraphError> {
        let mut values = VariableValues::with_capacity(self.head.variables.len());
        for definition in &self.head.variables {
            let VariableDefinition { name, var_type, default_value, .. } = &definition.node;
            let name = &name.node;
            let (value, source) = match (given.remove(name), default_value) {
                (Some(value), _) => (value, ValueOrigin::Variable),
                (None, Some(default)) => (default.node.clone(), ValueOrigin::Document),
                (None, None) if var_type.node.nullable => continue,
                (None, None) => {
                    let message = format!("Variable ${name} must be given, as {}.", var_type.node);
                    return Err(GraphError::request(ErrorCode::BadUserInput, message, Some(definition.pos)));
                }
            };
            let value = coerce::value(registry, &var_type.node.to_string(), value, source).map_err(|misfit| {
                let message = format!("Variable {}", misfit.sentence(&format!("${name}"), suggest));
                GraphError::request(ErrorCode::BadUserInput, message, Some(definition.pos))
            })?;
            values.insert(name.clone(), value);
        }
        Ok(values)
    }

    /// The plan for these variables; and the document together with it, if it was not kept in it yet.
    ///
    /// # Errors
    ///
    /// When a directive's variable is null although it has a default, or the document cannot be planned, which validation
    /// should have seen.
    pub fn runnable(
        &self,
        model: &Model,
        registry: &Registry,
        variables: &VariableValues,
        sizes: &Sizes,
    ) -> Result<(Arc<ExecutionPlan>, Option<PreparedDocument>), GraphError> {
        let (parsed, made) = match &self.plans {
            Plans::Single(only) => return Ok((Arc::clone(only), None)),
            Plans::ByVariables { parsed, made } => (parsed, made),
        };
        if let Some(name) = parsed.deciding.iter().find(|name| variables.get(*name) == Some(&Value::Null)) {
            let message = format!("Variable ${name} must not be null where it decides what is selected.");
            return Err(GraphError::request(ErrorCode::BadUserInput, message, None));
        }
        let truth = |name: &Name| variables.get(name) == Some(&Value::Boolean(true));
        let key: Vec<bool> = parsed.deciding.iter().map(truth).collect();
        if let Some((_, found)) = made.iter().find(|(values, _)| *values == key) {
            return Ok((Arc::clone(found), None));
        }
        let runnable = Arc::new(parsed.runnable(model, registry, &key, sizes)?);
        let plans = if parsed.deciding.is_empty() {
            Some(Plans::Single(Arc::clone(&runnable)))
        } else {
            (made.len() < MAX_PLANS).then(|| {
                let made = made.iter().cloned().chain([(key, Arc::clone(&runnable))]).collect();
                Plans::ByVariables { parsed: Arc::clone(parsed), made }
            })
        };
        Ok((runnable, plans.map(|plans| PreparedDocument::with(Arc::clone(&self.head), plans))))
    }
}

impl Parsed {
    fn runnable(
        &self,
        model: &Model,
        registry: &Registry,
        key: &[bool],
        sizes: &Sizes,
    ) -> Result<ExecutionPlan, GraphError> {
        let decided = self.deciding.iter().cloned().zip(key.iter().copied()).collect();
        let plan = plan::plan(model, registry, &self.document, &self.operation, &decided, sizes)
            .map_err(|error| GraphError::request(ErrorCode::GraphqlValidationFailed, error.message, Some(error.pos)))?;
        let introspection = self.introspection(&plan);
        Ok(ExecutionPlan { plan, introspection, bounds: Default::default(), questions: OnceLock::new() })
    }

    /// The introspection of the operation, for the library, which knows the schema.
    fn introspection(&self, plan: &Plan) -> Option<ExecutableDocument> {
        plan.roots.iter().find(|root| matches!(root.what, RootKind::Introspection))?;
        let mut items = Vec::new();
        introspection(&self.document, &self.operation.selection_set.node, &mut vec![], &mut items);
        let pos = self.operation.selection_set.pos;
        let operation = OperationDefinition {
            ty: self.operation.ty,
            variable_definitions: self.operation.variable_definitions.clone(),
            directives: vec![],
            selection_set: Positioned::new(SelectionSet { items }, pos),
        };
        let operations = DocumentOperations::Single(Positioned::new(operation, pos));
        let mut document = ExecutableDocument { operations, fragments: self.document.fragments.clone() };
        introspect::prepare(&mut document, &plan.root_type);
        Some(document)
    }
}

fn written<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, known: &mut HashMap<&'a str, usize>) -> usize {
    let mut sum = 0_usize;
    for item in &set.items {
        sum = sum.saturating_add(match &item.node {
            Selection::Field(field) => written(document, &field.node.selection_set.node, known).saturating_add(1),
            Selection::InlineFragment(inline) => written(document, &inline.node.selection_set.node, known),
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                match (known.get(name), document.fragments.get(name)) {
                    (Some(fields), _) => *fields,
                    (None, Some(fragment)) => {
                        let fields = written(document, &fragment.node.selection_set.node, known);
                        known.insert(name, fields);
                        fields
                    }
                    (None, None) => 0,
                }
            }
        });
    }
    sum
}

/// The root's introspection fields with the directives of all that encloses them, for the library to run as they stand.
/// A fragment is followed at each of its spreads, since each has directives of its own.
fn introspection(
    document: &ExecutableDocument,
    set: &SelectionSet,
    enclosing: &mut Vec<Positioned<Directive>>,
    out: &mut Vec<Positioned<Selection>>,
) {
    for item in &set.items {
        let outer = enclosing.len();
        enclosing.extend(item.node.directives().iter().cloned());
        match &item.node {
            Selection::Field(field) if matches!(field.node.name.node.as_str(), "__schema" | "__type") => {
                let mut field = field.clone();
                field.node.directives.clone_from(enclosing);
                out.push(Positioned::new(Selection::Field(field), item.pos));
            }
            Selection::Field(_) => {}
            Selection::InlineFragment(inline) => {
                introspection(document, &inline.node.selection_set.node, enclosing, out);
            }
            Selection::FragmentSpread(named) => {
                let name = named.node.fragment_name.node.as_str();
                if let Some(fragment) = document.fragments.get(name) {
                    introspection(document, &fragment.node.selection_set.node, enclosing, out);
                }
            }
        }
        enclosing.truncate(outer);
    }
}

/// The variables that `@skip` and `@include` use, in fragments as well.
fn deciding(document: &ExecutableDocument, operation: &OperationDefinition) -> Vec<Name> {
    fn walk(set: &SelectionSet, names: &mut BTreeSet<Name>) {
        for item in &set.items {
            for directive in item.node.directives() {
                for (_, value) in &directive.node.arguments {
                    if let async_graphql_value::Value::Variable(name) = &value.node {
                        names.insert(name.clone());
                    }
                }
            }
            match &item.node {
                Selection::Field(field) => walk(&field.node.selection_set.node, names),
                Selection::InlineFragment(inline) => walk(&inline.node.selection_set.node, names),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut names = BTreeSet::new();
    walk(&operation.selection_set.node, &mut names);
    for fragment in document.fragments.values() {
        walk(&fragment.node.selection_set.node, &mut names);
    }
    names.into_iter().collect()
}
