//! Events with secrets planted at the places of the leak surface, in many spellings.
//!
//! Typed places (Secrets, ConfigMaps, tokens, hinted names …) get any random text, free places a
//! fake credential that a detector knows: there the default policy promises no more.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::dice::Dice;
use crate::fakes::fake;

/// An input and what must not come out of it.
pub struct Planted {
    /// One line or record.
    pub input: Vec<u8>,
    /// The secrets in it.
    pub secrets: Vec<String>,
    /// Where they stand.
    pub place: &'static str,
}

/// Fakes whose whole text a detector takes, and what of it must not come out.
const FAKES: &[&str] = &[
    "github",
    "github-broken",
    "github-pat",
    "gitlab",
    "jwt",
    "sa-jwt",
    "gcp-key",
    "slack",
    "stripe",
    "npm",
    "vault",
    "openshift",
    "sendgrid",
    "digitalocean",
    "databricks",
    "huggingface",
    "age",
    "pypi",
    "dockerhub",
];

/// Names that hint at a secret, in the spellings that clients use.
pub const HINTING: &[&str] = &[
    "DB_PASSWORD",
    "password",
    "API_KEY",
    "apiKey",
    "client-secret",
    "AWS_SECRET_ACCESS_KEY",
    "authToken",
    "JWT_SECRET",
    "X-Api-Key",
    "passphrase",
    "PGPASSWORD",
    "redis.password",
    "access_token",
    "DATABASE_URL",
    "Authorization",
    "privateKey",
    "SMTP_PASS",
    "credentials",
    "ｐａｓｓｗｏｒｄ",
    "pass\u{200b}word",
];

/// Makes an input with secrets in it.
pub fn plant(dice: &mut Dice<'_>) -> Planted {
    let mut planter = Planter { dice, secrets: Vec::new() };
    let (event, place) = planter.event();
    let mut input = planter.wrap(event);
    // A line cut anywhere is never an event.
    let cut = planter.dice.one_in(8);
    let place = if cut {
        let at = planter.dice.below(input.len().max(1));
        input.truncate(at);
        "a cut line"
    } else {
        place
    };
    Planted { input, secrets: planter.secrets, place }
}

