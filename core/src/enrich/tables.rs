//! What the policy adds to events, in the form the data path reads: network names, lookups, and
//! where the cluster is.
//!
//! All are checked once, when the policy is compiled. What a lookup adds is rendered as JSON
//! members then, so that a hit costs one search and one copy.

use std::net::{IpAddr, Ipv6Addr};

use super::origin::Home;
use crate::policy::{Enrich, Lookup, LookupField, Network, PolicyError};
use crate::text::escape;

/// Most columns all lookups may add: output fields are bounded.
const MOST_COLUMNS: usize = 32;

/// The policy's tables.
#[derive(Default)]
pub(crate) struct CompiledTables {
    networks: Networks,
    lookups: Vec<Table>,
    pub(super) home: Home,
}

impl CompiledTables {
    pub(crate) fn compile(enrich: &Enrich) -> Result<Self, PolicyError> {
        let networks = Networks::compile(&enrich.networks)?;
        let mut columns = vec!["source_network".to_owned()];
        let mut lookups = Vec::with_capacity(enrich.lookups.len());
        for (at, lookup) in enrich.lookups.iter().enumerate() {
            lookups.push(Table::compile(lookup, at, &mut columns)?);
        }
        Ok(Self { networks, lookups, home: Home::compile(&enrich.cluster)? })
    }

    /// Whether there is nothing to look up.
    pub(crate) fn is_empty(&self) -> bool {
        self.networks.groups.is_empty() && self.lookups.is_empty()
    }

    /// The name of the smallest network that holds the address, ready for JSON.
    pub(crate) fn network(&self, address: IpAddr) -> Option<&[u8]> {
        self.networks.find(address)
    }

    /// Appends `"column":"value",…` for every table that knows the value of its field.
    pub(crate) fn look_up<'a>(
        &self,
        field: impl Fn(LookupField) -> Option<&'a [u8]>,
        out: &mut Vec<u8>,
    ) {
        for table in &self.lookups {
            if let Some(key) = field(table.field)
                && let Ok(at) = table.rows.binary_search_by(|row| row.key.as_slice().cmp(key))
            {
                out.extend_from_slice(&table.rows[at].members);
            }
        }
    }
}

#[derive(Default)]
struct Networks {
    /// Prefix length (of 128) and where its networks stand; longest first.
    groups: Vec<(u8, std::ops::Range<usize>)>,
    /// Network address and name, sorted within a group.
    list: Vec<(u128, Vec<u8>)>,
}

impl Networks {
    fn compile(networks: &[Network]) -> Result<Self, PolicyError> {
        let mut all = Vec::with_capacity(networks.len());
        for (at, network) in networks.iter().enumerate() {
            let place = || format!("enrich.networks[{at}].cidr");
            let (address, length) = network
                .cidr
                .split_once('/')
                .ok_or_else(|| PolicyError::at(place(), "must be ADDRESS/LENGTH"))?;
            let address: IpAddr = address
                .parse()
                .map_err(|_| PolicyError::at(place(), "the address is not IPv4 or IPv6"))?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let length: u8 = length
                .parse()
                .ok()
                .filter(|length| *length <= most)
                .ok_or_else(|| PolicyError::at(place(), "the length is not in range"))?;
            let length = length + (128 - most);
            let bits = bits(address);
            if bits != masked(bits, length) {
                return Err(PolicyError::at(place(), "the address has bits beyond the length"));
            }
            let mut name = Vec::new();
            escape(network.name.as_bytes(), &mut name);
            if name.is_empty() || name.len() > 256 {
                let place = format!("enrich.networks[{at}].name");
                return Err(PolicyError::at(place, "must have 1 to 256 bytes"));
            }
            all.push((length, bits, name, at));
        }
        all.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        if let Some(pair) =
            all.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 == pair[1].1)
        {
            let place = format!("enrich.networks[{}].cidr", pair[1].3);
            return Err(PolicyError::at(place, "this network is named twice"));
        }
        let mut found = Self::default();
        for (length, bits, name, _) in all {
            let at = found.list.len();
            match found.groups.last_mut() {
                Some((last, range)) if *last == length => range.end = at + 1,
                _ => found.groups.push((length, at..at + 1)),
            }
            found.list.push((bits, name));
        }
        Ok(found)
    }

    fn find(&self, address: IpAddr) -> Option<&[u8]> {
        let bits = bits(address);
        self.groups.iter().find_map(|(length, range)| {
            let group = &self.list[range.clone()];
            let at = group.binary_search_by(|(net, _)| net.cmp(&masked(bits, *length))).ok()?;
            Some(group[at].1.as_slice())
        })
    }
}

