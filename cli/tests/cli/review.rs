//! `review`: the report says what is there, its savings are real, and no name gets out of its
//! place.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine as _;
use serde_json::Value;
use sha2::Digest as _;

use super::*;

/// Runs `review --json` on an input.
fn report(args: &[&str], input: &[u8]) -> Value {
    let output = run(&mut auditweir(&[&["review", "--json"], args].concat()), input);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_clean(&output);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The page that `review --html` writes of an input.
fn page(name: &str, input: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = run(auditweir(&["review", "-", "--html"]).arg(&path), input);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    let page = fs::read_to_string(path).expect("UTF-8");
    assert!(!page.contains(CANARY));
    page
}

/// One event a line: API servers' own, with people, platform, refusals, bodies.
fn corpus() -> Vec<u8> {
    let mut all = Vec::new();
    for name in ["openshift-clo/audit_in.log", "vanilla-audit2rbac/demo.log"] {
        all.extend(fs::read(corpora().join(name)).expect("corpus"));
    }
    let mut names: Vec<PathBuf> = fs::read_dir(corpora().join("vanilla-falco-k8s_audit"))
        .expect("corpus")
        .map(|entry| entry.expect("corpus").path())
        .collect();
    names.sort();
    for name in names {
        all.extend(fs::read(name).expect("corpus"));
        all.push(b'\n');
    }
    all
}

/// An event of the platform or of anybody else.
fn event(user: &str, groups: &str, more: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/x","user":{{"username":{user},"groups":[{groups}]}},"sourceIPs":["10.0.0.1"],"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z","stageTimestamp":"2026-01-02T03:04:05.000000Z",{more}}}"#
    )
}

#[test]
fn summary_of_a_log() {
    let path = corpora().join("openshift-clo/audit_in.log");
    let output = run(auditweir(&["review"]).arg(path), b"");
    assert_eq!(output.status.code(), Some(0));
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/review/openshift.txt");
    same_as_committed(&committed, &text(&output.stdout));
}

