//! Files and folders of detection rules.

use std::path::{Path, PathBuf};

use auditweir::rules::RuleText;

use crate::setup::SetupError;

/// Name and text of a file, or of every `.yaml` and `.yml` file of a folder down to its bottom, in
/// the order of their names. A folder without any is an error: it is a wrong mount more often than
/// a wish to find nothing.
pub fn texts(path: &Path) -> Result<Vec<(String, String)>, SetupError> {
    let mut found = Vec::new();
    gather(path, true, &mut found)?;
    if found.is_empty() {
        return Err(SetupError::NoRules { from: path.display().to_string() });
    }
    Ok(found)
}

fn gather(path: &Path, named: bool, found: &mut Vec<(String, String)>) -> Result<(), SetupError> {
    let name = || path.display().to_string();
    let wrong = |error| SetupError::Unreadable { from: name(), error };
    // A link could lead back up.
    if path.is_dir() && (named || !path.is_symlink()) {
        let entries = std::fs::read_dir(path).map_err(wrong)?;
        let mut entries: Vec<PathBuf> = entries
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<_, _>>()
            .map_err(wrong)?;
        entries.sort();
        return entries.iter().try_for_each(|entry| gather(entry, false, found));
    }
    let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    if named || is_yaml && path.is_file() {
        found.push((name(), std::fs::read_to_string(path).map_err(wrong)?));
    }
    Ok(())
}

/// The same as rules are read from.
pub fn borrowed(texts: &[(String, String)]) -> Vec<RuleText<'_>> {
    texts.iter().map(|(file, text)| RuleText { file, text }).collect()
}