/// The address as IPv6, IPv4 mapped.
fn bits(address: IpAddr) -> u128 {
    let v6: Ipv6Addr = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    v6.to_bits()
}

fn masked(bits: u128, length: u8) -> u128 {
    match length {
        0 => 0,
        _ => bits & (u128::MAX << (128 - length)),
    }
}

struct Table {
    field: LookupField,
    /// Sorted by key.
    rows: Vec<Row>,
}

struct Row {
    key: Vec<u8>,
    /// Each followed by a comma.
    members: Vec<u8>,
}

impl Table {
    fn compile(lookup: &Lookup, at: usize, columns: &mut Vec<String>) -> Result<Self, PolicyError> {
        let error = |line: usize, message: &str| {
            PolicyError::at(format!("enrich.lookups[{at}].csv"), format!("line {line}: {message}"))
        };
        let records = records(&lookup.csv).map_err(|line| error(line, "quotes do not match"))?;
        let mut records = records.into_iter();
        let (line, header) =
            records.next().ok_or_else(|| error(1, "the first line must name the columns"))?;
        if header.len() < 2 {
            return Err(error(line, "needs a key column and at least one more"));
        }
        for name in &header[1..] {
            let plain = !name.is_empty()
                && name.len() <= 64
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
            if !plain {
                return Err(error(line, "column names are 1 to 64 letters, digits, `_` and `-`"));
            }
            if columns.contains(name) {
                return Err(error(line, "another column has this name"));
            }
            columns.push(name.clone());
        }
        if columns.len() > MOST_COLUMNS {
            return Err(error(line, "all lookups together may add at most 31 columns"));
        }
        let mut rows = Vec::new();
        for (line, record) in records {
            if record.len() != header.len() {
                return Err(error(line, "has not as many columns as the first line"));
            }
            let mut members = Vec::new();
            for (name, value) in header.iter().zip(&record).skip(1).filter(|(_, v)| !v.is_empty()) {
                if value.len() > 8192 {
                    return Err(error(line, "a value has more than 8192 bytes"));
                }
                members.push(b'"');
                members.extend_from_slice(name.as_bytes());
                members.extend_from_slice(b"\":\"");
                escape(value.as_bytes(), &mut members);
                members.extend_from_slice(b"\",");
            }
            rows.push((Row { key: record[0].clone().into_bytes(), members }, line));
        }
        rows.sort_by(|a, b| a.0.key.cmp(&b.0.key));
        if let Some(pair) = rows.windows(2).find(|pair| pair[0].0.key == pair[1].0.key) {
            return Err(error(pair[1].1, "this key occurs twice"));
        }
        Ok(Self { field: lookup.field, rows: rows.into_iter().map(|(row, _)| row).collect() })
    }
}

