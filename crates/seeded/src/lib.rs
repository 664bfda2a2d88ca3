//! Threads whose chance and clocks come from a seed: for simulations, and for nothing else.
//!
//! A simulation must do the same twice. What keeps a program on one thread and a paused clock from
//! that is the system's chance (hash maps, `select!`, ids, jitter) and the system's time. A program
//! that links this crate has both from here: on a thread made by [`run`], `getrandom` is a generator
//! with a seed, and the wall clock is tokio's; on every other thread both are the system's. The
//! product knows nothing of it, and holds no switch for it.
//!
//! It is the program's own function that comes before the system's library's, which is how the
//! standard library means its use of `getrandom` to be replaced. Linux alone.

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

/// Room for futures that nobody has optimised.
const STACK: usize = 16 << 20;

/// What the clock that never goes back shows on such a thread, for ever: tokio's paused clock begins
/// with it, and moves by itself.
const STANDS_AT: Duration = Duration::from_secs(1_000_000);

struct World {
    chance: StdRng,
    /// The wall clock's beginning, since 1970.
    begin: Duration,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
    /// Whether this thread has a world: asked before the world is borrowed.
    static SEEDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs this on a thread of its own, on which all chance comes from the seed, and the wall clock
/// begins here (since 1970) and goes as tokio's does. Answers with what became of it.
///
/// # Errors
/// With the panic's message, where it panicked.
pub fn run<T: Send + 'static>(
    seed: u64,
    begin: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let begun = std::thread::Builder::new()
        .name(format!("seed {seed}"))
        .stack_size(STACK)
        .spawn(move || {
            let chance = StdRng::seed_from_u64(seed);
            WORLD.set(Some(World { chance, begin }));
            SEEDED.set(true);
            work()
        });
    let ended = begun.map_err(|error| error.to_string())?.join();
    ended.map_err(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        said.unwrap_or_else(|| "it panicked without a word".to_owned())
    })
}

/// How far tokio's clock has moved on this thread.
fn moved() -> Duration {
    let now = tokio::time::Instant::now().into_std();
    now.saturating_duration_since(Instant::now())
}

fn is_seeded() -> bool {
    SEEDED.try_with(Cell::get).unwrap_or(false)
}

fn fill(bytes: &mut [u8]) -> bool {
    let filled = WORLD.try_with(|world| {
        let mut world = world.try_borrow_mut().ok()?;
        world.as_mut()?.chance.fill_bytes(bytes);
        Some(())
    });
    matches!(filled, Ok(Some(())))
}

fn wall_clock() -> Option<Duration> {
    let begin = WORLD.try_with(|world| Some(world.try_borrow().ok()?.as_ref()?.begin));
    Some(begin.ok()?? + moved())
}

/// Stands in for the system's: see getrandom(2).
///
/// # Safety
/// `buffer` must be good for `length` bytes.
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe extern "C" fn getrandom(
    buffer: *mut libc::c_void,
    length: libc::size_t,
    flags: libc::c_uint,
) -> libc::ssize_t {
    if is_seeded() && !buffer.is_null() {
        // SAFETY: the caller vouches for the buffer.
        let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
        if fill(bytes) {
            return libc::ssize_t::try_from(length).unwrap_or(-1);
        }
    }
    // SAFETY: the same call, with the caller's own arguments.
    let filled = unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) };
    libc::ssize_t::try_from(filled).unwrap_or(-1)
}

/// Stands in for the system's: see clock_gettime(2).
///
/// # Safety
/// `time` must be good for one time.
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe extern "C" fn clock_gettime(
    clock: libc::clockid_t,
    time: *mut libc::timespec,
) -> libc::c_int {
    let shown = match clock {
        libc::CLOCK_MONOTONIC if is_seeded() => Some(STANDS_AT),
        libc::CLOCK_REALTIME if is_seeded() => wall_clock(),
        _ => None,
    };
    if let Some(shown) = shown
        && let Ok(seconds) = libc::time_t::try_from(shown.as_secs())
    {
        let shown = libc::timespec {
            tv_sec: seconds,
            tv_nsec: shown.subsec_nanos().into(),
        };
        // SAFETY: the caller vouches for the place.
        unsafe { time.write(shown) };
        return 0;
    }
    // SAFETY: the same call, with the caller's own arguments.
    let shown = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    libc::c_int::try_from(shown).unwrap_or(-1)
}
