//! The right to do a piece of work, among workers on any machines that share its folder.
//!
//! Leases are files `.lease/1`, `.lease/2`, … beside the work, of which the last one counts. A number is taken by link(2),
//! which one worker alone can do, on file systems of other machines as well, and it is never given away again. The holder
//! rewrites its file as a heartbeat. Whoever finds the last lease given back, its process gone, or its heartbeat older than
//! the holder promised takes the next number; by that the holder before, should it still live, has lost, and finds so
//! at its next write ([`check`]).

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::lock::Lock;
use crate::{Error, Result};

/// Name of the folder of leases.
const NAME: &str = ".lease";
/// Heartbeats that a lease may miss.
const BEATS: u32 = 4;

/// The lease that this process works under, if it works for a holder.
static WORKING_UNDER: OnceLock<PathBuf> = OnceLock::new();

/// The right to work in a folder, until it is dropped or lost.
#[derive(Debug)]
pub struct Lease {
    path: PathBuf,
    file: File,
    beating: Option<(Sender<()>, JoinHandle<()>)>,
}

/// Who works in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Machine and process, as in "node7:4711".
    pub worker: String,
    /// When it began, in seconds since 1970 by its own clock.
    pub since: u64,
    /// How many leases there have been, this one included.
    pub number: u64,
    timeout: Duration,
    boot: String,
}

impl Lease {
    /// Takes the right to work in `folder`, which exists, with heartbeats that are never older than `timeout` while the
    /// holder is well; or who has it. None of both where a process holds the folder by a [`Lock`].
    ///
    /// # Errors
    /// When nothing can be written there, or nothing linked.
    pub fn take(folder: &Path, timeout: Duration) -> Result<std::result::Result<Self, Option<Holder>>> {
        // Held while the lease is taken, and by those who work without one for as long as they work.
        let Some(_lock) = Lock::take(folder)? else { return Ok(Err(None)) };
        let leases = folder.join(NAME);
        fs::create_dir_all(&leases).map_err(|source| Error::unwritable(&leases, source))?;
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let beside = leases.join(format!("{}-{}-{count}", machine(), std::process::id()));
        let taken = Self::link(&leases, &beside, timeout);
        // Best effort: what is left harms nobody.
        let _ = fs::remove_file(&beside);
        taken
    }

    fn link(
        leases: &Path,
        beside: &Path,
        timeout: Duration,
    ) -> Result<std::result::Result<Self, Option<Holder>>> {
        let unwritable = |source| Error::unwritable(leases, source);
        let text = Holder::here(timeout).text();
        let mut file = File::create_new(beside).map_err(unwritable)?;
        // Before it is linked, so that nobody ever finds it free. Where there are no locks, heartbeats alone tell.
        let _ = file.try_lock();
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)?;
        // The clock of the file system, by which heartbeats are told, too: those of machines differ.
        let now = file.metadata().and_then(|found| found.modified()).map_err(unwritable)?;
        loop {
            let last = last(leases)?;
            if let Some(holder) = last.and_then(|number| Holder::of(leases, number, now)) {
                return Ok(Err(Some(holder)));
            }
            let next = last.unwrap_or(0) + 1;
            let path = leases.join(next.to_string());
            match fs::hard_link(beside, &path) {
                // Some file systems tell of a failure when it was the answer that got lost.
                Err(e) if e.kind() == ErrorKind::AlreadyExists && !is_linked(&file) => continue,
                Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(unwritable(e)),
                _ => {}
            }
            let beating = beat(path.clone(), file.try_clone().map_err(unwritable)?, text, timeout / BEATS);
            return Ok(Ok(Self { path, file, beating: Some(beating) }));
        }
    }

    /// The file that stands for it, for processes that work under it ([`work_under`]).
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it still holds.
    ///
    /// # Errors
    /// [`Error::Lost`] when another worker has the next one.
    pub fn check(&self) -> Result<()> {
        check_at(&self.path)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.beating.take() {
            drop(stop);
            let _ = thread.join();
        }
        // An empty file is one that was given back. Best effort: heartbeats have ended.
        let _ = self.file.set_len(0);
    }
}