/// Records of a CSV text (RFC 4180: quoted fields, doubled quotes, LF or CRLF) with the line each
/// starts on. Blank lines are skipped. An error is the line whose quotes do not match.
fn records(csv: &str) -> Result<Vec<(usize, Vec<String>)>, usize> {
    let mut all = Vec::new();
    let mut line = 1;
    let mut rest = csv.strip_prefix('\u{feff}').unwrap_or(csv);
    while !rest.is_empty() {
        let started = line;
        let mut record = Vec::new();
        loop {
            let mut field = String::new();
            if let Some(mut quoted) = rest.strip_prefix('"') {
                loop {
                    let end = quoted.find('"').ok_or(started)?;
                    field.push_str(&quoted[..end]);
                    quoted = &quoted[end + 1..];
                    match quoted.strip_prefix('"') {
                        Some(more) => {
                            field.push('"');
                            quoted = more;
                        }
                        None => break,
                    }
                }
                line += field.matches('\n').count();
                rest = quoted;
                if !(rest.is_empty() || rest.starts_with([',', '\r', '\n'])) {
                    return Err(line);
                }
            } else {
                let end = rest.find([',', '\n']).unwrap_or(rest.len());
                let text = &rest[..end];
                let ends_line = !rest[end..].starts_with(',');
                field.push_str(if ends_line { text.trim_end_matches('\r') } else { text });
                rest = &rest[end..];
                if field.contains('"') {
                    return Err(line);
                }
            }
            record.push(field);
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = match rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n') {
            Some(more) => more,
            None if rest.is_empty() => rest,
            None => return Err(line),
        };
        line += 1;
        if record.len() > 1 || !record[0].is_empty() {
            all.push((started, record));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Place;

    fn networks(list: &[(&str, &str)]) -> Result<Networks, PolicyError> {
        let list: Vec<_> = list.iter().map(|(cidr, name)| Network::new(*cidr, *name)).collect();
        Networks::compile(&list)
    }

    #[test]
    fn longest_prefix_wins() {
        let nets = networks(&[
            ("10.0.0.0/8", "private"),
            ("10.1.0.0/16", "pods"),
            ("10.1.2.3/32", "bastion"),
            ("0.0.0.0/0", "v4"),
            ("fd00::/8", "ula"),
            ("fd00::1/128", "one"),
        ])
        .unwrap();
        let find = |ip: &str| {
            nets.find(ip.parse().unwrap()).map(|n| String::from_utf8(n.to_vec()).unwrap())
        };
        for (ip, name) in [
            ("10.2.0.1", "private"),
            ("10.1.255.255", "pods"),
            ("10.1.2.3", "bastion"),
            ("192.0.2.1", "v4"),
            ("fd00::2", "ula"),
            ("fd00::1", "one"),
            ("::ffff:10.1.2.3", "bastion"),
        ] {
            assert_eq!(find(ip).as_deref(), Some(name), "{ip}");
        }
        assert_eq!(find("2001:db8::1"), None);
    }

    #[test]
    fn bad_networks_name_their_place() {
        for (list, place) in [
            (&[("10.0.0.0", "x")][..], "enrich.networks[0].cidr"),
            (&[("10.0.0.0/33", "x")], "enrich.networks[0].cidr"),
            (&[("10.0.0.1/8", "x")], "enrich.networks[0].cidr"),
            (&[("ten/8", "x")], "enrich.networks[0].cidr"),
            (&[("10.0.0.0/8", "")], "enrich.networks[0].name"),
            (&[("10.0.0.0/8", "a"), ("10.0.0.0/8", "b")], "enrich.networks[1].cidr"),
        ] {
            assert_eq!(
                networks(list).err().map(|e| e.place),
                Some(Place::Key(place.into())),
                "{list:?}"
            );
        }
    }

    fn tables(csv: &str) -> Result<CompiledTables, PolicyError> {
        CompiledTables::compile(&Enrich {
            lookups: vec![Lookup::new(LookupField::Username, csv)],
            ..Enrich::default()
        })
    }

    #[test]
    fn lookups_read_rfc_4180() {
        let csv = "user,team,note\r\nalice,\"a, \"\"b\"\"\",\"two\nlines\"\r\n\r\n\"bob\",ops,\n";
        let tables = tables(csv).unwrap();
        let find = |key: &str| {
            let mut out = Vec::new();
            tables.look_up(|_| Some(key.as_bytes()), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(find("alice"), r#""team":"a, \"b\"","note":"two\nlines","#);
        assert_eq!(find("bob"), r#""team":"ops","#);
        assert_eq!(find("carol"), "");
    }

    #[test]
    fn bad_tables_name_their_line() {
        for (csv, line) in [
            ("", 1),
            ("user\n", 1),
            ("user,te am\n", 1),
            ("user,team,team\n", 1),
            ("user,source_network\n", 1),
            ("user,team\na\n", 2),
            ("user,team\na,b\na,c\n", 3),
            ("user,team\na,\"b\n", 2),
            ("user,team\na,b\"c\n", 2),
            ("user,team\n\"a\"x,b\n", 2),
        ] {
            let error = tables(csv).err().unwrap_or_else(|| panic!("accepted {csv:?}"));
            assert_eq!(error.place, Place::Key("enrich.lookups[0].csv".into()));
            assert!(error.message.starts_with(&format!("line {line}: ")), "{csv:?} {error}");
        }
    }
}
