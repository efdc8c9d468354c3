//! Keeps a state in a file: soon after each change, and at the end.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Changes that come close together are written once.
const PAUSE: Duration = Duration::from_millis(200);

/// Drafts written so far: the last writer at the end may overlap with the one after a change.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// Makes the bytes to keep.
pub(crate) type Snapshot = Arc<dyn Fn() -> io::Result<Vec<u8>> + Send + Sync>;

/// Writes snapshots to a file after changes.
pub(crate) struct Keeper {
    path: PathBuf,
    snapshot: Snapshot,
    task: JoinHandle<()>,
}

impl Keeper {
    /// Begins to watch for changes.
    pub(crate) fn start(path: PathBuf, changed: Arc<Notify>, snapshot: Snapshot) -> Self {
        let (to, make) = (path.clone(), Arc::clone(&snapshot));
        let task = tokio::spawn(async move {
            loop {
                changed.notified().await;
                tokio::time::sleep(PAUSE).await;
                let (to, make, began) = (to.clone(), Arc::clone(&make), Instant::now());
                let kept = tokio::task::spawn_blocking(move || write(&to, &make()?)).await;
                if let Ok(Err(error)) = kept {
                    eprintln!("simulators: the state could not be kept: {error}");
                }
                // A large state takes longer to write; it must not take all the time there is.
                tokio::time::sleep(began.elapsed() * 4).await;
            }
        });
        Self { path, snapshot, task }
    }

    /// Writes the last state and stops.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.task.abort();
        write(&self.path, &(self.snapshot)()?)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Writes a file so that a reader sees the old or the new one, never half of one.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = path.with_extension(format!("{}-{number}.new", std::process::id()));
    std::fs::write(&draft, bytes)?;
    std::fs::rename(&draft, path)
}