/// A JSON string that says `text`, escaped by the dice's choice.
fn quoted(dice: &mut Dice<'_>, text: &str) -> String {
    let style = dice.below(4);
    let mut out = String::from("\"");
    for character in text.chars() {
        let escape = match style {
            0 | 1 => false,
            2 => dice.one_in(4),
            _ => true,
        };
        match character {
            '"' | '\\' if !escape => {
                out.push('\\');
                out.push(character);
            }
            c if escape || (c as u32) < 0x20 => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = if dice.one_in(2) {
                        write!(out, "\\u{unit:04x}")
                    } else {
                        write!(out, "\\u{unit:04X}")
                    };
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(text).expect("memory");
    gz.finish().expect("memory")
}

struct Planter<'d, 'b> {
    dice: &'d mut Dice<'b>,
    secrets: Vec<String>,
}

impl Planter<'_, '_> {
    /// A new secret text; its letters are what must not come out.
    fn secret(&mut self) -> String {
        let core = format!("Zq{}", self.dice.letters(12));
        self.secrets.push(core.clone());
        match self.dice.below(6) {
            0 => format!("pa\"ss{core}"),
            1 => format!("{core}\\n\\x"),
            2 => format!("käse {core} ✓"),
            3 => format!("{core}\n second line"),
            _ => core,
        }
    }

    /// A member name, spelled with escapes now and then.
    fn key(&mut self, name: &str) -> String {
        if self.dice.one_in(4) { quoted(self.dice, name) } else { quoted_plainly(name) }
    }

    fn string(&mut self, text: &str) -> String {
        quoted(self.dice, text)
    }

    /// Members in any order.
    fn object(&mut self, mut members: Vec<String>) -> String {
        for at in (1..members.len()).rev() {
            members.swap(at, self.dice.below(at + 1));
        }
        let comma = self.dice.pick(&[",", ", ", " ,"]);
        format!("{{{}}}", members.join(comma))
    }

    fn member(&mut self, name: &str, value: &str) -> String {
        let key = self.key(name);
        format!("{key}:{value}")
    }

    fn text_member(&mut self, name: &str, text: &str) -> String {
        let value = self.string(text);
        self.member(name, &value)
    }

    /// An object full of secrets: `data`, `stringData`, members that should not be there.
    fn secret_object(&mut self, kind: Option<&str>) -> String {
        self.secret_members(kind, true)
    }

    /// A Secret; `odd` says that it may have members that Secrets do not have.
    fn secret_members(&mut self, kind: Option<&str>, odd: bool) -> String {
        let mut members = Vec::new();
        if let Some(kind) = kind {
            members.push(self.text_member("kind", kind));
            members.push(r#""apiVersion":"v1""#.into());
        }
        members.push(
            r#""metadata":{"name":"till","namespace":"shop","labels":{"app":"till"}}"#.into(),
        );
        for _ in 0..=self.dice.below(3) {
            let name = self.dice.pick(&["data", "data", "stringData", "binaryData"]);
            let mut inside = Vec::new();
            for _ in 0..=self.dice.below(3) {
                let secret = self.secret();
                let text = if name == "stringData" || self.dice.one_in(4) {
                    secret
                } else {
                    STANDARD.encode(secret)
                };
                let value = match self.dice.below(8) {
                    0 => {
                        let inner = self.string(&text);
                        format!(r#"{{"deep":[{inner}]}}"#)
                    }
                    _ => self.string(&text),
                };
                let key = self.dice.pick(&["password", "user", "k", "k", "tls.key", ""]);
                inside.push(self.member(key, &value));
            }
            let value = self.object(inside);
            members.push(self.member(name, &value));
        }
        if odd && self.dice.one_in(3) {
            let name = self.dice.pick(&[
                "Data",
                "stringdata",
                "spec",
                "x",
                "d\u{200b}ata",
                "$patch",
                "status",
            ]);
            let secret = self.secret();
            members.push(self.text_member(name, &secret));
        }
        self.object(members)
    }

    /// A text with `document` inside: JSON, or that again as JSON, base64 or gzip.
    fn nest(&mut self, document: String, levels: usize) -> String {
        let mut text = document;
        for _ in 0..levels {
            text = match self.dice.below(5) {
                0 => STANDARD.encode(text),
                1 => STANDARD.encode(gzip(text.as_bytes())),
                2 => {
                    let value = self.string(&text);
                    format!(r#"{{"note":{value},"n":1}}"#)
                }
                3 => {
                    let value = self.string(&text);
                    format!(
                        r#"{{"metadata":{{"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":{value}}}}}}}"#
                    )
                }
                _ => {
                    let value = self.string(&text);
                    format!("[{value}]")
                }
            };
        }
        text
    }

    /// A fake credential as it may stand in text, and remembered as a secret.
    fn credential(&mut self) -> String {
        let name = self.dice.pick(FAKES);
        let text = fake(name).expect("fake");
        self.secrets.push(text.clone());
        match self.dice.below(5) {
            0 => format!("see {text} there"),
            1 => format!("x={text}&y=1"),
            2 => format!("({text})"),
            _ => text,
        }
    }

    /// A text that shows the credential once decoded.
    fn encoded_credential(&mut self) -> String {
        let text = self.credential();
        let text = match self.dice.below(4) {
            0 => format!("{text}{}", "x".repeat(24)),
            _ => text,
        };
        match self.dice.below(8) {
            0 => STANDARD.encode(text),
            1 => STANDARD.encode(STANDARD.encode(text)),
            2 => STANDARD.encode(gzip(text.as_bytes())),
            3 => STANDARD.encode(STANDARD.encode(gzip(text.as_bytes()))),
            4 => URL_SAFE_NO_PAD.encode(text),
            5 => {
                let lines = STANDARD_NO_PAD.encode(text);
                lines
                    .as_bytes()
                    .chunks(24)
                    .map(String::from_utf8_lossy)
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            6 => text.bytes().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
            _ => {
                let levels = self.dice.below(3);
                let document = format!(r#"{{"a":{}}}"#, quoted_plainly(&text));
                self.nest(document, levels)
            }
        }
    }

    fn percent(&mut self, text: &str) -> String {
        let style = self.dice.below(4);
        text.bytes().fold(String::new(), |mut out, byte| {
            let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
            let _ = match style {
                0 if plain => write!(out, "{}", char::from(byte)),
                2 => write!(out, "%25{byte:02X}"),
                3 if plain && !self.dice.one_in(3) => write!(out, "{}", char::from(byte)),
                _ => write!(out, "%{byte:02X}"),
            };
            out
        })
    }

    /// A pod template with secrets under hinting names.
    fn workload(&mut self) -> String {
        let name = self.dice.pick(HINTING);
        let secret = self.secret();
        let (name, value) = (self.text_member("name", name), self.text_member("value", &secret));
        let variable = self.object(vec![name, value]);
        let secret = self.secret().replace(['"', '\\', '\n'], "-");
        let arguments = match self.dice.below(3) {
            0 => format!(r#"["--password",{}]"#, self.string(&secret)),
            1 => format!(r#"["run","--api-token={}"]"#, secret.replace(' ', "-")),
            _ => format!(r#"["env","DB_PASSWORD={}"]"#, secret.replace(' ', "-")),
        };
        let list = self.dice.pick(&["containers", "initContainers", "ephemeralContainers"]);
        let arguments_name = self.dice.pick(&["args", "command"]);
        let container = self.object(vec![
            r#""name":"main","image":"shop/till:1.2""#.into(),
            format!(r#""env":[{{"name":"LOG","value":"debug"}},{variable}]"#),
            format!(r#""{arguments_name}":{arguments}"#),
        ]);
        let spec = format!(r#"{{"{list}":[{container}]}}"#);
        match self.dice.below(4) {
            0 => format!(r#"{{"kind":"Pod","spec":{spec}}}"#),
            1 => format!(
                r#"{{"kind":"CronJob","spec":{{"jobTemplate":{{"spec":{{"template":{{"spec":{spec}}}}}}}}}}}"#
            ),
            2 => format!(
                r#"{{"kind":"ControllerRevision","data":{{"spec":{{"template":{{"spec":{spec}}}}}}}}}"#
            ),
            _ => format!(r#"{{"spec":{{"template":{{"spec":{spec}}}}}}}"#),
        }
    }

    fn patch(&mut self) -> String {
        let mut operations = Vec::new();
        for _ in 0..=self.dice.below(3) {
            let secret = self.secret();
            let value = match self.dice.below(3) {
                0 => self.string(&secret),
                1 => {
                    let text = self.string(&secret);
                    format!(r#"{{"k":{text}}}"#)
                }
                _ => self.secret_object(None),
            };
            let operation = self.dice.pick(&["add", "replace", "test", "x"]);
            let path = self.dice.pick(&[
                "/data/k",
                "/data",
                "/stringData/k",
                "",
                "/",
                "data",
                "/data~1x",
                "/stringData",
                "/metadata/data",
                "/spec/x",
                "/binaryData/-",
                "/Data/k",
            ]);
            let members = vec![
                self.text_member("op", operation),
                self.text_member("path", path),
                self.member("value", &value),
            ];
            operations.push(self.object(members));
        }
        format!("[{}]", operations.join(","))
    }

    /// One event and the name of the place.
    fn event(&mut self) -> (String, &'static str) {
        let widget =
            r#"{"resource":"widgets","apiGroup":"example.com","namespace":"shop","name":"till"}"#;
        let secret_ref =
            r#"{"resource":"secrets","namespace":"shop","name":"till","apiVersion":"v1"}"#;
        let map_ref =
            r#"{"resource":"configmaps","namespace":"shop","name":"till","apiVersion":"v1"}"#;
        let widget_uri = "/apis/example.com/v1/namespaces/shop/widgets/till";
        let secret_uri = "/api/v1/namespaces/shop/secrets/till";
        let side = self.dice.pick(&["requestObject", "responseObject"]);
        let mut uri = widget_uri.to_owned();
        let mut reference = widget.to_owned();
        let mut verb = "patch";
        let mut more: Vec<String> = Vec::new();
        let place;
        match self.dice.below(24) {
            0..=2 => {
                place = "a Secret's body";
                match self.dice.below(3) {
                    0 => reference = secret_ref.into(),
                    1 => uri = secret_uri.into(),
                    _ => (reference, uri) = (secret_ref.into(), secret_uri.into()),
                }
                let kind = self.dice.pick(&[
                    None,
                    Some("Secret"),
                    Some("secret"),
                    Some("ConfigMap"),
                    Some("Widget"),
                ]);
                let body = self.secret_object(kind);
                more.push(self.member(side, &body));
            }
            3 => {
                place = "a patch of a Secret or ConfigMap";
                reference = self.dice.pick(&[secret_ref, map_ref]).into();
                let body = self.patch();
                more.push(self.member("requestObject", &body));
            }
            4 => {
                place = "a list of Secrets";
                reference = secret_ref.into();
                verb = "list";
                let (one, two) = (self.secret_object(None), self.secret_object(Some("Secret")));
                let body = match self.dice.below(3) {
                    0 => format!(r#"{{"kind":"SecretList","items":[{one},{two}]}}"#),
                    1 => format!(
                        r#"{{"kind":"Table","rows":[{{"cells":["till"],"object":{one}}},{{"object":{two}}}]}}"#
                    ),
                    _ => format!(r#"{{"type":"MODIFIED","object":{one}}}"#),
                };
                more.push(self.member("responseObject", &body));
            }
            5 => {
                place = "a ConfigMap's body";
                reference = map_ref.into();
                let kind = self.dice.pick(&[None, Some("ConfigMap")]);
                let body = self.secret_object(kind);
                more.push(self.member(side, &body));
            }
            6 => {
                place = "a token";
                let secret = self.secret();
                let text = self.string(&secret);
                let body = match self.dice.below(3) {
                    0 => {
                        reference =
                            r#"{"resource":"serviceaccounts","subresource":"token","name":"till"}"#
                                .into();
                        format!(
                            r#"{{"kind":"TokenRequest","status":{{"token":{text},"expirationTimestamp":"2030-01-01T00:00:00Z"}}}}"#
                        )
                    }
                    1 => {
                        reference =
                            r#"{"resource":"tokenreviews","apiGroup":"authentication.k8s.io"}"#
                                .into();
                        format!(r#"{{"spec":{{"token":{text},"tokens":[{text}]}}}}"#)
                    }
                    _ => format!(r#"{{"a":[{{"kind":"TokenReview","spec":{{"token":{text}}}}}]}}"#),
                };
                more.push(self.member(side, &body));
            }
            7 | 8 => {
                place = "last-applied and its like";
                let name = self.dice.pick(&[
                    "kubectl.kubernetes.io/last-applied-configuration",
                    "kapp.k14s.io/original",
                    "example.com/copy",
                ]);
                let levels = self.dice.below(3);
                let document = self.secret_object(Some("Secret"));
                let text = self.nest(document, levels);
                let value = self.string(&text);
                let key = self.key(name);
                let body = format!(r#"{{"metadata":{{"annotations":{{{key}:{value}}}}}}}"#);
                more.push(self.member(side, &body));
            }
            9 | 10 => {
                place = "a workload";
                let body = self.workload();
                more.push(self.member(side, &body));
            }
            11 => {
                place = "a workload in last-applied";
                let document = self.workload();
                let levels = self.dice.below(3);
                let text = self.nest(document, levels);
                let value = self.string(&text);
                let body = format!(
                    r#"{{"metadata":{{"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":{value}}}}}}}"#
                );
                more.push(self.member(side, &body));
            }
            12 => {
                place = "a member whose name hints";
                let name = self.dice.pick(HINTING);
                let secret = self.secret();
                let member = match self.dice.below(3) {
                    0 => {
                        let text = self.string(&secret);
                        self.member(name, &format!("[{text}]"))
                    }
                    1 => {
                        let text = self.string(&secret);
                        self.member(name, &format!(r#"{{"value":{text}}}"#))
                    }
                    _ => self.text_member(name, &secret),
                };
                let levels = self.dice.below(20);
                let inner = self.object(vec![member, r#""replicas":3"#.into()]);
                let body = deep(&inner, levels);
                more.push(self.member(side, &body));
            }
            13 => {
                // Its values go; what stands beside them may be what was done.
                place = "a Secret embedded at any depth";
                let document = self.secret_members(Some("Secret"), false);
                let levels = self.dice.pick(&[0, 1, 5, 30, 47, 48, 49, 50, 60, 100]);
                let body = deep(&document, levels);
                more.push(self.member(side, &body));
            }
            14 => {
                place = "a query parameter";
                let secret = self.secret();
                let name = self.dice.pick(&[
                    "password",
                    "token",
                    "api_key",
                    "access_token",
                    "client_secret",
                ]);
                let value = self.percent(&secret);
                let name = self.percent(name);
                verb = "get";
                uri = format!(
                    "/api/v1/namespaces/shop/services/till:80/proxy/login?user=jane&{name}={value}&page=2"
                );
                reference =
                    r#"{"resource":"services","subresource":"proxy","name":"till:80"}"#.into();
            }
            15 => {
                place = "a status message of a Secret";
                reference = secret_ref.into();
                let secret = self.secret();
                let quoted = serde_json::to_string(&secret).expect("JSON");
                let message = quoted_plainly(&format!(
                    "Secret \"till\" is invalid: data[k]: Invalid value: {quoted}: must be base64"
                ));
                more.push(format!(
                    r#""responseStatus":{{"code":422,"message":{message},"details":{{"causes":[{{"message":{message}}}]}}}}"#
                ));
            }
            16 => {
                place = "a webhook's patch of a Secret";
                reference = secret_ref.into();
                let patch = self.patch();
                let text = self.string(&format!(r#"{{"configuration":"c","webhook":"w","patch":{patch},"patchType":"JSONPatch"}}"#));
                more.push(format!(
                    r#""annotations":{{"patch.webhook.admission.k8s.io/round_0_index_0":{text}}}"#
                ));
            }
            17 => {
                place = "a copy of a Secret's value";
                reference = secret_ref.into();
                let secret = format!("Zq{}", self.dice.letters(12));
                self.secrets.push(secret.clone());
                let text = self.string(&secret);
                let note = self.string(&format!("was {secret} before"));
                more.push(format!(
                    r#""requestObject":{{"metadata":{{"annotations":{{"a":{text},"b":{note}}}}}}},"responseObject":{{"stringData":{{"k":"{secret}"}}}}"#
                ));
            }
            18 | 19 => {
                place = "a credential in a body or annotation";
                let text = self.encoded_credential();
                let value = self.string(&text);
                match self.dice.below(3) {
                    0 => more.push(format!(r#""annotations":{{"example.com/a":{value}}}"#)),
                    1 => {
                        let body = format!(r#"{{"metadata":{{"annotations":{{"a":{value}}}}}}}"#);
                        more.push(self.member(side, &body));
                    }
                    _ => {
                        let levels = self.dice.below(40);
                        let body = deep(&format!(r#"{{"note":{value}}}"#), levels);
                        more.push(self.member(side, &body));
                    }
                }
            }
            20 => {
                place = "a credential in the envelope";
                let text = self.credential();
                let value = self.string(&text);
                match self.dice.below(6) {
                    0 => more.push(format!(r#""userAgent":{value}"#)),
                    1 => more.push(format!(r#""impersonatedUser":{{"username":{value},"groups":[{value}],"extra":{{"a":[{value}]}}}}"#)),
                    2 => more.push(format!(r#""responseStatus":{{"code":403,"message":{value},"reason":"Forbidden"}}"#)),
                    3 => more.push(format!(r#""sourceIPs":[{value},"10.0.0.7"]"#)),
                    4 => more.push(format!(r#""annotations":{{{value}:"x"}}"#)),
                    _ => reference = format!(r#"{{"resource":"widgets","namespace":"shop","name":{value}}}"#),
                }
            }
            21 => {
                place = "a credential in the request URI";
                let text = self.credential();
                let text = self.percent(&text);
                let command = self.dice.pick(&["command", "x", "q"]);
                uri = format!(
                    "/api/v1/namespaces/shop/pods/till/exec?command=sh&command=-c&{command}={text}&stdin=true"
                );
                reference = r#"{"resource":"pods","subresource":"exec","name":"till"}"#.into();
            }
            22 => {
                place = "a credential in a key";
                let text = self.credential();
                let key = self.string(&text);
                let body = format!(
                    r#"{{"metadata":{{"labels":{{{key}:"x",{key}:"y"}}}},"data":{{{key}:{{}}}}}}"#
                );
                more.push(self.member(side, &body));
            }
            _ => {
                place = "a Secret's body that is no object";
                reference = secret_ref.into();
                let secret = self.secret();
                let text = self.string(&secret);
                let body = match self.dice.below(3) {
                    0 => text,
                    1 => format!("[{text}]"),
                    _ => format!("[[{text}],{{\"k\":{text}}}]"),
                };
                more.push(self.member(side, &body));
            }
        }
        let uri = self.string(&uri);
        let mut members = vec![
            r#""kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse""#.to_owned(),
            r#""auditID":"6b1f0a57-9d0e-4f8d-8a36-1e0d4f2b9c11","stage":"ResponseComplete""#
                .to_owned(),
            format!(r#""requestURI":{uri},"verb":"{verb}""#),
            r#""user":{"username":"jane","groups":["system:authenticated"]}"#.to_owned(),
            format!(r#""objectRef":{reference}"#),
        ];
        members.append(&mut more);
        (self.object(members), place)
    }

    /// Puts the event into one of the envelopes that hosts deliver.
    fn wrap(&mut self, event: String) -> Vec<u8> {
        let text = quoted_plainly(&event);
        match self.dice.below(12) {
            0 => format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{event}]}}"#).into_bytes(),
            1 => format!(r#"{{"log":{text},"stream":"stdout"}}"#).into_bytes(),
            2 => format!(r#"{{"messageType":"DATA_MESSAGE","logGroup":"/aws/eks/a/cluster","logEvents":[{{"message":{text}}}]}}"#).into_bytes(),
            3 => {
                let batch = format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"message":{text}}}]}}"#);
                format!(r#"{{"awslogs":{{"data":"{}"}}}}"#, STANDARD.encode(gzip(batch.as_bytes()))).into_bytes()
            }
            4 => format!(r#"{{"records":[{{"category":"kube-audit","properties":{{"log":{text}}}}}]}}"#).into_bytes(),
            5 => format!("2026-01-01T00:00:00.000000000Z stdout F {event}").into_bytes(),
            _ => event.into_bytes(),
        }
    }
}

/// A JSON string as serde_json writes it.
fn quoted_plainly(text: &str) -> String {
    serde_json::to_string(text).expect("JSON")
}

/// A document below many objects and arrays.
fn deep(inner: &str, levels: usize) -> String {
    format!("{}{inner}{}", r#"{"d":["#.repeat(levels), "]}".repeat(levels))
}
