//! Bytes per second of every engine over every input, in one run.

use std::hint::black_box;

use auditweir_benches::{engines, inputs};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn throughput(criterion: &mut Criterion) {
    for input in [inputs::metadata(), inputs::request_response(), inputs::mix(), inputs::one_mib()]
    {
        let mut group = criterion.benchmark_group(input.name);
        group.throughput(Throughput::Bytes(input.bytes()));
        let mut out = Vec::new();
        for mut engine in engines::all() {
            group.bench_function(BenchmarkId::from_parameter(engine.name()), |bencher| {
                bencher.iter(|| {
                    for line in &input.lines {
                        out.clear();
                        engine.line(line, &mut out);
                        black_box(&out);
                    }
                });
            });
        }
        group.finish();
    }
}

fn linearity(criterion: &mut Criterion) {
    for (factor, size) in [(1, 256 << 10), (2, 512 << 10)] {
        let mut group = criterion.benchmark_group(format!("flood-x{factor}"));
        for (name, line) in inputs::floods(size) {
            let mut engine = engines::Auditweir::new(auditweir::Format::Ecs);
            let mut out = Vec::new();
            group.throughput(Throughput::Bytes(line.len() as u64));
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    out.clear();
                    engines::Engine::line(&mut engine, &line, &mut out);
                    black_box(&out);
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, throughput, linearity);
criterion_main!(benches);
