//! Bytes per second of every engine over every input, in one run.

use auditweir_benches::{engines, inputs, round};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Feature unification can hand serde_json its slower number type; then its row would be unfair.
fn serde_json_is_plain() {
    let long = "0.1000000000000000055511151231257827";
    let value: serde_json::Value = serde_json::from_str(long).expect("json");
    assert_ne!(value.to_string(), long, "serde_json is built with arbitrary_precision");
}

fn throughput(criterion: &mut Criterion) {
    serde_json_is_plain();
    for input in inputs::all() {
        let mut group = criterion.benchmark_group(input.name);
        group.throughput(Throughput::Bytes(input.bytes()));
        let mut out = Vec::new();
        for mut engine in engines::all() {
            group.bench_function(BenchmarkId::from_parameter(engine.name()), |bencher| {
                bencher.iter(|| round(engine.as_mut(), &input, &mut out));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, throughput);
criterion_main!(benches);
