//! What every program does alike: exit codes, JSON on stdout, files written whole or not at all.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Why a program could not answer; it ends with exit code 2.
///
/// The message names what a person can mend: the file, and its row and column where there is one.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure in words.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }

    /// A failure about a file.
    pub fn at(path: &Path, message: impl fmt::Display) -> Self {
        Self(format!("{}: {message}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Turns an error into a [`Failure`], so that `?` works on a mapped error.
pub trait OrFail<T> {
    /// Adds what the program was doing.
    ///
    /// # Errors
    /// The error with that prefix.
    fn or_fail(self, doing: &str) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> OrFail<T> for Result<T, E> {
    fn or_fail(self, doing: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}

/// Runs a program's body: exit code 0 for an answer, 2 with a message on stderr for none.
pub fn run(body: impl FnOnce() -> Result<(), Failure>) -> ExitCode {
    match body() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing can be done about a stderr that is gone.
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Writes text to stdout; a reader that went away (`| head`) is not an error.
///
/// # Errors
/// Any other failure to write.
pub fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(error)),
        _ => Ok(()),
    }
}

/// Prints one JSON object and a line break.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&(to_json(value)? + "\n"))
}

/// Indented JSON, keys in the order of their declaration.
///
/// # Errors
/// For a map whose keys are not texts.
pub fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).or_fail("making JSON")
}

/// A file that is written under a temporary name beside it, and is there whole or not at all.
#[derive(Debug)]
pub struct Whole {
    file: tempfile::NamedTempFile,
    path: std::path::PathBuf,
}

impl Whole {
    /// Begins a file; its folder is made.
    ///
    /// # Errors
    /// With the file's name.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let begin = || {
            fs::create_dir_all(folder)?;
            tempfile::NamedTempFile::new_in(folder)
        };
        let file = begin().map_err(|error| Failure::at(path, error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// With the file's name.
    pub fn keep(self) -> Result<(), Failure> {
        let Self { file, path } = self;
        let keep = || -> io::Result<()> {
            file.as_file().sync_all()?;
            readable_by_all(file.path())?;
            file.persist(&path)?;
            Ok(())
        };
        keep().map_err(|error| Failure::at(&path, error))
    }
}

impl io::Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a file whole or not at all: to a temporary name beside it, then renames.
///
/// # Errors
/// With the file's name.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut file = Whole::create(path)?;
    file.write_all(content).map_err(|error| Failure::at(path, error))?;
    file.keep()
}

/// A temporary file is private; what a program hands out is readable as any other file.
#[cfg(unix)]
fn readable_by_all(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Reads a whole text file.
///
/// # Errors
/// With the file's name.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::at(path, error))
}

/// Progress on stderr: one line per stage, a bar where a stage counts.
#[derive(Debug)]
pub struct Stages {
    bar: ProgressBar,
    done: Vec<(&'static str, f64)>,
    current: Option<(&'static str, std::time::Instant)>,
}

impl Default for Stages {
    fn default() -> Self {
        Self::new()
    }
}

impl Stages {
    /// A silent start.
    #[must_use]
    pub fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg}") {
            bar.set_style(style);
        }
        Self { bar, done: Vec::new(), current: None }
    }

    /// Ends the stage that runs and begins another.
    pub fn begin(&mut self, name: &'static str) {
        self.end();
        self.bar.set_prefix(name);
        self.bar.set_message("");
        self.bar.tick();
        self.current = Some((name, std::time::Instant::now()));
    }

    /// Says one thing about the stage that runs.
    pub fn say(&self, message: impl fmt::Display) {
        let name = self.current.map_or("", |(name, _)| name);
        if self.bar.is_hidden() {
            let _ = writeln!(io::stderr(), "{name}: {message}");
        } else {
            self.bar.println(format!("{name}: {message}"));
        }
    }

    /// Shows how far the stage is.
    pub fn progress(&self, message: impl fmt::Display) {
        self.bar.set_message(message.to_string());
        self.bar.tick();
    }

    /// Ends the stage that runs.
    pub fn end(&mut self) {
        if let Some((name, start)) = self.current.take() {
            self.done.push((name, start.elapsed().as_secs_f64()));
        }
    }

    /// Ends the last stage and clears the line.
    pub fn finish(&mut self) {
        self.end();
        self.bar.finish_and_clear();
    }

    /// Seconds of each stage, in order.
    #[must_use]
    pub fn seconds(&self) -> &[(&'static str, f64)] {
        &self.done
    }
}
