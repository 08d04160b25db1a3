#pragma once

#include "ssh/settings.hpp"
#include "ssh/stream.hpp"

namespace ssh {

/// Runs the settings' ProxyCommand (`/bin/sh -c "exec ..."`, in a process group of its own) with a socket as
/// its standard input and output. It is ended with the stream's tunnel, whose failure() has what it last said
/// on its standard error. \throws Error (settings: its tokens) or std::system_error.
Stream start_proxy_program(const Settings& settings);

} // namespace ssh
