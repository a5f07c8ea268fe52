//! What `filter` can read: compression, documents, YAML, split lines.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(text).expect("memory");
    gz.finish().expect("memory")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

/// Everything through, whole, and counted.
fn assert_events(output: &Output, count: usize) {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stats(output)["events"], count);
    assert_eq!(stats(output)["stubs"], 0);
    assert_eq!(stats(output)["rejected"], 0);
    assert_eq!(lines(&output.stdout).len(), count);
}

#[test]
fn compressed_inputs_are_told_by_their_bytes() {
    let plain = fs::read(corpora().join("openshift-clo/audit_in.log")).expect("corpus");
    let expected = run(&mut auditweir(&["filter"]), &plain);
    let (one, two) = plain.split_at(300_000);
    let mut skippable = b"\x50\x2a\x4d\x18\x05\x00\x00\x00hello".to_vec();
    skippable.extend(zstd(one));
    skippable.extend(zstd(two));
    for (name, packed) in [
        ("gz", gzip(&plain)),
        ("two gz members", [gzip(one), gzip(two)].concat()),
        ("zst", zstd(&plain)),
        ("skippable and two zst frames", skippable),
    ] {
        // No name to go by: the bytes alone.
        let path = file("packed.log", &packed);
        let by_file = run(auditweir(&["filter", "--stats"]).arg(&path), b"");
        assert_events(&by_file, 100);
        assert!(by_file.stdout == expected.stdout, "{name}");
        let by_pipe = run(&mut auditweir(&["filter"]), &packed);
        assert!(by_pipe.stdout == expected.stdout, "{name} through a pipe");
    }
}

#[test]
fn a_cut_off_archive_gives_what_it_held_and_an_error() {
    let plain = format!("{}\n", secret(1)).repeat(2000);
    for (name, packed) in [("gzip", gzip(plain.as_bytes())), ("zstd", zstd(plain.as_bytes()))] {
        let whole = file(&format!("whole-{name}"), secret(2));
        let cut = file(&format!("cut-{name}"), &packed[..packed.len() - 40]);
        let output = run(auditweir(&["filter"]).arg(&cut).arg(&whole), b"");
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains(&format!("cut-{name}: {name} ends too early")), "{said}");
        assert_eq!(ids(&output.stdout).last().map(String::as_str), Some("id-2"));
        assert_clean(&output);
    }
}

#[test]
fn documents_over_several_lines() {
    let folder = corpora().join("gke-sysdig-stackdriver/log_entries");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("corpus").map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    files.push(corpora().join("aks-sysdig/event.json"));
    files.push(corpora().join("vanilla-falco-k8s_audit/exec_pod.json"));
    assert_events(&run(auditweir(&["filter", "--stats"]).args(&files), b""), 17 + 22 + 1);
    // Through a pipe a lone bracket on the first line tells.
    let pretty: serde_json::Value = serde_json::from_str(&secret(1)).expect("JSON");
    let output =
        run(&mut auditweir(&["filter", "--stats"]), format!("{pretty:#}\n{pretty:#}").as_bytes());
    assert_events(&output, 2);
    assert_clean(&output);
    // Lines under a name in .json stay lines, also after a broken one.
    let path = file("lines.json", format!("{}\n{{\"a\":\n{}\n", secret(1), secret(2)));
    let output = run(auditweir(&["filter"]).arg(path), b"");
    assert_eq!(ids(&output.stdout), ["id-1", "none", "id-2"]);
}

#[test]
fn yaml_events_and_lists() {
    let khi = corpora().join("gke-khi");
    let k3s = corpora().join("k3s-gitops-reverser");
    let mut command = auditweir(&["filter", "--stats"]);
    for name in [
        "container_recorder_test_1_1.yaml",
        "container_recorder_test_1_2.yaml",
        "container_recorder_test_1_3.yaml",
    ] {
        command.arg(khi.join(name));
    }
    for name in ["config-update.yaml", "aggregated-flunder-create-eventlist.yaml"] {
        command.arg(k3s.join(name));
    }
    assert_events(&run(&mut command, b""), 5);

    let documents = format!(
        "kind: Event\nauditID: \"1\"\nverb: get\nlevel: Metadata\nstage: Panic\n---\n{}\n",
        secret(2)
    );
    let output =
        run(&mut auditweir(&["filter", "--stats", "--input-format", "yaml"]), documents.as_bytes());
    assert_events(&output, 2);
    assert_eq!(ids(&output.stdout), ["1", "id-2"]);
    assert_clean(&output);
}

#[test]
fn broken_yaml_is_a_stub_and_a_message_with_its_place() {
    let path = file("broken.yaml", format!("kind: Event\npassword: [{CANARY}\n}}\n"));
    let output = run(auditweir(&["filter"]).arg(&path), b"");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(lines(&output.stdout).len(), 1);
    assert!(lines(&output.stdout)[0]["auditweir"]["stub"].is_string());
    assert!(
        text(&output.stderr).contains("broken.yaml:2:11: not YAML"),
        "{}",
        text(&output.stderr)
    );
    assert_clean(&output);
}

#[test]
fn lines_that_a_container_runtime_split_come_out_whole() {
    let event = secret(1);
    let (one, rest) = event.split_at(200);
    let (two, three) = rest.split_at(100);
    let time = "2024-01-01T00:00:00.123456789Z";
    let cri = format!("{time} stdout P {one}\n{time} stdout P {two}\n{time} stdout F {three}\n");
    let output = run(&mut auditweir(&["filter", "--stats"]), cri.as_bytes());
    assert_events(&output, 1);
    assert_clean(&output);

    let log = |part: &str, end: &str| {
        let quoted = serde_json::to_string(&format!("{part}{end}")).expect("JSON");
        format!("{{\"log\":{quoted},\"stream\":\"stdout\",\"time\":\"{time}\"}}\n")
    };
    let docker = [log(one, ""), log(two, ""), log(three, "\n"), log(&secret(2), "\n")].concat();
    let output = run(&mut auditweir(&["filter", "--stats"]), docker.as_bytes());
    assert_events(&output, 2);
    assert_eq!(ids(&output.stdout), ["id-1", "id-2"]);
    assert_clean(&output);
}
