#pragma once

#include "ssh/program.hpp"
#include "ssh/target.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ssh {

/// Runs `ssh -G` for each target side by side, and with `-v` where asked to. Results in order.
using AskSsh = std::function<std::vector<ProgramResult>(std::span<const Target>, bool verbose)>;

/// What `ssh -G` says of every target, without asking it for each: of hosts that the files it reads can't
/// tell apart (ConfigOutline) one is asked, and its answer is the others' with their name in place of its
/// own. Which files those are OpenSSH says itself. Where there is any doubt each host is asked.
std::vector<ProgramResult> ask_once_for_alike(std::span<const Target> targets, const AskSsh& ask);

/// Whether `ssh` on PATH is a program and no script, which may tell hosts apart in ways of its own.
bool ssh_is_no_script();

} // namespace ssh
