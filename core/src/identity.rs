//! The document id: what makes two deliveries of one event the same document.
//!
//! `auditID` will not do: clients set it (`Audit-ID` header) and aggregated API servers share it,
//! so an attacker could have a second event refused as a duplicate. The id is a 128-bit
//! HighwayHash over the event *as redacted*: equal ids mean equal documents. The raw event is not
//! hashed, because everything around a short secret stays visible and guesses could be checked
//! against such a hash. A stub has nothing else to hash than the raw input.
//!
//! The hash key comes from the pseudonym key; without one it is a constant. Even then a client
//! cannot make two of its requests collide by choosing their content: two server-set timestamps
//! with microseconds, unknown when the request is sent, are part of what is hashed.

use highway::{HighwayHash, HighwayHasher, Key};
use sha2::{Digest, Sha256};

use crate::event::{Event, Slot};
use crate::redact::edits::Edits;
use crate::scan::doc::Value;
use crate::scan::key::Key as Name;
use crate::text::hex;

/// Key of the hash.
#[derive(Clone, Copy)]
pub(crate) struct IdentityKey([u64; 4]);

impl Default for IdentityKey {
    fn default() -> Self {
        Self::derive(b"")
    }
}

impl IdentityKey {
    /// Derives the hash key from the pseudonym key.
    pub(crate) fn derive(key: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"auditweir document id v1\0");
        hash.update(key);
        let digest = hash.finalize();
        let (words, _) = digest.as_chunks::<8>();
        let mut key = [0; 4];
        for (to, from) in key.iter_mut().zip(words) {
            *to = u64::from_le_bytes(*from);
        }
        Self(key)
    }

    /// 32 lower case hex digits that identify the redacted event `src[start..end]`.
    pub(crate) fn document(self, src: &[u8], start: u32, end: u32, edits: &Edits) -> [u8; 32] {
        let mut hash = HighwayHasher::new(Key(self.0));
        edits.pieces(src, start, end, |piece| hash.append(piece));
        hex_words(hash.finalize128())
    }

    /// The same of an event that has a member of our name: of all but that. When it stands last in what a
    /// filter wrote, this is the id that the filter gave it.
    pub(crate) fn beside(self, event: &Event<'_>, edits: &Edits) -> [u8; 32] {
        let root = event.doc.at(event.root);
        let again = event.get(Slot::Auditweir).filter(|_| edits.is_empty());
        if let Some(id) = again.and_then(|before| self.again(root, before)) {
            return id;
        }
        let mut hash = HighwayHasher::new(Key(self.0));
        let mut between: &[u8] = b"{";
        for (key, value) in root.members().filter(|(key, _)| key.key() != Name::Auditweir) {
            let (start, end) = (key.node().start, value.node().end);
            edits.pieces(event.doc.src, start, end, |piece| {
                if !piece.is_empty() {
                    hash.append(std::mem::take(&mut between));
                    hash.append(piece);
                }
            });
            between = if between.is_empty() { b"," } else { between };
        }
        hash.append(between.strip_suffix(b",").unwrap_or(between));
        hash.append(b"}");
        hex_words(hash.finalize128())
    }

    /// The id in `before`, the last member of `event`, if it is that of what stands before the member.
    fn again(self, event: Value<'_>, before: Value<'_>) -> Option<[u8; 32]> {
        let src = event.doc.src;
        let (start, end) = (event.node().start as usize, event.node().end as usize);
        if before.node().end as usize + 1 != end {
            return None;
        }
        let told = before.member(b"id")?;
        let key = event.doc.at(before.index - 1).node().start as usize;
        let rest = &src[start..key];
        let rest = rest.strip_suffix(b",").unwrap_or(rest);
        let told = told.raw_text();
        let of = |hash_rest: fn(&[u8], &mut HighwayHasher)| {
            let mut hash = HighwayHasher::new(Key(self.0));
            hash_rest(rest, &mut hash);
            hash.append(b"}");
            Some(hex_words(hash.finalize128())).filter(|id| told == id)
        };
        let joined = matches!(rest, [b'{', b' ', ..]);
        of(|rest, hash| hash.append(rest)).or_else(|| if joined { of(apart) } else { None })
    }

    /// 32 lower case hex digits that identify an input of which only a stub goes on.
    pub(crate) fn stub(self, raw: &[u8]) -> [u8; 32] {
        hex_words(HighwayHasher::new(Key(self.0)).hash128(raw))
    }
}

#[cfg(feature = "rules")]
impl IdentityKey {
    /// A keyed number for a few texts, so that state holds none of them and nobody chooses two
    /// that collide.
    pub(crate) fn number<'t>(self, texts: impl IntoIterator<Item = &'t [u8]>) -> u64 {
        let mut hash = HighwayHasher::new(Key(self.0));
        for text in texts {
            hash.append(&(text.len() as u64).to_le_bytes());
            hash.append(text);
        }
        hash.finalize64()
    }
}

/// Hashes an object that came over several lines and left as one: where its lines ended, which is behind what
/// opens, before what closes and between members, stands a space now. The last brace is not in it.
fn apart(object: &[u8], hash: &mut HighwayHasher) {
    let (mut at, mut from, mut quoted) = (0, 0, false);
    while let Some(byte) = object.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            b' ' if !quoted => {
                let end =
                    object[at..].iter().position(|b| *b != b' ').map_or(object.len(), |n| at + n);
                if matches!(object[at - 1], b'{' | b'[' | b',')
                    || matches!(object.get(end), None | Some(b'}' | b']'))
                {
                    hash.append(&object[from..at]);
                    hash.append(b"\n");
                    from = at + 1;
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    hash.append(&object[from..]);
}

fn hex_words(words: [u64; 2]) -> [u8; 32] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&words[0].to_be_bytes());
    bytes[8..].copy_from_slice(&words[1].to_be_bytes());
    hex(&bytes)
}