/// Rewrites the file again and again, until the lease is dropped or lost.
fn beat(path: PathBuf, mut file: File, text: String, every: Duration) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) && check_at(&path).is_ok() {
            // The same bytes at the same place: a reader finds them whole at any time. A beat that fails is one that is missed.
            let _ =
                file.rewind().and_then(|()| file.write_all(text.as_bytes())).and_then(|()| file.sync_all());
        }
    });
    (stop, thread)
}

/// Makes this process work under a lease that another one holds: whatever it writes by [`atomic`](crate::atomic) is
/// written only while that holds.
pub fn work_under(lease: PathBuf) {
    // Set once, by the process's own beginning.
    let _ = WORKING_UNDER.set(lease);
}

/// Whether this process works under a lease.
pub fn is_working_under() -> bool {
    WORKING_UNDER.get().is_some()
}

/// Whether this process may write: always, but where it works under a lease that is lost.
///
/// # Errors
/// [`Error::Lost`].
pub fn check() -> Result<()> {
    WORKING_UNDER.get().map_or(Ok(()), |path| check_at(path))
}

/// The number of the lease that this process works under.
pub(crate) fn number() -> Option<u64> {
    number_of(WORKING_UNDER.get()?)
}

fn number_of(lease: &Path) -> Option<u64> {
    lease.file_name()?.to_str()?.parse().ok()
}

fn check_at(path: &Path) -> Result<()> {
    let next = number_of(path).map(|number| path.with_file_name((number + 1).to_string()));
    // What cannot be found out counts as lost.
    let holds = path.exists() && next.is_some_and(|next| matches!(next.try_exists(), Ok(false)));
    if holds { Ok(()) } else { Err(Error::Lost { lease: path.into() }) }
}

/// Who works in `folder` by a lease, as far as the clock of this machine tells.
pub fn holder(folder: &Path) -> Option<Holder> {
    let leases = folder.join(NAME);
    Holder::of(&leases, last(&leases).ok()??, SystemTime::now())
}

impl Holder {
    fn here(timeout: Duration) -> Self {
        Self {
            worker: format!("{}:{}", machine(), std::process::id()),
            since: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            number: 0,
            timeout,
            boot: boot(),
        }
    }

    fn text(&self) -> String {
        let Self { worker, since, timeout, boot, .. } = self;
        format!("{worker}\n{since}\n{}\n{boot}\n", timeout.as_millis())
    }

    /// The holder of lease `number`, unless that was given back, or its holder is gone.
    fn of(leases: &Path, number: u64, now: SystemTime) -> Option<Self> {
        let path = leases.join(number.to_string());
        let text = fs::read_to_string(&path).ok()?;
        let mut lines = text.lines();
        let holder = Self {
            worker: lines.next()?.into(),
            since: lines.next()?.parse().ok()?,
            number,
            timeout: Duration::from_millis(lines.next()?.parse().ok()?),
            boot: lines.next().unwrap_or_default().into(),
        };
        let age = now.duration_since(modified(&path)?).unwrap_or_default();
        (age <= holder.timeout && !holder.is_gone(&path)).then_some(holder)
    }

    /// Whether it was a process of this machine that has ended: the system has taken its lock away then.
    fn is_gone(&self, path: &Path) -> bool {
        let here = !self.boot.is_empty() && self.boot == boot();
        here && File::options().write(true).open(path).is_ok_and(|file| file.try_lock().is_ok())
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

/// The highest number among leases.
fn last(leases: &Path) -> Result<Option<u64>> {
    let entries = match fs::read_dir(leases) {
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        entries => entries.map_err(|source| Error::io(leases, source))?,
    };
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).max())
}

/// Whether a file that was made with one name has two.
fn is_linked(file: &File) -> bool {
    #[cfg(unix)]
    let names = |found: &Metadata| std::os::unix::fs::MetadataExt::nlink(found);
    #[cfg(not(unix))]
    let names = |_: &Metadata| 1;
    file.metadata().is_ok_and(|found| names(&found) == 2)
}