#[test]
fn claimed_savings_are_those_of_the_written_policies() {
    let mut input = corpus();
    // A stage that the policy leaves out.
    let received = event("\"jane\"", "", r#""verb":"get","objectRef":{"resource":"pods"}"#)
        .replace("ResponseComplete", "RequestReceived");
    writeln!(input, "{received}").expect("memory");
    let report = report(&[], &input);
    let figures = &report["panels"]["suggestion"]["figures"];
    let claimed = |name: &str| figures[name].as_u64().expect("bytes");
    let measured = |policy: Option<String>| {
        let mut command = auditweir(&["filter", "--stats"]);
        if let Some(policy) = policy {
            command.arg("--policy").arg(file("review-policy.yaml", policy));
        }
        let output = run(&mut command, &input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (output.stdout.len() as u64, stats(&output)["dropped"].clone())
    };
    let mut audit = String::from("version: 1\ndecide:\n  audit:\n");
    for line in report["suggestedAuditPolicy"].as_str().expect("YAML").lines() {
        writeln!(audit, "    {line}").expect("memory");
    }
    let both = report["suggestedPolicy"].as_str().expect("YAML").to_owned();

    assert_eq!(measured(None).0, claimed("bytesNow"));
    let (bytes, dropped) = measured(Some(audit));
    assert_eq!(bytes, claimed("bytesWithPolicy"));
    let omitted = dropped.as_object().expect("counts").keys();
    assert!(omitted.eq(["audit-omit-stage"]), "a stage and no request: {dropped}");
    let (bytes, dropped) = measured(Some(both));
    assert_eq!(bytes, claimed("bytesWithNoise"));
    assert!(claimed("bytesWithNoise") < claimed("bytesWithPolicy"));
    assert!(claimed("bytesWithPolicy") < claimed("bytesNow") * 3 / 4);

    // The tables add up to the figures.
    let sum = |table: &str, column: &str| {
        let rows = report["panels"]["suggestion"][table].as_array().expect("rows");
        rows.iter().map(|row| row[column].as_i64().expect("a number")).sum::<i64>()
    };
    assert_eq!(sum("rules", "events"), report["figures"]["events"].as_i64().expect("events"));
    let saved = |to: &str, from: &str| claimed(from).cast_signed() - claimed(to).cast_signed();
    assert_eq!(sum("rules", "bytes"), claimed("bytesNow").cast_signed());
    assert_eq!(sum("rules", "saved"), saved("bytesWithPolicy", "bytesNow"));
    assert_eq!(sum("noise", "saved"), saved("bytesWithNoise", "bytesWithPolicy"));
    let rows = report["panels"]["suggestion"]["noise"].as_array().expect("rows");
    for row in rows {
        let name = row["rule"].as_str().expect("a name");
        assert_eq!(dropped[name], row["events"], "{name}");
    }
    let by_noise =
        dropped.as_object().expect("counts").keys().filter(|why| *why != "audit-omit-stage");
    assert_eq!(by_noise.count(), rows.len());
}

#[test]
fn events_of_a_list_are_weighed_as_filter_wrote_them() {
    let path = corpora().join("aks-sysdig/event.json");
    let input = fs::read(&path).expect("corpus");
    let json = run(auditweir(&["review", "--json"]).arg(&path), b"").stdout;
    let report: Value = serde_json::from_slice(&json).expect("JSON");
    let figures = &report["panels"]["suggestion"]["figures"];
    let policy = file("review-list-policy.yaml", report["suggestedPolicy"].as_str().expect("YAML"));
    let first = run(&mut auditweir(&["filter", "--input-format", "json"]), &input).stdout;
    let second = run(auditweir(&["filter", "--policy"]).arg(policy), &first).stdout;
    assert_eq!(figures["bytesNow"], first.len());
    assert_eq!(figures["bytesWithNoise"], second.len());
    assert_eq!(report["figures"]["events"], 22);
}

#[test]
fn the_policy_in_use_comes_first() {
    let input = corpus();
    let own = file(
        "review-own.yaml",
        "version: 1\ndecide:\n  noise: [component-reads, discovery]\n  audit:\n    \
         apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: None\n      \
         verbs: [watch]\n    - level: RequestResponse\n",
    );
    let own = own.to_str().expect("UTF-8");
    let report = report(&["--policy", own], &input);
    let figures = &report["panels"]["suggestion"]["figures"];
    let first = run(&mut auditweir(&["filter", "--policy", own]), &input).stdout;
    let policy = file("review-after-own.yaml", report["suggestedPolicy"].as_str().expect("YAML"));
    let second = run(auditweir(&["filter", "--policy"]).arg(policy), &first).stdout;
    assert_eq!(figures["bytesNow"], first.len());
    assert_eq!(figures["bytesWithNoise"], second.len());
    assert!(second.len() < first.len());
    let dropped = report["panels"]["noise"]["dropped"].as_array().expect("rows");
    assert!(dropped.iter().any(|row| row["reason"] == "audit-level-none"), "{dropped:?}");
}

#[test]
fn what_matters_is_never_suggested_away() {
    let node = (r#""system:node:n1""#, r#""system:nodes","system:authenticated""#);
    let controller = (
        r#""system:serviceaccount:kube-system:namespace-controller""#,
        r#""system:serviceaccounts","system:serviceaccounts:kube-system","system:authenticated""#,
    );
    let allowed = r#""responseStatus":{"code":200},"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}"#;
    let refused = r#""responseStatus":{"code":403},"annotations":{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}"#;
    let lease = r#""verb":"update","objectRef":{"resource":"leases","apiGroup":"coordination.k8s.io","namespace":"kube-node-lease","name":"n1"}"#;
    let mut input = String::new();
    let mut add = |who: (&str, &str), what: &str| {
        writeln!(input, "{}", event(who.0, who.1, what)).expect("memory");
    };
    // The control: this one is noise.
    add(node, &format!("{lease},{allowed}"));
    add(node, &format!("{lease},{refused}"));
    add(node, &format!(r#"{lease},{allowed},"impersonatedUser":{{"username":"root"}}"#));
    add((r#""jane""#, r#""system:authenticated""#), &format!("{lease},{allowed}"));
    for (verb, resource) in [
        ("get", r#""resource":"secrets","namespace":"kube-system","name":"x""#),
        ("list", r#""resource":"secrets""#),
        ("create", r#""resource":"pods","subresource":"exec","namespace":"a","name":"b""#),
        ("get", r#""resource":"nodes","subresource":"proxy","name":"n1""#),
        (
            "create",
            r#""resource":"clusterrolebindings","apiGroup":"rbac.authorization.k8s.io","name":"x""#,
        ),
        ("create", r#""resource":"serviceaccounts","subresource":"token","name":"x""#),
    ] {
        for answer in [allowed, refused] {
            add(controller, &format!(r#""verb":"{verb}","objectRef":{{{resource}}},{answer}"#));
        }
    }
    let report = report(&[], input.as_bytes());
    let noise = &report["panels"]["noise"];
    assert_eq!(noise["figures"]["events"], 1, "{noise}");
    assert_eq!(noise["rules"][0]["rule"], "node-leases");
    // And the panels have them.
    assert_eq!(report["figures"]["refused"], 7);
    assert_eq!(report["figures"]["sessions"], 4);
    assert_eq!(report["figures"]["secretRequests"], 4);
    assert_eq!(report["figures"]["rbacChanges"], 2);
    assert_eq!(report["panels"]["rbac"]["figures"]["impersonated"], 1);
}

#[test]
fn hostile_names_stay_in_their_place() {
    let long = "A".repeat(1 << 20);
    let names = [
        "<script>alert(1)</script>".to_owned(),
        "'\\\"><img src=x onerror=alert(1)>".to_owned(),
        "</td></table></style><style>*{display:none}".to_owned(),
        "]]>&amp;&#60;b&#62;<!--".to_owned(),
        "\u{202e}gnp.\u{200f}\u{2066}exe\u{feff}".to_owned(),
        "\\u001b[2J\\u0007\\u0000\\n\\r\\ud800".to_owned(),
        "\u{ffff}\u{e0041}\u{2028}".to_owned(),
        "javascript:alert(1) https://evil.example/x.css".to_owned(),
        "=cmd|' /C calc'!A0".to_owned(),
        long,
    ];
    let mut input = String::new();
    for name in &names {
        let more = format!(
            r#""verb":"{name}","userAgent":"{name}/{name}","impersonatedUser":{{"username":"{name}"}},"objectRef":{{"resource":"secrets","subresource":"{name}","namespace":"{name}","name":"{name}"}},"responseStatus":{{"code":403}},"annotations":{{"authorization.k8s.io/decision":"forbid"}}"#
        );
        writeln!(input, "{}", event(&format!("\"{name}\""), "", &more)).expect("memory");
    }
    let page = page("review-hostile.html", input.as_bytes());
    well_formed(&page);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;"), "shown as text");
    assert!(page.contains("\\u{202e}"), "spelled out");
    assert!(page.len() < 300_000, "{}", page.len());
    let summary = text(&run(&mut auditweir(&["review"]), input.as_bytes()).stdout);
    assert!(summary.len() < 300_000 && summary.contains("<script>"));
    let json = text(&run(&mut auditweir(&["review", "--json"]), input.as_bytes()).stdout);
    for shown in [&page, &summary, &json] {
        let odd = shown.chars().find(|c| {
            c.is_control() && *c != '\n'
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ffff}')
        });
        assert_eq!(odd, None);
    }
    assert_eq!(report(&[], input.as_bytes())["figures"]["events"], 10);
    // A file name is no better than other names.
    let odd = file("review <b>&\u{202e}.log", input);
    let html = Path::new(env!("CARGO_TARGET_TMPDIR")).join("review-odd.html");
    let output = run(auditweir(&["review"]).arg(odd).arg("--html").arg(&html), b"");
    assert_eq!(output.status.code(), Some(0));
    well_formed(&fs::read_to_string(html).expect("page"));
}

const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "div",
    "h1", "h2", "h3", "p", "b", "span", "bdi", "wbr", "table", "thead", "tbody", "tfoot", "tr",
    "th", "td", "ul", "li", "pre", "svg", "g", "rect", "line", "text",
];
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "id",
    "class",
    "scope",
    "role",
    "aria-label",
    "aria-hidden",
    "viewBox",
    "preserveAspectRatio",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "text-anchor",
];

/// Well-formed, of known elements and attributes only, loading nothing, its style allowed by hash.
fn well_formed(page: &str) {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(page, options).expect("well-formed");
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(ELEMENTS.contains(&node.tag_name().name()), "{node:?}");
        for attribute in node.attributes() {
            assert!(ATTRIBUTES.contains(&attribute.name()), "{attribute:?}");
        }
    }
    let style: Vec<_> = document.descendants().filter(|node| node.has_tag_name("style")).collect();
    let [style] = style[..] else { panic!("one style sheet") };
    let style = style.text().expect("text");
    let hash =
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()));
    let policy = document
        .descendants()
        .find(|node| node.attribute("http-equiv") == Some("Content-Security-Policy"))
        .and_then(|node| node.attribute("content"))
        .expect("a Content-Security-Policy");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        )
    );
}

#[test]
fn the_page_loads_nothing_and_holds_the_policies() {
    let input = corpus();
    let page = page("review-corpus.html", &input);
    well_formed(&page);
    assert!(!page.contains("://") && !page.contains("url(") && !page.contains("@import"));
    let document = roxmltree::Document::parse_with_options(
        &page,
        roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
    )
    .expect("well-formed");
    let pre = |id: &str| {
        document
            .descendants()
            .find(|node| node.attribute("id") == Some(id))
            .and_then(|node| node.text().map(str::to_owned))
            .expect(id)
    };
    let report = report(&[], &input);
    assert_eq!(report["suggestedAuditPolicy"], pre("audit-policy"));
    assert_eq!(report["suggestedPolicy"], pre("policy"));
    for id in PANELS {
        assert!(page.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
}

const PANELS: [&str; 14] = [
    "findings",
    "volume",
    "savings",
    "denied",
    "sessions",
    "secrets",
    "rbac",
    "actors",
    "clients",
    "requests",
    "redactions",
    "noise",
    "input",
    "suggestion",
];

#[test]
fn nothing_in_nothing_out() {
    for input in ["", "\n\n"] {
        let report = report(&[], input.as_bytes());
        assert_eq!(report["figures"]["events"], 0);
        assert_eq!(report["volume"]["bars"], serde_json::json!([]));
        let page = page("review-empty.html", input.as_bytes());
        well_formed(&page);
        assert!(page.contains("None in this log."));
        let summary = run(&mut auditweir(&["review"]), input.as_bytes());
        assert!(text(&summary.stdout).contains("0 events"));
    }
}

#[test]
fn what_is_no_event_is_counted() {
    let policy = file("review-short.yaml", "version: 1\nlimits:\n  lineBytes: 4096\n");
    let long = secret(7).replace("till", &"x".repeat(5000));
    let input = format!("{}\n{{\"{CANARY}\":\nnot JSON\n{long}\n{}\n", secret(1), secret(2));
    let report = report(&["--policy", policy.to_str().expect("UTF-8")], input.as_bytes());
    let panel = &report["panels"]["input"];
    assert_eq!(panel["figures"]["inputs"], 5);
    assert_eq!(panel["figures"]["events"], 2);
    assert_eq!(panel["figures"]["stubs"], 1);
    assert_eq!(panel["figures"]["rejected"], 2);
    assert_eq!(panel["figures"]["bytesRead"], input.len() - 5);
    assert_eq!(report["figures"]["events"], 5);
    assert_eq!(report["volume"]["undated"], 2, "these events have no time of their own");
    assert_eq!(report["from"], Value::Null);
    assert_eq!(report["panels"]["redactions"]["rules"][0]["rule"], "secret-values");
    assert_eq!(report["panels"]["redactions"]["rules"][0]["values"], 2);
    // Where nothing is an event, the zeros are not news.
    let summary = run(&mut auditweir(&["review"]), b"nonsense\nmore of it\n");
    assert!(text(&summary.stdout).starts_with("NOTHING IN THE INPUT COULD BE READ AS AN EVENT"));
    assert_eq!(summary.status.code(), Some(2));
    let said = text(&summary.stderr);
    assert!(
        said.contains(
            "standard input: no event in it: of its inputs 2 are none that an API server writes"
        ),
        "{said}"
    );
    let binary = file("review-binary.log", [0, 159, 146, 150, 10, 200, 7, 7]);
    let good = file("review-beside.log", secret(1));
    let output = run(auditweir(&["review"]).args([&good, &binary]), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).starts_with("NO EVENT IN: review-binary.log\n"));
    // A file that is not there is said, and the others are reported.
    let output = run(auditweir(&["review", "--json", "-", "no-such-file"]).arg("-q"), b"{}");
    assert_eq!(output.status.code(), Some(2));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["panels"]["input"]["figures"]["unreadableFiles"], 1);
    assert_eq!(report["warnings"][0], "NOT READ: no-such-file");
}

#[test]
fn there_is_no_report_of_what_was_not_read() {
    let html = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-report.html");
    _ = fs::remove_file(&html);
    for args in [&["review", "no-such-file"][..], &["review", "no-such-file", "--json"]] {
        let output = run(auditweir(args).arg("--html").arg(&html), b"");
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains("no-such-file: "), "{}", text(&output.stderr));
        assert!(!html.exists(), "no page of zeros");
    }
    // Nor is the page of yesterday lost.
    fs::write(&html, "yesterday").expect("a page");
    run(auditweir(&["review", "no-such-file", "--html"]).arg(&html), b"");
    assert_eq!(fs::read_to_string(&html).expect("a page"), "yesterday");
    run(auditweir(&["review", "--html"]).arg(&html), secret(1).as_bytes());
    assert!(fs::read_to_string(&html).expect("a page").ends_with("</html>\n"));
}

#[test]
fn what_was_not_read_stands_at_the_top() {
    let good = file("review-good.log", secret(1));
    let mut command = auditweir(&["review", "no-such-file"]);
    let said = text(&run(command.arg(&good), b"").stdout);
    assert_eq!(said.lines().next(), Some("NOT READ: no-such-file"));
    assert!(said.contains(" 1 unreadable file\n"), "{said}");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&[secret(1), secret(2)].join("\n").into_bytes()).expect("memory");
    let gzip = gzip.finish().expect("memory");
    let cut = file("review-cut.gz", &gzip[..gzip.len() - 9]);
    let said = text(&run(auditweir(&["review"]).arg(&cut), b"").stdout);
    assert_eq!(said.lines().next(), Some("READ IN PART: review-cut.gz"));

    let output = run(&mut auditweir(&["review"]), b"\n");
    assert_eq!(text(&output.stdout).lines().next(), Some("NO EVENT IN THE INPUT"));
    assert_eq!(text(&output.stderr), "auditweir: no event in the input\n");
    assert!(page("review-empty.html", b"").contains("<b>NO EVENT IN THE INPUT</b>"));
}

#[test]
fn compressed_and_piped_input_gives_the_same_report() {
    let input = corpus();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&input).expect("memory");
    let gzip = gzip.finish().expect("memory");
    assert_eq!(report(&[], &input), report(&["-"], &gzip));
}

#[test]
fn lists_are_bounded_and_say_so() {
    let mut input = String::new();
    for number in 0..3000 {
        let often = number % 3 == 0;
        let user = if often { "\"often\"".to_owned() } else { format!("\"user-{number}\"") };
        let more = r#""verb":"get","objectRef":{"resource":"pods"},"responseStatus":{"code":200}"#;
        writeln!(input, "{}", event(&user, "", more)).expect("memory");
    }
    let report = report(&["--top", "3"], input.as_bytes());
    let users = report["panels"]["actors"]["users"].as_array().expect("rows");
    assert_eq!(users.len(), 3);
    assert_eq!(users[0]["user"], "often");
    assert_eq!(users[0]["events"], 1000);
    assert_eq!(users[0].get("atLeast"), None);
    let summary = text(&run(&mut auditweir(&["review"]), input.as_bytes()).stdout);
    assert!(summary.contains("more than 1000 names"), "{summary}");
}

/// Not through the test harness, which hides what passing tests say.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: {why}\n");
}

/// The suggested policy at kube-apiserver's own evaluator, which
/// tests/decide-differential/main.go wraps.
#[test]
fn kube_apiserver_reads_the_suggested_policy_as_we_do() {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("decide-differential");
    let built = Command::new("go")
        .args(["build", "-p", "2", "-mod=readonly", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/decide-differential"))
        .output();
    let Ok(built) = built else {
        return skipped(
            "go is not installed: the suggested policy was not tried at kube-apiserver",
        );
    };
    let said = text(&built.stderr);
    if said.contains("dial tcp") || said.contains("GOPROXY=off") {
        return skipped(
            "go cannot fetch modules: the suggested policy was not tried at kube-apiserver",
        );
    }
    assert!(built.status.success(), "{said}");
    let asked = [
        ("GET", "/api/v1/namespaces/a/secrets/b", "Metadata"),
        ("POST", "/api/v1/namespaces/a/serviceaccounts/b/token", "Metadata"),
        ("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "Metadata"),
        ("POST", "/api/v1/namespaces/a/pods/b/exec?command=sh", "Request"),
        ("GET", "/api/v1/nodes/n/proxy/pods", "Request"),
        ("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "RequestResponse"),
        ("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterroles/a", "RequestResponse"),
        ("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/a", "Metadata"),
        ("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n", "Metadata"),
        ("PATCH", "/apis/apps/v1/namespaces/a/deployments/b/status", "Metadata"),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "Metadata"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "Metadata"),
        ("GET", "/healthz", "Metadata"),
        ("POST", "/oauth/token/request", "Metadata"),
        ("GET", "/api/v1/pods?watch=true", "Metadata"),
        ("PATCH", "/apis/apps/v1/namespaces/a/deployments/b", "Request"),
        ("DELETE", "/apis/example.com/v1/widgets/w", "Request"),
    ];
    let requests: Vec<Value> = asked
        .iter()
        .map(|(method, uri, _)| {
            let user = serde_json::json!({ "name": "system:node:n", "groups": ["system:nodes"] });
            serde_json::json!({ "method": method, "uri": uri, "user": user, "body": null })
        })
        .collect();
    let policy = report(&[], b"")["suggestedAuditPolicy"].clone();
    let question = serde_json::json!({ "policy": policy, "requests": requests });
    let output = run(&mut Command::new(program), format!("{question}\n").as_bytes());
    let reply = lines(&output.stdout).remove(0);
    assert_eq!(reply.get("error"), None);
    for ((method, uri, level), answer) in
        asked.iter().zip(reply["answers"].as_array().expect("answers"))
    {
        assert_eq!(answer["level"], *level, "{method} {uri}");
        assert_eq!(answer["omitStages"], serde_json::json!(["RequestReceived"]), "{method} {uri}");
    }
}

/// The page in a real browser: all panels drawn, nothing on its console.
#[test]
fn a_browser_shows_every_panel() {
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    if !Path::new(&browser).exists() {
        return skipped(&format!(
            "no browser at {browser}, set CHROMIUM to one: the page was not looked at"
        ));
    }
    let mut input = corpus();
    // An alert would end up on the console as an error of the policy, or stop the browser.
    let evil = r#""verb":"get","objectRef":{"resource":"secrets"},"responseStatus":{"code":200}"#;
    let user = r#""<script>console.log('out')</script><img src=x onerror=console.log(1)>""#;
    writeln!(input, "{}", event(user, "", evil)).expect("memory");
    page("review-browser.html", &input);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let profile = folder.join(format!("chromium-{}", std::process::id()));
    let output = run(
        Command::new(&browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--enable-logging=stderr",
                "--dump-dom",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("file://{}", folder.join("review-browser.html").display())),
        b"",
    );
    let _ = fs::remove_dir_all(profile);
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{messages}");
    assert!(!messages.contains("CONSOLE"), "{messages}");
    let dom = text(&output.stdout);
    for id in PANELS {
        assert!(dom.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
    assert!(
        dom.contains("<rect class=\"ok\"") && !dom.contains("<script") && !dom.contains("<img")
    );
}

#[test]
fn what_rules_find_and_what_they_cannot_tell() {
    let event = |level: &str, rest: &str| {
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"{level}\",\
             \"auditID\":\"{}\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/x\",\
             \"user\":{{\"username\":\"jane\"}},\"responseStatus\":{{\"code\":201}},{rest}}}\n",
            rest.len()
        )
    };
    let pod = "\"verb\":\"create\",\"objectRef\":{\"resource\":\"pods\",\"namespace\":\"a\",\
               \"apiVersion\":\"v1\"}";
    let body = "\"requestObject\":{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"c\",\
                \"securityContext\":{\"privileged\":true}}]}}";
    let input = event("Request", &format!("{pod},{body}"))
        + &event("Metadata", pod)
        + &event("Metadata", pod);
    let report = report(&[], input.as_bytes());
    let panel = &report["panels"]["findings"];
    let row = |table: &str, title: &str| {
        let rows = panel[table].as_array().expect("rows").iter();
        rows.filter(|row| row["rule"] == title).cloned().collect::<Vec<_>>()
    };
    let [found] = &row("rules", "Privileged pod created")[..] else { panic!("{panel}") };
    assert_eq!((&found["level"], &found["matches"]), (&"high".into(), &1.into()));
    assert_eq!(row("actors", "Privileged pod created")[0]["user"], "jane");
    assert!(panel["techniques"].as_array().is_some_and(|rows| !rows.is_empty()));
    assert_eq!(report["figures"]["findings"], panel["figures"]["high"]);
    let [untold] = &row("untold", "Privileged pod created")[..] else { panic!("{panel}") };
    assert_eq!(untold["times"], 2);
    assert_eq!(untold["why"], "level Metadata records no bodies");

    // With the rule that it names, an audit policy lets the rule tell of what was created. Patches need
    // a level more, and nobody patched here.
    assert_eq!(untold["policyRule"].as_str().map(|rule| rule.contains("patch")), Some(false));
    let rule = untold["policyRule"].as_str().expect("text");
    let yaml =
        format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rule}\n- {{level: None}}\n");
    let policy = file("review-remedy.yaml", &yaml);
    let output =
        run(auditweir(&["rules", "coverage", "--json", "--audit-policy"]).arg(&policy), b"");
    let lines = text(&output.stdout);
    let coverage: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told =
        coverage.iter().find(|line| line["intent"] == "privileged_pod_created").expect("rule");
    assert_eq!((&told["can"], &told["recorded"]), (&"sometimes".into(), &12.into()), "{yaml}");

    let both = yaml.replace("create, update", "create, update, patch");
    let policy =
        file("review-remedy-of-patches.yaml", both.replace("Request,", "RequestResponse,"));
    let output =
        run(auditweir(&["rules", "coverage", "--json", "--audit-policy"]).arg(&policy), b"");
    let lines = text(&output.stdout);
    let mut coverage = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let told = coverage.find(|line| line["intent"] == "privileged_pod_created").expect("rule");
    assert_eq!(told["can"], "always", "{both}");
}

#[test]
fn no_rule_that_would_write_secrets_is_named_and_rules_of_folders_are_asked() {
    let event = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\
         \"auditID\":\"1\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/x\",\"verb\":\"create\",\
         \"user\":{\"username\":\"jane\"},\"responseStatus\":{\"code\":201},\"objectRef\":\
         {\"resource\":\"secrets\",\"namespace\":\"a\",\"name\":\"b\",\"apiVersion\":\"v1\"}}\n";
    let untold = |report: &Value| {
        let rows = report["panels"]["findings"]["untold"].as_array().expect("rows").clone();
        rows.into_iter()
            .filter(|row| row["why"] == "level Metadata records no bodies")
            .collect::<Vec<_>>()
    };
    let rows = untold(&report(&[], event.as_bytes()));
    assert!(!rows.is_empty());
    for row in rows {
        let rule = row["policyRule"].as_str().expect("text");
        assert!(!rule.contains("secrets") && !rule.contains("configmaps"), "{rule}");
    }

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("review-rules");
    fs::create_dir_all(&folder).expect("folder");
    let rule = "title: Jane made something\nid: 6a1f7f0c-0000-4000-8000-000000000001\n\
                logsource: {product: kubernetes, service: audit}\n\
                detection: {jane: {user.username: jane}, condition: jane}\nlevel: high\n";
    fs::write(folder.join("jane.yaml"), rule).expect("rule");
    let text = format!(
        "version: 1\nrules: {{pack: none, folders: [{:?}]}}\n",
        folder.display().to_string()
    );
    let policy = file("review-folders.yaml", &text);
    let found = report(&["--policy", policy.to_str().expect("UTF-8")], event.as_bytes());
    let rules = found["panels"]["findings"]["rules"].as_array().expect("rows").clone();
    assert_eq!(rules.len(), 1, "{rules:?}");
    assert_eq!(rules[0]["rule"], "Jane made something");
}
