//! TERM and INT as something to poll.

use std::io;
use std::mem::{size_of, MaybeUninit};
use std::os::unix::io::RawFd;
use std::ptr;

/// A signalfd(2).
pub struct Signals {
    descriptor: RawFd,
}

impl Signals {
    /// Before any thread is started, so that all of them leave the two alone.
    pub fn block() -> io::Result<Signals> {
        // SAFETY: the set is made by sigemptyset before it is read; nothing outlives these calls.
        let descriptor = unsafe {
            let mut set = MaybeUninit::<libc::sigset_t>::uninit();
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGTERM);
            libc::sigaddset(set.as_mut_ptr(), libc::SIGINT);
            libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), ptr::null_mut());
            libc::signalfd(-1, set.as_ptr(), libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
        };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Signals { descriptor })
    }

    pub fn descriptor(&self) -> RawFd {
        self.descriptor
    }

    /// The name of the one that asks for the end; none where none has come.
    pub fn pending(&self) -> Option<&'static str> {
        let mut info = MaybeUninit::<libc::signalfd_siginfo>::uninit();
        let size = size_of::<libc::signalfd_siginfo>();
        // SAFETY: the kernel writes at most `size` bytes, and all of them where it says so.
        let signal = unsafe {
            if libc::read(self.descriptor, info.as_mut_ptr().cast(), size) != size as isize {
                return None;
            }
            info.assume_init().ssi_signo
        };
        Some(if signal == libc::SIGTERM as u32 {
            "TERM"
        } else {
            "INT"
        })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        // SAFETY: nobody else closes it.
        unsafe { libc::close(self.descriptor) };
    }
}
