#pragma once

#include <span>
#include <string>

namespace cli {

/// Asks for a secret on the terminal (/dev/tty), without showing what is typed, and writes it into `answer`
/// with a NUL behind it. False where nothing was typed, it did not fit, a signal came, or there is nobody to
/// ask: standard input or output is no terminal, or we are in the background. The terminal is as it was
/// before when this returns, and before a signal (INT, TERM, HUP, QUIT, TSTP) takes its usual effect.
bool ask_on_terminal(const std::string& question, std::span<char> answer);

} // namespace cli
