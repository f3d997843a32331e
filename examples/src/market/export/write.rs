//! Files on disk, whole or not at all.

use std::io::{self, Write as _};
use std::path::Path;

use super::ExportFile;

/// Writes files into a folder, which is made if it is not there.
///
/// Each file is written under a temporary name beside its place and then renamed, so that a reader
/// finds the old or the new one, never a part.
///
/// # Errors
/// What the file system says; files already renamed stay.
pub fn write(folder: &Path, files: &[ExportFile]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut ready = Vec::with_capacity(files.len());
    for file in files {
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        temporary.write_all(&file.bytes)?;
        temporary.as_file().sync_all()?;
        ready.push((temporary, folder.join(&file.name)));
    }
    for (temporary, place) in ready {
        readable(&temporary)?;
        temporary.persist(place).map_err(|error| error.error)?;
    }
    Ok(())
}

/// Temporary files are private to their owner; exports are not.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}
