//! The parts by themselves: `cargo bench --bench parts`.

use accounts_graph::{
    config::{Config, Environment, Flags},
    entity::tape::Tape,
    graph::{
        document::{self, schema::Schema},
        prepared::{self, PreparedDocument},
        schema::{model, query::Root, sizes::Sizes},
    },
    loader::idle::Idle,
    program,
    upstream::rql::{Expr, Literal, Path},
};
use accounts_graph_sandbox::{self as sandbox, Day, Options};
use async_graphql::{
    OutputType,
    dataloader::{DataLoader, Loader},
    registry::Registry,
};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures::future::join_all;
use std::{collections::HashMap, convert::Infallible, hint::black_box};
use tokio::runtime::{Builder, Runtime};

const QUERY: &str = "{ users(first: 20) { nodes { currentAccount { groups { nodes { users { nodes { currentAccount { name } } } } } } } } }";

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// From the text of a document to its plan, step by step.
fn prepare_document(c: &mut Criterion) {
    let registry = || {
        let mut registry = Registry::default();
        Root::create_type_info(&mut registry);
        registry
    };
    let schema = Schema::new(registry());
    let registry = registry();
    let model = model::model(&registry);
    let config = Config::load(&Flags::default(), &Environment::default(), &|path| std::fs::read_to_string(path));
    let limits = program::limits(&config.expect("the defaults")).document;
    let parse = || document::parse(QUERY).expect("a document");
    let written = parse();
    let (document, operation) = prepared::parse(QUERY, None, false, &schema, &limits).expect("a valid document");
    let prepared = || PreparedDocument::new(document.clone(), operation.clone());
    let variables = prepared().variables(&registry, [].into(), true).expect("no variables");

    let mut group = c.benchmark_group("prepare");
    group.bench_function("parse", |b| b.iter(parse));
    group.bench_function("validate", |b| {
        b.iter(|| document::validate::validate(&schema, &written, true).expect("a valid document"));
    });
    group.bench_function("all before the plan", |b| {
        b.iter(|| prepared::parse(QUERY, None, false, &schema, &limits).expect("a valid document"));
    });
    let sizes = Sizes::default();
    group.bench_function("plan", |b| {
        // A document keeps its plans, so each run needs another.
        b.iter_batched(
            prepared,
            |prepared| prepared.runnable(&model, &registry, &variables, &sizes).map(|_| prepared),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// One pass over a page of 100 users, as the sandbox sends it.
fn scan(c: &mut Criterion) {
    let body = runtime().block_on(async {
        let sandbox = sandbox::start(Options { scale: 0.1, date: Some(Day::OF_DATA), ..Options::default() })
            .await
            .expect("a free port");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("{}/v1/accounts/users?limit=100", sandbox.base_url());
        let body = http.get(url).send().await.expect("an answer").bytes().await.expect("a body").to_vec();
        sandbox.stop().await;
        body
    });
    let mut group = c.benchmark_group("scan");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("100 users", |b| {
        b.iter_batched(|| body.clone(), |body| Tape::scan(body).expect("JSON"), BatchSize::SmallInput);
    });
    group.finish();
}

/// A round in which so many wait and nothing is loaded.
fn dispatch(c: &mut Criterion) {
    let runtime = runtime();
    let mut group = c.benchmark_group("dispatch");
    for waiting in [1_u32, 100, 10_000] {
        group.throughput(Throughput::Elements(u64::from(waiting)));
        group.bench_with_input(BenchmarkId::from_parameter(waiting), &waiting, |b, &waiting| {
            b.iter(|| {
                let idle = Idle::default();
                let loader = DataLoader::new(Echo, idle.clone(), idle.clone());
                runtime.block_on(idle.drive(join_all((0..waiting).map(|key| loader.load_one(key)))))
            });
        });
    }
    group.finish();
}

struct Echo;

impl Loader<u32> for Echo {
    type Value = u32;
    type Error = Infallible;

    async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, Infallible> {
        Ok(keys.iter().map(|key| (*key, *key)).collect())
    }
}

/// A filter by 100 ids, as it stands in a URL.
fn rql(c: &mut Criterion) {
    let id = |number: u32| Literal::text(format!("USR-{number:04}-{number:04}")).expect("an id");
    let filter = Expr::In { path: Path::new("id"), values: (0..100).map(id).collect() };
    c.bench_function("rql/in of 100 ids", |b| {
        b.iter(|| {
            let mut out = String::new();
            black_box(&filter).encode(&mut out);
            out
        });
    });
}

criterion_group!(parts, prepare_document, scan, dispatch, rql);
criterion_main!(parts);
