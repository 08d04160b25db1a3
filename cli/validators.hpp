#pragma once

#include <CLI/App.hpp>

namespace cli {

/// A time in seconds, above 0.
CLI::Validator seconds();

/// A ZeroMQ endpoint that a registry can have: tcp://HOST:PORT or ipc://PATH.
CLI::Validator endpoint();

/// Something: a shell's variable that is not set must not look like an option that was not given.
CLI::Validator not_empty();

/// Text that may stand in a file: not empty, no control characters, no quotes.
CLI::Validator plain_text();

/// What a client of the registry may be called.
CLI::Validator client_name();

} // namespace cli