/// What the machine is called.
fn machine() -> String {
    let told = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = || ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name = told.or_else(named).unwrap_or_default();
    let plain: String =
        name.trim().chars().map(|c| if c.is_alphanumeric() || "-.".contains(c) { c } else { '-' }).collect();
    if plain.is_empty() { "machine".into() } else { plain }
}

/// What sets this machine's system apart from any other one, where it tells: two of the same are one kernel, whose locks
/// tell which processes live.
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scratch::Scratch;

    const LONG: Duration = Duration::from_secs(3600);

    /// A lease as another machine would have taken it, with a heartbeat so long ago.
    fn foreign(folder: &Path, number: u64, age: Duration) -> PathBuf {
        let holder = Holder {
            worker: "far:1".into(),
            boot: "another".into(),
            ..Holder::here(Duration::from_secs(60))
        };
        let path = folder.join(NAME).join(number.to_string());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, holder.text()).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    }

    #[test]
    fn one_worker_at_a_time_and_the_next_when_it_is_given_back() {
        let folder = Scratch::new();
        let lease = Lease::take(folder.path(), LONG).unwrap().unwrap();
        lease.check().unwrap();
        let held = Lease::take(folder.path(), LONG).unwrap().unwrap_err().unwrap();
        assert_eq!((held.number, Some(held)), (1, holder(folder.path())));
        drop(lease);
        assert_eq!(holder(folder.path()), None);
        let next = Lease::take(folder.path(), LONG).unwrap().unwrap();
        assert!(next.path().ends_with(".lease/2"));
        // Nothing is left but the leases.
        assert_eq!(fs::read_dir(folder.path().join(NAME)).unwrap().count(), 2);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn who_works_without_a_lease_is_not_disturbed() {
        let folder = Scratch::new();
        let _lock = Lock::take(folder.path()).unwrap().unwrap();
        assert!(matches!(Lease::take(folder.path(), LONG), Ok(Err(None))));
    }

    #[test]
    fn a_heartbeat_keeps_a_lease_and_an_old_one_loses_it() {
        let folder = Scratch::new();
        foreign(folder.path(), 1, Duration::from_secs(50));
        let held = Lease::take(folder.path(), LONG).unwrap().unwrap_err();
        assert_eq!(held.unwrap().worker, "far:1");
        let stopped = foreign(folder.path(), 2, Duration::from_secs(70));
        check_at(&stopped).unwrap();
        let lease = Lease::take(folder.path(), LONG).unwrap().unwrap();
        assert!(lease.path().ends_with(".lease/3"));
        let lost = check_at(&stopped).unwrap_err().to_string();
        assert!(lost.contains("another worker"), "{lost}");
        lease.check().unwrap();
        // A lease whose file is gone does not hold either.
        fs::remove_file(lease.path()).unwrap();
        assert!(lease.check().is_err());
    }

    #[test]
    fn many_workers_at_once_and_one_has_it() {
        let folder = Scratch::new();
        foreign(folder.path(), 1, Duration::from_secs(3600));
        let leases = folder.path().join(NAME);
        let taken: Vec<_> = std::thread::scope(|scope| {
            let work = |i: usize| {
                let beside = leases.join(format!("worker-{i}"));
                Lease::link(&leases, &beside, LONG).unwrap()
            };
            let threads: Vec<_> = (0..16).map(|i| scope.spawn(move || work(i))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let holders = taken.iter().flatten().filter(|lease| lease.check().is_ok()).count();
        assert_eq!((taken.iter().flatten().count(), holders), (1, 1));
    }

    #[test]
    fn beats_go_on_while_it_is_held() {
        let folder = Scratch::new();
        let lease = Lease::take(folder.path(), Duration::from_millis(40)).unwrap().unwrap();
        let long_ago = SystemTime::now() - LONG;
        lease.file.set_modified(long_ago).unwrap();
        while modified(lease.path()).unwrap() <= long_ago {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
