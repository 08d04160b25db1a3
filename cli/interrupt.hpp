#pragma once

namespace cli {

/// Counts INT and TERM from now on: the first lets what is under way finish, the second ends the process at
/// once with 130 or 143.
void count_interrupts();

/// INT and TERM end the process at once from now on, with 130 or 143: for what only watches.
void end_on_interrupt();

/// Calls handler at each such signal, which interrupts no system call (sigaction(2), SA_RESTART).
void on_signal(int signal, void (*handler)(int));

/// HUP asks for the configuration to be read again from now on.
void note_reloads();

/// Whether that was asked for since this was asked last. Any thread.
bool take_reload() noexcept;

/// Whether there was one. Any thread.
bool interrupted() noexcept;

/// 130 after INT, 143 after TERM, 0 where there was none.
int interrupt_exit_code() noexcept;

} // namespace cli
