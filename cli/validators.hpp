#pragma once

#include <CLI/App.hpp>

namespace cli {

/// A time in seconds, above 0.
CLI::Validator seconds();

/// A ZeroMQ endpoint that a registry can have: tcp://HOST:PORT or ipc://PATH.
CLI::Validator endpoint();

/// Something: a shell's variable that is not set must not look like an option that was not given.
CLI::Validator not_empty();

} // namespace cli
